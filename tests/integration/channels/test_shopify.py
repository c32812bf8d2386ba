"""A shop like Shopify's is kept at what the hub says may be sold."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.reconciliations import DriftCause
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.services.event_consumer import Manner
from tests.integration.channels.faults import Fault, serving
from tests.integration.channels.pushing import (
    NAME,
    WITHIN_SECONDS,
    pushing,
    reconciled,
    report_of,
    settled,
    shopify_target,
    target_of,
)
from tests.integration.channels.shopify_shop import ShopifyShop
from tests.integration.shop import CLERK, SKUS, available, count, reserve
from tests.waiting import eventually


@pytest.fixture
async def shop(services: Services) -> AsyncIterator[ShopifyShop]:
    """The shop there, with the hub's items in it and other quantities than ours; ours are ten of
    each in Berlin."""
    there = ShopifyShop()
    ids = {sku: there.put(sku, 3) for sku in SKUS}
    for sku in SKUS:
        await count(services, sku, 10)
    async with serving(there.server):
        services.channel_sync.targets = {NAME: object()}  # type: ignore[dict-item]
        await services.channel_sync.map_ids(CLERK, NAME, ids)
        yield there


async def becomes(shop: ShopifyShop, **units: int) -> None:
    """The shop has these quantities before long."""
    wanted = {sku.replace("_", "-"): number for sku, number in units.items()}
    await eventually(
        shop.units, lambda has: wanted.items() <= has.items(), within_seconds=WITHIN_SECONDS
    )


async def test_what_may_be_sold_is_there_and_stays_current(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10, A_2=10, B_1=10, B_2=10)
        await reserve(services, {"A-1": 4})
        await becomes(shop, A_1=6)
        await count(services, "B-1", 0)
        await becomes(shop, B_1=0)
        # A rule is no change of an item: all are gone through.
        await services.catalogue.put_policies(
            CLERK, {("global", ""): Policy(safety_stock=2 * UNIT)}
        )
        await becomes(shop, A_1=4, A_2=8, B_1=0, B_2=8)
        assert (await settled(services)).status.problem is None
    assert shop.throttled == 0


async def test_a_quantity_that_changed_while_it_waited_is_sent_once_and_is_the_newest(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10)
        await settled(services)
        shop.server.planned = [Fault.TOO_MANY]
        shop.server.retry_after = "0.7"
        writes = len(shop.writes)
        await count(services, "A-1", 9)
        await eventually(lambda: shop.server.happened)
        for units in (8, 7, 6, 5):
            await count(services, "A-1", units)
        await becomes(shop, A_1=5)
        await settled(services)
    assert shop.writes[writes:] == [{"A-1": 5}]


async def test_a_sale_over_there_that_the_hub_does_not_know_yet_is_not_undone(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop, grace_seconds=0.6)):
        await becomes(shop, A_1=10)
        await settled(services)
        shop.set("A-1", 9)
        # Something else changes meanwhile: ours is 12 now, and does not know of their sale.
        await count(services, "A-1", 12)
        writes = len(shop.writes)
        await asyncio.sleep(0.3)
        assert shop.units()["A-1"] == 9
        await reserve(services, {"A-1": 1})
        await becomes(shop, A_1=11)
        await settled(services)
    assert shop.writes[writes:] == [{"A-1": 11}]


async def test_what_went_there_and_back_while_the_hub_was_asked_ends_where_it_is(
    services: Services, shop: ShopifyShop
) -> None:
    services.channel_sync.targets = {NAME: target_of(shopify_target(shop))}
    consumer = services.event_consumer(f"channel:{NAME}", Manner.EVERYTHING)
    await consumer.begin()
    while not await services.channel_sync.follow(NAME, consumer):
        pass
    # Told as ten, asked for as nine, and ten again when the log is read.
    await count(services, "A-1", 9)
    await services.channel_sync.ask(NAME)
    await count(services, "A-1", 10)
    while not await services.channel_sync.follow(NAME, consumer):
        pass
    await services.channel_sync.ask(NAME)
    (row,) = await services.database.fetch(
        "select wanted from channel_target_item where sku = 'A-1'"
    )
    assert row["wanted"] == 10


async def test_what_sells_faster_than_its_rest_is_pushed_all_the_same(
    services: Services, shop: ShopifyShop
) -> None:
    async def sells() -> None:
        while True:
            shop.set("A-1", shop.units()["A-1"] - 1)
            await asyncio.sleep(0.1)

    shop.set("A-1", 100_000)
    async with pushing(services, shopify_target(shop, grace_seconds=0.3)):
        await becomes(shop, A_1=10, A_2=10)
        shop.set("A-1", 100_000)
        selling = asyncio.create_task(sells())
        await count(services, "A-1", 50)
        await eventually(lambda: shop.units()["A-1"], lambda has: has <= 50, WITHIN_SECONDS)
        selling.cancel()


async def test_how_long_something_waits_is_counted_from_its_drift(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop, grace_seconds=60)):
        await becomes(shop, A_1=10, A_2=10, B_1=10, B_2=10)
        await settled(services)
        (before,) = await services.database.fetch("select clock_timestamp() as now")
        shop.set("A-1", 99)
        await reconciled(services)
        status = (await report_of(services)).status
        assert status.pending == 1
        assert status.pending_since is not None
        assert status.pending_since >= before["now"]


async def test_an_item_they_do_not_know_is_reported_and_tried_again_when_they_do(
    services: Services, shop: ShopifyShop
) -> None:
    gone = next(id for id, sku in shop.skus.items() if sku == "B-2")
    units = shop.stock.pop(gone)
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10, A_2=10, B_1=10)
        report = await settled(services)
        assert [(one.sku, one.problem) for one in report.problems] == [("B-2", "UNKNOWN_THERE")]
        assert report.status.unknown_there == 1
        asked = len(shop.writes)
        await count(services, "B-2", 4)
        await settled(services)
        assert len(shop.writes) == asked
        shop.stock[gone] = units
        await reconciled(services)
        await becomes(shop, B_2=4)
        assert (await settled(services)).problems == []


async def test_an_item_that_vanishes_over_there_holds_nothing_up(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10, A_2=10)
        await settled(services)
        del shop.stock[next(id for id, sku in shop.skus.items() if sku == "A-1")]
        for sku in SKUS:
            await count(services, sku, 5)
        await becomes(shop, A_2=5, B_1=5, B_2=5)
        report = await settled(services)
        assert [(one.sku, one.problem) for one in report.problems] == [("A-1", "UNKNOWN_THERE")]


async def test_what_is_refused_is_not_sent_again_before_it_changes(
    services: Services, shop: ShopifyShop
) -> None:
    id = next(id for id, sku in shop.skus.items() if sku == "A-1")
    shop.frozen[id] = "INVALID_QUANTITY_TOO_HIGH"
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_2=10, B_1=10, B_2=10)
        report = await settled(services)
        assert [(one.sku, one.problem) for one in report.problems] == [
            ("A-1", "INVALID_QUANTITY_TOO_HIGH")
        ]
        shop.frozen.clear()
        await count(services, "A-1", 11)
        await becomes(shop, A_1=11)
        assert (await settled(services)).problems == []


async def test_drift_is_told_and_ours_is_pushed_again(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10, A_2=10, B_1=10, B_2=10)
        await settled(services)
        shop.set("A-1", 99)
        shop.put("THEIRS", 7)
        report = (await reconciled(services)).status.report
        assert report is not None
        assert (report["listed"], report["compared"], report["drifted"]) == (5, 4, 1)
        assert (report["unknownHere"], report["unknownHereItems"]) == (1, ["THEIRS"])
        (run,) = (await services.reconciliations.page(CLERK, NAME, None, 1, None)).nodes
        assert (run.compared, run.refused_rows, run.units) == (4, 1, 89 * UNIT)
        assert [(one.cause, one.items) for one in run.causes] == [(DriftCause.CHANGED_THERE, 1)]
        await becomes(shop, A_1=10, THEIRS=7)
        assert (await settled(services)).drift == []


async def test_a_list_that_lacks_most_of_it_is_not_believed(
    services: Services, shop: ShopifyShop
) -> None:
    more = [f"M-{number}" for number in range(20)]
    await services.catalogue.put_items(CLERK, [CatalogueItem(sku, sku) for sku in more])
    await services.channel_sync.map_ids(CLERK, NAME, {sku: shop.put(sku, 1) for sku in more})
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10, M_0=0, M_19=0)
        await settled(services)
        stock = dict(shop.stock)
        shop.stock.clear()
        report = await reconciled(services)
        assert report.status.report is not None
        assert (report.status.report["missing"], report.status.report["believed"]) == (24, False)
        assert report.problems == []
        shop.stock |= stock
        await count(services, "A-1", 3)
        await becomes(shop, A_1=3)


async def test_drift_is_only_told_where_the_target_says_so(
    services: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop, repair="report")):
        await becomes(shop, A_1=10)
        await settled(services)
        shop.set("A-1", 99)
        (drift,) = (await reconciled(services)).drift
        assert (drift.sku, drift.wanted, drift.theirs) == ("A-1", 10, 99)
        (again,) = (await reconciled(services)).drift
        assert again == drift
        assert shop.units()["A-1"] == 99
        await count(services, "A-1", 8)
        await becomes(shop, A_1=8)
        assert (await settled(services)).drift == []


async def test_ids_are_found_by_sku_where_the_target_says_so(
    services: Services, shop: ShopifyShop
) -> None:
    await services.database.fetch("delete from channel_target_item")
    options: dict[str, Any] = {"ids": "matched", "reconcile_seconds": 3_600}
    async with pushing(services, shopify_target(shop, **options)):
        await becomes(shop, A_1=10, A_2=10, B_1=10, B_2=10)


async def test_a_wrong_token_stops_everything_and_says_so(
    services: Services, shop: ShopifyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integration.channels.shopify_shop.TOKEN", "another")
    async with pushing(services, shopify_target(shop)):
        report = await eventually(
            lambda: report_of(services), lambda one: one.status.problem, WITHIN_SECONDS
        )
    assert report.status.problem == "HTTP 401"
    assert report.status.pending == 4
    assert shop.writes == []


async def test_two_processes_push_to_a_target_one_after_the_other(
    services: Services, neighbour: Services, shop: ShopifyShop
) -> None:
    async with pushing(services, shopify_target(shop)):
        await becomes(shop, A_1=10)
        await settled(services)
        async with pushing(neighbour, shopify_target(shop)):
            for units in range(20):
                await count(services, "A-1", units)
            await becomes(shop, A_1=19)
            await settled(services)
    assert shop.throttled == 0


@pytest.mark.parametrize("seed", range(3))
async def test_it_converges_over_random_changes_and_faults(
    services: Services, shop: ShopifyShop, seed: int
) -> None:
    rng = random.Random(seed)
    shop.server.share = 0.25
    async with pushing(services, shopify_target(shop, timeout_seconds=0.3)):
        # On until each fault has happened in the midst of it.
        while len(set(shop.server.happened)) < len(Fault):
            sku = rng.choice(SKUS)
            match rng.randrange(4):
                case 0 | 1:
                    await count(services, sku, rng.randrange(30))
                case 2:
                    shop.set(sku, rng.randrange(30))
                case 3:
                    await asyncio.sleep(rng.random() * 0.1)
        shop.server.share = 0.0
        await settled(services)
        # What somebody over there has changed last is only found by going through it.
        await reconciled(services)
        await settled(services)
        ours = {sku: await available(services, sku, "web", strong=True) for sku in SKUS}
        await eventually(shop.units, lambda has: has == ours)
    assert shop.throttled == 0
