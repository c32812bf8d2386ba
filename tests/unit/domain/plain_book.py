"""The state of a deliberately plain model of the ledger: counts, and a list of who claims what.

It knows no versions, movements or positions; only how often each place has changed.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from hub.domain.commands import ScheduleSupply
from hub.domain.reservations import Reservation, ReservationLine
from hub.domain.values import ChannelId, LocationId, Quantity, Sku
from tests.unit.domain.stockroom import Stockroom

Key = tuple[Sku, LocationId]
Document = tuple[Sku, LocationId, str]
Shares = dict[LocationId, Quantity]


@dataclass
class Part:
    """Units of an item at a location: held by a cart, waiting for shipment, shipped, come back."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    held: Quantity = 0
    waiting: Quantity = 0
    shipped: Quantity = 0
    back: Quantity = 0

    @property
    def key(self) -> Key:
        """Where the units lie."""
        return (self.sku, self.location)


@dataclass
class Claim:
    """A hold, which an order may take over."""

    ends: datetime
    parts: list[Part]
    order: str | None = None
    over: tuple[str, str] | None = None
    """Its last state and the reason, once it was given back."""

    def state(self, now: datetime) -> tuple[str, str | None]:
        """The state a reader must see, and the reason if it has ended early."""
        if self.over is not None:
            return self.over
        if self.order is None:
            return ("HELD", None) if now < self.ends else ("EXPIRED", "EXPIRED")
        if any(part.waiting for part in self.parts):
            return ("COMMITTED", None)
        if any(part.shipped for part in self.parts):
            return ("FULFILLED", None)
        return ("CANCELLED", "CANCELLED")


@dataclass
class PlainBook:
    """What there is and who claims it. Rules and items are those of the room."""

    room: Stockroom
    on_hand: Counter[Key] = field(default_factory=Counter)
    unavailable: Counter[Key] = field(default_factory=Counter)
    counted_at: dict[Key, datetime] = field(default_factory=dict)
    documents: dict[Document, ScheduleSupply] = field(default_factory=dict)
    arrived: Counter[Document] = field(default_factory=Counter)
    claims: dict[str, Claim] = field(default_factory=dict)
    changes: Counter[Key] = field(default_factory=Counter)
    """How often each position has changed."""

    def reserved(self, key: Key) -> Quantity:
        """Units that carts hold."""
        return sum(part.held for part in self._parts(key))

    def allocated(self, key: Key) -> Quantity:
        """Units that orders wait for."""
        return sum(part.waiting for part in self._parts(key))

    def incoming(self, key: Key) -> Quantity:
        """Units that documents still promise."""
        return sum(
            max(0, told.quantity - self.arrived[document])
            for document, told in self.documents.items()
            if document[:2] == key
        )

    def free(self, key: Key) -> Quantity:
        """Units nobody claims."""
        claimed = self.reserved(key) + self.allocated(key)
        return self.on_hand[key] - self.unavailable[key] - claimed

    def sellable(self, sku: Sku, channel: ChannelId) -> Shares:
        """What each location of a channel's pool can sell, in its order."""
        item, rules = self.room.items[sku], self.room.rules
        if item.discontinued:
            return {}
        return {
            place: max(0, self.free((sku, place)) - rules.safety_stock(item, place, channel).value)
            for place in rules.channel(channel).pool
        }

    def of_order(self, order: str) -> dict[str, Claim]:
        """The claims of an order."""
        return {id: claim for id, claim in self.claims.items() if claim.order == order}

    def claim(self, reservation: Reservation, ends: datetime) -> None:
        """Note a new reservation."""
        assert reservation.id not in self.claims
        parts = [part_of(line) for line in reservation.lines]
        self.claims[reservation.id] = Claim(ends, parts, reservation.order)
        self._changed(parts)

    def hand_over(self, claim: Claim, order: str) -> None:
        """What a cart held now waits for shipment."""
        claim.order = order
        for part in claim.parts:
            part.held, part.waiting = 0, part.held
        self._changed(claim.parts)

    def redeem(self, claim: Claim, order: str, rest: Counter[Sku]) -> None:
        """An order takes of a cart what it asks for; the rest of the cart is free again."""
        for part in claim.parts:
            taken = min(part.held, max(0, rest[part.sku]))
            rest[part.sku] -= taken
            self.changes[part.key] += (taken > 0) + (part.held > taken)
            part.held, part.waiting = 0, taken
        if any(part.waiting for part in claim.parts):
            claim.order = order
        else:
            claim.over = ("RELEASED", "NOT_IN_ORDER")

    def give_back(self, claim: Claim, state: str, reason: str) -> None:
        """What a cart held is free again."""
        claim.over = (state, reason)
        for part in claim.parts:
            part.held = 0
        self._changed(claim.parts)

    def _changed(self, parts: list[Part]) -> None:
        self.changes.update(part.key for part in parts)

    def _parts(self, key: Key) -> list[Part]:
        return [part for one in self.claims.values() for part in one.parts if part.key == key]


def part_of(line: ReservationLine) -> Part:
    """What a reservation's line says, in the model's words."""
    return Part(
        line.sku,
        line.location,
        line.quantity,
        line.held,
        line.allocated,
        line.fulfilled,
        line.returned,
    )


def shares_of(reservation: Reservation, sku: Sku) -> Shares:
    """How much of an item a reservation takes from where."""
    return {line.location: line.quantity for line in reservation.lines if line.sku == sku}


def spread(asked: Quantity, there: Shares) -> Shares:
    """One parcel from the first location that has all of it, else each in its turn."""
    for place, units in there.items():
        if units >= asked:
            return {place: asked}
    return in_turn(asked, there)


def in_turn(asked: Quantity, there: Shares) -> Shares:
    """Each location gives what it has until there is enough."""
    shares: Shares = {}
    for place, units in there.items():
        taken = min(units, asked - sum(shares.values()))
        if taken > 0:
            shares[place] = taken
    return shares
