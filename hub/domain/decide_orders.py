"""How the orders of shops move stock. An order event is a fact: the shop has already taken it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from hub.domain.commands import (
    CancelOrder,
    ExpireReservation,
    PlaceOrder,
    ReturnOrder,
    ShipOrder,
)
from hub.domain.decide_reservations import expire, source_item
from hub.domain.errors import (
    OrderLineMismatch,
    ReservationNotFound,
    UnknownLocation,
    UnknownOrder,
    UnknownSku,
)
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.policies import Channel, Rules
from hub.domain.reservations import Reservation, ReservationLine, ReservationState
from hub.domain.values import LocationId, OrderId, Quantity, Sku, quantity_text


class OrderChange(NamedTuple):
    """The reservations of the order after the event; `note` says why, where nothing changed."""

    order: OrderId
    reservations: tuple[Reservation, ...]
    note: str | None = None


class _Take(NamedTuple):
    """So many units of one reservation line."""

    reservation: Reservation
    line: ReservationLine
    quantity: Quantity
    location: LocationId | None


def place_order(command: PlaceOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Redeem the holds that lines name and allocate the rest, even beyond stock: the shop has
    promised it, so what is missing is a shortfall to show and not an order to lose."""
    channel = rules.channel(command.channel)
    unknown = [line.sku for line in command.lines if line.sku not in ledger.items]
    if unknown:
        raise UnknownSku(skus=unknown)
    holds = _named_holds(command, ledger)
    for hold in holds:
        # One that is past its end covers nothing, and must not stand in the way of its own order.
        expire(ExpireReservation(hold.id, command.origin), ledger, rules, now)
    rest = _not_yet_covered(command, ledger)
    origin = command.origin
    cause = Cause("place_order", origin.actor, origin.source_event, None, command.order)
    changed = False
    for hold in holds:
        if ledger.reservations[hold.id].state is ReservationState.HELD:
            _redeem(ledger.reservations[hold.id], rest, ledger, cause)
            changed = True
    rest = {sku: units for sku, units in rest.items() if units > 0}
    if rest:
        _allocate(command, rest, channel, ledger, rules, cause, now)
    note = None if changed or rest else "DUPLICATE: the order is already allocated"
    return OrderChange(command.order, tuple(ledger.of_order(command.order)), note)


