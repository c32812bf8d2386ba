"""The items that somebody asks a feed for: some by name, those of a category, or all."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hub.domain.errors import InvalidInput, LimitExceeded, UnknownSku
from hub.domain.values import Sku, identifier_from
from hub.services.feeds.feeds import FeedParts
from hub.store.feed_walks import read_skus_of_category
from hub.store.moments import Moment


class ItemsWanted(NamedTuple):
    """Which items."""

    skus: tuple[Sku, ...] | None
    """In their order; None for all."""
    category: str | None

    @property
    def is_everything(self) -> bool:
        """Whether all items are asked for, and what is about none of them."""
        return self.skus is None and self.category is None

    async def among(self, moment: Moment, skus: Iterable[Sku]) -> frozenset[Sku]:
        """Those of some items that are asked for."""
        if self.skus is not None:
            return frozenset(self.skus).intersection(skus)
        if self.category is None:
            return frozenset(skus)
        return await read_skus_of_category(moment, skus, self.category)


async def items_wanted(
    parts: FeedParts, skus: Sequence[Sku], category: str | None, *, is_new: bool
) -> ItemsWanted:
    """The items that somebody asks for. Raises `InvalidInput`, `LimitExceeded` and, where he has
    not been told of them before, `UnknownSku`."""
    if category is not None:
        identifier_from(category, "category")
    for sku in skus:
        identifier_from(sku, "sku")
    named = tuple(sorted(set(skus)))
    if len(named) > parts.max_items:
        raise LimitExceeded(what="skus", limit=parts.max_items, actual=len(named))
    if named and category is not None:
        raise InvalidInput(field="category", problem="can not be given together with sku")
    if named and is_new:
        known = set(await parts.known_skus(named))
        missing = [sku for sku in named if sku not in known]
        if missing:
            raise UnknownSku(skus=missing)
    return ItemsWanted(named or None, category)
