"""What is known of snapshots of sources: how far each has come, and which rows were refused."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from hub.domain.guard_rails import Tripped
from hub.domain.snapshots import Missing, RefusedRow, Snapshot, SnapshotState, Whole
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, rows_of

_COLUMNS: Final = """
    id, source, name, state, missing, rows, left_out, applied, refused,
    case state when 'APPLIED' then rows + left_out - applied - refused else 0 end as unchanged,
    as_of, report::text as report,
    received_at, decided_at, decided_by, reason, finished_at"""

_OPEN = """
    insert into stock_snapshot (source, name, state, missing, actor, locations)
    values ($1, $2, 'STAGING', $3, $4, $5) on conflict (source, name) do nothing"""

_BY_NAME = f"select {_COLUMNS} from stock_snapshot where source = $1 and name = $2"  # noqa: S608
_BY_IDS = f"select {_COLUMNS} from stock_snapshot where id = any($1)"  # noqa: S608
_BY_ID = f"select {_COLUMNS} from stock_snapshot where id = $1"  # noqa: S608

# Forgets what an earlier try has left.
_BEGIN_AGAIN = """
    update stock_snapshot set
        state = 'STAGING', missing = $2, actor = $3, locations = $4, rows = 0, left_out = 0,
        staged = 0, last_line = 0, done_line = 0, left_lines = '{}', applied = 0, refused = 0,
        as_of = null, report = '[]', received_at = clock_timestamp(), decided_at = null,
        decided_by = null, reason = null, finished_at = null
    where id = $1"""

_PAGE = f"""
    select {_COLUMNS} from stock_snapshot
    where ($1::text is null or state = $1) and ($2::bigint is null or id < $2)
    order by id desc limit $3"""  # noqa: S608

_DECIDE = f"""
    update stock_snapshot set
        state = $2, decided_at = clock_timestamp(), decided_by = $3, reason = $4,
        finished_at = case when $2 = 'REJECTED' then clock_timestamp() end
    where id = $1 and state = 'QUARANTINED'
    returning {_COLUMNS}"""  # noqa: S608

_REFUSE = """
    insert into stock_snapshot_refusal
    select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::text[])
    on conflict (snapshot, line) do nothing"""

_REFUSALS = """
    select line, column_name, sku, location, code, problem from stock_snapshot_refusal
    where snapshot = $1 and line > $3 order by line limit $2"""

_NEWEST = """
    select max(as_of) as as_of from stock_snapshot where source = $1 and state = 'APPLIED'"""

_STAGED = """
    select staged as rows, last_line, last_line - left_out as last_row, done_line,
           left_lines
    from stock_snapshot where id = $1"""

_OVERDUE = """
    select id from stock_snapshot
    where state in ('QUARANTINED', 'STAGING')
      and received_at < clock_timestamp() - make_interval(days => $1) order by id"""


class Staged(NamedTuple):
    """How far the rows of a snapshot are applied."""

    rows: int
    last_line: int
    last_row: int
    """The last line that is a row; those behind it are of what was left out."""
    done_line: int
    """All lines up to here are applied or refused, but for those that are left."""
    left_lines: Sequence[int]
    """Lines up to there that are still to be decided one by one."""


async def open_snapshot(database: Database | Transaction, whole: Whole, actor: str) -> Snapshot:
    """What is known of a snapshot by its source and name; from now on something is."""
    locations = list(whole.locations)
    await rows_of(database, _OPEN, [*whole[:2], whole.missing.value, actor, locations])
    return _snapshot((await rows_of(database, _BY_NAME, [whole.source, whole.name]))[0])


async def begin_again(database: Database | Transaction, id: int, whole: Whole, actor: str) -> None:
    """Forget all that was found of a snapshot which is sent again."""
    values = [id, whole.missing.value, actor, list(whole.locations)]
    await rows_of(database, _BEGIN_AGAIN, values)
    await rows_of(database, "delete from stock_snapshot_refusal where snapshot = $1", [id])


async def read_snapshot(database: Database | Transaction, id: int) -> Snapshot | None:
    """What is known of a snapshot."""
    rows = await rows_of(database, _BY_ID, [id])
    return _snapshot(rows[0]) if rows else None


async def read_snapshots_of(
    database: Database | Transaction, ids: Iterable[int | None]
) -> dict[int, Snapshot]:
    """What is known of some snapshots."""
    wanted = [id for id in ids if id is not None]
    rows = await rows_of(database, _BY_IDS, [wanted]) if wanted else []
    return {row["id"]: _snapshot(row) for row in rows}


async def read_snapshots(
    database: Database | Transaction, state: SnapshotState | None, before: int | None, limit: int
) -> list[Snapshot]:
    """Snapshots, the newest first."""
    values = [None if state is None else state.value, before, limit]
    return [_snapshot(row) for row in await rows_of(database, _PAGE, values)]


async def read_staged(database: Database | Transaction, id: int) -> Staged:
    """How far a snapshot is applied."""
    return Staged(**(await rows_of(database, _STAGED, [id]))[0])


async def read_refusals(
    database: Database | Transaction, id: int, limit: int, after: int = -1
) -> list[RefusedRow]:
    """Rows of a snapshot that were refused: the first behind a line."""
    rows = await rows_of(database, _REFUSALS, [id, limit, after])
    return [RefusedRow(*row.values()) for row in rows]


async def decide_quarantined(
    database: Database | Transaction, id: int, state: SnapshotState, actor: str, reason: str | None
) -> Snapshot | None:
    """Let a snapshot out of quarantine; None if it is not in it."""
    rows = await rows_of(database, _DECIDE, [id, state.value, actor, reason])
    return _snapshot(rows[0]) if rows else None


async def read_newest(database: Database | Transaction, source: str) -> Any:
    """The time of the newest snapshot of a source that was applied, if there is one."""
    return (await rows_of(database, _NEWEST, [source]))[0]["as_of"]


async def read_overdue(database: Database | Transaction, days: int) -> list[int]:
    """Snapshots that nobody has decided on, or gone on with, for so many days."""
    return [row["id"] for row in await rows_of(database, _OVERDUE, [days])]


async def keep_refusals(connection: asyncpg.Connection, id: int, rows: Iterable[RefusedRow]) -> int:
    """Note rows that change nothing; how many were noted."""
    refused: Sequence[RefusedRow] = list(rows)
    if refused:
        await connection.execute(_REFUSE, id, *columns(refused, len(RefusedRow._fields)))
    return len(refused)


def _snapshot(row: Any) -> Snapshot:
    values = dict(row)
    values["state"] = SnapshotState(values["state"])
    values["missing"] = Missing(values["missing"])
    values["report"] = tuple(Tripped(**one) for one in orjson.loads(values["report"]))
    return Snapshot(**values)
