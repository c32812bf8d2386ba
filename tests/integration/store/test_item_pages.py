"""Pages of items and their totals, against a plain search through all items."""

import random
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import asyncpg
import pytest

from hub.store import item_leaps, item_pages, item_words
from hub.store.database import Database, connection_arguments
from hub.store.item_pages import Place, count_items, read_page
from hub.store.item_walks import Wanted
from hub.store.item_words import read_words

DAY = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ["Mug", "mugs", "Lamp", "desk-lamp", "Café", "red", "RED_S", "ready", "x", "10", "100", "°"]
STATUSES = ["IN_STOCK", "OUT_OF_STOCK", "LIMITED_AVAILABILITY"]


class Known(NamedTuple):
    """An item and all that can be asked of it, in the channel `web` and at the location BER."""

    sku: str
    name: str
    category: str | None
    family: str | None
    discontinued: bool
    status: str
    low: bool
    counted_at: datetime | None
    here: datetime | None
    """When it was counted in BER; None where it has nothing there."""


def some_items(rng: random.Random, count: int) -> list[Known]:
    return [
        Known(
            sku=f"{rng.choice(['A', 'b', 'MUG'])}-{n}",
            name=" ".join(rng.choices(NAMES, k=rng.randrange(1, 4))),
            category=rng.choice([None, "kitchen", "office"]),
            family=rng.choice([None, None, "mugs", "lamps"]),
            discontinued=rng.random() < 0.2,
            status=rng.choices(STATUSES, [8, 1, 1])[0],
            low=rng.random() < 0.3,
            counted_at=rng.choice([None, DAY - timedelta(days=rng.randrange(40))]),
            here=rng.choice([None, DAY - timedelta(days=rng.randrange(40))]),
        )
        for n in range(count)
    ]


