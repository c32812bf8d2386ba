"""Which way to walk to the items of a filter.

A page is found by walking along one index. Conditions that the index is made for are the keys of
the walk: they say where it goes along. What else the index holds is checked on the way, and only
what it does not hold is looked up elsewhere, by primary key, for each item that has come so far.
"""

# ruff: noqa: S608 - the words of the statements are ours; values are passed by placeholders

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from hub.store.item_words import SoughtWord


class Wanted(NamedTuple):
    """Which items: all that is given must hold."""

    words: tuple[SoughtWord, ...] = ()
    """The rarest first."""
    category: str | None = None
    family: str | None = None
    skus: tuple[str, ...] | None = None
    discontinued: bool | None = None
    channel: str = ""
    """Whose status, low stock and counts are meant."""
    statuses: tuple[str, ...] | None = None
    low: bool | None = None
    not_counted_since: datetime | None = None
    """By the counts of the location, where one is given, else by those of the channel's pool."""
    location: str | None = None

    @property
    def names_items(self) -> bool:
        """Whether the items are named, by sku or family, and so are few."""
        return self.skus is not None or self.family is not None

    @property
    def are_few(self) -> bool:
        """Whether there are so few that all of them can be looked at."""
        return self.names_items or bool(self.words and self.words[0].is_rare)

    @property
    def asks_item(self) -> bool:
        """Whether it matters what the catalogue says, beyond words."""
        return self.names_items or self.category is not None or self.discontinued is not None

    @property
    def asks_channel(self) -> bool:
        """Whether it matters what an item is in the channel."""
        stale = self.not_counted_since is not None and self.location is None
        return stale or self.statuses is not None or self.low is not None

    @property
    def asks_stock(self) -> bool:
        """Whether the answer changes with stock."""
        return self.asks_channel or self.location is not None


class Table(StrEnum):
    """What can be walked along."""

    ITEM = "item"
    WORD = "item_word"
    LISTING = "listing"
    STOCK = "listing_stock"


COLUMNS = {
    Table.ITEM: "name, sku, category, family, discontinued",
    Table.WORD: "name, sku, word",
    Table.LISTING: "name, sku, category, status, low, counted_at",
    Table.STOCK: "name, sku, category, counted_at",
}
"""What can be checked on the way; of all but items, the indexes hold all of it."""


