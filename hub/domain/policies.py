"""Channels, their pools, and the rules of stock with their one precedence.

The most specific rule that has a value wins, and rules never add up:
item > category > location > channel > global.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput, UnknownChannel
from hub.domain.item import Item
from hub.domain.reservations import HoldStage
from hub.domain.source_freshness import Withheld
from hub.domain.sourcing import FEWEST_PARCELS, STRATEGIES, Place, Strategy
from hub.domain.values import MAX_QUANTITY, UNIT, ChannelId, Line, LocationId, Quantity, Sku

GLOBAL: Final = ("global", "")
UNLIMITED: Final[Quantity] = MAX_QUANTITY
"""A limit that never binds. Outside the hub it is written as null, and no limit at all as 0."""
DEFAULT_SAFETY_STOCK: Final[Quantity] = 0
DEFAULT_LOW_STOCK_MARK: Final[Quantity] = 5 * UNIT
DEFAULT_LOW_STOCK_MARGIN: Final[Quantity] = 2 * UNIT
DEFAULT_LIMIT: Final[Quantity] = 0
MAX_KNOWN: Final = 10_000
"""Answers that are kept of rules of which items have a say: there may be as many as items."""
DEFAULT_HOLD_SECONDS: Final = {
    HoldStage.CART: 900,
    HoldStage.CHECKOUT: 900,
    HoldStage.PAYMENT: 900,
}


class Policy(NamedTuple):
    """What a rule says; None leaves the matter to a less specific rule."""

    safety_stock: Quantity | None = None
    low_stock_mark: Quantity | None = None
    backorder_limit: Quantity | None = None
    """Units of an item that a pool may sell beyond stock; 0 = none, UNLIMITED = any number."""
    preorder_limit: Quantity | None = None
    """The same for an item that is not released yet."""
    cart_hold_seconds: int | None = None
    checkout_hold_seconds: int | None = None
    payment_hold_seconds: int | None = None
    """How long holds last, by stage; rules of channels and the global one only."""
    low_stock_margin: Quantity | None = None
    """An item that is low stays low below its mark and so many units; not for single items."""
    stale_count_seconds: int | None = None
    """A location is stale once its newest count is older; rules of locations and the global one
    only, and where none says it, none ever is."""


class Channel(NamedTuple):
    """A selling surface and the locations that serve it, in the order they are asked."""

    id: ChannelId
    name: str
    locale: str
    currency: str
    pool: tuple[LocationId, ...]
    sourcing: str = FEWEST_PARCELS
    """Name of the strategy that chooses among the locations of the pool."""


class Ruled(NamedTuple):
    """A value and the rule it comes from, such as `location:BER`."""

    value: Quantity
    rule: str


class Doubt(NamedTuple):
    """A source is not believed, and what a location that it tells of withholds for that."""

    source: str
    since: datetime
    withheld: Withheld | None


class Rules:
    """All rules at one revision. Item policies travel with the item, for there may be millions."""

    def __init__(
        self,
        channels: Mapping[ChannelId, Channel],
        locations: Mapping[LocationId, Place],
        policies: Mapping[tuple[str, str], Policy],
        default_channel: ChannelId | None,
        revision: int = 0,
        kits: Mapping[Sku, tuple[Line, ...]] | None = None,
        strategies: Mapping[str, Strategy] = STRATEGIES,
        hold_seconds: Mapping[HoldStage, int] = DEFAULT_HOLD_SECONDS,
        stale: Mapping[LocationId, datetime] | None = None,
        doubts: Mapping[LocationId, Sequence[Doubt]] | None = None,
    ) -> None:
        self.channels = channels
        self.locations = locations
        self.policies = policies
        self.doubts: Mapping[LocationId, Sequence[Doubt]] = doubts or {}
        """Locations that a source tells of which is not believed."""
        self.stale: Mapping[LocationId, datetime] = _earliest(stale or {}, self.doubts)
        """Locations of which too little was heard for too long, and since when."""
        self.kits: Mapping[Sku, tuple[Line, ...]] = kits or {}
        self.kits_with: dict[Sku, list[Sku]] = {}
        for kit, components in self.kits.items():
            for component in components:
                self.kits_with.setdefault(component.sku, []).append(kit)
        self._strategies = strategies
        self._hold_seconds = hold_seconds
        self._known_hold_seconds: dict[tuple[ChannelId, HoldStage], int] = {}
        self.default_channel = default_channel
        self.revision = revision
        self._safety_stock: dict[tuple[str | None, LocationId, ChannelId], Ruled] = {}
        self._some_limit = any(
            policy.backorder_limit or policy.preorder_limit for policy in policies.values()
        )
        self._of_pool: dict[tuple[str, str | None, ChannelId], Ruled] = {}
        """Rules that no location has a say in, by name."""
        self._near_low_stock: dict[
            tuple[str | None, Quantity | None, Quantity | None], tuple[Quantity, Quantity] | None
        ] = {}

    def channel(self, channel: ChannelId | None) -> Channel:
        """The channel named, or the default one; raises `UnknownChannel`."""
        chosen = channel if channel is not None else self.default_channel
        try:
            return self.channels[chosen or ""]
        except KeyError:
            raise UnknownChannel(channel=chosen or "(default)") from None

    def safety_stock(self, item: Item, location: LocationId, channel: ChannelId) -> Ruled:
        """The units of an item that this location withholds from this channel by rule."""
        if item.safety_stock is not None:
            return Ruled(item.safety_stock, f"item:{item.sku}")
        # Every answer and every reservation asks; the rules of one revision never change.
        key = (item.category, location, channel)
        ruled = self._safety_stock.get(key)
        if ruled is None:
            ruled = self._safety_stock[key] = self._find("safety_stock", *key)
        return ruled

    def withheld(
        self, item: Item, location: LocationId, channel: ChannelId, on_hand: Quantity
    ) -> Ruled:
        """The units of an item, of so many on hand, that this location withholds from this channel:
        its safety stock, or what a source that is not believed makes it withhold, if that is
        more."""
        ruled = self.safety_stock(item, location, channel)
        if not self.doubts:
            return ruled
        for doubt in self.doubts.get(location, ()):
            if doubt.withheld is not None:
                units = doubt.withheld.of(on_hand, item.quantity_step)
                if units > ruled.value:
                    ruled = Ruled(units, f"source:{doubt.source}")
        return ruled

    def low_stock_mark(self, item: Item, channel: ChannelId) -> Ruled:
        """At or below this many sellable units an item is low in a channel."""
        if item.low_stock_mark is not None:
            return Ruled(item.low_stock_mark, f"item:{item.sku}")
        return self._unless_own(item, "low_stock_mark", channel)

    def low_stock_end(self, item: Item, channel: ChannelId) -> Quantity:
        """An item that was low stays low below this many sellable units: its mark and a margin, so
        that it does not flap; never more than 0 where there is no mark."""
        mark = self.low_stock_mark(item, channel).value
        margin = self._unless_own(item, "low_stock_margin", channel).value
        return mark + max(1, margin) if mark > 0 else 0

    def near_low_stock(self, item: Item) -> tuple[Quantity, Quantity] | None:
        """An item of which all locations together have no more free than the first, or each more
        than the second, is near its mark in no channel; None where it nowhere can be."""
        key = (item.category, item.low_stock_mark, item.safety_stock)
        if key not in self._near_low_stock:
            if len(self._near_low_stock) >= MAX_KNOWN:
                self._near_low_stock.clear()
            self._near_low_stock[key] = self._bounds_of_low_stock(item)
        return self._near_low_stock[key]

    def _bounds_of_low_stock(self, item: Item) -> tuple[Quantity, Quantity] | None:
        channels = self.channels.values()
        bounds = [
            (self.low_stock_mark(item, one.id).value, self.low_stock_end(item, one.id))
            for one in channels
        ]
        wide = [(mark, end) for mark, end in bounds if end - mark > 1]
        if not wide:
            return None
        if any(one.withheld is not None for many in self.doubts.values() for one in many):
            # What is withheld of what is on hand has no bound.
            return min(mark for mark, _ in wide), UNLIMITED
        safety = max(
            self.safety_stock(item, location, one.id).value
            for one in channels
            for location in one.pool
        )
        return min(mark for mark, _ in wide), max(end for _, end in wide) + safety

    def beyond_stock(self, item: Item, channel: ChannelId, now: datetime) -> Ruled:
        """How many units of an item a channel's pool may sell beyond stock at `now`."""
        if item.released_at is not None and item.released_at > now:
            return self._limit(item, item.preorder_limit, "preorder_limit", channel)
        return self._limit(item, item.backorder_limit, "backorder_limit", channel)

    def may_sell_beyond_stock(self, item: Item) -> bool:
        """Whether supply may matter to what can be ordered of an item."""
        return bool(self._some_limit or item.backorder_limit or item.preorder_limit)

    def strategy(self, channel: Channel) -> Strategy:
        """How a channel chooses among its locations; raises `InvalidInput` for an unknown name."""
        try:
            return self._strategies[channel.sourcing]
        except KeyError:
            known = ", ".join(sorted(self._strategies))
            raise InvalidInput(field="sourcing", problem=f"must be one of {known}") from None

    def hold_seconds(self, channel: ChannelId, stage: HoldStage) -> int:
        """How long a hold of a channel lasts at a stage."""
        known = self._known_hold_seconds.get((channel, stage))
        if known is not None:
            return known
        field = f"{stage.value.lower()}_hold_seconds"
        found = self._hold_seconds[stage]
        for target in (GLOBAL, ("channel", channel)):
            seconds: int | None = getattr(self.policies.get(target), field, None)
            if seconds is not None:
                found = seconds
        self._known_hold_seconds[channel, stage] = found
        return found

    def _limit(self, item: Item, own: Quantity | None, name: str, channel: ChannelId) -> Ruled:
        if own is not None:
            return Ruled(own, f"item:{item.sku}")
        return self._unless_own(item, name, channel)

    def _unless_own(self, item: Item, name: str, channel: ChannelId) -> Ruled:
        """What holds for an item that has no rule of its own."""
        key = (name, item.category, channel)
        ruled = self._of_pool.get(key)
        if ruled is None:
            ruled = self._of_pool[key] = self._find(name, item.category, None, channel)
        return ruled

    def _find(
        self, name: str, category: str | None, location: LocationId | None, channel: ChannelId
    ) -> Ruled:
        """What the most specific rule that is not an item's own says of one matter."""
        of_category = (("category", category),) if category else ()
        of_location = (("location", location),) if location else ()
        for target in (*of_category, *of_location, ("channel", channel), GLOBAL):
            value: Quantity | None = getattr(self.policies.get(target), name, None)
            if value is not None:
                return Ruled(value, ":".join(target).rstrip(":"))
        return Ruled(_DEFAULTS[name], "default")


def _earliest(
    stale: Mapping[LocationId, datetime], doubts: Mapping[LocationId, Sequence[Doubt]]
) -> Mapping[LocationId, datetime]:
    since = dict(stale)
    for location, many in doubts.items():
        earliest = min(one.since for one in many)
        since[location] = min(earliest, stale.get(location, earliest))
    return since


_DEFAULTS: Final = {
    "safety_stock": DEFAULT_SAFETY_STOCK,
    "low_stock_mark": DEFAULT_LOW_STOCK_MARK,
    "low_stock_margin": DEFAULT_LOW_STOCK_MARGIN,
    "backorder_limit": DEFAULT_LIMIT,
    "preorder_limit": DEFAULT_LIMIT,
}
