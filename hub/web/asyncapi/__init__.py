"""The AsyncAPI 3.0 document: all events that go out of the hub, and all that come in."""
