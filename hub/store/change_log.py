"""Reading the change log in commit order.

Sequence order is not commit order: a reader of `id > last` skips what commits late. So a cursor
is a PostgreSQL snapshot, and what is new is what the present statement sees and the cursor did
not: nothing is skipped, nothing is told twice, and a long transaction elsewhere delays nothing.
"""

# ruff: noqa: S608 - the words of the statements are ours; values are passed by placeholders

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.store.database import Database
from hub.store.log_cursor import END_OF_LOG, MARK_AT_CURSOR, NEWS, OUTSIDE, LogCursor
from hub.store.log_window import has_more_behind
from hub.store.transactions import Transaction, rows_of, run_tx

MAX_ENTRIES: Final = 20_000
"""Entries of the log that are read at once. Where there are more, all is looked at anew."""
MAX_BEHIND: Final = 200_000
"""Entries that are looked through for somebody who comes back, which takes about a second."""

_SINCE = f"""
    select log.*, told.*, c.skus, c.reservations, c.rules, c.alerts, c.notices,
           c.forecasts, c.recorded_at
    from ({END_OF_LOG}) log cross join ({MARK_AT_CURSOR}) told
    left join (select * from change where {NEWS} order by xid limit $2::bigint + 1) c on true
    order by c.xid"""

_FOLLOWS = f"select * from ({END_OF_LOG}) log cross join ({MARK_AT_CURSOR}) told"

_SKUS_SINCE = f"""
    select distinct changed.sku from change c, unnest(c.skus) changed (sku)
    where {NEWS} and ($2::text[] is null or changed.sku = any($2::text[]))"""

_RULES_SINCE = f"select exists (select from change where {NEWS} and rules) as changed"

_ALERTS_SINCE = f"""
    select distinct changed.id from change c, unnest(c.alerts) changed (id) where {NEWS}
    order by changed.id limit $2"""

_IS_OURS = """
    select max(xid) < pg_snapshot_xmax(pg_current_snapshot()) as is_ours from change"""

_NEW_LOG = (
    "truncate change",
    "insert into change (rules, recorded_at) values (true, clock_timestamp())",
)


class Changes(NamedTuple):
    """What came into the log behind a cursor, and the cursor behind it."""

    cursor: str
    skus: frozenset[str]
    reservations: frozenset[str]
    rules: bool
    rows: int
    oldest: datetime | None
    """When the first of these changes was recorded."""
    reset: bool = False
    """What has changed can't be told. The cursor before was of another log, as that of a database
    since restored, so that versions may be lower; or too much has come since. Whatever was read
    behind it may be otherwise."""
    alerts: frozenset[int] = frozenset()
    """Alerts that were opened, acknowledged or resolved."""
    notices: frozenset[str] = frozenset()
    """Notices that it is time to give: an item is back for whoever asked for it."""
    forecasts: frozenset[str] = frozenset()
    """Items of which nothing but the forecast has changed."""

    def followed_by(self, later: "Changes") -> "Changes":
        """These and those that were read next, as one."""
        return Changes(
            later.cursor,
            self.skus | later.skus,
            self.reservations | later.reservations,
            self.rules or later.rules,
            self.rows + later.rows,
            self.oldest or later.oldest,
            self.reset or later.reset,
            self.alerts | later.alerts,
            self.notices | later.notices,
            self.forecasts | later.forecasts,
        )


async def begin_log(database: Database) -> None:
    """Make sure that the log can be followed: begin a new one where it is empty, or where its
    entries came with a dump from another server, whose transactions have other numbers."""
    (row,) = await database.fetch(_IS_OURS)
    if row["is_ours"]:
        return

    async def work(client: BaseDBAsyncClient) -> None:
        for statement in _NEW_LOG:
            await client.execute_query(statement)

    await run_tx(database, work)


async def read_cursor(database: Database) -> str:
    """The cursor of now."""
    (log,) = await database.fetch(END_OF_LOG)
    return LogCursor.at_end(log).text


async def read_changes(database: Database, cursor: str) -> Changes:
    """Everything that is visible now and was not at `cursor`; where that is of another log, or too
    far behind, no more than that this is so."""
    after = LogCursor.parse(cursor) or OUTSIDE
    rows = await database.fetch(_SINCE, [after.snapshot, MAX_ENTRIES])
    can_be_told = after.is_of(rows[0]) and len(rows) <= MAX_ENTRIES
    changes = [row for row in rows if can_be_told and row["recorded_at"] is not None]
    return Changes(
        cursor=LogCursor.at_end(rows[0]).text,
        skus=frozenset(sku for row in changes for sku in row["skus"]),
        reservations=frozenset(str(id) for row in changes for id in row["reservations"]),
        rules=not can_be_told or any(row["rules"] for row in changes),
        rows=len(changes),
        oldest=changes[0]["recorded_at"] if changes else None,
        reset=not can_be_told,
        alerts=frozenset(id for row in changes for id in row["alerts"]),
        notices=frozenset(str(id) for row in changes for id in row["notices"]),
        forecasts=frozenset(sku for row in changes for sku in row["forecasts"]),
    )


async def read_skus_since(database: Database, cursor: str, skus: Sequence[str] | None) -> list[str]:
    """The items, of `skus` or of all, that changed behind a cursor of this log."""
    after = [_snapshot_of(cursor), None if skus is None else list(skus)]
    return [row["sku"] for row in await database.fetch(_SKUS_SINCE, after)]


async def read_alerts_since(database: Database, cursor: str, limit: int) -> list[int]:
    """The alerts that changed behind a cursor of this log, the oldest first, so many at most."""
    after = [_snapshot_of(cursor), limit]
    return [row["id"] for row in await database.fetch(_ALERTS_SINCE, after)]


async def rules_changed_since(database: Database, cursor: str) -> bool:
    """Whether rules changed behind a cursor of this log: then any answer may have."""
    rows = await database.fetch(_RULES_SINCE, [_snapshot_of(cursor)])
    return bool(rows[0]["changed"])


async def is_cursor_of_this_log(client: Database | Transaction, cursor: str) -> bool:
    """Whether a cursor that a client sent back is one of this log: well-formed, of no database
    that was restored or replaced since, and with the entries before it still there."""
    after = LogCursor.parse(cursor)
    if after is None:
        return False
    (log,) = await rows_of(client, _FOLLOWS, [after.snapshot])
    return after.is_of(log)


async def can_be_resumed(database: Database, cursor: str) -> bool:
    """Whether what has changed since can be told to a client: the cursor is one of this log, and
    not too far behind."""
    after = LogCursor.parse(cursor)
    if after is None or not await is_cursor_of_this_log(database, cursor):
        return False
    return not await has_more_behind(database, after, MAX_BEHIND)


def _snapshot_of(cursor: str) -> str:
    after = LogCursor.parse(cursor)
    if after is None:
        raise ValueError(f"{cursor!r} is no cursor of a change log")
    return after.snapshot
