"""What becomes of allocated units: shipped, cancelled or returned, by order or by reservation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.bookings import OpenReservation, Take
from hub.domain.claims import Asked, Claim, asked_of
from hub.domain.commands import (
    AllocationCommand,
    CancelOrder,
    CancelReservation,
    FulfilReservation,
    OrderLine,
    ReturnOrder,
    ReturnReservation,
    ShipOrder,
)
from hub.domain.decide_orders import OrderChange
from hub.domain.errors import (
    HubError,
    OrderLineMismatch,
    ReservationEnded,
    ReservationLineMismatch,
    ReservationNotFound,
    UnknownLocation,
    UnknownOrder,
)
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.policies import Rules
from hub.domain.reservations import Reservation, ReservationLine
from hub.domain.values import Line, LocationId, Quantity, Sku, quantity_text


class _Act(NamedTuple):
    """One of the three things that can happen to allocated units."""

    verb: str
    parts: tuple[str, ...]
    book: Callable[[OpenReservation, Take, LocationId | None, Ledger, Cause], None]

    def left(self, line: ReservationLine, part: str) -> Quantity:
        """Units of a line that it can still happen to."""
        units: Quantity = getattr(line, part)
        return units - line.returned if part == "fulfilled" else units


class _Piece(NamedTuple):
    reservation: Reservation
    take: Take
    location: LocationId | None


def ship_order(command: ShipOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Take allocated units off the shelf; where the shop names another location, off that one."""
    return _of_order(command, _SHIP, ledger, rules)


