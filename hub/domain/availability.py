"""The formula: the only place where availability is decided.

Query, loader, reservation, subscription and feed all come here, because shops that compute the
number in several places end up with several numbers.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.item import Item
from hub.domain.messages import Message, message_for
from hub.domain.policies import Channel, Rules
from hub.domain.position import Position
from hub.domain.values import ChannelId, LocationId, Quantity, Sku


class AvailabilityStatus(StrEnum):
    """One to one with schema.org ItemAvailability."""

    IN_STOCK = "IN_STOCK"
    LIMITED_AVAILABILITY = "LIMITED_AVAILABILITY"
    BACK_ORDER = "BACK_ORDER"
    PRE_ORDER = "PRE_ORDER"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    SOLD_OUT = "SOLD_OUT"
    DISCONTINUED = "DISCONTINUED"

    @property
    def schema_org(self) -> str:
        """The schema.org URL, as structured data wants it."""
        return "https://schema.org/" + self.value.title().replace("_", "")

    @property
    def google(self) -> str:
        """The value of Google Merchant's `availability` attribute."""
        return _GOOGLE[self]


_GOOGLE = {
    AvailabilityStatus.IN_STOCK: "in_stock",
    AvailabilityStatus.LIMITED_AVAILABILITY: "in_stock",
    AvailabilityStatus.BACK_ORDER: "backorder",
    AvailabilityStatus.PRE_ORDER: "preorder",
    AvailabilityStatus.OUT_OF_STOCK: "out_of_stock",
    AvailabilityStatus.SOLD_OUT: "out_of_stock",
    AvailabilityStatus.DISCONTINUED: "out_of_stock",
}


class LocationBreakdown(NamedTuple):
    """What one location of the pool brings to the answer."""

    location: LocationId
    on_hand: Quantity
    unavailable: Quantity
    allocated: Quantity
    reserved: Quantity
    safety_stock: Quantity
    safety_stock_rule: str
    available_to_sell: Quantity
    incoming: Quantity
    shortfall: Quantity


class Breakdown(NamedTuple):
    """The parts of the number, summed over the pool."""

    on_hand: Quantity
    unavailable: Quantity
    allocated: Quantity
    reserved: Quantity
    safety_stock: Quantity
    available_to_sell: Quantity
    available_to_order: Quantity
    incoming: Quantity
    shortfall: Quantity
    locations: tuple[LocationBreakdown, ...]


class Availability(NamedTuple):
    """The answer for one item in one channel."""

    sku: Sku
    channel: ChannelId
    requested: Quantity
    can_fulfil: bool
    status: AvailabilityStatus
    breakdown: Breakdown
    limiting_reason: str | None
    limiting_rule: str | None
    message: Message
    next_supply_at: datetime | None
    version: int
    as_of: datetime

    @property
    def quantity(self) -> Quantity:
        """Units that can be ordered now."""
        return self.breakdown.available_to_order


def sellable(free: Quantity, safety_stock: Quantity) -> Quantity:
    """Units of one location that can be sold: what is free beyond the safety stock, never < 0."""
    return max(0, free - safety_stock)


def availability_of(
    item: Item,
    positions: Iterable[Position],
    rules: Rules,
    channel: Channel,
    quantity: Quantity,
    now: datetime,
) -> Availability:
    """Whether `quantity` of an item can be had in a channel at `now`, how many, and why.

    `positions` may hold positions outside the pool; they do not count. The version of the answer
    is the sum of the versions of the pool's positions: it grows with each movement.
    """
    by_location = {position.location: position for position in positions}
    pool = [by_location[location] for location in channel.pool if location in by_location]
    parts = tuple(_at_location(item, position, rules, channel.id) for position in pool)
    breakdown = _summed(item, parts)
    low_mark = rules.low_stock_mark(item, channel.id)
    status = _status(item, breakdown.available_to_order, low_mark.value)
    upcoming = [p.next_supply_at for p in pool if p.next_supply_at and p.next_supply_at > now]
    next_supply_at = min(upcoming, default=None)
    can_fulfil = breakdown.available_to_order >= quantity
    reason, rule = (None, None) if can_fulfil else _limit(item, parts, quantity)
    return Availability(
        sku=item.sku,
        channel=channel.id,
        requested=quantity,
        can_fulfil=can_fulfil,
        status=status,
        breakdown=breakdown,
        limiting_reason=reason,
        limiting_rule=rule,
        message=message_for(
            status.value, breakdown.available_to_order, low_mark, next_supply_at, now
        ),
        next_supply_at=next_supply_at,
        version=sum(position.version for position in pool),
        as_of=now,
    )


