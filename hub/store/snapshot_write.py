"""Writing the counts of a part of a snapshot: in one statement, by what it finds at the positions.

A *plain* count has one outcome, whatever else is going on: nothing is wrong with it, and nobody
waits at its position. The database books these where they lie; it says of them what `take_count`
says (tests hold the two together). All others are *left* to be decided by that rule itself.

Nearly all entries say the same, so that is sent once, and links are forged by the database, as for
holds that are decided ahead (`hold_write`).
"""

# ruff: noqa: S608 - the only thing that is put into statements is a number and constants

from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg
import orjson

from hub.domain.commands import Origin
from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.ledger import WorkingPosition
from hub.domain.movements import Movement, MovementKind
from hub.domain.position import PositionKey
from hub.domain.snapshots import LEFT_OUT, CountedRow, RefusedRow
from hub.domain.values import Sku
from hub.store.chain import content
from hub.store.ledger_rows import columns
from hub.store.snapshot_staging import CHANGES, table_of

ITEMS_OF_A_LOG_ROW: Final = 1_000

# The time is that of the statement, which is not before its transaction's start: `audit_chain`
# relies on it. Positions are locked in the order in which everybody locks them, and new ones are
# put in after that, as by the stock writer; and all of that after the snapshot itself: who waits
# for the part before to be committed has locked none of them.
_BOOK: Final = f"""
with clock as materialized (
    select now, int8send((extract(epoch from now) * 1000000)::bigint) as micros
    from (select clock_timestamp() as now) c
), {{given}}, {{progressed}}, changed as (
    update position p set
        on_hand = v.on_hand, unavailable = v.unavailable, shortfall = v.shortfall,
        version = p.version + 1, counted_at = v.counted_at, counted_through = null,
        chain = sha256(coalesce(p.chain, '') || v.content || int8send(p.version)
                       || int8send(p.on_hand - p.unavailable - p.allocated - p.reserved)
                       || (select micros from clock))
    from (select * from given where version_read > 0 order by sku, location) v
    where (select count(*) from progressed) = 1
      and {{there}}p.sku = v.sku and p.location = v.location and p.version = v.version_read
    returning p.sku, p.location, p.version, v.moved_on_hand, v.moved_unavailable,
              p.on_hand - p.unavailable - p.allocated - p.reserved as free, v.reason, p.chain
), begun as (
    insert into position (sku, location, on_hand, unavailable, allocated, reserved, backordered,
                          incoming, shortfall, version, counted_at, chain)
    select sku, location, on_hand, unavailable, 0, 0, 0, 0, shortfall, 1, counted_at,
           sha256(content || int8send(0) || int8send(0) || (select micros from clock))
    from given where version_read = 0 and (select count(*) from changed) >= 0
      and (select count(*) from progressed) = 1
    order by sku, location
    on conflict do nothing
    returning sku, location, version, on_hand, unavailable, on_hand - unavailable as free,
              null::text as reason, chain
), written as materialized (
    select * from changed union all select * from begun
), moved as (
    insert into movement
    select w.sku, w.location, w.version, $3, w.moved_on_hand, w.moved_unavailable, 0, 0, 0, 0,
           w.free, $4, $5, $6, null, null, w.reason, null, null, null, w.chain, c.now
    from written w, clock c
), logged as (
    insert into change (skus, recorded_at)
    select array_agg(sku), min(now) from (
        select sku, now, (row_number() over () - 1) / {ITEMS_OF_A_LOG_ROW} as part
        from written, clock) w
    group by part
)
"""

# What is asked of the item, the location and the clock is what `take_count` asks. Whoever waits at
# a position may get something, which is for the stock writer.
_PLAIN: Final = """
    coalesce(s.on_hand % i.quantity_step = 0, false)
    and s.location in (select id from location)
    and s.sku not in (select kit from kit_component)
    and s.as_of <= (select now from clock) + $9::interval
    and coalesce(p.backordered, 0) = 0"""

