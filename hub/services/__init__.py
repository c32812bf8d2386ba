"""The use cases of the hub. Each call takes the principal that makes it."""