def cancel_order(command: CancelOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Free allocated units."""
    return _of_order(command, _CANCEL, ledger, rules)


def return_order(command: ReturnOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Put shipped units back on hand."""
    return _of_order(command, _RETURN, ledger, rules)


def fulfil(command: FulfilReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Take the allocated units of a reservation off the shelf."""
    return _of_reservation(command, _FULFIL, ledger, rules)


def cancel(command: CancelReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Free the allocated units of a reservation."""
    return _of_reservation(command, _CANCEL, ledger, rules)


def give_back(
    command: ReturnReservation, ledger: Ledger, rules: Rules, now: datetime
) -> Reservation:
    """Put the fulfilled units of a reservation back on hand."""
    return _of_reservation(command, _RETURN, ledger, rules)


def _of_order(
    command: ShipOrder | CancelOrder | ReturnOrder, act: _Act, ledger: Ledger, rules: Rules
) -> OrderChange:
    """Take what the event names from the order's lines: all of it or, by an error, nothing."""
    reservations = ledger.of_order(command.order)
    if not reservations:
        raise UnknownOrder(order=command.order, verb=act.verb)
    asked = _asked(command.lines, ledger, rules)

    def mismatch(one: Asked, possible: Quantity) -> HubError:
        return OrderLineMismatch(
            order=command.order,
            sku=one.kit or one.sku,
            verb=act.verb,
            asked=quantity_text(one.quantity),
            possible=quantity_text(possible),
        )

    pieces = _pieces(reservations, asked, act, mismatch)
    if not pieces:
        note = f"NOTHING_LEFT: order {command.order} has nothing left that can be {act.verb}"
        return OrderChange(command.order, tuple(reservations), note)
    origin = command.origin
    cause = Cause(f"order_{act.verb}", origin.actor, origin.source_event, None, command.order)
    _book(pieces, act, ledger, cause)
    return OrderChange(command.order, tuple(ledger.of_order(command.order)))


def _of_reservation(
    command: AllocationCommand, act: _Act, ledger: Ledger, rules: Rules
) -> Reservation:
    """Done again, it finds nothing left and changes nothing."""
    reservation = ledger.reservations.get(command.reservation)
    if reservation is None:
        raise ReservationNotFound(id=command.reservation)
    if reservation.order is None:
        raise ReservationEnded(
            id=reservation.id,
            state=reservation.state.value,
            reason=reservation.ended_reason,
            verb=act.verb,
        )
    lines = command.lines
    asked = _asked(
        None if lines is None else [OrderLine(line.sku, line.quantity) for line in lines],
        ledger,
        rules,
    )

    def mismatch(one: Asked, possible: Quantity) -> HubError:
        return ReservationLineMismatch(
            id=command.reservation,
            sku=one.kit or one.sku,
            verb=act.verb,
            asked=quantity_text(one.quantity),
            possible=quantity_text(possible),
        )

    pieces = _pieces([reservation], asked, act, mismatch)
    origin = command.origin
    cause = Cause(act.verb, origin.actor, origin.source_event, None, reservation.order)
    _book(pieces, act, ledger, cause)
    return ledger.reservations[command.reservation]


def _asked(
    lines: Sequence[OrderLine] | None, ledger: Ledger, rules: Rules
) -> list[tuple[Asked, LocationId | None]] | None:
    """What is named, kits taken apart, with the location that the shop names for it."""
    if lines is None:
        return None
    asked: list[tuple[Asked, LocationId | None]] = []
    for line in lines:
        if line.location is not None and line.location not in rules.locations:
            raise UnknownLocation(location=line.location)
        parts = asked_of([Line(line.sku, line.quantity)], ledger, rules)
        asked.extend((one, line.location) for one in parts)
    return asked


def _pieces(
    reservations: Sequence[Reservation],
    asked: list[tuple[Asked, LocationId | None]] | None,
    act: _Act,
    mismatch: Callable[[Asked, Quantity], HubError],
) -> list[_Piece]:
    there = [
        _Piece(reservation, Take(line.line, part, units), None)
        for part in act.parts
        for reservation in reservations
        for line in reservation.lines
        if (units := act.left(line, part)) > 0
    ]
    if asked is None:
        return there
    by_item: dict[tuple[Sku | None, Sku], list[_Piece]] = {}
    for piece in there:
        line = piece.reservation.lines[piece.take.place]
        by_item.setdefault((line.kit, line.sku), []).append(piece)
    pieces = []
    for one, location in asked:
        missing = one.quantity
        left = by_item.get((one.kit, one.sku), [])
        while missing and left:
            piece = left.pop(0)
            units = min(missing, piece.take.units)
            missing -= units
            pieces.append(piece._replace(take=piece.take._replace(units=units), location=location))
            if units < piece.take.units:
                rest = piece.take._replace(units=piece.take.units - units)
                left.insert(0, piece._replace(take=rest))
        if missing:
            raise mismatch(one, one.quantity - missing)
    return pieces


def _book(pieces: Iterable[_Piece], act: _Act, ledger: Ledger, cause: Cause) -> None:
    changing: dict[str, OpenReservation] = {}
    for piece in pieces:
        id = piece.reservation.id
        reservation = changing.setdefault(id, OpenReservation(piece.reservation, ledger))
        act.book(reservation, piece.take, piece.location, ledger, cause._replace(reservation=id))
    for reservation in changing.values():
        reservation.close()


def _ship(
    reservation: OpenReservation,
    take: Take,
    location: LocationId | None,
    ledger: Ledger,
    cause: Cause,
) -> None:
    line = reservation.lines[take.place]
    if location is None or location == line.location:
        reservation.move(
            take, "fulfilled", MovementKind.SHIPPED, cause, on_hand=-take.units, from_outside=True
        )
        return
    reservation.move(take, "moved", MovementKind.DEALLOCATED, cause)
    elsewhere = ledger.position(line.sku, location)
    ledger.book(
        elsewhere,
        MovementKind.SHIPPED,
        cause,
        on_hand=-take.units,
        from_outside=True,
        kit=line.kit,
    )
    reservation.add(Claim(line.sku, location, take.units, line.kit), "fulfilled")


def _free(
    reservation: OpenReservation,
    take: Take,
    location: LocationId | None,
    ledger: Ledger,
    cause: Cause,
) -> None:
    reservation.move(take, "released", MovementKind.DEALLOCATED, cause)


def _put_back(
    reservation: OpenReservation,
    take: Take,
    location: LocationId | None,
    ledger: Ledger,
    cause: Cause,
) -> None:
    line = reservation.lines[take.place]
    position = ledger.position(line.sku, location or line.location)
    ledger.book(
        position,
        MovementKind.RETURNED,
        cause,
        on_hand=take.units,
        from_outside=True,
        kit=line.kit,
    )
    reservation.lines[take.place] = line._replace(returned=line.returned + take.units)


# What the shop has shipped is on its way, even where the hub thought that it had yet to come in.
_SHIP = _Act("shipped", ("allocated", "backordered"), _ship)
_FULFIL = _Act("fulfilled", ("allocated",), _ship)
_CANCEL = _Act("cancelled", ("backordered", "allocated"), _free)
_RETURN = _Act("returned", ("fulfilled",), _put_back)
