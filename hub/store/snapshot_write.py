"""Writing the counts of a part of a snapshot: one statement, guarded by the versions read before.

What is decided is what the stock writer decides; only the way to the tables is another. Nearly all
of a snapshot's entries say the same, so that is sent once, and links are forged by the database,
as for holds that are decided ahead (`hold_write`).
"""

# ruff: noqa: S608 - the only thing that is put into statements is a number and constants

from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg

from hub.domain.commands import Origin
from hub.domain.ledger import WorkingPosition
from hub.domain.movements import Movement
from hub.domain.position import STORED_COLUMNS, Position
from hub.domain.snapshots import RefusedRow
from hub.domain.values import LocationId, Quantity, Sku
from hub.store.chain import content
from hub.store.ledger_rows import columns
from hub.store.snapshot_staging import CHANGES, table_of

ITEMS_OF_A_LOG_ROW: Final = 1_000

# The chain is left out: the database forges the link.
_POSITION: Final = Position._fields[2 : STORED_COLUMNS - 1]
_FOUND: Final = ", ".join(f"p.{name}" for name in _POSITION)

_PART: Final = f"""
    select s.line, s.sku, s.location, s.on_hand, s.unavailable, s.as_of, p.ctid, {_FOUND}
    from {{table}} s left join position p on p.sku = s.sku and p.location = s.location
    where s.line > $1 and s.line <= $2 and {CHANGES}
    order by s.line limit $3"""

_MOMENT: Final = """
    select clock_timestamp(), (select revision from rules_revision),
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""

# The time is that of the statement, which is not before its transaction's start: `audit_chain`
# relies on it. Positions are locked in the order in which everybody locks them, and new ones are
# put in after that, as by the stock writer.
_WRITE: Final = f"""
with clock as materialized (
    select now, int8send((extract(epoch from now) * 1000000)::bigint) as micros
    from (select clock_timestamp() as now) c
), given as materialized (
    select * from unnest($1::counted_position[])
), changed as (
    update position p set
        on_hand = v.on_hand, unavailable = v.unavailable, shortfall = v.shortfall,
        version = p.version + 1, counted_at = v.counted_at, counted_through = null,
        chain = sha256(coalesce(p.chain, '') || v.content || int8send(p.version)
                       || int8send(p.on_hand - p.unavailable - p.allocated - p.reserved)
                       || (select micros from clock))
    from (select * from given where version_read > 0 order by sku, location) v
    where {{there}}p.sku = v.sku and p.location = v.location and p.version = v.version_read
    returning p.sku, p.location, p.version, v.moved_on_hand, v.moved_unavailable,
              p.on_hand - p.unavailable - p.allocated - p.reserved as free, v.reason, p.chain
), begun as (
    insert into position (sku, location, on_hand, unavailable, allocated, reserved, backordered,
                          incoming, shortfall, version, counted_at, chain)
    select sku, location, on_hand, unavailable, 0, 0, 0, 0, shortfall, 1, counted_at,
           sha256(content || int8send(0) || int8send(0) || (select micros from clock))
    from given where version_read = 0 and (select count(*) from changed) >= 0
    order by sku, location
    on conflict do nothing
    returning sku, location, version, on_hand, unavailable, on_hand - unavailable as free,
              null::text as reason, chain
), written as materialized (
    select * from changed union all select * from begun
), moved as (
    insert into movement
    select w.sku, w.location, w.version, $2, w.moved_on_hand, w.moved_unavailable, 0, 0, 0, 0,
           w.free, $3, $4, $5, null, null, w.reason, null, null, null, w.chain, c.now
    from written w, clock c
), logged as (
    insert into change (skus, recorded_at)
    select array_agg(sku), min(now) from (
        select sku, now, (row_number() over () - 1) / {ITEMS_OF_A_LOG_ROW} as part
        from written, clock) w
    group by part
), refused as (
    insert into stock_snapshot_refusal
    select $6, * from unnest($10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[],
                             $15::text[])
    on conflict (snapshot, line) do nothing
), progressed as (
    update stock_snapshot set
        done_line = $8, refused = refused + $9,
        applied = applied + cardinality($1::counted_position[])
    where id = $6 and done_line = $7 and state = 'APPLYING'
    returning 1
)
select (select count(*) from written), (select count(*) from progressed),
       (select revision from rules_revision)"""


# Where a position lies is known from reading it, which saves a look into the index; if it lies
# somewhere else now, it has been moved.
_AT_PLACE: Final = "p.ctid = v.place and "
_BY_KEY: Final = ""


class Row(NamedTuple):
    """A row that has to be decided, and what it is decided on."""

    line: int
    sku: Sku
    location: LocationId
    on_hand: Quantity
    unavailable: Quantity | None
    as_of: datetime
    place: tuple[int, int] | None
    """Where the position lies in its table; None where there is none, or where it is not known."""
    position: Position
    """As it was read, without its link of the chain."""


class Part(NamedTuple):
    """The next rows of a snapshot that may change something."""

    rows: list[Row]
    until: int
    """All lines up to here are in it, or would change nothing."""
    now: datetime
    rules_revision: int
    next_transaction: int
    """By the server's numbers of transactions that write: the difference to an earlier one tells
    how many did."""


class PartOutcome(NamedTuple):
    """What a part does."""

    positions: list[WorkingPosition]
    movements: list[Movement]
    """The one of each position."""
    places: list[tuple[int, int] | None]
    refused: list[RefusedRow]
    to_settle: list[Sku]


class Overtaken(Exception):
    """Somebody has moved one of the positions since they were read, or the rules: nothing is
    written."""


class NotInHand(Exception):
    """Another process has gone on with the snapshot."""


async def read_part(
    connection: asyncpg.Connection, id: int, after: int, until: int, most: int
) -> Part:
    """Up to `most` rows with lines in between, and their positions, not locked."""
    ((now, revision, transaction),) = await connection.fetch(_MOMENT)
    found = await connection.fetch(_PART.format(table=table_of(id)), after, until, most)
    rows = [_row(*one) for one in found]
    last = rows[-1].line if len(rows) == most else until
    return Part(rows, last, now, revision, transaction)


async def write_part(
    connection: asyncpg.Connection,
    id: int,
    after: int,
    part: Part,
    done: PartOutcome,
    origin: Origin,
) -> None:
    """Write what a part does, inside an open transaction, and that all of it is done. Raises
    `Overtaken`, `NotInHand`."""
    given = [
        (p.sku, p.location, place, p.version_read, p.on_hand, p.unavailable, p.shortfall,
         p.counted_at, m.on_hand, m.unavailable, m.reason, content((m,)))
        for p, m, place in zip(done.positions, done.movements, done.places, strict=True)
    ]  # fmt: skip
    kind, cause = (done.movements[0].kind, done.movements[0].cause) if given else ("", "")
    by_place = None not in done.places
    ((written, progressed, revision),) = await connection.fetch(
        _WRITE.format(there=_AT_PLACE if by_place else _BY_KEY),
        given, kind, cause, origin.actor, origin.source_event, id, after,
        part.until, len(done.refused), *columns(done.refused, len(RefusedRow._fields)),
    )  # fmt: skip
    if not progressed:
        raise NotInHand
    if written != len(given) or revision != part.rules_revision:
        raise Overtaken


def _row(
    line: int,
    sku: Sku,
    location: LocationId,
    on_hand: Quantity,
    unavailable: Quantity | None,
    as_of: datetime,
    place: tuple[int, int] | None,
    *position: Any,
) -> Row:
    read = Position(sku, location, *position) if place else Position(sku, location)
    return Row(line, sku, location, on_hand, unavailable, as_of, place, read)
