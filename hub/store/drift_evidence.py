"""Holding a source's whole snapshot against the positions: what differs, and all that may tell why.

One statement reads the evidence; the movements of a position are looked up only where it differs.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from hub.domain.drift_causes import SourceEvidence

READ_AT_ONCE: Final = 1_000
MAX_OPEN_LINES: Final = 20
"""Single orders of an item at a location that are looked at."""

# What the file leaves out counts as missing where the source has told of it before, by a whole
# (`zero` has added a row for each then) or by whatever it has booked. A row that nobody could read
# may be about any item, so nothing is missing then. An event that names no location may be about
# any of them. A correction by an earlier comparison has not moved anything: what it added was
# missing at the time of the count already.
_EVIDENCE: Final = """
with told as (
    select sku, location, case when line <= $1 then on_hand end as source, as_of from {table}
    union all
    select p.sku, p.location, null, coalesce($2::timestamptz, clock_timestamp()) from position p
    where $3 and p.on_hand <> 0
      and p.location = any(array(select distinct location from {table}))
      and not exists (select from {table} s where s.sku = p.sku and s.location = p.location)
      and not exists (
        select from stock_snapshot_refusal r where r.snapshot = $4
          and coalesce(r.sku, p.sku) = p.sku and coalesce(r.location, p.location) = p.location)
      and exists (
        select from movement m
        where m.sku = p.sku and m.location = p.location and m.actor = $5)
), drifted as materialized (
    select t.sku, t.location, t.source, t.as_of, i.sku is not null as known,
           p.sku is not null as held, coalesce(p.on_hand, 0) as on_hand,
           coalesce(p.version, 0) as version, p.counted_at,
           coalesce(p.allocated, 0) as allocated, coalesce(p.reserved, 0) as reserved
    from told t
    left join position p on p.sku = t.sku and p.location = t.location
    left join item i on i.sku = t.sku
    where coalesce(t.source, 0) <> coalesce(p.on_hand, 0) or i.sku is null
), events as materialized (
    select k.sku, k.location,
           count(*) filter (where b.state = 'PENDING') as waiting,
           count(*) filter (where b.state = 'DEAD') as dead,
           count(*) filter (where b.state = 'DISCARDED' and b.source = $5) as discarded
    from inbox b, lateral (
        select coalesce(b.edited, b.payload) -> 'data' as data
    ) e, lateral (
        select e.data ->> 'sku' as sku, e.data ->> 'location' as location
        union all
        select line ->> 'sku', line ->> 'location'
        from jsonb_array_elements(
            case jsonb_typeof(e.data -> 'lines') when 'array' then e.data -> 'lines' end) line
    ) k
    where b.state in ('PENDING', 'DEAD', 'DISCARDED') and k.sku is not null
    group by k.sku, k.location
)
select d.sku, d.location, d.source, d.as_of, d.known, d.held, d.on_hand, d.version, d.counted_at,
       d.allocated, d.reserved, m.moved_since, m.orders_since, m.told_by_differences,
       coalesce(h.discarded, 0) + coalesce(a.discarded, 0) as discarded,
       coalesce(h.waiting, 0) + coalesce(a.waiting, 0) as waiting,
       coalesce(h.dead, 0) + coalesce(a.dead, 0) as dead, l.lines
from drifted d
left join events h on h.sku = d.sku and h.location = d.location
left join events a on a.sku = d.sku and a.location is null, lateral (
    select coalesce(sum(m.on_hand) filter (
               where m.recorded_at > d.as_of and m.kind <> 'RECONCILED'), 0)::bigint
               as moved_since,
           coalesce(sum(m.on_hand) filter (
               where m.recorded_at > d.as_of and m.kind in ('SHIPPED', 'RETURNED')), 0)::bigint
               as orders_since,
           count(*) filter (where m.actor = $5 and m.on_hand <> 0) as told_by_differences
    from movement m
    where m.sku = d.sku and m.location = d.location and m.version > (
        select coalesce(max(c.version), 0) from movement c
        where c.sku = d.sku and c.location = d.location
          and c.kind in ('COUNTED', 'CORRECTED'))
) m, lateral (
    select array(
        select l.allocated from reservation_line l
        where l.sku = d.sku and l.location = d.location
          and l.held + l.backordered + l.allocated > 0 and l.allocated > 0
        order by l.allocated desc limit {lines}) as lines
) l
order by abs(coalesce(d.source, 0) - d.on_hand) desc, d.sku, d.location"""


class Told(NamedTuple):
    """What a snapshot is, so far as its comparison needs it."""

    snapshot: int
    source: str
    last_row: int
    """Rows behind this line are of what it leaves out, which has been looked up already."""
    as_of: datetime | None
    lists_left_out: bool
    """Whether what it leaves out still has to be looked up."""


async def read_evidence(
    connection: asyncpg.Connection, table: str, told: Told
) -> AsyncIterator[list[SourceEvidence]]:
    """Each item that differs from its position, the furthest off first, inside an open
    transaction."""
    statement = _EVIDENCE.format(table=table, lines=MAX_OPEN_LINES)
    values = (told.last_row, told.as_of, told.lists_left_out, told.snapshot, told.source)
    block: list[SourceEvidence] = []
    # Read to its end, the cursor is closed: the table can be dropped then.
    async for row in connection.cursor(statement, *values, prefetch=READ_AT_ONCE):
        block.append(SourceEvidence._make((*row[:-1], tuple(row[-1]))))
        if len(block) == READ_AT_ONCE:
            yield block
            block = []
    yield block
