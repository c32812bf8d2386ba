"""What a feed tells of, and the next piece of it behind a position.

A source says what was touched, what there is, and how it is at a moment. All that makes a feed
exact is here, once: where a reader stands after each event, and what comes next.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from hub.services.feeds.plans import Coming, Plans
from hub.services.feeds.position import Position
from hub.store.change_log import Changes
from hub.store.feed_walks import Piece
from hub.store.log_cursor import LogCursor
from hub.store.log_window import Touch, Window, has_new_rules, known_until
from hub.store.moments import Moment

MAX_ENTRIES: Final = 250
"""Entries of one piece, or nearly twice as many where something changed while all is gone through:
what one reader may be behind with in the buffer of his socket."""


class Value(NamedTuple):
    """How something is."""

    told: Any
    """What is told of it; the form of the feed knows how to put it."""
    digest: int
    """The same for values of which the second is no news."""


class Source(Protocol):
    """What a feed tells of. It is asked at one moment at a time."""

    follows_rules: bool
    """Whether everything may be otherwise once rules have changed."""

    def concerns(self, changes: Changes) -> bool:
        """Whether the feed may have to tell of these. In doubt it does."""

    def is_key(self, text: str) -> bool:
        """Whether this may be the key of something: in an id anybody may send anything."""

    async def has_forgotten(self, moment: Moment, known: LogCursor) -> bool:
        """Whether something was touched behind a cursor of which nothing is kept any more."""

    async def touched(self, moment: Moment, window: Window) -> list[Touch]:
        """What of the feed was touched within a window of the log, in its order."""

    async def walk(self, moment: Moment, key: str, limit: int) -> Piece:
        """What there is behind a key, touched or not: a snapshot is made of it."""

    async def values(self, moment: Moment, keys: Sequence[str]) -> Mapping[str, Value]:
        """How these are; what is no more is left out. Raises `Overtaken` where this can not be
        told of the moment."""


class Overtaken(Exception):
    """What is known in the process is of another moment: at the next one it may not be."""


class Entry(NamedTuple):
    """Something to tell, and where a reader stands once it is told."""

    key: str
    value: Value
    touch: Touch
    """What made it news."""
    position: Position


class Step(NamedTuple):
    """The next piece of a feed."""

    entries: list[Entry]
    position: Position
    """Behind all of it."""
    more: bool
    """Whether there is more at the same moment."""


async def next_step(source: Source, moment: Moment, position: Position, plans: Plans) -> Step:
    """What comes next behind a position of this log. Raises `Overtaken`."""
    window, rest = await _window(moment, position)
    if window is None or (source.follows_rules and await has_new_rules(moment, window.known)):
        position = Position(moment.cursor, walked="")
        coming = Coming([], is_all=True)
    else:
        coming = await plans.coming(source, moment, position, window)
    touches, later = coming.touches[:MAX_ENTRIES], coming.touches[MAX_ENTRIES:]
    places = [(one, _behind(position, rest, moment, one)) for one in touches]
    more = bool(later) or not coming.is_all
    if more:
        position = places[-1][1]
        plans.keep(position, moment.cursor, coming._replace(touches=later))
    else:
        position = Position(moment.cursor, walked=position.walked)
        if position.walked is not None:
            piece = await source.walk(moment, position.walked, MAX_ENTRIES)
            at = Position(moment.cursor)
            unseen = -moment.cursor.end
            places += [
                (Touch(key, unseen, moment.time), at._replace(walked=key)) for key in piece.keys
            ]
            position = at._replace(walked=piece.until_key)
            more = piece.until_key is not None
    return Step(await _entries(source, moment, places, position), position, more)


async def _window(moment: Moment, position: Position) -> tuple[Window | None, LogCursor | None]:
    """What is to be told behind a position, and what is known once the transaction is told in the
    midst of which it is."""
    known, seen = position.known, position.seen
    if known is None:
        return None, None
    if seen is None:
        return Window(known, None, "", position.walked, MAX_ENTRIES), known
    before = known_until(known, seen, position.xid)
    rest = await moment.marked(known_until(known, seen, position.xid + 1))
    return Window(before, position.xid, position.key, position.walked, MAX_ENTRIES), rest


def _behind(position: Position, rest: LogCursor | None, moment: Moment, touch: Touch) -> Position:
    if position.seen is not None and touch.xid == position.xid:
        return position._replace(key=touch.key)
    return Position(rest, moment.cursor, touch.xid, touch.key, position.walked)


async def _entries(
    source: Source, moment: Moment, places: list[tuple[Touch, Position]], end: Position
) -> list[Entry]:
    keys = [touch.key for touch, _ in places]
    values = await source.values(moment, keys) if keys else {}
    entries = [
        Entry(touch.key, values[touch.key], touch, position)
        for touch, position in places
        if touch.key in values
    ]
    if entries:
        entries[-1] = entries[-1]._replace(position=end)
    return entries
