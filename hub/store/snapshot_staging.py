"""The rows of a snapshot on their way in: a table of its own, looked at as a whole.

Not to be confused with `hub.store.snapshot`, a look at the whole ledger. The table is unlogged, for
a crash of the server only costs sending it again; one that waits for a person is made to last.
"""

# ruff: noqa: S608 - the only thing that is put into statements is a number

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
import orjson

from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.guard_rails import Evidence, GuardRails, Tripped
from hub.domain.snapshots import CountedRow, Missing, SnapshotChange, SnapshotState
from hub.store.database import Database, connection_arguments
from hub.store.transactions import Transaction, rows_of

_ONE_AT_A_TIME: Final = 0x534E4150
"""The space of advisory locks on snapshots: "SNAP"."""

_SETTINGS: Final = {
    "application_name": "availability-hub snapshots",
    "timezone": "UTC",
    "statement_timeout": "300s",
    "lock_timeout": "5s",
    # Another process of the database would be taken from those who wait for an answer.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "work_mem": "64MB",
    "jit": "off",
}

CHANGES: Final = """(
    p.sku is null or p.counted_at is null or s.as_of > p.counted_at
    or s.as_of = p.counted_at and (
        s.on_hand <> p.on_hand or p.counted_through is not null
        or s.unavailable is not null and s.unavailable <> p.unavailable))"""
"""Of the others the rule of a count says STALE or UNCHANGED, so it need not be asked."""

_FRESH: Final = "(p.counted_at is null or s.as_of >= p.counted_at)"

# A count of a time to come is refused: it says nothing of how old the others are.
_LOOK: Final = f"""
    select count(*) as rows, count(*) filter (where {CHANGES}) as changes,
           greatest(max(s.line), (
               select max(line) from stock_snapshot_refusal where snapshot = $1), 0) as last_line,
           max(s.as_of) filter (where s.as_of <= clock_timestamp() + $2::interval) as as_of
    from {{table}} s left join position p on p.sku = s.sku and p.location = s.location"""

_JUMPS: Final = f"({_FRESH} and p.on_hand >= $1 and s.on_hand > p.on_hand::numeric * $2::float8)"

_EVIDENCE: Final = f"""
    select count(*) filter (where s.line <= $3) as rows,
           count(*) filter (where {_FRESH} and p.on_hand > 0) as in_stock,
           count(*) filter (where {_FRESH} and p.on_hand > 0 and s.on_hand <= 0) as zeroed,
           coalesce(sum(greatest(p.on_hand, 0)) filter (where {_FRESH}), 0)::bigint
               as total_before,
           coalesce(sum(greatest(s.on_hand, 0)) filter (where {_FRESH} and i.sku is not null), 0
               )::bigint as total_after,
           count(*) filter (where {_JUMPS}) as jumped,
           count(*) filter (where i.sku is null) as unknown
    from {{table}} s left join position p on p.sku = s.sku and p.location = s.location
    left join item i on i.sku = s.sku"""

_WIDEST_JUMP: Final = f"""
    select s.sku, s.location, p.on_hand, s.on_hand
    from {{table}} s join position p on p.sku = s.sku and p.location = s.location
    where {_JUMPS} order by s.on_hand::numeric / p.on_hand desc limit 1"""

# A later row of the same item and location holds: no entry is booked for what it takes back.
_REPEATED: Final = """
    with last as (
        select sku, location, max(line) as line from {table}
        group by sku, location having count(*) > 1
    ), repeated as (
        delete from {table} s using last
        where last.sku = s.sku and last.location = s.location and last.line > s.line
        returning s.line, s.sku, s.location, last.line as holds
    ), noted as (
        insert into stock_snapshot_refusal
        select $1, line, null, sku, location, 'COUNTED_TWICE',
               'counts what line ' || holds || ' counts again, which holds'
        from repeated
        on conflict (snapshot, line) do nothing
    )
    select count(*) from repeated"""

_TO_COME: Final = """
    with to_come as (
        delete from {table} where as_of > clock_timestamp() + $2::interval
        returning line, sku, location
    ), noted as (
        insert into stock_snapshot_refusal
        select $1, line, 'asOf', sku, location, 'INVALID_INPUT',
               'is of a time to come: it can not be told what has moved since'
        from to_come
        on conflict (snapshot, line) do nothing
    )
    select count(*) from to_come"""

# Where it can not even be told which item a row was about, it may be any that is left out.
_LEFT_OUT: Final = """
    with added as (insert into {table} (line, sku, location, on_hand, unavailable, as_of)
    select $3 + row_number() over (order by i.sku, i.location), i.sku, i.location, 0, null,
           coalesce($5::timestamptz, clock_timestamp())
    from stock_snapshot_item i
    where i.source = $2 and not exists (
        select from stock_snapshot_refusal r where r.snapshot = $1 and r.sku is null)
      and i.location = any(coalesce(nullif($4::text[], '{{}}'),
                                    array(select distinct location from {table})))
      and not exists (
        select from {table} s where s.sku = i.sku and s.location = i.location)
      and not exists (
        select from stock_snapshot_refusal r
        where r.snapshot = $1 and r.sku = i.sku and coalesce(r.location, i.location) = i.location)
    returning 1) select count(*) from added"""

