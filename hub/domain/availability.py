"""The formula: the only place where availability is decided.

Query, loader, reservation, subscription and feed all come here, because shops that compute the
number in several places end up with several numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.item import Item
from hub.domain.lowness import stays_low
from hub.domain.messages import Message, message_for
from hub.domain.policies import UNLIMITED, Channel, Rules
from hub.domain.position import Position
from hub.domain.promise import ComponentPromise, Promise, promise_of, promise_of_kits
from hub.domain.sellable import beyond_stock, in_kits, sellable
from hub.domain.status import AvailabilityStatus
from hub.domain.supply import SupplyLine
from hub.domain.values import UNIT, ChannelId, LocationId, Quantity, Sku


class LocationBreakdown(NamedTuple):
    """What one location of the pool brings to the answer."""

    location: LocationId
    on_hand: Quantity
    unavailable: Quantity
    allocated: Quantity
    reserved: Quantity
    backordered: Quantity
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
    backordered: Quantity
    safety_stock: Quantity
    available_to_sell: Quantity
    beyond_stock: Quantity
    """Units that backorder or preorder rules still allow beyond stock."""
    available_to_order: Quantity
    incoming: Quantity
    shortfall: Quantity
    locations: tuple[LocationBreakdown, ...]


class KitComponent(NamedTuple):
    """What one component brings to the answer for a kit."""

    sku: Sku
    per_kit: Quantity
    available_to_order: Quantity | None
    """None for an audience that is told bands."""


class Availability(NamedTuple):
    """The answer for one item in one channel, as an audience may know it."""

    sku: Sku
    channel: ChannelId
    requested: Quantity
    can_fulfil: bool
    status: AvailabilityStatus
    parts: Breakdown | None
    """How the number comes about; None for an audience that is told bands."""
    limiting_reason: str | None
    limiting_rule: str | None
    message: Message
    next_supply_at: datetime | None
    version: int
    as_of: datetime
    components: tuple[KitComponent, ...] = ()
    band: str | None = None
    """What is told in place of the quantity, to an audience that is told bands."""
    released_at: datetime | None = None
    supply: tuple[SupplyLine, ...] = ()
    """What the pool still expects."""
    dated: Promise | None = None
    """The promise, where it does not follow from the fields above."""
    stale_since: datetime | None = None
    """Since when a location that units lie at has owed a count, or a source that tells of it is not
    believed; None where neither is so, and for an audience that is told bands."""

    @property
    def quantity(self) -> Quantity | None:
        """Units that can be ordered now; None where backorder is without limit, and for an
        audience that is told bands."""
        if self.parts is None or self.parts.available_to_order >= UNLIMITED:
            return None
        return self.parts.available_to_order

    @property
    def breakdown(self) -> Breakdown:
        """How the number comes about. Raises `ValueError` where the answer is told as a band."""
        if self.parts is None:
            raise ValueError("this answer is told as a band")
        return self.parts

    @property
    def promise(self) -> Promise:
        """When `requested` units can be had, or as many of them as can be ordered."""
        if self.dated is not None:
            return self.dated
        whole = self.breakdown
        return promise_of(
            self.requested,
            whole.available_to_sell,
            whole.available_to_order,
            {part.location: part.backordered for part in whole.locations},
            self.supply,
            self.released_at,
            self.as_of,
        )


_NO_PARTS: Final[tuple[tuple[Any, ...], ...]] = ((),) * len(LocationBreakdown._fields)


def availability_in(
    items: Mapping[Sku, Item],
    positions: Mapping[Sku, Sequence[Position]],
    sku: Sku,
    rules: Rules,
    channel: Channel,
    quantity: Quantity,
    now: datetime,
) -> Availability:
    """Whether `quantity` of an item or a kit can be had in a channel at `now`.

    `items` and `positions` must hold the item and, for a kit, its components.
    """
    of_kit = rules.kits.get(sku)
    if of_kit is None:
        return availability_of(items[sku], positions[sku], rules, channel, quantity, now)
    answers = []
    for component, per_kit in of_kit:
        needed = per_kit * quantity // UNIT
        answer = availability_of(
            items[component], positions[component], rules, channel, needed, now
        )
        answers.append((per_kit, answer))
    return _kit(items[sku], answers, rules, channel, quantity, now)


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
    breakdown = _summed(item, parts, rules, channel.id, now)
    status = _status(item, breakdown, rules, channel.id, now, pool)
    upcoming = [p.next_supply_at for p in pool if p.next_supply_at and p.next_supply_at > now]
    next_supply_at = min(upcoming, default=None)
    can_fulfil = breakdown.available_to_order >= quantity
    in_stock = quantity - breakdown.beyond_stock
    reason, rule = (None, None) if can_fulfil else _limit(item, parts, in_stock)
    return Availability(
        sku=item.sku,
        channel=channel.id,
        requested=quantity,
        can_fulfil=can_fulfil,
        status=status,
        parts=breakdown,
        limiting_reason=reason,
        limiting_rule=rule,
        message=message_for(
            status,
            breakdown.available_to_order,
            rules.low_stock_mark(item, channel.id),
            item.released_at if status is AvailabilityStatus.PRE_ORDER else next_supply_at,
            now,
        ),
        next_supply_at=next_supply_at,
        version=sum(position.version for position in pool),
        as_of=now,
        released_at=item.released_at,
        supply=tuple(line for p in pool for line in p.supply) if breakdown.incoming else (),
        stale_since=_stale_since(pool, rules) if rules.stale else None,
    )


def _stale_since(pool: Iterable[Position], rules: Rules) -> datetime | None:
    silent = (rules.stale.get(one.location) for one in pool if one.on_hand > 0)
    return min((since for since in silent if since is not None), default=None)


def _at_location(
    item: Item, position: Position, rules: Rules, channel: ChannelId
) -> LocationBreakdown:
    safety = rules.withheld(item, position.location, channel, position.on_hand)
    free, waiting = position.free, position.waiting
    # By place, not by name: this is called for each location of each answer.
    return LocationBreakdown(
        position.location,
        position.on_hand,
        position.unavailable,
        position.allocated,
        # A lapsed hold claims nothing, swept or not; one's own does not block oneself.
        position.reserved - position.lapsed - position.own,
        waiting,
        safety.value,
        safety.rule,
        sellable(free, waiting, safety.value, item.quantity_step),
        position.incoming,
        max(0, -free),
    )


def _summed(
    item: Item,
    parts: tuple[LocationBreakdown, ...],
    rules: Rules,
    channel: ChannelId,
    now: datetime,
) -> Breakdown:
    columns = zip(*parts, strict=True) if parts else _NO_PARTS
    (_, on_hand, unavailable, allocated, reserved, backordered, safety_stock, _, to_sell,
     incoming, shortfall) = columns  # fmt: skip
    waiting, available_to_sell = sum(backordered), sum(to_sell)
    beyond = beyond_stock(item, waiting, rules, channel, now)
    to_order = beyond if item.discontinued else available_to_sell + beyond
    return Breakdown(
        sum(on_hand),
        sum(unavailable),
        sum(allocated),
        sum(reserved),
        waiting,
        sum(safety_stock),
        available_to_sell,
        beyond,
        min(UNLIMITED, to_order),
        sum(incoming),
        sum(shortfall),
        parts,
    )


def _kit(
    item: Item,
    answers: list[tuple[Quantity, Availability]],
    rules: Rules,
    channel: Channel,
    quantity: Quantity,
    now: datetime,
) -> Availability:
    """A kit can be had as often as the component that runs out first."""

    def least(part: str) -> Quantity:
        return min(in_kits(getattr(one.breakdown, part), per_kit, item) for per_kit, one in answers)

    available_to_sell = least("available_to_sell")
    available = 0 if item.discontinued else least("available_to_order")
    beyond = UNLIMITED if available >= UNLIMITED else max(0, available - available_to_sell)
    breakdown = Breakdown(
        0, 0, 0, 0, 0, 0, available_to_sell, beyond, available, 0, 0, locations=()
    )
    status = _status(item, breakdown, rules, channel.id, now)
    short = next((one for _, one in answers if not one.can_fulfil), None)
    can_fulfil = available >= quantity
    reason = None if can_fulfil else "DISCONTINUED" if short is None else short.limiting_reason
    rule = None if can_fulfil else f"component:{short.sku}" if short else f"item:{item.sku}"
    dates = [one.next_supply_at for _, one in answers if not one.can_fulfil]
    known = [date for date in dates if date is not None]
    # The kit is back when the last of its missing components is.
    next_supply_at = max(known) if known and len(known) == len(dates) else None
    return Availability(
        sku=item.sku,
        channel=channel.id,
        requested=quantity,
        can_fulfil=can_fulfil,
        status=status,
        parts=breakdown,
        limiting_reason=reason,
        limiting_rule=rule,
        message=message_for(
            status, available, rules.low_stock_mark(item, channel.id), next_supply_at, now
        ),
        next_supply_at=next_supply_at,
        version=sum(one.version for _, one in answers),
        as_of=now,
        components=tuple(
            KitComponent(one.sku, per_kit, one.breakdown.available_to_order)
            for per_kit, one in answers
        ),
        released_at=item.released_at,
        dated=promise_of_kits(
            item,
            [ComponentPromise(one.promise, one.requested, per_kit) for per_kit, one in answers],
            min(quantity, available),
            now,
        ),
        stale_since=min(
            (one.stale_since for _, one in answers if one.stale_since is not None), default=None
        ),
    )


def _status(
    item: Item,
    breakdown: Breakdown,
    rules: Rules,
    channel: ChannelId,
    now: datetime,
    pool: Sequence[Position] = (),
) -> AvailabilityStatus:
    if item.discontinued:
        return AvailabilityStatus.DISCONTINUED
    if breakdown.available_to_order <= 0:
        return AvailabilityStatus.OUT_OF_STOCK
    if item.released_at is not None and item.released_at > now:
        return AvailabilityStatus.PRE_ORDER
    if breakdown.available_to_sell <= 0:
        return AvailabilityStatus.BACK_ORDER
    # While more can be ordered than is in stock, few in stock are no reason to hurry.
    low_mark = rules.low_stock_mark(item, channel).value
    if not breakdown.beyond_stock and (
        breakdown.available_to_order <= low_mark
        or stays_low(item, pool, rules, channel, breakdown.available_to_order)
    ):
        return AvailabilityStatus.LIMITED_AVAILABILITY
    return AvailabilityStatus.IN_STOCK


def _limit(
    item: Item, parts: tuple[LocationBreakdown, ...], quantity: Quantity
) -> tuple[str, str | None]:
    """The first claim without which `quantity` of stock could be had, and the rule behind it.

    Claims are lifted in the order a person would question them: the buffer, those in line, the
    holds of others, orders, unsellable units; if lifting all is not enough, there is too little
    stock.
    """
    if item.discontinued:
        return "DISCONTINUED", f"item:{item.sku}"
    if not parts:
        return "NOT_STOCKED", None
    free = [
        part.on_hand - part.unavailable - part.allocated - part.reserved - part.backordered
        for part in parts
    ]
    withholding = [
        part.safety_stock_rule
        for part, units in zip(parts, free, strict=True)
        if units > part.available_to_sell
    ]
    if _sum_above_zero(free) >= quantity:
        return "SAFETY_STOCK", withholding[0]
    for reason, claims in (
        ("BACKORDERED", [part.backordered for part in parts]),
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
