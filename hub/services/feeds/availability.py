"""The feed of availability: the newest answer for each item, whenever it is another one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability
from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope, Audience, Principal
from hub.domain.values import UNIT, ChannelId, Sku, identifier_from
from hub.services.cached_item import ReadOf
from hub.services.feeds.feeds import FeedParts
from hub.services.feeds.items_wanted import items_wanted
from hub.services.feeds.source import Overtaken, Value
from hub.services.rules import RulesCache
from hub.services.stock_cache import item_of, read_by_rules
from hub.store.change_log import Changes
from hub.store.feed_walks import Piece, read_items_behind
from hub.store.log_cursor import LogCursor
from hub.store.log_window import Touch, Window, read_touched_items
from hub.store.moments import Moment


class AvailabilityWanted(NamedTuple):
    """Which answers a feed tells, and to whom."""

    channel: ChannelId
    skus: tuple[Sku, ...] | None
    """In their order; None for all."""
    category: str | None
    audience: Audience

    def source(self, parts: FeedParts) -> "AvailabilitySource":
        """What tells them."""
        return AvailabilitySource(self, parts.rules, parts.bands)


async def wanted_availability(
    parts: FeedParts,
    principal: Principal,
    channel: str | None,
    skus: Sequence[Sku],
    category: str | None,
    *,
    is_new: bool,
) -> AvailabilityWanted:
    """The answers that somebody asks for; without skus and category, of all items of the channel.
    Raises `Forbidden`, `UnknownChannel`, `InvalidInput`, `LimitExceeded` and, where he has not been
    told of them before, `UnknownSku`."""
    principal.require(AccessScope.AVAILABILITY_READ)
    if channel is not None:
        identifier_from(channel, "channel")
    chosen = parts.rules.current.channel(channel).id
    items = await items_wanted(parts, skus, category, is_new=is_new)
    return AvailabilityWanted(chosen, items.skus, items.category, principal.audience)


class AvailabilitySource:
    """The answers for some items or all of them in one channel, as an audience may know them."""

    follows_rules = True

    def __init__(self, wanted: AvailabilityWanted, rules: RulesCache, bands: Bands) -> None:
        self._wanted = wanted
        self._skus = None if wanted.skus is None else frozenset(wanted.skus)
        self._rules = rules
        self._bands = bands

    def concerns(self, changes: Changes) -> bool:
        """Whether an item of the feed, or a part of a kit, is among these."""
        if changes.rules or self._skus is None:
            return changes.rules or bool(changes.skus)
        return not self._skus.isdisjoint(self._rules.with_kits(changes.skus))

    def is_key(self, text: str) -> bool:
        """Whether this may be a sku."""
        try:
            identifier_from(text, "sku")
        except InvalidInput:
            return False
        return True

    async def has_forgotten(self, moment: Moment, known: LogCursor) -> bool:
        """Items are kept."""
        return False

    async def touched(self, moment: Moment, window: Window) -> list[Touch]:
        """The items that were touched."""
        return await read_touched_items(moment, window, self._wanted.skus, self._wanted.category)

    async def walk(self, moment: Moment, key: str, limit: int) -> Piece:
        """The items of the feed."""
        return await read_items_behind(moment, key, limit, self._wanted.skus, self._wanted.category)

    async def values(self, moment: Moment, keys: Sequence[str]) -> Mapping[str, Value]:
        """The answers of the moment, by the rules of the moment."""
        read, rules = await read_by_rules(moment, self._rules, keys)
        if read.now is None or self._wanted.channel not in rules.channels:
            return {}
        if read.revision != rules.revision:
            raise Overtaken
        of = ReadOf(0, rules, read.now)
        return {
            sku: self._value(
                item_of(sku, read, of).availability(self._wanted.channel, UNIT, read.now)
            )
            for sku in keys
            if sku in read.items
        }

    def _value(self, answer: Availability) -> Value:
        news = answer._replace(as_of=None, message=answer.message.code)  # type: ignore[arg-type]
        return Value(told(answer, self._wanted.audience, self._bands), hash(news))
