"""Reading the change log in commit order.

Sequence order is not commit order: a reader of `id > last` skips what commits late. So a cursor
is a PostgreSQL snapshot, and what is new is what the present statement sees and the cursor did
not: nothing is skipped, nothing is told twice, and a long transaction elsewhere delays nothing.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.store.database import Database

_SINCE = """
    select s.cursor, c.skus, c.reservations, c.rules, c.recorded_at
    from (select pg_current_snapshot()::text as cursor) s
    left join change c
      on c.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
     and not pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
    order by c.xid"""

_SKUS_SINCE = """
    select distinct changed.sku from change c, unnest(c.skus) changed (sku)
    where c.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
      and not pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
      and ($2::text[] is null or changed.sku = any($2::text[]))"""

_RULES_SINCE = """
    select exists (
        select from change c
        where c.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
          and not pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
          and c.rules
    ) as changed"""

_XID = "[1-9][0-9]{0,17}"
_CURSOR = re.compile(f"({_XID}):({_XID}):({_XID}(?:,{_XID})*)?")


class Changes(NamedTuple):
    """What came into the log behind a cursor, and the cursor behind it."""

    cursor: str
    skus: frozenset[str]
    reservations: frozenset[str]
    rules: bool
    rows: int
    oldest: datetime | None
    """When the first of these changes was recorded."""


async def read_cursor(database: Database) -> str:
    """The cursor of now."""
    rows = await database.fetch("select pg_current_snapshot()::text as cursor")
    return str(rows[0]["cursor"])


async def read_changes(database: Database, cursor: str) -> Changes:
    """Everything that is visible now and was not at `cursor`."""
    rows = await database.fetch(_SINCE, [cursor])
    changes = [row for row in rows if row["recorded_at"] is not None]
    return Changes(
        cursor=rows[0]["cursor"],
        skus=frozenset(sku for row in changes for sku in row["skus"]),
        reservations=frozenset(str(id) for row in changes for id in row["reservations"]),
        rules=any(row["rules"] for row in changes),
        rows=len(changes),
        oldest=changes[0]["recorded_at"] if changes else None,
    )


async def read_skus_since(database: Database, cursor: str, skus: Sequence[str] | None) -> list[str]:
    """The items, of `skus` or of all, that changed behind `cursor`."""
    rows = await database.fetch(_SKUS_SINCE, [cursor, None if skus is None else list(skus)])
    return [row["sku"] for row in rows]


async def rules_changed_since(database: Database, cursor: str) -> bool:
    """Whether rules changed behind `cursor`: then any answer may have."""
    rows = await database.fetch(_RULES_SINCE, [cursor])
    return bool(rows[0]["changed"])


async def is_cursor_of_this_log(database: Database, cursor: str) -> bool:
    """Whether a cursor that a client sent back can be one of this log: well-formed, and not from
    its future, as one of a database since restored or replaced would be."""
    match = _CURSOR.fullmatch(cursor)
    if match is None or int(match[1]) > int(match[2]):
        return False
    running = [int(xid) for xid in match[3].split(",")] if match[3] else []
    if running != sorted(set(running)) or any(
        not int(match[1]) <= xid < int(match[2]) for xid in running
    ):
        return False
    now = await read_cursor(database)
    return int(match[2]) <= int(now.split(":")[1])
