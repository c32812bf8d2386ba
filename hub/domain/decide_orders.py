"""How the orders of shops move stock. An order event is a fact: the shop has already taken it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.bookings import OpenReservation, opened
from hub.domain.claims import Asked, Claim, Request, asked_of, claims_for
from hub.domain.commands import ExpireReservation, PlaceOrder
from hub.domain.decide_reservations import expire
from hub.domain.errors import InsufficientStock, ReservationNotFound
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.policies import Channel, Rules
from hub.domain.reservations import (
    EndReason,
    HoldStage,
    Reservation,
    ReservationLine,
    ReservationState,
)
from hub.domain.values import Line, OrderId, Quantity, Sku

Rest = dict[tuple[Sku | None, Sku], Quantity]
"""What is not covered yet, by kit and item."""


class OrderChange(NamedTuple):
    """The reservations of the order after the event; `note` says why, where nothing changed."""

    order: OrderId
    reservations: tuple[Reservation, ...]
    note: str | None = None


def place_order(command: PlaceOrder, ledger: Ledger, rules: Rules, now: datetime) -> OrderChange:
    """Redeem the holds that lines name and allocate the rest, even beyond stock: the shop has
    promised it, so what is missing is a shortfall to show and not an order to lose."""
    channel = rules.channel(command.channel)
    rules.strategy(channel)  # Refused here, before anything is booked.
    lines = [Line(line.sku, line.quantity) for line in command.lines]
    asked = asked_of(lines, ledger, rules)
    holds = _named_holds(command, ledger)
    for hold in holds:
        # One that is past its end covers nothing, and must not stand in the way of its own order.
        expire(ExpireReservation(hold.id, command.origin), ledger, rules, now)
    rest = _not_yet_covered(asked, command, ledger)
    origin = command.origin
    cause = Cause("place_order", origin.actor, origin.source_event, None, command.order)
    ordered_at = command.ordered_at or now
    changed = False
    for hold in holds:
        if _redeems(ledger.reservations[hold.id], command.order, rest):
            _redeem(ledger.reservations[hold.id], rest, ledger, cause, ordered_at)
            changed = True
    left = [Asked(sku, units, kit) for (kit, sku), units in rest.items() if units > 0]
    if left:
        _allocate(command, left, channel, ledger, rules, cause, now)
    note = None if changed or left else "DUPLICATE: the order is already allocated"
    return OrderChange(command.order, tuple(ledger.of_order(command.order)), note)


def _named_holds(command: PlaceOrder, ledger: Ledger) -> list[Reservation]:
    named = dict.fromkeys(line.reservation for line in command.lines if line.reservation)
    missing = [id for id in named if id not in ledger.reservations]
    if missing:
        raise ReservationNotFound(id=missing[0])
    return [ledger.reservations[id] for id in named]


def _not_yet_covered(asked: Iterable[Asked], command: PlaceOrder, ledger: Ledger) -> Rest:
    """What the order asks for beyond the reservations that it has already, if it has any."""
    rest: Rest = {(one.kit, one.sku): one.quantity for one in asked}
    for reservation in ledger.of_order(command.order):
        for line in reservation.lines:
            # What its cart still holds was not committed to the order yet.
            covered = line.quantity - line.moved - line.held
            rest[(line.kit, line.sku)] = rest.get((line.kit, line.sku), 0) - covered
    return rest


def _redeems(hold: Reservation, order: OrderId, rest: Rest) -> bool:
    """Whether an order may take what a hold holds. Of one that it took a part of already, only if
    it asks for more: the rest stays held for whoever comes to commit it."""
    if hold.state is ReservationState.HELD:
        return True
    return hold.order == order and any(
        line.held and rest.get((line.kit, line.sku), 0) > 0 for line in hold.lines
    )


def _redeem(
    hold: Reservation, rest: Rest, ledger: Ledger, cause: Cause, ordered_at: datetime
) -> None:
    """Allocate what the order asks of a hold and take it off `rest`; what the cart held beyond
    that is free again."""
    cause = cause._replace(reservation=hold.id)
    open_hold = OpenReservation(hold, ledger)
    parts = ("held",) if hold.order else ("held", "backordered")
    for take in open_hold.takes(None, parts, "committed"):
        line = open_hold.lines[take.place]
        wanted = max(0, rest.get((line.kit, line.sku), 0))
        used = min(take.units, wanted)
        if used:
            rest[(line.kit, line.sku)] = wanted - used
            if take.part == "held":
                counted = already_counted(line, used, ordered_at, ledger)
                open_hold.move(
                    take._replace(units=used),
                    "allocated",
                    MovementKind.ALLOCATED,
                    cause,
                    on_hand=counted,
                )
        if take.units > used and hold.order is None:
            spare = take._replace(units=take.units - used)
            open_hold.move(spare, "released", MovementKind.RELEASED, cause)
    if any(line.active for line in open_hold.lines):
        placed_at = hold.ordered_at or ordered_at
        open_hold.close(state=ReservationState.COMMITTED, order=cause.order, ordered_at=placed_at)
    else:
        open_hold.close(ended_reason=EndReason.NOT_IN_ORDER)


def already_counted(
    where: ReservationLine | Claim, units: Quantity, ordered_at: datetime, ledger: Ledger
) -> Quantity:
    """Units that the last count left out for this order before the order came: the count meant
    what is left without them, so they are on the shelf as well as allocated."""
    position = ledger.position(where.sku, where.location)
    through = position.counted_through
    return units if through is not None and ordered_at <= through else 0


def _allocate(
    command: PlaceOrder,
    asked: Sequence[Asked],
    channel: Channel,
    ledger: Ledger,
    rules: Rules,
    cause: Cause,
    now: datetime,
) -> None:
    cause = cause._replace(reservation=command.reservation)
    ordered_at = command.ordered_at or now
    lines: list[ReservationLine] = []
    for one in asked:
        try:
            claims = claims_for([one], ledger, rules, Request(channel, now))
        except InsufficientStock:
            # The buffer is there for exactly this; what even it lacks falls to the first location.
            claims = _beyond_safety_stock(one, channel, ledger)
        lines += opened(
            claims,
            "allocated",
            ledger,
            cause,
            first=len(lines),
            counted=lambda claim: already_counted(claim, claim.quantity, ordered_at, ledger),
            from_outside=True,
        )
    ledger.create(
        Reservation(
            id=command.reservation,
            state=ReservationState.COMMITTED,
            channel=channel.id,
            holder=None,
            address=None,
            stage=HoldStage.PAYMENT,
            order=command.order,
            ordered_at=ordered_at,
            ttl_seconds=None,
            created_at=now,
            expires_at=None,
            ended_reason=None,
            version=1,
            lines=tuple(lines),
        )
    )


def _beyond_safety_stock(asked: Asked, channel: Channel, ledger: Ledger) -> list[Claim]:
    claims: dict[str, Quantity] = {}
    missing = asked.quantity
    for location in channel.pool:
        part = min(missing, max(0, ledger.free(asked.sku, location)))
        if part:
            claims[location] = part
            missing -= part
    if missing:
        first = channel.pool[0]
        claims[first] = claims.get(first, 0) + missing
    return [Claim(asked.sku, location, units, asked.kit) for location, units in claims.items()]
