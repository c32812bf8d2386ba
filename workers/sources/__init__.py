"""What a source has sent, on its way from bytes to events: read by its format, named as the hub
names things, and checked against the catalogue."""
