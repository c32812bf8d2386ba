"""Pages of items, and how many there are: statements that take the same time however many items
there are.

A walk in the order of the page ends as soon as the page is full. Where few of the items that it
comes by match it would be long: where there is another way, the walk is bounded, and the other way
taken behind the bound.
"""

# ruff: noqa: S608 - the words of the statements are ours; values are passed by placeholders

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from hub.store.database import Database
from hub.store.item_leaps import LEAPS, can_leap, leaps_to
from hub.store.item_walks import (
    COLUMNS,
    Table,
    Values,
    Walk,
    Wanted,
    along_words,
    looks_elsewhere,
    walks_to,
)

MOST_COUNTED = 10_000
"""Items are counted up to here; of more it is said that there are at least so many."""
BOUND = 20_000
BOUND_WHERE_DEAR = 5_000
"""Items that a walk comes by before the other way is taken, and before counting ends."""

ENOUGH = 100
"""Where a walk that was too long to count them all has found so many, no other one is tried."""
LARGEST_PAGE = 1_001
"""Items of a page at most, with the one behind it."""

ITEM_COLUMNS = """i.sku, i.name, i.family, i.category, i.unit, i.quantity_step, i.discontinued,
           i.released_at, i.attributes"""

Row = dict[str, Any]


class Place(NamedTuple):
    """Where an item stands in a list."""

    key: str
    sku: str


class PlacedRow(NamedTuple):
    """An item and its place."""

    place: Place
    item: Row


class Total(NamedTuple):
    """How many items match: so many, or at least so many."""

    items: int
    exact: bool


class _Order(NamedTuple):
    key: str
    direction: str
    behind: list[str]
    """The condition that leaves out what comes before the page, if any."""

    @property
    def clause(self) -> str:
        first = f"name {self.direction}, " if self.key == "name" else ""
        return f"order by {first}sku {self.direction}"


async def read_page(
    database: Database,
    wanted: Wanted,
    *,
    by_name: bool,
    descending: bool,
    after: Place | None,
    limit: int,
) -> list[PlacedRow]:
    """Items in the order of their names, or of their skus, from behind `after` on."""
    values = Values()
    order = _order(by_name, descending, after, values)
    most = values.add(limit, "int")
    keys = (
        _by_leaps(wanted, values, order, after, most)
        if by_name and can_leap(wanted) and not wanted.names_items
        else _by_walks(wanted, values, order, most)
    )
    statement = f"""
        with recursive {keys}
        select k.key, k.sku as place, {ITEM_COLUMNS}
        from keys k, lateral (select * from item where sku = k.sku offset 0) i
        order by k.key {order.direction}, k.sku {order.direction}"""
    rows = await database.fetch(*values.numbered(statement))
    return [_placed(row) for row in rows]


async def count_items(database: Database, wanted: Wanted) -> Total:
    """How many items match, as far as they are counted."""
    values = Values()
    if can_leap(wanted) and not wanted.names_items:
        # From the first item on that has all words: before it there may be many that have one.
        leaps = leaps_to(wanted, values, None, descending=False)
        first, second = along_words(wanted, values, by_name=True), None
        most = _most_passed(first)
        start = "(name, sku) >= ((select name from start), (select sku from start))"
        counts = f"""{leaps}, start as materialized (
                select name, sku from leap where agreed = {len(wanted.words)}
                union all select '', '' from leap where step = {LEAPS} limit 1),
            first as materialized ({_count(first, most, start)})"""
    else:
        first, second = walks_to(wanted, values, by_name=True)
        most = _most_passed(first)
        counts = f"first as materialized ({_count(first, most)})"
    results = "first"
    if second is not None:
        gap = f"(select passed > {most} and matching < {ENOUGH} from first)"
        counts += f", second as materialized ({_count(second, _most_passed(second), gap)})"
        results = "first union all select * from second where " + gap
    rows = await database.fetch(
        *values.numbered(f"with recursive {counts} select * from {results}")
    )
    bounds = [most, *([] if second is None else [_most_passed(second)])]
    exact = any(row["passed"] <= bound for row, bound in zip(rows, bounds, strict=False))
    matching = max(row["matching"] for row in rows)
    return Total(min(matching, MOST_COUNTED), exact and matching <= MOST_COUNTED)


def _by_walks(wanted: Wanted, values: Values, order: _Order, most: str) -> str:
    first, second = walks_to(wanted, values, order.key == "name")
    if second is None:
        return f"keys as ({_page(first, order, most)})"
    bound = _bound(first)
    more = _along(first, order, 1, offset=bound)
    return _or_else(_page(first, order, most, bound=bound), more, second, order, most)


