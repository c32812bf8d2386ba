"""Reads of who claims stock: live lines of reservations, shortfalls, and what is expected.

A hold past its end claims nothing, swept or not. The oldest claim is served first, as it is when
goods come in for those who wait.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain.reservations import ReservationLine
from hub.domain.supply import SupplyLine
from hub.domain.values import LocationId, Quantity, ReservationId, Sku
from hub.store.database import Database
from hub.store.ledger_rows import LINE_COLUMNS, SUPPLY_COLUMNS

MAX_AFFECTED = 100
"""As many reservations as are told of one shortfall; how many there are is always told."""
MAX_SUPPLY_LINES = 1_000
"""As many expected receipts as are told of an item, the earliest first."""

# The sum is written as the partial index on live lines has it.
_CLAIMS = f"""
    select page.* from unnest($1::text[]) with ordinality wanted (sku, place), lateral (
        select r.id, r.created_at, coalesce(r.expires_at <= now(), false) as lapsed, {LINE_COLUMNS}
        from reservation_line l join reservation r on r.id = l.reservation_id
        where l.sku = wanted.sku and ($2::text is null or l.location = $2)
          and l.held + l.backordered + l.allocated > 0
          and (r.expires_at > now()
               or r.state = 'COMMITTED' and l.backordered + l.allocated > 0)
          and ($3::timestamptz is null or (r.created_at, r.id, l.line) > ($3, $4::uuid, $5))
        order by r.created_at, r.id, l.line
        limit $6
    ) page
    order by wanted.place, page.created_at, page.id, page.line"""  # noqa: S608 - the columns are a constant

# Claims are lined up by age; those that stand where the stock does not reach lack units.
_SHORTFALLS = """
    with short as materialized (
        select p.sku, p.location, greatest(0, p.on_hand - p.unavailable) as stock,
               p.shortfall - lapsed.held as shortfall
        from position p cross join lateral (
            select coalesce(sum(l.held), 0)::bigint as held
            from reservation_line l join reservation r on r.id = l.reservation_id
            where l.sku = p.sku and l.location = p.location
              and l.held + l.backordered + l.allocated > 0
              and r.state in ('HELD', 'COMMITTED') and r.expires_at <= now()
        ) lapsed
        where p.shortfall > 0 and p.shortfall > lapsed.held
          and ($1::text is null or p.location = $1)
          and ($2::text is null or (p.sku, p.location) > ($2, $3))
        order by p.sku, p.location
        limit $4
    )
    select short.sku, short.location, short.shortfall, lacking.*
    from short left join lateral (
        select id, created_at, sum(least(units, reached - short.stock))::bigint as units,
               count(*) over () as affected
        from (
            select r.id, r.created_at, claim.units,
                   sum(claim.units) over (order by r.created_at, r.id, l.line) as reached
            from reservation_line l
            join reservation r on r.id = l.reservation_id
            cross join lateral (
                select l.allocated + case when r.expires_at <= now() then 0 else l.held end as units
            ) claim
            where l.sku = short.sku and l.location = short.location
              and l.held + l.backordered + l.allocated > 0 and claim.units > 0
        ) in_line
        where reached > short.stock
        group by id, created_at
        order by created_at, id
        limit $5
    ) lacking on true
    order by short.sku, short.location, lacking.created_at, lacking.id"""

_SUPPLY = f"""
    select {SUPPLY_COLUMNS} from supply_line s
    where s.sku = $1 and ($2::text is null or s.location = $2) and s.received < s.quantity
    order by s.eta, s.document, s.location
    limit $3"""  # noqa: S608 - the columns are a constant

ClaimPlace = tuple[datetime, ReservationId, int]
ShortfallPlace = tuple[Sku, LocationId]


class LiveClaim(NamedTuple):
    """A line of a reservation that still has a claim on units."""

    reservation: ReservationId
    created_at: datetime
    line: ReservationLine


class Lacking(NamedTuple):
    """A reservation that stock does not reach, and how many of its units."""

    reservation: ReservationId
    units: Quantity


class Shortfall(NamedTuple):
    """More is promised of an item at a location than there is, and whom that hits."""

    sku: Sku
    location: LocationId
    shortfall: Quantity
    affected_count: int
    affected: tuple[Lacking, ...]
    """At most MAX_AFFECTED of them, the oldest first."""


async def read_claims(
    database: Database,
    skus: Iterable[str],
    location: str | None,
    after: ClaimPlace | None,
    limit: int,
) -> list[LiveClaim]:
    """Who has a claim on units, at most so many of each item: item by item, the oldest first."""
    place = after or (None, None, None)
    rows = await database.fetch(_CLAIMS, [list(skus), location, *place, limit])
    return [LiveClaim(str(row["id"]), row["created_at"], _line(row)) for row in rows]


async def read_shortfalls(
    database: Database, location: str | None, after: ShortfallPlace | None, limit: int
) -> list[Shortfall]:
    """Positions with a shortfall, by item and location."""
    place = after or (None, None)
    rows = await database.fetch(_SHORTFALLS, [location, *place, limit, MAX_AFFECTED])
    found: dict[ShortfallPlace, Shortfall] = {}
    for row in rows:
        key = (row["sku"], row["location"])
        known = found.get(key)
        if known is None:
            known = Shortfall(*key, row["shortfall"], row["affected"] or 0, ())
        if row["id"] is not None:
            lacking = Lacking(str(row["id"]), row["units"])
            known = known._replace(affected=(*known.affected, lacking))
        found[key] = known
    return list(found.values())


async def read_supply_lines(database: Database, sku: str, location: str | None) -> list[SupplyLine]:
    """What is still expected of an item, the earliest first."""
    rows = await database.fetch(_SUPPLY, [sku, location, MAX_SUPPLY_LINES])
    return [SupplyLine(*row.values()) for row in rows]


def _line(row: Mapping[str, Any]) -> ReservationLine:
    line = ReservationLine(*(row[name] for name in ReservationLine._fields))
    if not row["lapsed"]:
        return line
    # Of an order that took a part, what the cart still held is free again.
    return line._replace(held=0, released=line.released + line.held)
