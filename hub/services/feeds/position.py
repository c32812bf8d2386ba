"""How far a reader of a feed has come, as the id of each event tells it.

Mostly that is a cursor of the change log. In the midst of what came into sight together it is two
of them and what was told last of it; while everything is gone through, also how far that has come.
So whoever is cut off anywhere is told exactly the rest.
"""

import re
from typing import Final, NamedTuple, Self
from urllib.parse import quote, unquote

from hub.store.log_cursor import OUTSIDE, LogCursor

EARLIEST: Final = "earliest"
"""The id of who wants all that the log still has."""
MAX_ID_LENGTH: Final = 2_000

_ID = re.compile(
    r"(?P<known>[^/!]+)(?:/(?P<seen>[^/!]+)/(?P<xid>[1-9][0-9]{0,17})/(?P<key>[^/!]+))?"
    r"(?:!(?P<walked>[^/!]*))?"
)


class Position(NamedTuple):
    """What a reader knows."""

    known: LogCursor | None = None
    """All that this sees; None for who knows nothing."""
    seen: LogCursor | None = None
    """Of what this sees besides: the transactions before `xid`, and of that one what comes up to
    `key`."""
    xid: int = 0
    key: str = ""
    walked: str | None = None
    """Where everything is gone through: the key up to which all this holds. Nothing is known of
    what comes behind it."""

    @classmethod
    def parse(cls, id: str) -> Self | None:
        """The position of an id; None where it is none."""
        match = _ID.fullmatch(id)
        if match is None:
            return None
        known = OUTSIDE if match["known"] == EARLIEST else _cursor(match["known"])
        walked = None if match["walked"] is None else unquote(match["walked"])
        if known is None:
            return None
        if match["seen"] is None:
            return cls(known, walked=walked)
        seen = _cursor(match["seen"])
        if seen is None:
            return None
        return cls(known, seen, int(match["xid"]), unquote(match["key"]), walked)

    @property
    def id(self) -> str:
        """What a reader sends to go on from here."""
        assert self.known is not None, "who knows nothing has no id"
        text = EARLIEST if self.known == OUTSIDE else self.known.text
        if self.seen is not None:
            text += f"/{self.seen.text}/{self.xid}/{quote(self.key, safe='')}"
        return text if self.walked is None else f"{text}!{quote(self.walked, safe='')}"

    @property
    def keys(self) -> list[str]:
        """The keys that it names."""
        told = [] if self.seen is None else [self.key]
        return [*told, self.walked] if self.walked else told

    @property
    def cursors(self) -> list[LogCursor]:
        """Those that must be of the log that is read."""
        return [one for one in (self.known, self.seen) if one is not None and one != OUTSIDE]


def _cursor(text: str) -> LogCursor | None:
    cursor = LogCursor.parse(text)
    return None if cursor == OUTSIDE else cursor


START: Final = Position()
NOWHERE: Final = Position(OUTSIDE._replace(mark="nowhere"))
"""Where whoever brings an id of no log stands."""


def position_of(id: str | None) -> Position:
    """Where somebody stands who brings an id, or none."""
    return START if id is None else Position.parse(id) or NOWHERE