_JUDGED: Final = """
    update stock_snapshot set
        state = $2, rows = $3 + r.refused, left_out = $4, staged = $5, last_line = $6,
        done_line = $7, as_of = $8, report = $9::jsonb, refused = r.refused
    from (select count(*) as refused from stock_snapshot_refusal where snapshot = $1) r
    where id = $1"""

# What was left out stays the source's where a newer count holds: that of a younger snapshot, say,
# which was applied while this one waited for a person.
_REMEMBER: Final = [
    """
    delete from stock_snapshot_item i using {table} s, position p
    where i.source = $1 and i.sku = s.sku and i.location = s.location and s.line > $2
      and p.sku = s.sku and p.location = s.location and p.counted_at = s.as_of""",
    """
    insert into stock_snapshot_item
    select $1, s.sku, s.location from {table} s
    join position p on p.sku = s.sku and p.location = s.location
    where s.line <= $2
    on conflict do nothing""",
]

_OF_RAIL: Final = """(case $2::text
    when 'zeroed_share' then p.on_hand > 0 and s.on_hand <= 0
    when 'total_drop_share' then s.on_hand < p.on_hand
    when 'jump_factor' then p.on_hand > 0 and s.on_hand > p.on_hand
    when 'unknown_share' then i.sku is null
    else true end)"""

# What is known of stock may have changed since the snapshot came: these are the changes of now.
_WIDEST_CHANGES: Final = f"""
    select s.line, s.sku, s.location, p.on_hand as before, s.on_hand as after,
           i.sku is not null as item_exists
    from {{table}} s left join position p on p.sku = s.sku and p.location = s.location
    left join item i on i.sku = s.sku
    where {CHANGES} and s.on_hand <> coalesce(p.on_hand, 0) and {_OF_RAIL}
    order by case when $2 = 'jump_factor' then s.on_hand::float8 / p.on_hand end desc,
             abs(s.on_hand - coalesce(p.on_hand, 0)) desc, s.sku, s.location limit $1"""

_NEW_ID: Final = "select nextval(pg_get_serial_sequence('stock_snapshot', 'id'))"

_FINISH: Final = """
    update stock_snapshot set state = $2, finished_at = clock_timestamp()
    where id = $1 and state = any($3::text[]) returning 1"""

_APPLYING: Final = (SnapshotState.APPLYING,)
_UNDECIDED: Final = (SnapshotState.STAGING, SnapshotState.QUARANTINED)
_FINISHED_FROM: Final = {
    SnapshotState.APPLIED: _APPLYING,
    SnapshotState.LOST: _APPLYING,
    SnapshotState.EXPIRED: _UNDECIDED,
    SnapshotState.COMPARED: (SnapshotState.COMPARED,),
}
"""What a snapshot must still be to be done with: who decides on one does not wait for its lock."""


class Look(NamedTuple):
    """What a snapshot is, held against the positions."""

    rows: int
    changes: int
    """Rows that the rule of a count has to be asked about."""
    last_line: int
    as_of: datetime | None


def table_of(id: int) -> str:
    """The table that the rows of a snapshot are in."""
    return f"stock_snapshot_rows_{id:d}"


async def forget_rows(client: Database | Transaction, id: int) -> None:
    """Forget the rows of a snapshot that nobody has in hand."""
    await rows_of(client, f"drop table if exists {table_of(id)}")


async def read_widest_changes(
    database: Database, id: int, rail: str | None, limit: int
) -> list[SnapshotChange]:
    """What the rows of a snapshot would change now, most units first, or of a guard rail what it
    looks at, widest first; nothing of a snapshot that has no rows any more."""
    try:
        rows = await database.fetch(_WIDEST_CHANGES.format(table=table_of(id)), [limit, rail])
    except asyncpg.UndefinedTableError:
        return []
    return [SnapshotChange(**row) for row in rows]


