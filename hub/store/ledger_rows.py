"""Between ledger rows and domain values: one place that knows the order of the columns."""

from collections.abc import Iterable, Sequence
from typing import Any

from hub.domain.item import Item
from hub.domain.movements import Movement, MovementKind
from hub.domain.position import STORED_COLUMNS, Position
from hub.domain.reservations import (
    EndReason,
    HoldStage,
    Reservation,
    ReservationLine,
    ReservationState,
)
from hub.domain.supply import SupplyLine

POSITION_COLUMNS = ", ".join(f"p.{name}" for name in Position._fields[:STORED_COLUMNS])

ITEM_COLUMNS = """i.sku, i.category, i.discontinued, i.quantity_step, i.released_at,
           rule.safety_stock, rule.low_stock_mark, rule.backorder_limit, rule.preorder_limit"""

ITEM_SQL = f"""
    select {ITEM_COLUMNS}
    from item i left join policy rule on rule.id = 'item:' || i.sku
    where i.sku = any($1::text[])"""  # noqa: S608 - the columns are a constant

LINE_COLUMNS = ", ".join(f"l.{name}" for name in ReservationLine._fields)

RESERVATION_COLUMNS = """r.id, r.state, r.channel, r.holder, r.address, r.stage, r.order_id,
           r.ordered_at, r.ttl_seconds, r.created_at, r.expires_at, r.ended_reason, r.version"""
_HEAD = len(Reservation._fields) - 1

RESERVATION_SQL = f"""
    select {RESERVATION_COLUMNS}, {LINE_COLUMNS}, now() as now
    from reservation r join reservation_line l on l.reservation_id = r.id
    where r.id = any($1::uuid[]) or r.order_id = any($2::text[])
    order by r.created_at, r.id, l.line"""  # noqa: S608 - the columns are a constant

MOVEMENT_COLUMNS = ", ".join(
    {"reservation": "m.reservation_id", "order": "m.order_id"}.get(name, f"m.{name}")
    for name in Movement._fields
)

SUPPLY_COLUMNS = ", ".join(f"s.{name}" for name in SupplyLine._fields)

Row = Any
"""A driver's record: read by name or by place, and typed by nobody."""


def position_from(row: Row) -> Position:
    """A position from a row that begins with POSITION_COLUMNS."""
    return Position(*row[:STORED_COLUMNS])


def item_from(row: Row) -> Item:
    """An item from a row of ITEM_SQL."""
    return Item(*(row[name] for name in Item._fields))


def reservations_from(rows: Iterable[Row]) -> list[Reservation]:
    """Reservations from rows of RESERVATION_SQL, in their order."""
    lines: dict[str, list[ReservationLine]] = {}
    heads: dict[str, Sequence[Any]] = {}
    for row in rows:
        # Drivers give a record or a mapping; both have their columns in the statement's order.
        values = tuple(row.values())
        id = str(values[0])
        heads.setdefault(id, values[1:_HEAD])
        lines.setdefault(id, []).append(ReservationLine(*values[_HEAD:-1]))
    return [_reservation(id, head, tuple(lines[id])) for id, head in heads.items()]


def _reservation(id: str, head: Sequence[Any], lines: tuple[ReservationLine, ...]) -> Reservation:
    values: tuple[Any, ...] = (id, *head, lines)
    reservation = Reservation(*values)
    reason = reservation.ended_reason
    return reservation._replace(
        state=ReservationState(reservation.state),
        stage=HoldStage(reservation.stage),
        ended_reason=None if reason is None else EndReason(reason),
    )


def movement_from(values: Sequence[Any]) -> Movement:
    """A movement from the values of MOVEMENT_COLUMNS."""
    movement = Movement(*values)
    reservation = movement.reservation
    return movement._replace(
        kind=MovementKind(movement.kind),
        reservation=None if reservation is None else str(reservation),
    )


def supply_line_from(row: Row) -> SupplyLine:
    """A supply line from a row of SUPPLY_COLUMNS."""
    return SupplyLine(*row)


def columns(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """Rows turned into `width` arrays, as `unnest` takes them; empty arrays for no rows."""
    return list(zip(*rows, strict=True)) if rows else [[] for _ in range(width)]
