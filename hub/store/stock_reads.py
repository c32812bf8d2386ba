"""Cold reads of stock: items with their positions and what is expected of them, many at once.

Holds past their end are told apart here, so that an answer is right before the sweeper comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from hub.domain.item import Item
from hub.domain.lowness import MOST_PAST
from hub.domain.position import Past, Position, PositionKey
from hub.store.database import Reader
from hub.store.ledger_rows import ITEM_COLUMNS, POSITION_COLUMNS, SUPPLY_COLUMNS, supply_line_from

MAX_EXPECTED = 50
"""As many expected receipts as an answer knows of a position, the earliest first: what comes after
them has no date in its promise."""

# The partial indexes on holds make `lapsed` and `own` a look at nothing, nearly always. The next
# supply is the first line that those who wait leave something of.
_LAPSED = """lapsed as materialized (
        select l.sku, l.location, sum(l.held)::bigint as held,
               sum(l.backordered) filter (where r.state = 'HELD')::bigint as waiting
        from reservation r join reservation_line l on l.reservation_id = r.id
        where r.state in ('HELD', 'COMMITTED') and r.expires_at <= now()
          and l.sku = any($1::text[])
        group by l.sku, l.location
    )"""
_NEXT_SUPPLY = """case when p.incoming > 0 then (
               select min(s.eta) from (
                   select eta, sum(quantity - received) over (order by eta, document) as reached
                   from supply_line
                   where sku = p.sku and location = p.location and received < quantity
               ) s where s.reached > p.backordered and s.eta > now()
           ) end"""
_EXPECTED = f"""case when p.incoming > 0 then array(
               select row({SUPPLY_COLUMNS}) from supply_line s
               where s.sku = p.sku and s.location = p.location and s.received < s.quantity
               order by s.eta, s.document
               limit {MAX_EXPECTED}
           ) end"""  # noqa: S608 - the columns are constants

STOCK = f"""
    with {_LAPSED}, own as materialized (
        select l.sku, l.location, sum(l.held)::bigint as held
        from reservation r join reservation_line l on l.reservation_id = r.id
        where r.state = 'HELD' and r.holder = $2::text and r.expires_at > now()
          and l.sku = any($1::text[])
        group by l.sku, l.location
    )
    select {ITEM_COLUMNS}, {POSITION_COLUMNS},
           coalesce(lapsed.held, 0), coalesce(own.held, 0),
           {_NEXT_SUPPLY}, coalesce(lapsed.waiting, 0), {_EXPECTED},
           (select revision from rules_revision), now()
    from item i
    left join policy rule on rule.id = 'item:' || i.sku
    left join position p on p.sku = i.sku
    left join lapsed on lapsed.sku = p.sku and lapsed.location = p.location
    left join own on own.sku = p.sku and own.location = p.location
    where i.sku = any($1::text[])"""  # noqa: S608 - the columns are constants

# The same without items, and without what only the writer looks at in a position: half the time.
_POSITIONS = f"""
    with {_LAPSED}
    select p.sku, p.location, p.on_hand, p.unavailable, p.allocated, p.reserved, p.backordered,
           p.incoming, p.shortfall, p.version, null, null, null,
           coalesce(lapsed.held, 0), 0::bigint,
           {_NEXT_SUPPLY}, coalesce(lapsed.waiting, 0), {_EXPECTED},
           (select revision from rules_revision), (extract(epoch from now()) * 1000000)::bigint
    from position p
    left join lapsed on lapsed.sku = p.sku and lapsed.location = p.location
    where p.sku = any($1::text[])"""  # noqa: S608 - the columns are constants

# Not what has come since the positions were read.
_PAST = """
    select p.sku, p.location, array(
        select row(m.recorded_at, m.available_after) from movement m
        where m.sku = p.sku and m.location = p.location and m.version <= p.version
        order by m.version desc
        limit $4)
    from unnest($1::text[], $2::text[], $3::bigint[]) p (sku, location, version)"""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ITEM_END = len(Item._fields)
_SUPPLY = _ITEM_END + Position._fields.index("supply")


class StockRead(NamedTuple):
    """What was read of some items in one statement."""

    items: Mapping[str, Item]
    positions: Mapping[str, list[Position]]
    revision: int | None
    """Revision of the rules at the time of the read; None where no item was found."""
    now: datetime | None


async def read_stock(reader: Reader, skus: Iterable[str], holder: str | None = None) -> StockRead:
    """The items that exist among `skus`, with all their positions, as `holder` may see them."""
    rows = await reader.records(STOCK, [list(skus), holder])
    items: dict[str, Item] = {}
    positions: dict[str, list[Position]] = {}
    for row in rows:
        sku = row[0]
        if sku not in items:
            items[sku] = Item(*row[:_ITEM_END])
            positions[sku] = []
        if row[_ITEM_END] is not None:
            positions[sku].append(_position(row[_ITEM_END:_SUPPLY], row[_SUPPLY]))
    if not rows:
        return StockRead(items, positions, None, None)
    return StockRead(items, positions, *rows[0][_SUPPLY + 1 :])


async def read_positions(reader: Reader, items: Mapping[str, Item]) -> StockRead:
    """All positions of items whose facts are known, without what only the writer looks at: chains
    and the times of counts. The items are as right as the revision of the rules is."""
    rows = await reader.records(_POSITIONS, [list(items)])
    positions: dict[str, list[Position]] = {sku: [] for sku in items}
    end = Position._fields.index("supply")
    for row in rows:
        positions[row[0]].append(_position(row[:end], row[end]))
    if not rows:
        return StockRead({}, {}, None, None)
    revision, micros = rows[0][end + 1 :]
    return StockRead(items, positions, revision, _EPOCH + timedelta(microseconds=micros))


async def with_past(reader: Reader, read: StockRead, skus: Sequence[str]) -> StockRead:
    """The same, and of these items what the newest entries of each position left free."""
    if not skus:
        return read
    held = [position for sku in skus for position in read.positions[sku]]
    columns = [list(column) for column in zip(*((*p.key, p.version) for p in held), strict=True)]
    past: dict[PositionKey, tuple[Past, ...]] = {
        (row[0], row[1]): tuple(Past(*entry) for entry in row[2])
        for row in await reader.records(_PAST, [*columns, MOST_PAST])
    }
    positions = dict(read.positions)
    for sku in skus:
        positions[sku] = [one._replace(past=past[one.key]) for one in positions[sku]]
    return read._replace(positions=positions)


def _position(values: Sequence[Any], expected: Sequence[Any] | None) -> Position:
    position = Position(*values)
    if not expected:
        return position
    return position._replace(supply=tuple(map(supply_line_from, expected)))
