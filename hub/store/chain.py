"""The chain of digests over the ledger of a position, by which tampering is found.

Each batch adds one link: the SHA-256 of the link before it, of what its own entries say, and of
where in the ledger they stand. The last entry of the batch keeps it, and the position the newest.
Whoever changes, removes or inserts an entry would have to rewrite every later link.

What the entries say is told apart from where they stand, so that it can be put into words before
the position is locked: `hold_write` leaves the link itself to the database.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from hub.domain.movements import Movement
from hub.domain.position import PositionKey

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_VERSION: Final = Movement._fields.index("version")
_AFTER: Final = Movement._fields.index("available_after")
_ON_HAND, _UNAVAILABLE, _ALLOCATED, _RESERVED = (
    Movement._fields.index(name) for name in ("on_hand", "unavailable", "allocated", "reserved")
)


def link(before: bytes | None, entries: Sequence[Sequence[Any]], recorded_at: datetime) -> bytes:
    """The link of `entries`, which one batch wrote at `recorded_at`, behind the link `before`. Each
    is a movement, or a tuple of what one consists of."""
    first = entries[0]
    numbers = (
        first[_VERSION] - 1,
        free_before(first),
        (recorded_at - _EPOCH) // _MICROSECOND,
    )
    place = b"".join(number.to_bytes(8, "big", signed=True) for number in numbers)
    return hashlib.sha256((before or b"") + content(entries) + place).digest()


def content(entries: Sequence[Sequence[Any]]) -> bytes:
    """The SHA-256 of what the entries of one batch say, whatever stood there before them: versions
    and free units are counted from those before the first."""
    version, free = entries[0][_VERSION] - 1, free_before(entries[0])
    said = [
        (*entry[:_VERSION], entry[_VERSION] - version, *entry[_VERSION + 1 : _AFTER],
         entry[_AFTER] - free, *entry[_AFTER + 1 :])
        for entry in entries
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(said)).digest()


def free_before(entry: Sequence[Any]) -> int:
    """The free units of the position before an entry."""
    taken: int = entry[_UNAVAILABLE] + entry[_ALLOCATED] + entry[_RESERVED] - entry[_ON_HAND]
    return taken + int(entry[_AFTER])


def entries_by_position(movements: Iterable[Movement]) -> dict[PositionKey, list[Movement]]:
    """The movements of a batch, those of each position in their order."""
    entries: dict[PositionKey, list[Movement]] = {}
    for movement in movements:
        key = (movement.sku, movement.location)
        if key in entries:
            entries[key].append(movement)
        else:
            entries[key] = [movement]
    return entries
