"""The state of a deliberately plain model of the ledger: what lies where, and who claims what.

It knows no movements and no positions. What a reservation holds where is taken over from the hub
once a step was found right; all sums are made anew from that.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hub.domain.commands import Command
from hub.domain.decide import Result
from hub.domain.policies import UNLIMITED
from hub.domain.reservations import Reservation, ReservationLine
from hub.domain.values import UNIT, ChannelId, Line, LocationId, OrderId, Quantity, Sku
from tests.unit.domain.stockroom import Stockroom

Key = tuple[Sku, LocationId]
Kind = tuple[Sku | None, Sku]
"""The kit that units were asked for as, and their item."""
Lines = tuple[ReservationLine, ...]

PARTS = ("held", "backordered", "allocated", "fulfilled", "released", "returned")


class Step(NamedTuple):
    """A command, what became of it, and all reservations before and after."""

    command: Command
    result: Result
    before: Mapping[str, Reservation]
    after: Mapping[str, Reservation]
    now: datetime

    @property
    def changed(self) -> set[str]:
        """The reservations that are not what they were."""
        return {id for id, one in self.after.items() if self.before.get(id) != one}


@dataclass
class Claim:
    """A hold, which an order may take over, in parts."""

    channel: ChannelId
    holder: str | None
    made: tuple[datetime, str]
    ends: datetime
    lines: Lines
    order: OrderId | None = None
    ordered_at: datetime | None = None
    why: str | None = None
    """Why nothing is left of it, if it never was an order's."""

    def units(self, part: str) -> Counter[Kind]:
        """So many units of each kind are in a part."""
        units: Counter[Kind] = Counter()
        for line in self.lines:
            units[line.kit, line.sku] += getattr(line, part)
        return units

    def has(self, *parts: str) -> bool:
        """Whether anything is left in one of these parts."""
        return any(getattr(line, part) for line in self.lines for part in parts)

    def lapsed(self, now: datetime) -> bool:
        """Whether something is past its end, and was not swept yet."""
        held = self.has("held") if self.order else self.has("held", "backordered")
        return held and now >= self.ends

    def live(self, now: datetime) -> bool:
        """Whether something is held, to be kept, committed or released."""
        held = self.has("held") if self.order else self.has("held", "backordered")
        return held and now < self.ends

    def state(self, now: datetime) -> tuple[str, str | None]:
        """The state that a reader must see, and the reason if it has ended early."""
        if self.order is None:
            if self.lapsed(now):
                return ("EXPIRED", "EXPIRED")
            if self.live(now):
                return ("HELD", None)
            return ("EXPIRED" if self.why == "EXPIRED" else "RELEASED", self.why)
        if self.has("allocated", "backordered") or self.live(now):
            return ("COMMITTED", None)
        if self.has("fulfilled"):
            return ("FULFILLED", None)
        return ("CANCELLED", "CANCELLED")


class Expected(NamedTuple):
    """What a document was last said to bring, and what came of it."""

    quantity: Quantity
    came: Quantity
    eta: datetime
    told_at: datetime | None