def _at_location(
    item: Item, position: Position, rules: Rules, channel: ChannelId
) -> LocationBreakdown:
    safety = rules.safety_stock(item, position.location, channel)
    return LocationBreakdown(
        location=position.location,
        on_hand=position.on_hand,
        unavailable=position.unavailable,
        allocated=position.allocated,
        # A lapsed hold no longer claims anything, swept or not.
        reserved=position.reserved - position.lapsed,
        safety_stock=safety.value,
        safety_stock_rule=safety.rule,
        available_to_sell=sellable(position.free, safety.value),
        incoming=position.incoming,
        shortfall=max(0, -position.free),
    )


def _summed(item: Item, parts: tuple[LocationBreakdown, ...]) -> Breakdown:
    available_to_sell = sum(part.available_to_sell for part in parts)
    return Breakdown(
        on_hand=sum(part.on_hand for part in parts),
        unavailable=sum(part.unavailable for part in parts),
        allocated=sum(part.allocated for part in parts),
        reserved=sum(part.reserved for part in parts),
        safety_stock=sum(part.safety_stock for part in parts),
        available_to_sell=available_to_sell,
        available_to_order=0 if item.discontinued else available_to_sell,
        incoming=sum(part.incoming for part in parts),
        shortfall=sum(part.shortfall for part in parts),
        locations=parts,
    )


def _status(item: Item, available: Quantity, low_mark: Quantity) -> AvailabilityStatus:
    if item.discontinued:
        return AvailabilityStatus.DISCONTINUED
    if available <= 0:
        return AvailabilityStatus.OUT_OF_STOCK
    if available <= low_mark:
        return AvailabilityStatus.LIMITED_AVAILABILITY
    return AvailabilityStatus.IN_STOCK


def _limit(
    item: Item, parts: tuple[LocationBreakdown, ...], quantity: Quantity
) -> tuple[str, str | None]:
    """The first claim without which `quantity` could be had, and the rule behind it.

    Claims are lifted in the order a person would question them: the buffer, the holds of others,
    orders, unsellable units; if lifting all of them is not enough, there is too little stock.
    """
    if item.discontinued:
        return "DISCONTINUED", f"item:{item.sku}"
    if not parts:
        return "NOT_STOCKED", None
    free = [part.on_hand - part.unavailable - part.allocated - part.reserved for part in parts]
    withholding = [
        part.safety_stock_rule
        for part, units in zip(parts, free, strict=True)
        if units > part.available_to_sell
    ]
    if _sum_above_zero(free) >= quantity:
        return "SAFETY_STOCK", withholding[0]
    for reason, claims in (
        ("RESERVED", [part.reserved for part in parts]),
        ("ALLOCATED", [part.allocated for part in parts]),
        ("UNAVAILABLE", [part.unavailable for part in parts]),
    ):
        free = [units + claim for units, claim in zip(free, claims, strict=True)]
        if _sum_above_zero(free) >= quantity:
            return reason, None
    return "ON_HAND", None


def _sum_above_zero(free: list[Quantity]) -> Quantity:
    # What one location lacks, another cannot make up: a part below zero counts as nothing.
    return sum(max(0, units) for units in free)