async def put(database_url: str, items: Sequence[Known]) -> None:
    """Put in items, and what is listed of them; in another channel all is different."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.executemany(
            """insert into item (sku, name, category, family, discontinued, unit, quantity_step,
                                 attributes)
               values ($1, $2, $3, $4, $5, 'piece', 1000, '{"colour": "red"}')""",
            [one[:5] for one in items],
        )
        await connection.executemany(
            """insert into listing (sku, name, category, status, low, counted_at, channel)
               values ($1, $2, $3, $4, $5, $6, 'web'), ($1, $2, $3, 'SOLD_OUT', not $5, null, 'b')
            """,
            [(*one[:3], *one[5:8]) for one in items],
        )
        await connection.executemany(
            "insert into listing_stock values ('BER', $1, $2, $3, $4)",
            [(*one[:3], one.here) for one in items if one.here is not None],
        )
        await connection.execute("analyze")
    finally:
        await connection.close()


def some_filter(rng: random.Random, items: Sequence[Known]) -> tuple[str, Wanted]:
    """Some words and a filter of one to four of the rest."""

    def sometimes(value: Any, share: float = 0.25) -> Any:
        return value if rng.random() < share else None

    text = sometimes(" ".join(rng.choices(["mu", "mug", "la", "re", "RED", "s", "10", "é"], k=2)))
    if text is not None and rng.random() < 0.5:
        text = text.split()[0]
    return text or "", Wanted(
        category=sometimes(rng.choice(["kitchen", "office", "none"])),
        family=sometimes(rng.choice(["mugs", "lamps"]), 0.1),
        skus=sometimes(tuple(one.sku for one in rng.sample(items, 9)), 0.1),
        discontinued=sometimes(rng.random() < 0.5),
        channel="web",
        statuses=sometimes(tuple(rng.sample(STATUSES, rng.randrange(1, 3)))),
        low=sometimes(rng.random() < 0.5),
        not_counted_since=sometimes(DAY - timedelta(days=rng.randrange(41))),
        location=sometimes("BER"),
    )


def matches(one: Known, text: str, wanted: Wanted) -> bool:
    words = re.split(r"[\W_]+", f"{one.sku} {one.name}".lower())
    since = wanted.not_counted_since
    counted_at = one.counted_at if wanted.location is None else one.here
    return (
        all(
            any(word == sought if len(sought) == 1 else word.startswith(sought) for word in words)
            for sought in text.lower().split()
        )
        and wanted.category in (None, one.category)
        and wanted.family in (None, one.family)
        and (wanted.skus is None or one.sku in wanted.skus)
        and wanted.discontinued in (None, one.discontinued)
        and (wanted.statuses is None or one.status in wanted.statuses)
        and wanted.low in (None, one.low)
        and (wanted.location is None or one.here is not None)
        and (since is None or (counted_at is not None and counted_at < since))
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()


async def pages(
    database: Database, wanted: Wanted, by_name: bool, descending: bool, size: int
) -> tuple[list[str], int]:
    """The skus of all pages, one after the other, and how many pages were short ones."""
    skus: list[str] = []
    short = 0
    after: Place | None = None
    while True:
        page = await read_page(
            database, wanted, by_name=by_name, descending=descending, after=after, limit=size
        )
        assert all(row.item["attributes"] == {"colour": "red"} for row in page.items)
        skus += [row.item["sku"] for row in page.items]
        if len(page.items) == size:
            assert page.stopped_at is None
            after = page.items[-1].place
        elif page.stopped_at is not None:
            assert page.stopped_at != after
            after = page.stopped_at
            short += 1
        else:
            return skus, short


async def in_order(database: Database, items: Sequence[Known], by_name: bool) -> list[Known]:
    """The items in the order of the database, which knows the alphabet of its locale."""
    rows = await database.fetch(f"select sku from item order by {'name, ' * by_name} sku")
    by_sku = {one.sku: one for one in items}
    return [by_sku[row["sku"]] for row in rows]


@pytest.mark.parametrize("small", [False, True], ids=["as it is", "small bounds"])
async def test_pages_and_totals_are_those_of_a_plain_search(
    database: Database, database_url: str, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(1 + small)
    items = some_items(rng, 300)
    await put(database_url, items)
    ordered = {by_name: await in_order(database, items, by_name) for by_name in (False, True)}
    if small:
        # So that every way is taken, on few items.
        monkeypatch.setattr(item_words, "FEW", 4)
        monkeypatch.setattr(item_words, "MOST_ENDINGS", 2)
        monkeypatch.setattr(item_pages, "BOUND", 12)
        monkeypatch.setattr(item_pages, "BOUND_WHERE_DEAR", 6)
        monkeypatch.setattr(item_pages, "LAST_BOUND", 30)
        monkeypatch.setattr(item_pages, "LAST_BOUND_WHERE_DEAR", 12)
        monkeypatch.setattr(item_pages, "MOST_COUNTED", 40)
    found = short = 0
    for _ in range(250):
        text, wanted = some_filter(rng, items)
        if small:
            monkeypatch.setattr(item_pages, "LEAPS", leaps := rng.choice([3, 1_000]))
            monkeypatch.setattr(item_leaps, "LEAPS", leaps)
        by_name, descending = rng.random() < 0.7, rng.random() < 0.3
        expected = [one for one in ordered[by_name] if matches(one, text, wanted)]
        if descending:
            expected.reverse()
        if text:
            wanted = wanted._replace(words=await read_words(database, text))
        told, pages_short = await pages(
            database, wanted, by_name, descending, rng.choice([3, 40, 400])
        )
        assert told == [one.sku for one in expected], (text, wanted)
        total = await count_items(database, wanted)
        if total.exact:
            assert total.items == len(expected), (text, wanted)
        else:
            assert small
            assert total.items <= len(expected), (text, wanted)
        found += len(expected)
        short += pages_short
    assert found > 1_000
    assert (short > 100) is small


async def test_a_changed_name_is_found_by_its_new_words_and_no_longer_by_its_old_ones(
    database: Database, database_url: str
) -> None:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    await put(database_url, [known("A-1", "Red mug"), known("A-2", "Red lamp")])

    async def words() -> list[tuple[str, str]]:
        rows = await connection.fetch("select word, sku from item_word order by sku, word")
        return [(row["word"], row["sku"]) for row in rows]

    try:
        await connection.execute("update item set name = 'Blue mug' where sku = 'A-1'")
        await connection.execute("update item set category = 'x'")
        first = [("1", "A-1"), ("a", "A-1"), ("blue", "A-1"), ("mug", "A-1")]
        second = [("2", "A-2"), ("a", "A-2"), ("lamp", "A-2"), ("red", "A-2")]
        assert await words() == first + second
        await connection.execute("delete from item where sku = 'A-1'")
        assert await words() == second
    finally:
        await connection.close()


async def test_words_are_taken_for_what_they_are_and_never_for_a_pattern(
    database: Database, database_url: str
) -> None:
    await put(database_url, [known("A-1", "50% off (new) [x] \\ 'q'"), known("A-2", "Café crème")])

    async def found(text: str) -> list[str]:
        wanted = Wanted(words=await read_words(database, text))
        skus, _ = await pages(database, wanted, True, False, 10)
        return skus

    for text in ("50%", "(new", "[x]", "\\", "' or 1=1", ".*", "new:*", "_", "café", "CAF", "rème"):
        assert await found(text) == {
            "50%": ["A-1"],
            "(new": ["A-1"],
            "[x]": ["A-1"],
            "new:*": ["A-1"],
            "café": ["A-2"],
            "CAF": ["A-2"],
            "\\": ["A-1", "A-2"],
            ".*": ["A-1", "A-2"],
            "_": ["A-1", "A-2"],
        }.get(text, []), text


def known(sku: str, name: str) -> Known:
    return Known(sku, name, None, None, False, "IN_STOCK", False, None, None)
