"""Pages that lose their connection again and again amid writes, and come back to any process."""

import asyncio
import contextlib
import random
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import ConnectionClosed

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.services.stock import Adjustment
from hub.store.log_cursor import LogCursor
from tests.integration.live.pages import Page, Return
from tests.integration.serving import served
from tests.integration.shop import CLERK, SKUS, availability, count, opened, put_shop
from tests.waiting import eventually

CUTS = 40
"""Of each page."""
PAGES = 3

_BETWEEN = """
    select distinct changed.sku from change, unnest(skus) changed (sku)
    where not pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
      and ($2::text is null or pg_visible_in_snapshot(xid, $2::text::pg_snapshot))"""


async def changed(services: Services, after: str, until: str | None = None) -> set[str]:
    """What the log says has changed between two cursors, or since."""
    places = [LogCursor.parse(text) for text in (after, until) if text is not None]
    snapshots = [place.snapshot for place in places if place is not None]
    rows = await services.database.fetch(_BETWEEN, [*snapshots, None][:2])
    return {row["sku"] for row in rows}


async def check(services: Services, back: Return) -> None:
    """Who came back was told all that had changed by then, and nothing that had not."""
    assert back.after is not None
    assert await changed(services, back.after, back.cursor) <= back.skus
    assert back.skus <= await changed(services, back.after)


async def live(page: Page, urls: list[str], services: Services, dice: random.Random) -> None:
    """Watch, be cut and come back, each time to any process."""
    for _ in range(CUTS):
        page.url = dice.choice(urls)
        watching = asyncio.create_task(page.watch())
        if dice.random() < 0.7:
            await page.is_told()
        await asyncio.sleep(dice.choice((0.0, 0.01, 0.05, 0.1)) * dice.random())
        page.cut()
        # It may not even have been connected.
        watching.cancel()
        with contextlib.suppress(ConnectionClosed, asyncio.CancelledError):
            await watching
        for back in page.returns:
            await check(services, back)
        page.returns.clear()


@pytest.mark.slow
async def test_pages_that_are_cut_a_hundred_times_miss_nothing_and_are_told_nothing_twice(
    services: Services, database_url: str, redis_url: str
) -> None:
    seed = random.randrange(1_000_000)
    print(f"\nseed {seed}")
    dice = random.Random(seed)
    async with AsyncExitStack() as stack:
        await put_shop(services)
        for sku in SKUS:
            await count(services, sku, 1_000)
        hubs = [await stack.enter_async_context(opened(database_url, redis_url)) for _ in range(2)]
        urls = [str((await stack.enter_async_context(served(hub))).base_url) for hub in hubs]
        pages = [Page(dice.choice(urls), SKUS) for _ in range(PAGES)]
        living = [asyncio.create_task(live(page, urls, services, dice)) for page in pages]

        async def write(hub: Services) -> None:
            while not all(one.done() for one in living):
                change = Adjustment(dice.choice(SKUS), "BER", dice.choice((-1, 2)) * UNIT, "sold")
                await hub.stock.adjust_stock(CLERK, change)
                await asyncio.sleep(0.02 * dice.random())

        await asyncio.gather(*living, *(write(hub) for hub in hubs))
        truth = {sku: (await availability(services, sku, strong=True)) for sku in SKUS}
        for page in pages:
            watching = asyncio.create_task(page.watch())
            for sku, answer in truth.items():
                await page.sees(answer.breakdown.available_to_order / UNIT, sku)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            assert {sku: one.version for sku, one in page.shows.items()} == {
                sku: answer.version for sku, answer in truth.items()
            }
            assert page.repeated == []
            assert page.kinds.count("SNAPSHOT") <= CUTS / 2
            assert "RESET" not in page.kinds
        assert sum(page.kinds.count("RECOVERED") for page in pages) >= CUTS
        await eventually(lambda: not any(hub.watch.has_subscribers() for hub in hubs))