def cancel_order(command: CancelOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Free allocated units."""

    def book(take: _Take, cause: Cause) -> ReservationLine:
        position = ledger.position(take.line.sku, take.line.location)
        ledger.book(position, MovementKind.DEALLOCATED, cause, allocated=-take.quantity)
        return take.line._replace(
            allocated=take.line.allocated - take.quantity,
            released=take.line.released + take.quantity,
        )

    return _apply(command, "cancelled", lambda line: line.allocated, book, ledger, rules)


def ship_order(command: ShipOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Take allocated units off the shelf; where the shop names another location, off that one."""

    def book(take: _Take, cause: Cause) -> ReservationLine:
        line, quantity = take.line, take.quantity
        position = ledger.position(line.sku, line.location)
        if take.location is None or take.location == line.location:
            ledger.book(
                position,
                MovementKind.SHIPPED,
                cause,
                on_hand=-quantity,
                allocated=-quantity,
                from_outside=True,
            )
        else:
            ledger.book(position, MovementKind.DEALLOCATED, cause, allocated=-quantity)
            elsewhere = ledger.position(line.sku, take.location)
            ledger.book(
                elsewhere, MovementKind.SHIPPED, cause, on_hand=-quantity, from_outside=True
            )
        return line._replace(
            allocated=line.allocated - quantity, fulfilled=line.fulfilled + quantity
        )

    return _apply(command, "shipped", lambda line: line.allocated, book, ledger, rules)


def return_order(command: ReturnOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Put shipped units back on hand."""

    def book(take: _Take, cause: Cause) -> ReservationLine:
        position = ledger.position(take.line.sku, take.location or take.line.location)
        ledger.book(
            position, MovementKind.RETURNED, cause, on_hand=take.quantity, from_outside=True
        )
        return take.line._replace(returned=take.line.returned + take.quantity)

    return _apply(
        command, "returned", lambda line: line.fulfilled - line.returned, book, ledger, rules
    )


def _named_holds(command: PlaceOrder, ledger: Ledger) -> list[Reservation]:
    named = dict.fromkeys(line.reservation for line in command.lines if line.reservation)
    missing = [id for id in named if id not in ledger.reservations]
    if missing:
        raise ReservationNotFound(id=missing[0])
    return [ledger.reservations[id] for id in named]


def _not_yet_covered(command: PlaceOrder, ledger: Ledger) -> dict[Sku, Quantity]:
    """What the order asks for beyond the reservations that it has already, if it has any."""
    rest: dict[Sku, Quantity] = {}
    for line in command.lines:
        rest[line.sku] = rest.get(line.sku, 0) + line.quantity
    for reservation in ledger.of_order(command.order):
        for covered in reservation.lines:
            rest[covered.sku] = rest.get(covered.sku, 0) - covered.quantity
    return rest


def _redeem(hold: Reservation, rest: dict[Sku, Quantity], ledger: Ledger, cause: Cause) -> None:
    """Allocate what the order asks of a hold and take it off `rest`; what the cart held beyond
    that is free again."""
    cause = cause._replace(reservation=hold.id)
    lines = []
    for line in hold.lines:
        position = ledger.position(line.sku, line.location)
        taken = min(line.held, max(0, rest.get(line.sku, 0)))
        if taken:
            rest[line.sku] -= taken
            ledger.book(position, MovementKind.ALLOCATED, cause, allocated=taken, reserved=-taken)
        if line.held > taken:
            ledger.book(position, MovementKind.RELEASED, cause, reserved=taken - line.held)
        lines.append(
            line._replace(held=0, allocated=taken, released=line.released + line.held - taken)
        )
    used = any(line.allocated for line in lines)
    ledger.change(
        hold._replace(
            state=ReservationState.COMMITTED if used else ReservationState.RELEASED,
            order=cause.order if used else None,
            expires_at=None if used else hold.expires_at,
            ended_reason=None if used else "NOT_IN_ORDER",
            lines=tuple(lines),
        )
    )


def _allocate(
    command: PlaceOrder,
    rest: dict[Sku, Quantity],
    channel: Channel,
    ledger: Ledger,
    rules: Rules,
    cause: Cause,
    now: datetime,
) -> None:
    cause = cause._replace(reservation=command.reservation)
    lines: list[ReservationLine] = []
    for sku, quantity in rest.items():
        parts, missing = source_item(ledger.items[sku], quantity, ledger, rules, channel)
        if missing:
            # The buffer is there for exactly this; what even it lacks falls to the first location.
            parts = _beyond_safety_stock(sku, quantity, channel, ledger)
        for location, units in parts:
            position = ledger.position(sku, location)
            ledger.book(position, MovementKind.ALLOCATED, cause, allocated=units, from_outside=True)
            lines.append(ReservationLine(len(lines), sku, location, units, allocated=units))
    ledger.create(
        Reservation(
            id=command.reservation,
            state=ReservationState.COMMITTED,
            channel=channel.id,
            holder=None,
            order=command.order,
            created_at=now,
            expires_at=None,
            ended_reason=None,
            version=1,
            lines=tuple(lines),
        )
    )


def _beyond_safety_stock(
    sku: Sku, quantity: Quantity, channel: Channel, ledger: Ledger
) -> list[tuple[LocationId, Quantity]]:
    parts: dict[LocationId, Quantity] = {}
    missing = quantity
    for location in channel.pool:
        part = min(missing, max(0, ledger.free(sku, location)))
        if part:
            parts[location] = part
            missing -= part
    if missing:
        first = channel.pool[0]
        parts[first] = parts.get(first, 0) + missing
    return list(parts.items())


def _apply(
    command: CancelOrder | ShipOrder | ReturnOrder,
    verb: str,
    possible: Callable[[ReservationLine], Quantity],
    book: Callable[[_Take, Cause], ReservationLine],
    ledger: Ledger,
    rules: Rules,
) -> OrderChange:
    """Take what the event names from the order's lines: all of it or, by an error, nothing."""
    reservations = ledger.of_order(command.order)
    if not reservations:
        raise UnknownOrder(order=command.order, verb=verb)
    takes = list(_takes(command, verb, possible, reservations, rules))
    if not takes:
        note = f"NOTHING_LEFT: order {command.order} has nothing left that can be {verb}"
        return OrderChange(command.order, tuple(reservations), note)
    origin = command.origin
    lines = {reservation.id: list(reservation.lines) for reservation in reservations}
    for take in takes:
        id, index = take.reservation.id, take.line.line
        cause = Cause(f"order_{verb}", origin.actor, origin.source_event, id, command.order)
        lines[id][index] = book(take._replace(line=lines[id][index]), cause)
    for id in dict.fromkeys(take.reservation.id for take in takes):
        ledger.change(_settled(ledger.reservations[id]._replace(lines=tuple(lines[id]))))
    return OrderChange(command.order, tuple(ledger.of_order(command.order)))


def _takes(
    command: CancelOrder | ShipOrder | ReturnOrder,
    verb: str,
    possible: Callable[[ReservationLine], Quantity],
    reservations: list[Reservation],
    rules: Rules,
) -> Iterator[_Take]:
    left = {
        (reservation.id, line.line): possible(line)
        for reservation in reservations
        for line in reservation.lines
    }
    if command.lines is None:
        for reservation in reservations:
            for line in reservation.lines:
                if left[(reservation.id, line.line)] > 0:
                    yield _Take(reservation, line, left[(reservation.id, line.line)], None)
        return
    by_sku: dict[Sku, list[tuple[Reservation, ReservationLine]]] = {}
    for reservation in reservations:
        for line in reservation.lines:
            by_sku.setdefault(line.sku, []).append((reservation, line))
    for asked in command.lines:
        if asked.location is not None and asked.location not in rules.locations:
            raise UnknownLocation(location=asked.location)
        missing = asked.quantity
        for reservation, line in by_sku.get(asked.sku, ()):
            units = min(missing, left[(reservation.id, line.line)])
            if units > 0:
                left[(reservation.id, line.line)] -= units
                missing -= units
                yield _Take(reservation, line, units, asked.location)
        if missing:
            raise OrderLineMismatch(
                order=command.order,
                sku=asked.sku,
                verb=verb,
                asked=quantity_text(asked.quantity),
                possible=quantity_text(asked.quantity - missing),
            )


def _settled(reservation: Reservation) -> Reservation:
    """The reservation in the state that its lines say."""
    if any(line.allocated for line in reservation.lines):
        return reservation
    if any(line.fulfilled for line in reservation.lines):
        return reservation._replace(state=ReservationState.FULFILLED)
    return reservation._replace(
        state=ReservationState.CANCELLED, ended_reason=reservation.ended_reason or "CANCELLED"
    )
