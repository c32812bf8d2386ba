"""The job that keeps what pages of items are filtered by."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.domain.listing import NEVER_COUNTED, Listed, listed_in
from hub.domain.policies import Channel, Policy
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT, Line
from hub.services import listing_projection
from hub.services.catalogue import CatalogueItem
from hub.services.listing_projection import Step
from hub.services.rules import RulesCache
from hub.services.stock_cache import near_marks
from hub.store.listing import write_listing
from hub.store.reads import read_skus
from hub.store.stock_reads import StockRead, read_stock
from tests.integration.outages import mortal_postgres
from tests.integration.shop import (
    CLERK,
    SKUS,
    count,
    execute,
    let_holds_lapse,
    opened,
    put_shop,
    reserve,
)
from tests.waiting import eventually
from workers.expiry import Expiry
from workers.listing import Listing

Facts = dict[tuple[str, str], tuple[str, bool]]


@pytest.fixture
async def shop(empty: Services) -> Services:
    """A shop whose listing is up to date; it has no stock yet."""
    await put_shop(empty)
    await followed(empty)
    return empty


async def followed(services: Services) -> list[Step]:
    """The steps until there is nothing left to do."""
    steps = [await services.listing_projection.step()]
    while not steps[-1].idle:
        assert len(steps) < 1_000
        steps.append(await services.listing_projection.step())
    return steps


async def listed(services: Services) -> Facts:
    """Status and low stock, by channel and item, as they are listed."""
    rows = await services.database.fetch("select channel, sku, status, low from listing")
    return {(row["channel"], row["sku"]): (row["status"], row["low"]) for row in rows}


async def everything(services: Services) -> tuple[list[Any], list[Any]]:
    """All rows of both projections."""
    return (
        await services.database.fetch("select * from listing order by channel, sku"),
        await services.database.fetch("select * from listing_stock order by location, sku"),
    )


async def as_the_formula_says(services: Services) -> tuple[list[Any], list[Any]]:
    """What these rows should be, computed from the ledger and the rules as they are now."""
    rules = await RulesCache(services.database).refresh()
    found = await read_stock(services.database, await read_skus(services.database))
    read = await near_marks(services.database, found, rules)
    assert read.now is not None
    catalogue = await services.catalogue.items(CLERK, list(read.items))
    rows: list[Listed] = [
        listed_in(read.items, read.positions, sku, rules, channel, read.now)
        for channel in rules.channels.values()
        for sku in read.items
    ]
    facts = [
        {
            **one._asdict(),
            "status": one.status.value,
            "name": catalogue[one.sku].name,
            "category": catalogue[one.sku].category,
        }
        for one in rows
    ]
    stocked = [
        {
            "location": one.location,
            "sku": one.sku,
            "name": catalogue[one.sku].name,
            "category": catalogue[one.sku].category,
            "counted_at": one.counted_at or NEVER_COUNTED,
        }
        for positions in read.positions.values()
        for one in positions
        if one.on_hand > 0
    ]
    return (
        sorted(facts, key=lambda row: (row["channel"], row["sku"])),
        sorted(stocked, key=lambda row: (row["location"], row["sku"])),
    )


async def is_right(services: Services) -> bool:
    return await everything(services) == await as_the_formula_says(services)


async def test_a_change_of_stock_is_listed_in_each_channel(shop: Services) -> None:
    await count(shop, "A-1", 9, "AMS")
    (step,) = await followed(shop)
    assert (step.items, step.rows, step.sweeping) == (1, 1, False)
    facts = await listed(shop)
    assert facts["web", "A-1"] == ("IN_STOCK", False)
    assert facts["store", "A-1"] == ("OUT_OF_STOCK", True)
    assert await is_right(shop)


async def test_what_changes_nothing_that_is_listed_writes_no_row(shop: Services) -> None:
    await count(shop, "A-1", 9)
    await followed(shop)
    await reserve(shop, {"A-1": 1})
    (step,) = await followed(shop)
    assert (step.items, step.rows) == (1, 0)


async def test_new_items_are_listed_and_none_but_they_are_gone_through(shop: Services) -> None:
    await shop.catalogue.put_items(CLERK, [CatalogueItem("C-1", "New", category="C")])
    (step,) = await followed(shop)
    assert (step.items, step.rows, step.sweeping) == (1, 2, False)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("C-1", "Newer", category="D")])
    await followed(shop)
    assert await is_right(shop)


async def test_an_item_that_gets_a_rule_of_its_own_is_gone_through_alone(shop: Services) -> None:
    await count(shop, "A-1", 9)
    await followed(shop)
    await shop.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(low_stock_mark=9 * UNIT)})
    (step,) = await followed(shop)
    assert (step.items, step.rows) == (1, 2)
    assert (await listed(shop))["web", "A-1"] == ("LIMITED_AVAILABILITY", True)


async def test_new_rules_have_all_items_gone_through(
    shop: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_projection, "BATCH_ITEMS", 3)
    await asyncio.gather(*(count(shop, sku, 9) for sku in SKUS))
    await followed(shop)
    rules = {("channel", "store"): Policy(safety_stock=9 * UNIT)}
    await shop.catalogue.put_policies(CLERK, rules)
    steps = await followed(shop)
    assert [step.items for step in steps] == [3, 1]
    assert (await listed(shop))["store", "B-2"] == ("OUT_OF_STOCK", True)
    assert await is_right(shop)


async def test_a_new_channel_is_listed_and_one_that_is_gone_is_not(
    shop: Services, database_url: str
) -> None:
    new = Channel("app", "App", "en", "EUR", ("AMS",))
    await shop.catalogue.put_channels(CLERK, [new], default="web")
    await followed(shop)
    assert await is_right(shop)
    assert ("app", "A-1") in await listed(shop)
    await execute(
        database_url,
        "delete from channel where id = 'app'",
        "update rules_revision set revision = revision + 1",
    )
    await followed(shop)
    assert ("app", "A-1") not in await listed(shop)
    assert await is_right(shop)


async def test_a_kit_follows_its_components(shop: Services) -> None:
    await shop.catalogue.put_items(CLERK, [CatalogueItem("SET", "Set")])
    await shop.catalogue.put_kits(CLERK, {"SET": [Line("A-1", 2 * UNIT)]})
    await count(shop, "A-1", 40)
    await followed(shop)
    assert (await listed(shop))["web", "SET"] == ("IN_STOCK", False)
    await count(shop, "A-1", 1)
    await followed(shop)
    assert (await listed(shop))["web", "SET"] == ("OUT_OF_STOCK", True)
    assert await is_right(shop)


async def test_an_item_that_becomes_a_kit_while_it_is_read_is_listed_as_one(
    shop: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(shop, "A-1", 40)
    await followed(shop)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("SET", "Set")])

    async def read_amid_a_change(*arguments: Any) -> StockRead:
        read = await read_stock(*arguments)
        await shop.catalogue.put_kits(CLERK, {"SET": [Line("A-1", 2 * UNIT)]})
        return read

    with monkeypatch.context() as changing:
        changing.setattr(listing_projection, "read_stock", read_amid_a_change)
        assert (await shop.listing_projection.step()).items == 1
    await followed(shop)
    assert (await listed(shop))["web", "SET"] == ("IN_STOCK", False)
    assert await is_right(shop)


async def test_a_hold_that_lapses_is_listed_once_it_is_swept(
    shop: Services, database_url: str
) -> None:
    await count(shop, "A-1", 9)
    await reserve(shop, {"A-1": 9})
    await followed(shop)
    assert (await listed(shop))["web", "A-1"] == ("OUT_OF_STOCK", True)
    await let_holds_lapse(database_url)
    await Expiry(shop).sweep()
    await followed(shop)
    assert (await listed(shop))["web", "A-1"] == ("IN_STOCK", False)


async def test_an_item_is_listed_anew_when_its_release_comes(shop: Services) -> None:
    (now,) = await shop.database.fetch("select now() as now")
    release = now["now"] + timedelta(seconds=3)
    item = CatalogueItem("NEW", "New", released_at=release)
    await shop.catalogue.put_items(CLERK, [item])
    await count(shop, "NEW", 40)
    await followed(shop)
    early = (await listed(shop))["web", "NEW"]

    async def status() -> str:
        await followed(shop)
        return (await listed(shop))["web", "NEW"][0]

    assert await eventually(
        status, lambda found: found == AvailabilityStatus.IN_STOCK, within_seconds=10
    )
    assert early == ("PRE_ORDER", False)
    assert (await shop.listing_projection.step()).idle


async def test_another_process_goes_on_where_this_one_was(
    shop: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_projection, "BATCH_ITEMS", 1)
    await asyncio.gather(*(count(shop, sku, 9) for sku in SKUS))
    # It dies after the first of four items, and the place in the log is that before them.
    assert (await shop.listing_projection.step()).items == 1
    async with opened(database_url) as other:
        assert not await is_right(other)
        await followed(other)
        assert await is_right(other)
        assert [step.items for step in await followed(other)] == [0]


async def test_of_two_workers_one_stands_back(
    shop: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both have read whose turn it is before either writes.
    meeting = asyncio.Barrier(2)

    async def together(*arguments: Any) -> int | None:
        await meeting.wait()
        return await write_listing(*arguments)

    async with opened(database_url) as other:
        await other.listing_projection.step()
        await count(shop, "A-1", 9)
        with monkeypatch.context() as patched:
            patched.setattr(listing_projection, "write_listing", together)
            async with asyncio.timeout(10):
                steps = await asyncio.gather(
                    shop.listing_projection.step(), other.listing_projection.step()
                )
        assert sorted(step.overtaken for step in steps) == [False, True]
        await followed(shop)
        assert await is_right(shop)


async def test_who_was_overtaken_writes_nothing(
    shop: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(shop, "A-1", 9)
    before = await everything(shop)

    async def late(*arguments: Any) -> int | None:
        await execute(database_url, "update listing_progress set turn = turn + 1")
        return await write_listing(*arguments)

    monkeypatch.setattr(listing_projection, "write_listing", late)
    assert (await shop.listing_projection.step()).overtaken
    assert await everything(shop) == before
    monkeypatch.undo()
    await followed(shop)
    assert await is_right(shop)


async def test_more_changes_than_can_be_followed_have_all_items_gone_through(
    shop: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_projection, "MAX_CHANGES", 2)
    for units in (3, 7, 9):
        await count(shop, "B-2", units)
    assert sum(step.items for step in await followed(shop)) == len(SKUS)
    assert await is_right(shop)


@pytest.mark.parametrize("broken", ["read_skus_behind", "read_stock", "write_listing"])
async def test_a_step_that_fails_does_not_forget_that_all_items_are_to_be_gone_through(
    shop: Services, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    async def away(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(listing_projection, "MAX_CHANGES", 2)
    for units in (3, 7, 9):
        await count(shop, "B-2", units)
    with monkeypatch.context() as failing:
        failing.setattr(listing_projection, broken, away)
        with pytest.raises(Unavailable):
            await shop.listing_projection.step()

    assert sum(step.items for step in await followed(shop)) == len(SKUS)
    assert await is_right(shop)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_changes_it_says_what_the_formula_says(
    shop: Services, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(listing_projection, "BATCH_ITEMS", rng.choice([1, 2, 250]))

    async def change() -> None:
        sku, units = rng.choice(SKUS), rng.choice([0, 1, 4, 20])
        match rng.randrange(5):
            case 0:
                mark = Policy(low_stock_mark=units * UNIT, backorder_limit=rng.choice([0, UNIT]))
                target = rng.choice([("global", ""), ("channel", "web"), ("item", sku)])
                await shop.catalogue.put_policies(CLERK, {target: mark})
            case 1:
                gone = CatalogueItem(sku, f"Name {units}", discontinued=rng.random() < 0.3)
                await shop.catalogue.put_items(CLERK, [gone])
            case _:
                await count(shop, sku, units, rng.choice(["BER", "AMS"]))

    for _ in range(12):
        for _ in range(rng.randrange(4)):
            await change()
        await shop.listing_projection.step()
    await followed(shop)
    assert await is_right(shop)


async def test_it_survives_the_database_and_goes_on(tmp_path: Path) -> None:
    async with (
        mortal_postgres(tmp_path / "pg", durable=True) as postgres,
        opened(postgres.url) as services,
    ):
        await put_shop(services)
        stop = asyncio.Event()
        running = asyncio.create_task(Listing(services).run(stop))
        await eventually(lambda: listed(services), lambda found: len(found) == 2 * len(SKUS))
        await postgres.crash()
        await asyncio.sleep(0.5)
        assert not running.done()
        await postgres.start()

        async def in_stock() -> bool:
            await count(services, "A-1", 9)
            return (await listed(services))["web", "A-1"] == ("IN_STOCK", False)

        await eventually(_unless_away(in_stock), within_seconds=15)
        stop.set()
        await running


def _unless_away(ask: Any) -> Any:
    async def asked() -> bool:
        try:
            return bool(await ask())
        except Exception:  # noqa: BLE001 - the database may still be on its way back
            return False

    return asked
