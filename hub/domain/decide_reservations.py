"""How holds are made, changed, kept, redeemed and given back."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from hub.domain.bookings import OpenReservation, Take, opened
from hub.domain.claims import Asked, Claim, Request, asked_of, claims_for, sellable_in
from hub.domain.commands import (
    ChangeReservation,
    CommitReservation,
    ExpireReservation,
    ExtendReservation,
    HoldCommand,
    ReleaseReservation,
    Reserve,
    TransferReservation,
)
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    ReservationChanged,
    ReservationEnded,
    ReservationNotFound,
    UnknownLocation,
)
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.own_holds import OwnHolds, check_hold_limits
from hub.domain.policies import Rules
from hub.domain.reservations import EndReason, Reservation, ReservationState
from hub.domain.values import Line, Quantity, Sku

_OfHold = ChangeReservation | ExtendReservation | CommitReservation | ReleaseReservation


def reserve(command: Reserve, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Hold every line, or nothing; raises `InsufficientStock` naming each line that falls short,
    and `HoldLimitReached`.

    Where stock does not reach, the holder's own earlier holds give way: nobody is kept from the
    last one by himself.
    """
    channel = rules.channel(command.channel)
    asked = asked_of(command.lines, ledger, rules)
    request = Request(channel, now, command.destination)
    own = None
    try:
        claims = claims_for(asked, ledger, rules, request)
    except InsufficientStock:
        own = OwnHolds(command.holder, ledger, now)
        request = request._replace(given_back=own.units(asked))
        if not request.given_back:
            raise
        claims = claims_for(asked, ledger, rules, request)
    check_hold_limits(command, ledger)
    origin = command.origin
    cause = Cause("reserve", origin.actor, origin.source_event, command.reservation)
    if own is not None:
        own.give_way(claims, rules, request, cause)
    ttl = command.ttl_seconds or rules.hold_seconds(channel.id, command.stage)
    reservation = Reservation(
        command.reservation,
        ReservationState.HELD,
        channel.id,
        command.holder,
        command.address,
        command.stage,
        None,
        None,
        ttl,
        now,
        now + timedelta(seconds=ttl),
        None,
        1,
        opened(claims, "held", ledger, cause),
    )
    ledger.create(reservation)
    return reservation


