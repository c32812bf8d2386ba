"""Cursors of the change log: what of it somebody has been told.

A cursor is a PostgreSQL snapshot, cut off behind the newest entry that it sees, and a mark: a hash
of the last entries that it sees. Numbers of transactions are used again where a database is
restored from a copy. A log that still has those entries has all that was told, and gives the
numbers behind them to later writes only; a log that has other ones is another log, though every
number may look right.
"""

# ruff: noqa: S608 - the words of the statements are ours; values are passed by placeholders

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

MARKED_ENTRIES = 16
"""So many entries are in a mark. Whoever removes old entries leaves at least these."""
NOTHING_SEEN = "0"
"""The mark of who has seen nothing: it vouches for nothing."""

MARK = """to_hex(hashtextextended(string_agg(
    concat_ws('@', xid, extract(epoch from recorded_at)), ',' order by xid, recorded_at), 0))"""

END_OF_LOG = f"""
    select pg_current_snapshot()::text as snapshot, max(xid)::text::bigint as newest, {MARK} as mark
    from (
        select xid, recorded_at from change
        order by xid desc, recorded_at desc limit {MARKED_ENTRIES}
    ) last"""
"""What makes the cursor of the statement that this is part of."""

MARK_AT_CURSOR = f"""
    select {MARK} as known from (
        select xid, recorded_at from change
        where xid < pg_snapshot_xmax($1::text::pg_snapshot)
          and pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
        order by xid desc, recorded_at desc limit {MARKED_ENTRIES}
    ) last"""
"""The mark that a cursor with the snapshot `$1` must have."""

NEWS = """xid >= pg_snapshot_xmin($1::text::pg_snapshot)
    and not pg_visible_in_snapshot(xid, $1::text::pg_snapshot)"""
"""Whether an entry is behind a cursor with the snapshot `$1`."""

_XID = "[1-9][0-9]{0,17}"
_CURSOR = re.compile(rf"({_XID}):({_XID}):((?:{_XID}(?:,{_XID})*)?)\.([0-9a-f]{{1,16}})")


class LogCursor(NamedTuple):
    """A place in the change log. Its text is opaque to clients, and does not sort."""

    oldest_running: int
    """The first transaction that may still be under way; all before it are seen or undone."""
    end: int
    """The first transaction behind all that is seen."""
    running: tuple[int, ...]
    """Between these two: what was under way."""
    mark: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The cursor of a text; None where it is none, as whoever sends it may have made it up."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            return None
        oldest, end = int(match[1]), int(match[2])
        running = tuple(int(xid) for xid in match[3].split(",")) if match[3] else ()
        if oldest > end or list(running) != sorted(set(running)):
            return None
        if not all(oldest <= xid < end for xid in running):
            return None
        return cls(oldest, end, running, match[4])

    @classmethod
    def at_end(cls, log: Mapping[str, Any]) -> Self:
        """The cursor of a statement, from what `END_OF_LOG` says in it."""
        newest: int | None = log["newest"]
        if newest is None:
            return cls(*OUTSIDE)
        running = [int(xid) for xid in log["snapshot"].split(":")[2].split(",") if xid]
        older = tuple(xid for xid in running if xid < newest)
        # What is numbered behind the newest entry is not seen, whatever may come of the numbers.
        return cls(older[0] if older else newest + 1, newest + 1, older, log["mark"])

    @property
    def snapshot(self) -> str:
        """What PostgreSQL takes for a snapshot."""
        return f"{self.oldest_running}:{self.end}:{','.join(map(str, self.running))}"

    @property
    def text(self) -> str:
        """What clients get, and send back."""
        return f"{self.snapshot}.{self.mark}"

    def includes(self, other: "LogCursor") -> bool:
        """Whether all is seen here that is seen there, in the same log."""
        return other.end <= self.end and all(
            xid in other.running for xid in self.running if xid < other.end
        )

    def is_of(self, log: Mapping[str, Any]) -> bool:
        """Whether this can be read from, by what `END_OF_LOG` and `MARK_AT_CURSOR` say of it."""
        newest: int | None = log["newest"]
        if newest is None or self.mark == NOTHING_SEEN:
            return False
        # Entries with numbers that were never given here came with a dump from another server.
        return self.mark == log["known"] and newest < int(log["snapshot"].split(":")[1])


OUTSIDE = LogCursor(1, 1, (), NOTHING_SEEN)
"""A cursor of no log."""
