"""What suppliers and shops send, each format in its own file: bytes in, changes out, nothing else.

A format knows its own words only: the sender's names of items and places go out as they came in,
and the source's settings turn them into the hub's. Formats do not know each other.
"""
