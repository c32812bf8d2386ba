"""The catalogue refuses what would make the numbers wrong."""

import asyncio
import random
from importlib import import_module
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, UnknownLocation
from hub.domain.policies import Channel, Policy, Rules
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT
from hub.services import rules as rules_module
from hub.services.catalogue import MAX_MEMBERS, MAX_NAME_BYTES, CatalogueItem
from hub.services.listing import ItemFilter, ItemOrder
from hub.services.rules import RulesCache
from hub.store.catalogue import read_rules
from hub.store.ledger_connection import LedgerConnection
from tests.integration.shop import BUYER, CLERK, available, count, execute


@pytest.mark.parametrize(
    ("pool", "refusal"),
    [((), InvalidInput), (("BER", "BER"), InvalidInput), (("BER", "MOON"), UnknownLocation)],
)
async def test_a_pool_names_known_locations_and_each_once(
    services: Services, pool: tuple[str, ...], refusal: type[HubError]
) -> None:
    before = services.catalogue.channels(CLERK)
    with pytest.raises(refusal):
        await services.catalogue.put_channels(CLERK, [Channel("new", "New", "en", "EUR", pool)])
    assert services.catalogue.channels(CLERK) == before


async def test_rules_read_early_do_not_replace_those_read_late(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = RulesCache(services.database)
    may_end = asyncio.Event()

    has_read = asyncio.Event()

    async def slowly(*arguments: Any) -> Rules:
        early = await read_rules(*arguments)
        has_read.set()
        await may_end.wait()
        return early

    monkeypatch.setattr(rules_module, "read_rules", slowly)
    first = asyncio.create_task(cache.refresh())
    await has_read.wait()
    monkeypatch.setattr(rules_module, "read_rules", read_rules)
    await services.catalogue.put_channels(CLERK, [Channel("new", "New", "en", "EUR", ("BER",))])
    await cache.refresh()
    may_end.set()
    await first
    assert "new" in cache.current.channels


async def test_rules_follow_a_database_that_was_restored_from_a_backup(
    services: Services, database_url: str
) -> None:
    """Its revision is an older one, and counts on from there."""
    await services.catalogue.put_policies(CLERK, {("channel", "web"): Policy(safety_stock=UNIT)})
    await count(services, "A-1", 5)
    assert await available(services) == 4

    await execute(
        database_url,
        "delete from policy",
        "update rules_revision set revision = revision - 1",
    )

    await count(services, "A-1", 6)
    assert await available(services) == 6


async def test_item_facts_from_before_a_change_are_not_taken_for_those_after_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_read, go_on = asyncio.Event(), asyncio.Event()
    items = LedgerConnection.items

    async def held_up(self: LedgerConnection, skus: Any) -> Any:
        found = await items(self, skus)
        is_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(LedgerConnection, "items", held_up)
    counting = asyncio.create_task(count(services, "A-1", 5))
    await is_read.wait()
    gone = CatalogueItem("A-1", "Item A-1", discontinued=True)
    try:
        await services.catalogue.put_items(CLERK, [gone])
    finally:
        go_on.set()
    await counting

    told = await services.lookup.availability(BUYER, ["A-1"], strong=True)
    assert told["A-1"].status is AvailabilityStatus.DISCONTINUED


async def test_of_a_large_family_only_the_first_by_name_are_read(services: Services) -> None:
    many = [
        CatalogueItem(f"F-{place}", f"Name {place:03}", "large", attributes={"place": place})
        for place in range(MAX_MEMBERS + 5)
    ]
    await services.catalogue.put_items(CLERK, [*reversed(many), CatalogueItem("G", "G", "small")])

    found = await services.catalogue.families(CLERK, ["large", "small", "none"])

    assert found["large"] == many[:MAX_MEMBERS]
    assert [item.sku for item in found["small"]] == ["G"]
    assert found["none"] == []


@pytest.mark.parametrize(
    ("first", "last", "letters"),
    [("a", "z", 1_500), ("\u4e00", "\u9fff", 500), ("\U00020000", "\U0002a6df", 375)],
    ids=["one byte", "three bytes", "four bytes"],
)
async def test_a_name_may_be_as_long_in_any_script_and_is_found(
    services: Services, first: str, last: str, letters: int
) -> None:
    # Of letters by chance nothing can be compressed.
    dice = random.Random(5)
    name = "".join(chr(dice.randint(ord(first), ord(last))) for _ in range(letters))
    assert len(name.encode()) == MAX_NAME_BYTES
    item = CatalogueItem("\U00020000" * 64, name, category="\U00020000" * 64)
    renamed = item._replace(name=name[::-1])
    for put in (item, renamed, item):
        await services.catalogue.put_items(CLERK, [put])
        await services.listing_projection.step()
    # What is looked for may be longer than what is kept of a word.
    for text in (name[:3], name[:100], name[:500]):
        page = await services.listing.page(
            CLERK, 5, None, ItemFilter(text), ItemOrder.NAME, False, True
        )
        assert [one.sku for one in page.nodes] == [item.sku]
    where = ItemFilter(name[:-4:-1])
    assert not (
        await services.listing.page(CLERK, 5, None, where, ItemOrder.NAME, False, True)
    ).nodes


async def test_a_name_that_is_too_long_is_refused(services: Services) -> None:
    items = [CatalogueItem("C-1", "Good"), CatalogueItem("C-2", "x" * (MAX_NAME_BYTES + 1))]
    with pytest.raises(InvalidInput, match="C-2"):
        await services.catalogue.put_items(CLERK, items)
    assert await services.catalogue.items(CLERK, ["C-1", "C-2"]) == {}


async def test_words_from_before_are_cut_as_new_ones_are(
    services: Services, database_url: str
) -> None:
    before = import_module("hub.store.migrations.0004_listing")
    after = import_module("hub.store.migrations.0005_shorter_words")
    name = "a" * 70 + " " + "a" * 80
    await execute(
        database_url,
        before.WORDS_OF.replace("create function", "create or replace function"),
        f"update item set name = '{name}' where sku = 'A-1'",
        after.WORDS_OF,
        *after.CUT_WORDS,
    )
    kept = "select word from item_word where sku = 'A-1' and name = $1 order by word"

    rows = await services.database.fetch(kept, [name])
    assert [row["word"] for row in rows] == ["1", "a", "a" * 64]

    # What was cut is known again when it is to be removed.
    await execute(database_url, "update item set name = 'Short' where sku = 'A-1'")
    assert await services.database.fetch(kept, [name]) == []