# The digest of what the entry says is that of `chain.content`.
_GIVEN: Final = f"""found as materialized (
    select s.line, s.sku, s.location, p.ctid as place, coalesce(p.version, 0) as version_read,
           s.on_hand, u.unavailable, s.as_of as counted_at,
           greatest(u.unavailable + coalesce(p.allocated + p.reserved, 0) - s.on_hand, 0)
               as shortfall,
           s.on_hand - coalesce(p.on_hand, 0) as moved_on_hand,
           u.unavailable - coalesce(p.unavailable, 0) as moved_unavailable,
           {_PLAIN} as plain
    from {{table}} s left join position p on p.sku = s.sku and p.location = s.location
    left join item i on i.sku = s.sku,
    lateral (select coalesce(s.unavailable, p.unavailable, 0) as unavailable) u
    where s.line > $2 and s.line <= $7 and {CHANGES}
    order by s.line limit $8
), given as materialized (
    select *, case when line > $10 then $11::text end as reason,
           sha256(convert_to(
               '[[' || to_json(sku)::text || ',' || to_json(location)::text
               || ',1,"{MovementKind.COUNTED.value}",' || moved_on_hand || ','
               || moved_unavailable || ',0,0,0,0,' || moved_on_hand - moved_unavailable || ','
               || case when line > $10 then $13::text else $12 end || ']]', 'UTF8')) as content
    from found where plain
)"""

# How far the snapshot has come is asked once its row is locked, as the part before has left it: an
# update alone sees the row as it was when the statement began, and does not wait.
_PROGRESSED: Final = """left_over as materialized (
    select coalesce(array_agg(line order by line) filter (where not plain), '{}') as lines,
           case when count(*) = $8 then max(line) else $7 end as until
    from found
), reached as materialized (
    select s.done_line, s.left_lines, s.state from left_over, stock_snapshot s
    where s.id = $1 for update of s
), progressed as (
    update stock_snapshot s set
        done_line = l.until, left_lines = l.lines,
        applied = s.applied + (select count(*) from given)
    from left_over l, reached r
    where s.id = $1 and r.done_line = $2 and r.left_lines = '{}' and r.state = 'APPLYING'
    returning 1
)"""

# Which items may be sold beyond stock is what `Rules` says. Where a position lies is known from
# reading it, which saves a look into the index; if it lies somewhere else now, it has been moved.
_WRITE_PLAIN: Final = (
    _BOOK.format(given=_GIVEN, progressed=_PROGRESSED, there="p.ctid = v.place and ")
    + """, beyond as materialized (
    select case when kind = 'item' then target end as target from policy
    where backorder_limit > 0 or preorder_limit > 0
)
select (select count(*) from given), (select count(*) from progressed), until, lines,
       w.skus, w.locations, w.landed, pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       (select count(*) from found)
from left_over, (
    select coalesce(array_agg(sku), '{}') as skus, coalesce(array_agg(location), '{}') as locations,
           coalesce(array_agg(sku) filter (where moved_on_hand > 0 and (
               exists (select from beyond where target is null)
               or sku in (select target from beyond where target is not null))), '{}') as landed
    from written) w"""
)

_WRITE_LEFT: Final = (
    _BOOK.format(
        given="""given as materialized (
    select * from unnest($7::counted_position[])
)""",
        progressed="""progressed as (
    update stock_snapshot set
        left_lines = '{}', refused = refused + $9,
        applied = applied + cardinality($7::counted_position[])
    where id = $1 and done_line = $2 and left_lines = $8::bigint[] and state = 'APPLYING'
    returning 1
)""",
        there="",
    )
    + """, refused as (
    insert into stock_snapshot_refusal
    select $1, * from unnest($10::bigint[], $11::text[], $12::text[], $13::text[], $14::text[],
                             $15::text[])
    on conflict (snapshot, line) do nothing
)
select (select count(*) from written), (select count(*) from progressed),
       (select revision from rules_revision)"""
)

_LOCK: Final = """
    select from {table} s join position p on p.sku = s.sku and p.location = s.location
    where s.line > $1 and s.line <= $2
    order by p.sku, p.location for update of p"""

_LEFT: Final = "select * from {table} where line = any($1::bigint[]) order by line"


class Lines(NamedTuple):
    """Where in a snapshot its next part lies."""

    after: int
    until: int
    most: int
    """Rows that may change something; with so many, the part ends before `until`."""


