"""Between ledger rows and domain values: one place that knows the order of the columns."""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.domain.item import Item
from hub.domain.ledger import SupplyLine
from hub.domain.position import Position
from hub.domain.reservations import Reservation, ReservationLine, ReservationState

POSITION_COLUMNS = """p.sku, p.location, p.on_hand, p.unavailable, p.allocated, p.reserved,
    p.incoming, p.shortfall, p.version, p.counted_at"""

ITEM_SQL = """
    select i.sku, i.category, i.discontinued, i.quantity_step,
           own.safety_stock, own.low_stock_mark
    from item i left join policy own on own.id = 'item:' || i.sku
    where i.sku = any($1::text[])"""

RESERVATION_SQL = """
    select r.id, r.state, r.channel, r.holder, r.order_id, r.created_at, r.expires_at,
           r.ended_reason, r.version, l.line, l.sku, l.location, l.quantity, l.held, l.allocated,
           l.fulfilled, l.released, l.returned, now() as now
    from reservation r join reservation_line l on l.reservation_id = r.id
    where r.id = any($1::uuid[]) or r.order_id = any($2::text[])
    order by r.created_at, r.id, l.line"""

SUPPLY_SQL = """
    select s.sku, s.location, s.document, s.quantity, s.received, s.eta
    from supply_line s
    join unnest($1::text[], $2::text[], $3::text[]) k (sku, location, document)
      using (sku, location, document)"""

Row = Any
"""A driver's record: read by name or by place, and typed by nobody."""


def position_from(row: Row) -> Position:
    """A position from a row that begins with POSITION_COLUMNS."""
    return Position(*row[:10])


def item_from(row: Row) -> Item:
    """An item from a row of ITEM_SQL."""
    return Item(
        sku=row["sku"],
        category=row["category"],
        discontinued=row["discontinued"],
        quantity_step=row["quantity_step"],
        safety_stock=row["safety_stock"],
        low_stock_mark=row["low_stock_mark"],
    )


def reservations_from(rows: Iterable[Row]) -> list[Reservation]:
    """Reservations from rows of RESERVATION_SQL, in their order."""
    lines: dict[str, list[ReservationLine]] = {}
    heads: dict[str, Row] = {}
    for row in rows:
        id = str(row["id"])
        heads.setdefault(id, row)
        lines.setdefault(id, []).append(
            ReservationLine(
                row["line"],
                row["sku"],
                row["location"],
                row["quantity"],
                row["held"],
                row["allocated"],
                row["fulfilled"],
                row["released"],
                row["returned"],
            )
        )
    return [
        Reservation(
            id,
            ReservationState(head["state"]),
            head["channel"],
            head["holder"],
            head["order_id"],
            head["created_at"],
            head["expires_at"],
            head["ended_reason"],
            head["version"],
            tuple(lines[id]),
        )
        for id, head in heads.items()
    ]


def supply_line_from(row: Row) -> SupplyLine:
    """A supply line from a row of SUPPLY_SQL."""
    return SupplyLine(
        row["sku"],
        row["location"],
        row["document"],
        row["quantity"],
        row["received"],
        row["eta"],
    )


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """Rows turned into `width` arrays, as `unnest` takes them; empty arrays for no rows."""
    return list(zip(*rows, strict=True)) if rows else [[] for _ in range(width)]
