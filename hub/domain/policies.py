"""Channels, their pools, and the rules of stock with their one precedence.

The most specific rule that has a value wins, and rules never add up:
item > category > location > channel > global.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.domain.errors import UnknownChannel
from hub.domain.item import Item
from hub.domain.values import UNIT, ChannelId, LocationId, Quantity

GLOBAL: Final = ("global", "")
DEFAULT_SAFETY_STOCK: Final[Quantity] = 0
DEFAULT_LOW_STOCK_MARK: Final[Quantity] = 5 * UNIT


class Policy(NamedTuple):
    """What a rule says; None leaves the matter to a less specific rule."""

    safety_stock: Quantity | None = None
    low_stock_mark: Quantity | None = None


class Channel(NamedTuple):
    """A selling surface and the locations that serve it, in the order they are asked."""

    id: ChannelId
    name: str
    locale: str
    currency: str
    pool: tuple[LocationId, ...]


class Ruled(NamedTuple):
    """A value and the rule it comes from, such as `location:BER`."""

    value: Quantity
    rule: str


class Rules:
    """All rules at one revision. Item policies travel with the item, for there may be millions."""

    def __init__(
        self,
        channels: Mapping[ChannelId, Channel],
        locations: frozenset[LocationId],
        policies: Mapping[tuple[str, str], Policy],
        default_channel: ChannelId | None,
        revision: int = 0,
    ) -> None:
        self.channels = channels
        self.locations = locations
        self.policies = policies
        self.default_channel = default_channel
        self.revision = revision
        self._safety_stock: dict[tuple[str | None, LocationId, ChannelId], Ruled] = {}

    def channel(self, channel: ChannelId | None) -> Channel:
        """The channel named, or the default one; raises `UnknownChannel`."""
        chosen = channel if channel is not None else self.default_channel
        try:
            return self.channels[chosen or ""]
        except KeyError:
            raise UnknownChannel(channel=chosen or "(default)") from None

    def safety_stock(self, item: Item, location: LocationId, channel: ChannelId) -> Ruled:
        """The units of an item that this location withholds from this channel."""
        if item.safety_stock is not None:
            return Ruled(item.safety_stock, f"item:{item.sku}")
        # Every answer and every reservation asks; the rules of one revision never change.
        key = (item.category, location, channel)
        ruled = self._safety_stock.get(key)
        if ruled is None:
            ruled = self._safety_stock[key] = self._find_safety_stock(*key)
        return ruled

    def low_stock_mark(self, item: Item, channel: ChannelId) -> Ruled:
        """At or below this many sellable units an item is low in a channel."""
        if item.low_stock_mark is not None:
            return Ruled(item.low_stock_mark, f"item:{item.sku}")
        for target in (("category", item.category or ""), ("channel", channel), GLOBAL):
            policy = self.policies.get(target)
            if policy is not None and policy.low_stock_mark is not None:
                return Ruled(policy.low_stock_mark, ":".join(target).rstrip(":"))
        return Ruled(DEFAULT_LOW_STOCK_MARK, "default")

    def _find_safety_stock(
        self, category: str | None, location: LocationId, channel: ChannelId
    ) -> Ruled:
        of_category = (("category", category),) if category else ()
        for target in (*of_category, ("location", location), ("channel", channel), GLOBAL):
            policy = self.policies.get(target)
            if policy is not None and policy.safety_stock is not None:
                return Ruled(policy.safety_stock, ":".join(target).rstrip(":"))
        return Ruled(DEFAULT_SAFETY_STOCK, "default")
