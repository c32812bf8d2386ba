"""Pages of two hub processes, over whatever carries their hints, while one thing dies after the
other: what all of them show in the end is what the database says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from tests.e2e.fleet import Door, Fleet, running_fleet
from tests.integration.live.pages import Page
from tests.integration.shop import SKUS
from tests.servers import RedisServer
from tests.waiting import eventually

pytestmark = pytest.mark.slow

PAGES = 6
CURRENT_SECONDS = 5.0
LOST_LINES = ("backplane.listening.lost", "backplane.speaking.lost")


async def stay(page: Page, urls: list[str]) -> None:
    """Watch, and come back to the next process when the connection is lost."""
    for page.url in cycle(urls):
        with contextlib.suppress(WebSocketException, OSError):
            await page.watch()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def open_pages(fleet: Fleet) -> AsyncIterator[list[Page]]:
    """Pages at both processes, that know how things are."""
    urls = [one.url for one in fleet.processes]
    pages = [Page("", SKUS) for _ in range(PAGES)]
    staying = [
        asyncio.create_task(stay(page, urls if place % 2 else urls[::-1]))
        for place, page in enumerate(pages)
    ]
    try:
        await eventually(lambda: all(page.kinds for page in pages))
        yield pages
        assert not any(one.done() for one in staying), staying
    finally:
        for one in staying:
            one.cancel()
        await asyncio.gather(*staying, return_exceptions=True)


async def buy(doors: list[Door], pages: list[Page], left: int) -> None:
    """One unit by each process; then all pages soon know what is left."""
    for door in doors:
        answer = await door.reserve([("A-1", 1)])
        assert answer["__typename"] == "ReserveSuccess", answer
    for page in pages:
        await page.sees(left, within_seconds=CURRENT_SECONDS)


@pytest.mark.parametrize("over_redis", [True, False], ids=["redis", "postgres"])
async def test_pages_of_two_processes_agree_whatever_dies(
    over_redis: bool, shop_url: str, own_redis: RedisServer, tmp_path: Path
) -> None:
    backplane = own_redis.url if over_redis else shop_url
    with running_fleet(2, shop_url, tmp_path, HUB_BACKPLANE_URL=backplane) as fleet:
        one, two = fleet.processes
        async with open_pages(fleet) as pages, fleet.doors() as doors:
            await buy(doors, pages, 8)
            own_redis.kill()
            # Without hints, by looking.
            await buy(doors, pages, 6)
            await asyncio.sleep(2)
            await asyncio.to_thread(own_redis.start)
            await buy(doors, pages, 4)

            two.kill()
            await buy(doors[:1], pages, 3)
            assert all("RESET" not in page.kinds for page in pages)
            assert sum("RECOVERED" in page.kinds for page in pages) == PAGES // 2
        for process in (one, two):
            for line in LOST_LINES:
                assert process.output.count(line) == (1 if over_redis else 0), process.output
