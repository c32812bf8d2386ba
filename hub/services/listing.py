"""Lists of items: a page that matches a filter, and how many items do."""

import time
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from hub.domain.errors import InvalidInput, UnknownLocation
from hub.domain.principal import AccessScope, Principal
from hub.domain.status import AvailabilityStatus
from hub.services.catalogue import (
    CatalogueItem,
    Page,
    check_page_size,
    cursor_of,
    place_from,
)
from hub.services.rules import RulesCache
from hub.store.database import Database
from hub.store.item_pages import Place, Total, count_items, read_page
from hub.store.item_walks import Wanted
from hub.store.item_words import SoughtWord, read_words

T = TypeVar("T")

MAX_WORDS: Final = 8
"""Words of a filter: each is looked for on its own."""
KEPT: Final = 1_000
"""Totals, and texts, of which it is remembered what there is."""
STOCK_TOTAL_SECONDS: Final = 2.0
"""How long a total that changes with stock is told before it is counted again."""


class ItemFilter(NamedTuple):
    """Which items: all that is given must hold."""

    text: str | None = None
    """Words that the sku or the name must hold; none has what holds no word and is not blank."""
    category: str | None = None
    family: str | None = None
    skus: tuple[str, ...] | None = None
    discontinued: bool | None = None
    channel: str | None = None
    """Whose status, low stock and counts are meant; the default channel where none is named."""
    statuses: tuple[AvailabilityStatus, ...] | None = None
    low_stock: bool | None = None
    location: str | None = None
    """Where the items must have stock on hand; for those who may write stock."""
    not_counted_since: datetime | None = None
    """Items of the channel's pool, or of the location, whose newest count is older, or that were
    never counted: where a supplier has gone silent. For those who may write stock."""


class ItemOrder(StrEnum):
    """What items are listed by; equal ones by sku."""

    SKU = "sku"
    NAME = "name"


class Listing:
    """Finds items. What depends on stock is found in projections, which follow the ledger within
    about a second."""

    def __init__(self, database: Database, rules: RulesCache, max_page: int) -> None:
        self._database = database
        self._rules = rules
        self._max_page = max_page
        self._kept_words: _Kept[tuple[SoughtWord, ...]] = _Kept()
        self._kept_totals: _Kept[Total] = _Kept()

    async def page(
        self,
        principal: Principal,
        first: int,
        after: str | None,
        where: ItemFilter,
        order: ItemOrder,
        descending: bool,
        with_total: bool,
    ) -> Page[CatalogueItem]:
        """The next `first` items behind the cursor `after`; `total` only when asked for. Raises
        `UnknownChannel`, `UnknownLocation`, `InvalidInput` and `Forbidden`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        check_page_size(first, self._max_page)
        wanted = await self._wanted(principal, where)
        place = None if after is None else Place(*place_from(after, (str, str)))
        if where.text and where.text.strip() and not wanted.words:
            # Somebody looks for what is no word, such as stars: no item is found by that.
            return Page([], [], has_next=False, total=0 if with_total else None)
        found = await read_page(
            self._database,
            wanted,
            by_name=order is ItemOrder.NAME,
            descending=descending,
            after=place,
            limit=first + 1,
        )
        total = await self._total(wanted) if with_total else None
        items, stopped_at = found
        if total is not None and not total.exact:
            # Counting may have ended before it came by those of this page.
            total = total._replace(items=max(total.items, len(items)))
        return Page(
            [CatalogueItem(**one.item) for one in items[:first]],
            [cursor_of([*one.place]) for one in items[:first]],
            len(items) > first or stopped_at is not None,
            None if total is None else total.items,
            total is None or total.exact,
            None if stopped_at is None else cursor_of([*stopped_at]),
        )

    async def _wanted(self, principal: Principal, where: ItemFilter) -> Wanted:
        if where.location is not None or where.not_counted_since is not None:
            # Where stock lies, and who has gone silent, is nobody's business but the operations'.
            principal.require(AccessScope.STOCK_WRITE)
        if where.location is not None and where.location not in self._rules.current.locations:
            raise UnknownLocation(location=where.location)
        if where.statuses is not None and not where.statuses:
            raise InvalidInput(field="filter.status", problem="must name at least one status")
        wanted = Wanted(
            words=await self._words(where.text or ""),
            category=where.category,
            family=where.family,
            skus=where.skus,
            discontinued=where.discontinued,
            statuses=where.statuses and tuple(sorted({one.value for one in where.statuses})),
            low=where.low_stock,
            not_counted_since=where.not_counted_since,
            location=where.location,
        )
        if where.channel is not None or wanted.asks_channel:
            channel = self._rules.current.channel(where.channel).id
            return wanted._replace(channel=channel if wanted.asks_channel else "")
        return wanted

    async def _words(self, text: str) -> tuple[SoughtWord, ...]:
        sought = "".join(letter if letter.isalnum() else " " for letter in text).split()
        if len(sought) > MAX_WORDS:
            raise InvalidInput(field="filter.text", problem=f"must hold at most {MAX_WORDS} words")
        if not sought:
            return ()
        key = (text, self._rules.current.revision)
        words = self._kept_words.get(key)
        if words is None:
            words = await read_words(self._database, text)
            self._kept_words.put(key, words, None)
        return words

    async def _total(self, wanted: Wanted) -> Total:
        # Where nothing but the catalogue is asked, a total holds until the catalogue changes.
        key = (wanted, self._rules.current.revision)
        total = self._kept_totals.get(key)
        if total is None:
            total = await count_items(self._database, wanted)
            until = time.monotonic() + STOCK_TOTAL_SECONDS if wanted.asks_stock else None
            self._kept_totals.put(key, total, until)
        return total


class _Kept(Generic[T]):
    """What was read before; what was used last is kept longest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[T, float | None]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """What is kept, unless it is too old."""
        found = self._kept.get(key)
        if found is None or (found[1] is not None and found[1] <= time.monotonic()):
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: T, until: float | None) -> None:
        """Keep a value, until a monotonic time or as long as there is room."""
        self._kept[key] = (value, until)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