def change(command: ChangeReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Bring a hold to other quantities: all of them, or none."""
    reservation = _held(command, ledger, now, "changed")
    if reservation.state is not ReservationState.HELD:
        raise _ended(reservation, reservation.state, "changed")
    hold = OpenReservation(reservation, ledger)
    more: list[Asked] = []
    fewer: list[Take] = []
    for one in asked_of(command.lines, ledger, rules):
        lines = [line for line in hold.lines if (line.sku, line.kit) == (one.sku, one.kit)]
        now_held = sum(line.held + line.backordered for line in lines)
        if one.quantity > now_held:
            more.append(one._replace(quantity=one.quantity - now_held))
        elif one.quantity < now_held:
            less = one._replace(quantity=now_held - one.quantity)
            fewer += hold.takes([less], ("backordered", "held"), "released")
    if not more and not fewer:
        return reservation
    request = Request(
        rules.channel(reservation.channel), now, None, _given_back(reservation, fewer)
    )
    claims = claims_for(more, ledger, rules, request) if more else []
    cause = _cause(command, "change")
    for take in fewer:
        hold.move(take, "released", MovementKind.RELEASED, cause)
    for claim in claims:
        hold.claim(claim, "held", cause)
    return hold.close()


def extend(command: ExtendReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Move the end of a hold later, and maybe the hold into another stage."""
    reservation = _held(command, ledger, now, "extended")
    stage = command.stage or reservation.stage
    ttl = command.ttl_seconds or rules.hold_seconds(reservation.channel, stage)
    until = now + timedelta(seconds=ttl)
    if reservation.expires_at is not None and until <= reservation.expires_at:
        until = reservation.expires_at
    if until == reservation.expires_at and stage is reservation.stage:
        return reservation
    return ledger.change(reservation._replace(expires_at=until, stage=stage))


def commit(command: CommitReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """Turn a hold, or a part of it, into an allocation. Done again for the same order, it changes
    nothing. Of a part, what was held beyond it stays held until it expires or is released; what
    waited beyond it is given up."""
    known = ledger.reservations.get(command.reservation)
    if known is not None and known.order == command.order and known.expires_at is None:
        return known
    reservation = _held(command, ledger, now, "committed")
    if reservation.order not in (None, command.order):
        raise _ended(reservation, reservation.state, "committed")
    hold = OpenReservation(reservation, ledger)
    parts = ("held",) if reservation.order else ("held", "backordered")
    takes = hold.takes(_asked(command.lines, ledger, rules), parts, "committed")
    cause = _cause(command, "commit", command.order)
    for take in takes:
        if take.part == "held":
            hold.move(take, "allocated", MovementKind.ALLOCATED, cause)
    if reservation.order is None and command.lines is not None:
        kept = {take.place: take.units for take in takes if take.part == "backordered"}
        for line in reservation.lines:
            dropped = line.backordered - kept.get(line.line, 0)
            if dropped:
                waiting = Take(line.line, "backordered", dropped)
                hold.move(waiting, "released", MovementKind.RELEASED, cause)
    return hold.close(
        state=ReservationState.COMMITTED,
        order=command.order,
        ordered_at=reservation.ordered_at or now,
    )


def release(
    command: ReleaseReservation, ledger: Ledger, rules: Rules, now: datetime
) -> Reservation:
    """Give held units back, all or some. Released before, it stays as it was."""
    known = ledger.reservations.get(command.reservation)
    if known is not None and known.state is ReservationState.RELEASED:
        return known
    reservation = _held(command, ledger, now, "released")
    hold = OpenReservation(reservation, ledger)
    parts = ("held",) if reservation.order else ("backordered", "held")
    cause = _cause(command, "release", reason=command.reason)
    for take in hold.takes(_asked(command.lines, ledger, rules), parts, "released"):
        hold.move(take, "released", MovementKind.RELEASED, cause)
    return hold.close()


def expire(command: ExpireReservation, ledger: Ledger, rules: Rules, now: datetime) -> Reservation:
    """End a hold that is past its end; one that is not, or has ended, stays as it is."""
    reservation = ledger.reservations.get(command.reservation)
    if reservation is None:
        raise ReservationNotFound(id=command.reservation)
    if not reservation.lapsed(now):
        return reservation
    hold = OpenReservation(reservation, ledger)
    parts = ("held",) if reservation.order else ("backordered", "held")
    cause = _cause(command, "expire", reason=EndReason.EXPIRED)
    for take in hold.takes(None, parts, "expired"):
        hold.move(take, "released", MovementKind.EXPIRED, cause)
    if reservation.order:
        return hold.close(expires_at=None)
    return hold.close(ended_reason=EndReason.EXPIRED)


def transfer(
    command: TransferReservation, ledger: Ledger, rules: Rules, now: datetime
) -> Reservation:
    """Let another location of the pool serve what one location holds or has allocated."""
    reservation = ledger.reservations.get(command.reservation)
    if reservation is None:
        raise ReservationNotFound(id=command.reservation)
    lapsed = reservation.lapsed(now)
    if reservation.state.ended or (lapsed and reservation.order is None):
        raise _not_live(reservation, now, "transferred")
    channel = rules.channel(reservation.channel)
    target = command.to_location
    if target not in rules.locations:
        raise UnknownLocation(location=target)
    if target not in channel.pool or target == command.from_location:
        problem = f"must be another location of the pool of {channel.id}: {', '.join(channel.pool)}"
        raise InvalidInput(field="toLocation", problem=problem)
    claim = OpenReservation(reservation, ledger)
    asked = _asked(command.lines, ledger, rules)
    parts = ("allocated",) if lapsed else ("held", "allocated")
    takes = claim.takes(asked, parts, "transferred", [command.from_location])
    request = Request(channel, now)
    _check_room([(reservation.lines[t.place].sku, t.units) for t in takes], target,
                ledger, rules, request)  # fmt: skip
    cause = _cause(command, "transfer", reservation.order)
    for take in takes:
        line = claim.lines[take.place]
        kind = MovementKind.RELEASED if take.part == "held" else MovementKind.DEALLOCATED
        claim.move(take, "moved", kind, cause)
        claim.claim(Claim(line.sku, target, take.units, line.kit), take.part, cause)
    return claim.close() if takes else reservation


def _check_room(
    wanted: Iterable[tuple[Sku, Quantity]],
    location: str,
    ledger: Ledger,
    rules: Rules,
    request: Request,
) -> None:
    needs: dict[Sku, Quantity] = {}
    for sku, units in wanted:
        needs[sku] = needs.get(sku, 0) + units
    short = [
        {"sku": sku, "requested": units, "available": there}
        for sku, units in needs.items()
        if (there := sellable_in(ledger, rules, request, sku, location)) < units
    ]
    if short:
        raise InsufficientStock(lines=short)


def _given_back(reservation: Reservation, takes: Iterable[Take]) -> dict[tuple[Sku, str], Quantity]:
    units: dict[tuple[Sku, str], Quantity] = {}
    for take in takes:
        if take.part == "held":
            line = reservation.lines[take.place]
            key = (line.sku, line.location)
            units[key] = units.get(key, 0) + take.units
    return units


def _asked(lines: Sequence[Line] | None, ledger: Ledger, rules: Rules) -> list[Asked] | None:
    return None if lines is None else asked_of(lines, ledger, rules)


def _held(command: _OfHold, ledger: Ledger, now: datetime, verb: str) -> Reservation:
    """The reservation, if something of it is held, at the version that the sender knows."""
    reservation = ledger.reservations.get(command.reservation)
    if reservation is None:
        raise ReservationNotFound(id=command.reservation)
    if command.if_version not in (None, reservation.version):
        raise ReservationChanged(
            id=reservation.id, expected=command.if_version, actual=reservation.version
        )
    if reservation.lapsed(now) or reservation.expires_at is None or reservation.state.ended:
        raise _not_live(reservation, now, verb)
    return reservation


def _not_live(reservation: Reservation, now: datetime, verb: str) -> HubError:
    if reservation.lapsed(now) and reservation.order is None:
        return ReservationEnded(
            id=reservation.id,
            state=ReservationState.EXPIRED.value,
            reason=EndReason.EXPIRED.value,
            verb=verb,
        )
    return _ended(reservation, reservation.state, verb)


def _ended(reservation: Reservation, state: ReservationState, verb: str) -> HubError:
    return ReservationEnded(
        id=reservation.id, state=state.value, reason=reservation.ended_reason, verb=verb
    )


def _cause(
    command: HoldCommand, name: str, order: str | None = None, reason: str | None = None
) -> Cause:
    origin = command.origin
    return Cause(name, origin.actor, origin.source_event, command.reservation, order, reason)
