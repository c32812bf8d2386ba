"""How holds are made, kept, redeemed and given back."""

from datetime import datetime, timedelta

from hub.domain.availability import sellable
from hub.domain.commands import (
    CommitReservation,
    ExpireReservation,
    ExtendReservation,
    Origin,
    ReleaseReservation,
    Reserve,
)
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationNotFound,
    UnknownSku,
)
from hub.domain.item import Item
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.policies import Channel, Rules
from hub.domain.reservations import Reservation, ReservationLine, ReservationState
from hub.domain.sourcing import Part, source
from hub.domain.values import Quantity, Sku, quantity_text


def reserve(command: Reserve, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Hold every line, or nothing; raises `InsufficientStock` naming each line that falls short."""
    channel = rules.channel(command.channel)
    demand = _total_demand(command, ledger)
    plan: list[tuple[Sku, list[Part]]] = []
    short: list[dict[str, object]] = []
    for sku, quantity in demand.items():
        parts, missing = source_item(ledger.items[sku], quantity, ledger, rules, channel)
        if missing:
            short.append({"sku": sku, "requested": quantity, "available": quantity - missing})
        plan.append((sku, parts))
    if short:
        raise InsufficientStock(lines=short)
    cause = Cause("reserve", *_who(command.origin), command.reservation)
    lines: list[ReservationLine] = []
    for sku, parts in plan:
        for location, quantity in parts:
            position = ledger.position(sku, location)
            ledger.book(position, MovementKind.RESERVED, cause, reserved=quantity)
            lines.append(ReservationLine(len(lines), sku, location, quantity, quantity))
    reservation = Reservation(
        command.reservation,
        ReservationState.HELD,
        channel.id,
        command.holder,
        None,
        now,
        now + timedelta(seconds=command.ttl_seconds),
        None,
        1,
        tuple(lines),
    )
    ledger.create(reservation)
    return reservation


def source_item(
    item: Item, quantity: Quantity, ledger: Ledger, rules: Rules, channel: Channel
) -> tuple[list[Part], Quantity]:
    """Where the pool of a channel can serve an item from, and what it cannot serve."""
    if item.discontinued:
        return [], quantity

    def sellable_at(location: str) -> Quantity:
        safety = rules.safety_stock(item, location, channel.id).value
        return sellable(ledger.free(item.sku, location), safety)

    return source(quantity, channel.pool, sellable_at)


def extend(command: ExtendReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Move the end of a hold later."""
    reservation = _held(command.reservation, ledger, now, "extended")
    until = now + timedelta(seconds=command.ttl_seconds)
    if reservation.expires_at is not None and until <= reservation.expires_at:
        return reservation
    return ledger.change(reservation._replace(expires_at=until))


def commit(command: CommitReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Turn a hold into an allocation. Done again for the same order, it changes nothing."""
    known = ledger.reservations.get(command.reservation)
    if known is not None and known.order == command.order:
        return known
    reservation = _held(command.reservation, ledger, now, "committed")
    cause = _cause(command, "commit", command.order)
    lines = []
    for line in reservation.lines:
        position = ledger.position(line.sku, line.location)
        ledger.book(
            position, MovementKind.ALLOCATED, cause, allocated=line.held, reserved=-line.held
        )
        lines.append(line._replace(held=0, allocated=line.allocated + line.held))
    return ledger.change(
        reservation._replace(
            state=ReservationState.COMMITTED,
            order=command.order,
            expires_at=None,
            lines=tuple(lines),
        )
    )


def release(
    command: ReleaseReservation, ledger: Ledger, rules: Rules, now: datetime
) -> Reservation:
    """Give the held units back. Released before, it stays as it was."""
    known = ledger.reservations.get(command.reservation)
    if known is not None and known.state is ReservationState.RELEASED:
        return known
    reservation = _held(command.reservation, ledger, now, "released")
    cause = _cause(command, "release", reason=command.reason)
    return _give_back(
        reservation, ReservationState.RELEASED, MovementKind.RELEASED, command.reason, ledger, cause
    )


def expire(command: ExpireReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """End a hold that is past its end; one that is not, or has ended, stays as it is."""
    reservation = ledger.reservations.get(command.reservation)
    if reservation is None:
        raise ReservationNotFound(id=command.reservation)
    if not reservation.lapsed(now):
        return reservation
    cause = _cause(command, "expire", reason="EXPIRED")
    return _give_back(
        reservation, ReservationState.EXPIRED, MovementKind.EXPIRED, "EXPIRED", ledger, cause
    )


def _total_demand(command: Reserve, ledger: Ledger) -> dict[Sku, Quantity]:
    """What is asked of each item over all lines: one item on two lines cannot pass twice."""
    demand: dict[Sku, Quantity] = {}
    unknown = []
    for sku, quantity in command.lines:
        item = ledger.items.get(sku)
        if item is None:
            unknown.append(sku)
            continue
        if quantity % item.quantity_step:
            step = quantity_text(item.quantity_step)
            raise InvalidInput(field="quantity", problem=f"{sku} is sold in steps of {step}")
        demand[sku] = demand.get(sku, 0) + quantity
    if unknown:
        raise UnknownSku(skus=unknown)
    return demand


def _held(id: str, ledger: Ledger, now: datetime, verb: str) -> Reservation:
    reservation = ledger.reservations.get(id)
    if reservation is None:
        raise ReservationNotFound(id=id)
    if reservation.lapsed(now):
        raise _ended(reservation, ReservationState.EXPIRED, "EXPIRED", verb)
    if reservation.state is not ReservationState.HELD:
        raise _ended(reservation, reservation.state, reservation.ended_reason, verb)
    return reservation


def _ended(
    reservation: Reservation, state: ReservationState, reason: str | None, verb: str
) -> HubError:
    return ReservationEnded(id=reservation.id, state=state.value, reason=reason, verb=verb)


def _give_back(
    reservation: Reservation,
    end: ReservationState,
    kind: MovementKind,
    reason: str | None,
    ledger: Ledger,
    cause: Cause,
) -> Reservation:
    lines = []
    for line in reservation.lines:
        if line.held:
            position = ledger.position(line.sku, line.location)
            ledger.book(position, kind, cause, reserved=-line.held)
        lines.append(line._replace(held=0, released=line.released + line.held))
    return ledger.change(
        reservation._replace(state=end, ended_reason=reason or end.value, lines=tuple(lines))
    )


def _cause(
    command: CommitReservation | ReleaseReservation | ExpireReservation,
    name: str,
    order: str | None = None,
    reason: str | None = None,
) -> Cause:
    return Cause(name, *_who(command.origin), command.reservation, order, reason)


def _who(origin: Origin) -> tuple[str, str | None]:
    return origin.actor, origin.source_event
