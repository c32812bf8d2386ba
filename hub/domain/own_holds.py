"""Those who hold already: they are not kept from the last one by themselves, and not everything
can be held by one of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hub.domain.bookings import OpenReservation
from hub.domain.claims import Asked, Claim, Request
from hub.domain.commands import Reserve
from hub.domain.errors import HoldLimitReached
from hub.domain.ledger import Cause, Ledger
from hub.domain.movements import MovementKind
from hub.domain.policies import Rules
from hub.domain.position import PositionKey
from hub.domain.reservations import EndReason, Reservation, ReservationState
from hub.domain.sellable import spare
from hub.domain.values import Quantity


class OwnHolds:
    """The live holds of a holder that a batch has read, the oldest first."""

    def __init__(self, holder: str | None, ledger: Ledger, now: datetime) -> None:
        self._ledger = ledger
        self._holds: Sequence[Reservation] = [
            reservation
            for reservation in ledger.reservations.values()
            if holder is not None
            and reservation.holder == holder
            and reservation.state is ReservationState.HELD
            and not reservation.lapsed(now)
        ]

    def units(self, asked: Iterable[Asked]) -> dict[PositionKey, Quantity]:
        """What they hold of the items asked for, by position."""
        skus = {one.sku for one in asked}
        units: dict[PositionKey, Quantity] = {}
        for hold in self._holds:
            for line in hold.lines:
                if line.held and line.sku in skus:
                    key = (line.sku, line.location)
                    units[key] = units.get(key, 0) + line.held
        return units

    def give_way(
        self, claims: Iterable[Claim], rules: Rules, request: Request, cause: Cause
    ) -> None:
        """Give back what the claims cannot do without, and no more."""
        needed: dict[PositionKey, Quantity] = {}
        for claim in claims:
            if not claim.waits:
                key = (claim.sku, claim.location)
                needed[key] = needed.get(key, 0) + claim.quantity
        for sku, location in needed:
            item, position = self._ledger.items[sku], self._ledger.position(sku, location)
            safety = rules.withheld(item, location, request.channel.id, position.on_hand).value
            # Where units are lacking, those are given back too: below zero nothing can be held.
            needed[sku, location] -= spare(
                position.free, position.backordered, safety, item.quantity_step
            )
        for hold in self._holds:
            self._shrink(hold, needed, cause._replace(reservation=hold.id, reason="SUPERSEDED"))

    def _shrink(self, hold: Reservation, needed: dict[PositionKey, Quantity], cause: Cause) -> None:
        shrinking = OpenReservation(hold, self._ledger)
        changed = False
        for take in shrinking.takes(None, ("held",), "superseded"):
            line = hold.lines[take.place]
            key = (line.sku, line.location)
            units = min(take.units, needed.get(key, 0))
            if units > 0:
                needed[key] -= units
                shrinking.move(take._replace(units=units), "released", MovementKind.RELEASED, cause)
                changed = True
        if changed:
            empty = not any(line.active for line in shrinking.lines)
            shrinking.close(ended_reason=EndReason.SUPERSEDED if empty else None)


def check_hold_limits(command: Reserve, ledger: Ledger) -> None:
    """Raise `HoldLimitReached` where the holder, or the address, has as many live holds as one
    may have."""
    facts = ledger.facts
    if facts.max_holds_per_holder is None and facts.max_holds_per_address is None:
        return
    keys = []
    for what, who, live, limit in (
        ("holder", command.holder, facts.holds_of_holder, facts.max_holds_per_holder),
        ("address", command.address, facts.holds_of_address, facts.max_holds_per_address),
    ):
        if who is None or limit is None:
            continue
        key = f"{what}:{who}"
        holds = live.get(who, 0) + ledger.new_holds.get(key, 0)
        if holds >= limit:
            raise HoldLimitReached(what=what, limit=limit)
        keys.append(key)
    for key in keys:
        ledger.new_holds[key] = ledger.new_holds.get(key, 0) + 1