def _by_leaps(wanted: Wanted, values: Values, order: _Order, after: Place | None, most: str) -> str:
    leaps = leaps_to(wanted, values, after, order.direction == "desc")
    looks = looks_elsewhere(Table.WORD, wanted, values)
    found = " and ".join([f"agreed = {len(wanted.words)}", *looks])
    # They come in order, and the leaps end with the last that is wanted.
    first = f"select name as key, sku from leap e where {found} limit {most}"
    more = f"select from leap where step = {LEAPS}"
    walk = along_words(wanted, values, by_name=True)
    return f"{leaps}, {_or_else(first, more, walk, order, most)}"


def _or_else(first: str, more: str, second: Walk, order: _Order, most: str) -> str:
    """The first page or, if it is not full and `more` finds that there would be more, the other."""
    return f"""first as materialized ({first}),
            gap as materialized (
                select (select count(*) from first) < {most} and exists ({more}) as open),
            second as materialized ({_page(second, order, most, when="(select open from gap)")}),
            keys as (
                select * from first where not (select open from gap)
                union all select * from second)"""


def _order(by_name: bool, descending: bool, after: Place | None, values: Values) -> _Order:
    behind = []
    if after is not None:
        ahead = "<" if descending else ">"
        sku = values.add(after.sku, "text")
        name = values.add(after.key, "text") if by_name else ""
        behind = [f"(name, sku) {ahead} ({name}, {sku})" if by_name else f"sku {ahead} {sku}"]
    return _Order("name" if by_name else "sku", "desc" if descending else "asc", behind)


def _bound(walk: Walk) -> int:
    return BOUND_WHERE_DEAR if walk.dear else BOUND


def _most_passed(walk: Walk) -> int:
    return _bound(walk) if walk.checks else MOST_COUNTED


def _page(
    walk: Walk, order: _Order, most: str, bound: int | None = None, when: str = "true"
) -> str:
    conditions = " and ".join([when, *walk.checks])
    # A bounded walk is in order already; if sorting were asked for, the planner would think that
    # all of it is wanted. It has to know that few rows are, and a placeholder does not tell.
    sorting = f"order by key {order.direction}, sku {order.direction}"
    if bound is not None and walk.in_order and not walk.repeats:
        sorting = ""
    return f"""select * from (
                 select {"distinct" if walk.repeats else ""} {order.key} as key, sku
                 from ({_along(walk, order, bound)}) e where {conditions}
                 {sorting} limit {LARGEST_PAGE}
               ) p limit {most}"""


def _along(walk: Walk, order: _Order, bound: int | None, offset: int = 0) -> str:
    stretches = _stretches(walk, order.behind)
    if len(stretches) > 1:
        # Each in order by itself, so that they are merged and not sorted.
        most = LARGEST_PAGE if bound is None and not walk.checks else bound
        until = "" if most is None else f"limit {most + offset}"
        stretches = [f"({stretch} {order.clause} {until})" for stretch in stretches]
    along = " union all ".join(stretches)
    if not walk.in_order:
        # "offset 0" keeps the planner from seeing through, and taking the way it is to replace.
        return f"select * from ({along}) d {walk.sorting} offset 0"
    return along if bound is None else f"{along} {order.clause} limit {bound} offset {offset}"


def _count(walk: Walk, most: int, when: str = "true") -> str:
    sorting = "order by name, sku" if walk.in_order else walk.sorting
    stretches = " union all ".join(
        f"({stretch} {sorting} limit {most + 1})" for stretch in _stretches(walk, [when])
    )
    matching = "count(distinct sku)" if walk.repeats else "count(*)"
    checks = " and ".join(walk.checks) or "true"
    return f"""select count(*) as passed, {matching} filter (where {checks}) as matching
               from (select * from ({stretches}) d limit {most + 1}) e"""


def _stretches(walk: Walk, more: Iterable[str]) -> list[str]:
    ways = [[*walk.keys, stretch] for stretch in walk.stretches] or [walk.keys]
    return [
        f"select {COLUMNS[walk.table]} from {walk.table}"
        f" where {' and '.join([*way, *more]) or 'true'}"
        for way in ways
    ]


def _placed(row: Row) -> PlacedRow:
    place = Place(row.pop("key"), row.pop("place"))
    row["attributes"] = orjson.loads(row["attributes"])
    return PlacedRow(place, row)