@dataclass
class PlainBook:
    """What there is and who claims it. Rules and items are those of the room."""

    room: Stockroom
    on_hand: Counter[Key] = field(default_factory=Counter)
    unavailable: Counter[Key] = field(default_factory=Counter)
    counted_at: dict[Key, datetime] = field(default_factory=dict)
    counted_through: dict[Key, datetime | None] = field(default_factory=dict)
    documents: dict[tuple[Sku, LocationId, str], Expected] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)

    def sum_of(self, part: str, key: Key) -> Quantity:
        """Units of an item at a location that are in one part of some line."""
        units: Quantity = 0
        for claim in self.claims.values():
            for line in claim.lines:
                if line.sku == key[0] and line.location == key[1]:
                    units += getattr(line, part)
        return units

    def incoming(self, key: Key) -> Quantity:
        """Units that documents still promise."""
        return sum(
            max(0, one.quantity - one.came)
            for document, one in self.documents.items()
            if document[:2] == key
        )

    def free(self, key: Key) -> Quantity:
        """Units nobody claims."""
        claimed = self.sum_of("held", key) + self.sum_of("allocated", key)
        return self.on_hand[key] - self.unavailable[key] - claimed

    def sellable(
        self, sku: Sku, channel: ChannelId, given: Mapping[Key, Quantity]
    ) -> dict[LocationId, Quantity]:
        """What each location of a channel's pool can sell, in its order, once `given` is back."""
        item, rules = self.room.items[sku], self.room.rules
        there = {}
        for place in rules.channel(channel).pool:
            key = (sku, place)
            units = self.free(key) + given.get(key, 0) - self.sum_of("backordered", key)
            units -= rules.safety_stock(item, place, channel).value
            there[place] = 0 if item.discontinued else max(0, units - units % item.quantity_step)
        return there

    def beyond(self, sku: Sku, channel: ChannelId) -> Quantity:
        """What may still be sold beyond stock."""
        item, rules = self.room.items[sku], self.room.rules
        if item.discontinued:
            return 0
        limit = rules.beyond_stock(item, channel, self.room.now).value
        if limit >= UNLIMITED:
            return UNLIMITED
        pool = rules.channel(channel).pool
        left = limit - sum(self.sum_of("backordered", (sku, place)) for place in pool)
        return max(0, left - left % item.quantity_step)

    def own(self, holder: str | None, now: datetime) -> Counter[Key]:
        """What a holder holds himself."""
        units: Counter[Key] = Counter()
        for claim in self.claims.values():
            if holder and claim.holder == holder and not claim.order and claim.live(now):
                for line in claim.lines:
                    units[line.sku, line.location] += line.held
        return units

    def asked(self, lines: Iterable[Line]) -> Counter[Kind] | None:
        """What lines ask for, kits taken apart; None if they ask for a part of a step."""
        units: Counter[Kind] = Counter()
        for sku, quantity in lines:
            if quantity % self.room.items[sku].quantity_step:
                return None
            kit = self.room.rules.kits.get(sku)
            if kit is None:
                units[None, sku] += quantity
            for component, per_kit in kit or ():
                units[sku, component] += per_kit * quantity // UNIT
        return units

    def missing(
        self, asked: Mapping[Kind, Quantity], channel: ChannelId, given: Mapping[Key, Quantity]
    ) -> dict[Sku, tuple[Quantity, Quantity]]:
        """Items that neither stock nor what may be sold beyond it suffice for: asked and there."""
        needs: Counter[Sku] = Counter()
        for (kit, sku), units in asked.items():
            needs[sku] += units
            if kit is not None and self.room.items[kit].discontinued:
                return {kit: (units, 0)}
        short = {}
        for sku, units in needs.items():
            there = sum(self.sellable(sku, channel, given).values()) + self.beyond(sku, channel)
            if units > there:
                short[sku] = (units, there)
        return short

    def of_order(self, order: str) -> dict[str, Claim]:
        """The claims of an order."""
        return {id: claim for id, claim in self.claims.items() if claim.order == order}


def flow(step: Step, ids: Iterable[str]) -> dict[str, Counter[Kind]]:
    """What has changed in each part of some reservations together; parts without change left
    out."""
    delta: dict[str, Counter[Kind]] = {part: Counter() for part in PARTS}
    for id in ids:
        for lines, sign in ((step.after[id].lines, 1), (_lines_of(step.before.get(id)), -1)):
            for line in lines:
                for part in PARTS:
                    delta[part][line.kit, line.sku] += sign * getattr(line, part)
    return tidy(delta)


def tidy(delta: Mapping[str, Counter[Kind]]) -> dict[str, Counter[Kind]]:
    """The same without zeros."""
    whole = {part: Counter({k: n for k, n in of.items() if n}) for part, of in delta.items()}
    return {part: of for part, of in whole.items() if of}


def line_changes(step: Step) -> Iterable[tuple[ReservationLine | None, ReservationLine]]:
    """Each line of a reservation that changed, before and after."""
    for id in step.changed:
        before = _lines_of(step.before.get(id))
        for line in step.after[id].lines:
            yield (before[line.line] if line.line < len(before) else None), line


def _lines_of(reservation: Reservation | None) -> Lines:
    return reservation.lines if reservation is not None else ()
