"""Ids that sort by the time they were made, so that new rows land side by side in an index."""

import os
import time
from typing import Final

_RANDOM_BYTES: Final = 10
_AT_ONCE: Final = 256
_MAX_DIGITS: Final = 18
"""Of an id that is a number: more of anything than these can name there never are."""

_random: list[int] = []
"""Numbers that nobody has used yet: to ask the system for each one costs more than all the rest."""
# A process must not go on with the numbers of the one it was forked from.
os.register_at_fork(after_in_child=_random.clear)


def number_from(id: str) -> int:
    """The number that an id is; 0, which nothing has, where it is none."""
    return int(id) if id.isascii() and id.isdigit() and len(id) <= _MAX_DIGITS else 0


def uuid7() -> str:
    """The text of a UUID version 7 (RFC 9562): 48 bits of milliseconds, the rest random."""
    if not _random:
        fresh = os.urandom(_RANDOM_BYTES * _AT_ONCE)
        _random.extend(
            int.from_bytes(fresh[start : start + _RANDOM_BYTES])
            for start in range(0, len(fresh), _RANDOM_BYTES)
        )
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | _random.pop()
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