class Values:
    """The values of a statement. Parts of it are made that may be left out in the end, and so
    placeholders are numbered last."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def add(self, value: Any, type: str) -> str:
        """What stands for a value in a part of the statement."""
        self._values.append(list(value) if isinstance(value, tuple) else value)
        return f"<{len(self._values) - 1}>::{type}"

    def numbered(self, statement: str) -> tuple[str, list[Any]]:
        """The statement with its placeholders, and the values for them."""
        used: list[Any] = []

        def placeholder(match: re.Match[str]) -> str:
            used.append(self._values[int(match[1])])
            return f"${len(used)}"

        return re.sub(r"<(\d+)>", placeholder, statement), used


class Walk(NamedTuple):
    """A way to the items of a filter, along one table."""

    table: Table
    keys: list[str]
    checks: list[str]
    stretches: tuple[str, ...] = ()
    """Keys of which one must hold: the walk goes along all these stretches at once."""
    repeats: bool = False
    """Whether it may come by an item more than once."""
    in_order: bool = True
    """Whether an index has the items in the order of the page; else all are read and sorted."""
    sorting: str = ""
    """Where not: the order of the index that is meant, for the planner to take it."""
    dear: bool = False
    """Whether a check takes longer than the step to the next item."""


def walks_to(wanted: Wanted, values: Values, by_name: bool) -> tuple[Walk, Walk | None]:
    """A way to the items and, where that may be long, another one for when it is."""
    if wanted.names_items:
        return _along_items(wanted, values), None
    if wanted.are_few:
        return along_words(wanted, values, by_name), None
    if wanted.location is not None:
        way = _along_stock(wanted, values)
    elif wanted.asks_channel:
        way = _along_listing(wanted, values, by_name)
    else:
        way = _along_items(wanted, values)
    if wanted.asks_channel and not by_name:
        return way, _across_listing(wanted, values)
    if wanted.words:
        by_word = along_words(wanted, values, by_name)
        alone = not wanted.asks_stock and not wanted.asks_item
        return (by_word, None) if alone and by_word.in_order else (way, by_word)
    if wanted.discontinued and wanted.asks_stock and by_name:
        return way, _along_items(wanted, values)
    if wanted.location is not None and wanted.asks_channel:
        return way, _along_listing(wanted, values, by_name)
    if wanted.location is not None and wanted.category is not None:
        return way, _along_items(wanted, values)
    if wanted.asks_channel and wanted.not_counted_since is not None:
        return way, _across_listing(wanted, values)
    return way, None


def _along_items(wanted: Wanted, values: Values) -> Walk:
    own = _of_item(wanted, values)
    keys = {"skus", "family", "category", *(("discontinued",) if wanted.discontinued else ())}
    return _walk(Table.ITEM, wanted, values, own, keys, wanted.words)


def along_words(wanted: Wanted, values: Values, by_name: bool) -> Walk:
    rarest, *others = wanted.words
    walk = _walk(Table.WORD, wanted, values, {}, (), others)
    one_by_one = by_name and rarest.has_few_endings and not rarest.is_rare
    if one_by_one:
        stretches = tuple(f"word = {values.add(word, 'text')}" for word in rarest.words)
        return walk._replace(stretches=stretches, repeats=len(stretches) > 1)
    beginning, until = values.add(rarest.beginning, "text"), values.add(rarest.until, "text")
    keys = [f"word >= {beginning}", f"word <= {until}"]
    return walk._replace(
        keys=keys, repeats=len(rarest.words) > 1, in_order=False, sorting="order by word, name, sku"
    )


def _along_listing(wanted: Wanted, values: Values, by_name: bool) -> Walk:
    stretched = by_name and wanted.category is None and wanted.statuses is not None
    facts = wanted._replace(statuses=None) if stretched else wanted
    own = _of_channel(facts, values) | _category(wanted, values)
    keys = {"channel"}
    if by_name and wanted.category is not None:
        keys.add("category")
    elif by_name and wanted.low and not stretched:
        keys.add("low")
    walk = _walk(Table.LISTING, wanted, values, own, keys, wanted.words)
    if not stretched:
        return walk
    statuses = wanted.statuses or ()
    stretches = tuple(f"status = {values.add(status, 'text')}" for status in statuses)
    return walk._replace(stretches=stretches)


def _across_listing(wanted: Wanted, values: Values) -> Walk:
    own = _of_channel(wanted, values) | _category(wanted, values)
    narrowest = next(name for name in ("stale", "category", "statuses", "low") if name in own)
    walk = _walk(Table.LISTING, wanted, values, own, {"channel", narrowest}, wanted.words)
    sorting = {"stale": "order by counted_at, sku", "statuses": ""}
    return walk._replace(in_order=False, sorting=sorting.get(narrowest, "order by name, sku"))


def _along_stock(wanted: Wanted, values: Values) -> Walk:
    own = _of_location(wanted, values) | _category(wanted, values)
    return _walk(Table.STOCK, wanted, values, own, {"location"}, wanted.words)


def _walk(
    table: Table,
    wanted: Wanted,
    values: Values,
    own: dict[str, str],
    keys: Iterable[str],
    words: Iterable[SoughtWord],
) -> Walk:
    patterns = tuple(word.pattern for word in words)
    dear = looks_elsewhere(table, wanted, values)
    if patterns:
        dear.insert(0, f"(name || ' ' || sku) ~* all ({values.add(patterns, 'text[]')})")
    return Walk(
        table,
        [condition for name, condition in own.items() if name in keys],
        [*(condition for name, condition in own.items() if name not in keys), *dear],
        dear=bool(dear),
    )


def looks_elsewhere(table: Table, wanted: Wanted, values: Values) -> list[str]:
    """What other tables tell of the item `e`. None of it can be turned into a join: it is looked
    up for one item after the other, and only as far as the walk goes."""
    looks = []
    if table is not Table.STOCK and wanted.location is not None:
        facts = " and ".join(_of_location(wanted, values).values())
        looks.append(f"exists (select from listing_stock where sku = e.sku and {facts} offset 0)")
    if table is not Table.LISTING and wanted.asks_channel:
        channel, *facts_of_channel = _of_channel(wanted, values).values()
        facts = " and ".join(facts_of_channel)
        looks.append(f"(select {facts} from listing where {channel} and sku = e.sku)")
    in_catalogue = _of_item(wanted, values)
    if table in (Table.LISTING, Table.STOCK):
        in_catalogue.pop("category", None)
    if table is not Table.ITEM and in_catalogue:
        facts = " and ".join(in_catalogue.values())
        looks.append(f"(select {facts} from item where sku = e.sku)")
    return looks


def _of_item(wanted: Wanted, values: Values) -> dict[str, str]:
    facts = {}
    if wanted.skus is not None:
        facts["skus"] = f"sku = any({values.add(wanted.skus, 'text[]')})"
    if wanted.family is not None:
        facts["family"] = f"family = {values.add(wanted.family, 'text')}"
    if wanted.discontinued is not None:
        facts["discontinued"] = "discontinued" if wanted.discontinued else "not discontinued"
    return facts | _category(wanted, values)


def _category(wanted: Wanted, values: Values) -> dict[str, str]:
    if wanted.category is None:
        return {}
    return {"category": f"category = {values.add(wanted.category, 'text')}"}


def _of_channel(wanted: Wanted, values: Values) -> dict[str, str]:
    facts = {"channel": f"channel = {values.add(wanted.channel, 'text')}"}
    if wanted.statuses is not None:
        facts["statuses"] = f"status = any({values.add(wanted.statuses, 'text[]')})"
    if wanted.low is not None:
        facts["low"] = "low" if wanted.low else "not low"
    if wanted.not_counted_since is not None and wanted.location is None:
        facts["stale"] = f"counted_at < {values.add(wanted.not_counted_since, 'timestamptz')}"
    return facts


def _of_location(wanted: Wanted, values: Values) -> dict[str, str]:
    facts = {"location": f"location = {values.add(wanted.location, 'text')}"}
    if wanted.not_counted_since is not None:
        facts["stale"] = f"counted_at < {values.add(wanted.not_counted_since, 'timestamptz')}"
    return facts