class PlainOutcome(NamedTuple):
    """What a part does as far as it is plain."""

    until: int
    """All lines up to here are in it, or would change nothing."""
    left: list[int]
    """Those of its lines that are not plain."""
    keys: list[PositionKey]
    landed: list[Sku]
    """Items of which units came in and that may be sold beyond stock."""
    next_transaction: int
    """By the server's numbers of transactions that write: the difference to an earlier one tells
    how many did."""
    found: int
    """Rows that may have changed something."""


class LeftOutcome(NamedTuple):
    """What the rows do that were left."""

    positions: list[WorkingPosition]
    movements: list[Movement]
    """The one of each position."""
    refused: list[RefusedRow]
    to_settle: list[Sku]


class Overtaken(Exception):
    """Somebody has moved one of the positions since they were read, or the rules: nothing is
    written."""


class NotInHand(Exception):
    """Another process has gone on with the snapshot."""


async def lock_part(connection: asyncpg.Connection, id: int, lines: Lines) -> None:
    """Keep everybody else from the positions of a part until the transaction ends."""
    statement = _LOCK.format(table=table_of(id))
    await connection.execute(statement, lines.after, lines.until)


async def write_plain(
    connection: asyncpg.Connection,
    id: int,
    lines: Lines,
    origin: Origin,
    last_row: int,
) -> PlainOutcome:
    """Write the plain counts of a part, inside an open transaction, and which ones are left. Lines
    behind `last_row` are of what the snapshot leaves out. Raises `Overtaken`, `NotInHand`."""
    kind, cause = MovementKind.COUNTED.value, "set_stock"
    ((given, progressed, until, left, skus, locations, landed, transaction, found),) = (
        await connection.fetch(
            _WRITE_PLAIN.replace("{table}", table_of(id)),
            id, lines.after, kind, cause, origin.actor, origin.source_event, lines.until,
            lines.most, CLOCK_TOLERANCE, last_row, LEFT_OUT, _said(cause, origin, None),
            _said(cause, origin, LEFT_OUT),
        )
    )  # fmt: skip
    if not progressed:
        raise NotInHand
    if len(skus) != given:
        raise Overtaken
    keys = list(zip(skus, locations, strict=True))
    return PlainOutcome(until, left, keys, landed, transaction, found)


async def read_left(
    connection: asyncpg.Connection, id: int, lines: Sequence[int]
) -> list[CountedRow]:
    """The rows in these lines."""
    found = await connection.fetch(_LEFT.format(table=table_of(id)), lines)
    return [CountedRow(*row) for row in found]


async def write_left(
    connection: asyncpg.Connection,
    id: int,
    done_line: int,
    lines: Sequence[int],
    done: LeftOutcome,
    origin: Origin,
    rules_revision: int,
) -> None:
    """Write what the rows in `lines` do that were left, inside the transaction that has locked
    their positions, and that none is left. Raises `Overtaken`, `NotInHand`."""
    given = [
        (p.sku, p.location, None, p.version_read, p.on_hand, p.unavailable, p.shortfall,
         p.counted_at, m.on_hand, m.unavailable, m.reason, content((m,)))
        for p, m in zip(done.positions, done.movements, strict=True)
    ]  # fmt: skip
    kind, cause = (done.movements[0].kind, done.movements[0].cause) if given else ("", "")
    ((written, progressed, revision),) = await connection.fetch(
        _WRITE_LEFT,
        id, done_line, kind, cause, origin.actor, origin.source_event, given, lines,
        len(done.refused), *columns(done.refused, len(RefusedRow._fields)),
    )  # fmt: skip
    if not progressed:
        raise NotInHand
    if written != len(given) or revision != rules_revision:
        raise Overtaken


def _said(cause: str, origin: Origin, reason: str | None) -> str:
    """The last words of the entry of a count, as `content` puts them: those behind the free units
    that it leaves."""
    entry = Movement(
        "", "", 1, MovementKind.COUNTED, 0, 0, 0, 0, 0, 0, 0, cause, origin.actor,
        origin.source_event, None, None, reason, None,
    )  # fmt: skip
    behind = Movement._fields.index("available_after") + 1
    return orjson.dumps(entry[behind:]).decode()[1:-1]