class Staging:
    """The rows of one snapshot, on a connection that keeps other processes from it."""

    def __init__(self, connection: asyncpg.Connection, id: int) -> None:
        self.connection = connection
        self.id = id
        self._table = table_of(id)

    @classmethod
    async def open(cls, database_url: str, id: int) -> "Staging | None":
        """None where another process has this snapshot in hand."""
        connection = await asyncpg.connect(
            **connection_arguments(database_url), server_settings=_SETTINGS
        )
        statement = "select pg_try_advisory_lock($1, $2)"
        try:
            if await connection.fetchval(statement, _ONE_AT_A_TIME, id % 2**31):
                return cls(connection, id)
        except BaseException:
            connection.terminate()
            raise
        await connection.close()
        return None

    @classmethod
    @asynccontextmanager
    async def rolled_back(cls, database_url: str) -> AsyncIterator["Staging"]:
        """A place for the rows of a snapshot that nobody else sees, and nothing stays of."""
        connection = await asyncpg.connect(
            **connection_arguments(database_url), server_settings=_SETTINGS
        )
        transaction = connection.transaction()
        try:
            await transaction.start()
            staging = cls(connection, await connection.fetchval(_NEW_ID))
            await staging.create()
            yield staging
        finally:
            # The server rolls back what was not committed.
            await connection.close(timeout=2)

    async def close(self) -> None:
        """Let others have it."""
        await self.connection.close(timeout=2)

    async def create(self) -> None:
        """Begin with no rows."""
        await self.drop()
        await self.connection.execute(
            f"""create unlogged table {self._table} (
                line bigint not null, sku text not null, location text not null,
                on_hand bigint not null, unavailable bigint, as_of timestamptz not null
            ) with (autovacuum_enabled = off)"""
        )

    async def drop(self) -> None:
        """Forget the rows."""
        await self.connection.execute(f"drop table if exists {self._table}")

    async def put(self, rows: Sequence[CountedRow]) -> None:
        """Add rows."""
        await self.connection.copy_records_to_table(
            self._table, records=rows, columns=CountedRow._fields
        )

    async def add_left_out(self, source: str, locations: Sequence[str], look: Look) -> int:
        """Add a count of 0 for each item of the source that has no row; how many these are."""
        added: int = await self.connection.fetchval(
            _LEFT_OUT.format(table=self._table),
            self.id, source, look.last_line, list(locations), look.as_of,
        )  # fmt: skip
        return added

    async def look(self) -> Look:
        """Hold all rows against the positions."""
        (found,) = await self.connection.fetch(
            _LOOK.format(table=self._table), self.id, CLOCK_TOLERANCE
        )
        return Look(*found)

    async def leave_out_repeated(self) -> int:
        """Refuse rows that a later one takes back; how many these are."""
        statement = _REPEATED.format(table=self._table)
        repeated: int = await self.connection.fetchval(statement, self.id)
        return repeated

    async def leave_out_to_come(self) -> int:
        """Refuse counts of a time to come, as the rule of a count does; how many these are."""
        statement = _TO_COME.format(table=self._table)
        to_come: int = await self.connection.fetchval(statement, self.id, CLOCK_TOLERANCE)
        return to_come

    async def evidence(self, rails: GuardRails, known: Evidence, last_row: int) -> Evidence:
        """What the snapshot would do, beyond what is `known` of it. Lines behind `last_row` are of
        what it leaves out."""
        bounds = (rails.jump_from, rails.jump_factor or float("inf"))
        (found,) = await self.connection.fetch(
            _EVIDENCE.format(table=self._table), *bounds, last_row
        )
        jump = None
        if found["jumped"]:
            jump = await self.connection.fetchrow(_WIDEST_JUMP.format(table=self._table), *bounds)
        return known._replace(**found, jump=None if jump is None else tuple(jump))

    async def behind(self, line: int) -> list[CountedRow]:
        """The rows behind a line."""
        statement = f"select * from {self._table} where line > $1 order by line"
        return [CountedRow(*row) for row in await self.connection.fetch(statement, line)]

    async def judged(
        self, state: SnapshotState, look: Look, left_out: int, tripped: Sequence[Tripped]
    ) -> None:
        """Say what is to become of it. What waits for a person is made to outlast a crash."""
        report = orjson.dumps([one._asdict() for one in tripped]).decode()
        async with self.connection.transaction():
            if state is SnapshotState.QUARANTINED:
                await self.connection.execute(f"alter table {self._table} set logged")
            if look.changes:
                await self.connection.execute(f"create index on {self._table} (line)")
            await self.connection.execute(
                _JUDGED, self.id, state.value, look.rows - left_out, left_out, look.rows,
                look.last_line, 0 if look.changes else look.last_line, look.as_of, report,
            )  # fmt: skip

    async def count(self) -> int:
        """How many rows there are; none where there is no table."""
        if not await self.connection.fetchval("select to_regclass($1) is not null", self._table):
            return 0
        counted: int = await self.connection.fetchval(f"select count(*) from {self._table}")
        return counted

    async def finish(
        self, state: SnapshotState, source: str, missing: Missing, last_row: int
    ) -> bool:
        """Be done with it, and remember what it had where what is left out matters. Rows behind
        `last_row` are of what was left out. False, and nothing done, where somebody has decided
        otherwise."""
        async with self.connection.transaction():
            values = (self.id, state.value, _FINISHED_FROM[state])
            if not await self.connection.fetchval(_FINISH, *values):
                return False
            if state is SnapshotState.APPLIED and missing is Missing.ZERO:
                for statement in _REMEMBER:
                    await self.connection.execute(
                        statement.format(table=self._table), source, last_row
                    )
            await self.drop()
        return True
