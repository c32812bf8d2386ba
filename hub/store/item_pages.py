"""Pages of items, and how many there are: statements that take the same time however many items
there are.

A walk in the order of the page ends as soon as the page is full. Where few of the items that it
comes by match it would be long: it is bounded. Where there is another way, that one is tried behind
the bound; and where no way leads to a full page, the page is a short one that tells where its walk
has stopped.
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
LAST_BOUND = 100_000
LAST_BOUND_WHERE_DEAR = 10_000
"""Items that a walk comes by where there is no other way left."""

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


class _Way(NamedTuple):
    walk: Walk
    bound: int | None
    """Items that it comes by at most; None where they are few anyway or where all match."""


class FoundPage(NamedTuple):
    """Items in their order and, if more may come though they are fewer than wanted, the place up
    to which all were found."""

    items: list[PlacedRow]
    stopped_at: Place | None


async def read_page(
    database: Database,
    wanted: Wanted,
    *,
    by_name: bool,
    descending: bool,
    after: Place | None,
    limit: int,
) -> FoundPage:
    """Items in the order of their names, or of their skus, from behind `after` on."""
    values = Values()
    order = _order(by_name, descending, after, values)
    most = values.add(limit, "int")
    if by_name and can_leap(wanted) and not wanted.names_items:
        leaps = f"{leaps_to(wanted, values, after, descending)}, "
        tries = [_by_leaps(wanted, values, most)]
        rest = along_words(wanted, values, by_name=True)
        ways = [_Way(rest, _last_bound(rest))]
    else:
        leaps, tries = "", []
        ways = _ways(wanted, values, by_name)
    for way in ways:
        tries.append(_try(way, order, most, len(tries)))
    last_stop = (
        ""
        if ways[-1].bound is None
        else f"union all select key, sku, true from stop{len(tries) - 1}"
    )
    found = " union all ".join(_outcome(turn, len(tries)) for turn in range(len(tries)))
    statement = f"""
        with recursive {leaps}{", ".join(tries)}
        select k.key, k.sku as place, k.stopped, {ITEM_COLUMNS}
        from ({found} {last_stop}) k
        left join lateral (select * from item where sku = k.sku offset 0) i on true
        where k.stopped or i.sku is not null
        order by k.key {order.direction}, k.sku {order.direction}, k.stopped"""
    rows = await database.fetch(*values.numbered(statement))
    stopped_at = None
    if rows and rows[-1]["stopped"]:
        last = rows.pop()
        stopped_at = Place(last["key"], last["place"])
    return FoundPage([_placed(row) for row in rows], stopped_at)


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


def _ways(wanted: Wanted, values: Values, by_name: bool) -> list[_Way]:
    """What is tried, one way after the other. The last one is in the order of the page: of no
    other is it known up to which place it has found all."""
    first, second = walks_to(wanted, values, by_name)
    if second is None:
        bounded = first.checks and not wanted.are_few
        return [_Way(first, _last_bound(first) if bounded else None)]
    ways = [_Way(first, _bound(first)), _Way(second, _last_bound(second))]
    return ways if second.in_order else [*ways, _Way(first, _last_bound(first))]


def _try(way: _Way, order: _Order, most: str, turn: int) -> str:
    """Table expressions: a page, and the place where its walk has stopped, if before the page was
    full. Nothing is looked at if the try before was good enough."""
    walk, bound = way
    when = _open(turn - 1)
    if bound is None:
        return f"page{turn} as materialized ({_page(walk, order, most, None, when)})"
    key = order.key if walk.in_order else "''"
    stop = f"""select {key} as key, sku from ({_along(walk, order, 1, offset=bound - 1)}) e
               where {when}"""
    if walk.in_order:
        stop += f" and (select count(*) from page{turn}) < {most}"
    else:
        # All of it has to be sorted.
        when = f"{when} and not {_open(turn)}"
    page = _page(walk, order, most, bound, when)
    return f"stop{turn} as materialized ({stop}), page{turn} as materialized ({page})"


def _open(turn: int) -> str:
    """Whether a try has left the page open."""
    return f"exists (select from stop{turn})" if turn >= 0 else "true"


def _outcome(turn: int, tries: int) -> str:
    page = f"select key, sku, false as stopped from page{turn}"
    if turn < tries - 1:
        return f"{page} where not {_open(turn)}"
    return page


def _by_leaps(wanted: Wanted, values: Values, most: str) -> str:
    looks = looks_elsewhere(Table.WORD, wanted, values)
    found = " and ".join([f"agreed = {len(wanted.words)}", *looks])
    # They come in order, and the leaps end with the last that is wanted.
    return f"""page0 as materialized (
                select name as key, sku from leap e where {found} limit {most}),
            stop0 as materialized (
                select name as key, sku from leap
                where step = {LEAPS} and (select count(*) from page0) < {most})"""


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


def _last_bound(walk: Walk) -> int:
    return LAST_BOUND_WHERE_DEAR if walk.dear else LAST_BOUND


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
    if walk.in_order:
        return along if bound is None else f"{along} {order.clause} limit {bound} offset {offset}"
    # The offset keeps the planner from seeing through, and taking the way it is to replace.
    until = "" if bound is None else f"limit {bound}"
    return f"select * from ({along}) d {walk.sorting} {until} offset {offset}"


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
    del row["stopped"]
    place = Place(row.pop("key"), row.pop("place"))
    row["attributes"] = orjson.loads(row["attributes"])
    return PlacedRow(place, row)
