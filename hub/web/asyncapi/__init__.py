"""The AsyncAPI 3.0 document: what the hub tells of its own accord."""
