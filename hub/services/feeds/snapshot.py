"""Everything that a feed may tell of, once, and the id to read the feed behind it from."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from hub.services.feeds.position import Position
from hub.services.feeds.source import MAX_ENTRIES, Overtaken, Source
from hub.store.moments import Moment, Moments


class Snapshot(NamedTuple):
    """How things are. While it is written they change: each piece is as it is when that is read,
    which is not before the moment of the id, so the feed behind the id has all that came later."""

    id: str
    pieces: AsyncIterator[Sequence[Any]]
    """What there is, in order, a bounded number at a time."""


async def begin_snapshot(source: Source, moments: Moments) -> Snapshot:
    """A snapshot of all that a source tells of. Raises `Unavailable`, now or later."""

    async def place(moment: Moment) -> str:
        return Position(moment.cursor).id

    return Snapshot(await moments.read(place), _pieces(source, moments))


async def _pieces(source: Source, moments: Moments) -> AsyncIterator[Sequence[Any]]:
    key: str | None = ""
    while key is not None:
        try:
            key, piece = await moments.read(partial(_piece, source, key))
        except Overtaken:
            continue
        yield piece


async def _piece(source: Source, key: str, moment: Moment) -> tuple[str | None, Sequence[Any]]:
    found = await source.walk(moment, key, MAX_ENTRIES)
    values = await source.values(moment, found.keys)
    return found.until_key, [values[one].told for one in found.keys if one in values]
