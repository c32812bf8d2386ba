"""The availability hub: rules, use cases, and the adapters around them."""
