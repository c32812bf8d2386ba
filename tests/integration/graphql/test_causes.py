"""Whatever changes an answer is told to who watches it, first thing, without any other write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.cli.serving import running_jobs
from hub.domain.policies import Channel, Policy
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Count, Receipt
from tests.integration.graphql.conftest import SEED, Served
from tests.integration.graphql.sockets import Socket
from tests.integration.shop import execute
from workers.expiry import Expiry
from workers.listing import Listing
from workers.passing_time import PassingTime

WATCH = """
    subscription ($skus: [ID!]!) { availability(skus: $skus) {
      kind availability { sku quantity status version nextSupplyAt staleSince
                          message { code } promise { quantity kind date } } } }
"""
SOON = timedelta(seconds=1.2)


class Page:
    """Somebody's page, which shows one item."""

    def __init__(self, socket: Socket, first: Any) -> None:
        self._socket = socket
        self.first = first

    async def is_told(self) -> Any:
        """The state of the item that he is told next."""
        (told,) = (await self._socket.data("page"))["availability"]["availability"]
        return told


@asynccontextmanager
async def page(served: Served, sku: str = "MUG-S") -> AsyncIterator[Page]:
    """A page that is open and shows the present state; time passes meanwhile."""
    async with running_jobs([PassingTime(served.services)]), served.socket() as socket:
        await socket.begin()
        await socket.subscribe("page", WATCH, skus=[sku])
        (first,) = (await socket.data("page"))["availability"]["availability"]
        yield Page(socket, first)


async def now(served: Served) -> datetime:
    """The database's time."""
    (row,) = await served.services.database.fetch("select now() as now")
    moment: datetime = row["now"]
    return moment


async def test_an_item_is_released(served: Served) -> None:
    released_at = await now(served) + SOON
    mug = CatalogueItem("MUG-S", "Mug S", "mug", "kitchen", released_at=released_at)
    await served.services.catalogue.put_items(SEED, [mug])
    async with page(served) as open_page:
        assert open_page.first["status"] == "PRE_ORDER"
        told = await open_page.is_told()
        assert (told["status"], told["version"]) == ("LIMITED_AVAILABILITY", 1)


async def test_the_date_of_a_supply_line_passes(served: Served) -> None:
    await served.services.catalogue.put_policies(
        SEED, {("global", ""): Policy(backorder_limit=10 * UNIT)}
    )
    await served.count("MUG-S", 0)
    eta = await now(served) + SOON
    await served.services.stock.schedule_supply(
        SEED, Receipt("MUG-S", "BER", 5 * UNIT, "PO-1", eta)
    )
    async with page(served) as open_page:
        assert open_page.first["message"]["code"] == "BACK_ORDER_BY"
        told = await open_page.is_told()
        assert told["message"]["code"] == "BACK_ORDER"
        assert (told["nextSupplyAt"], told["version"]) == (None, open_page.first["version"])
        assert [line["kind"] for line in told["promise"]] == ["BACKORDER"]


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "without a sweeper"])
async def test_a_hold_lapses(served: Served, swept: bool) -> None:
    await served.services.reservations.reserve(SEED, [Line("MUG-S", 2 * UNIT)], ttl_seconds=1)
    async with page(served) as open_page, running_jobs([Expiry(served.services)] * swept):
        assert open_page.first["quantity"] == 3
        assert (await open_page.is_told())["quantity"] == 5


async def test_a_kit_is_told_when_a_component_of_it_is_released(served: Served) -> None:
    released_at = await now(served) + SOON
    catalogue = served.services.catalogue
    await catalogue.put_items(
        SEED,
        [
            CatalogueItem("SET", "Set"),
            CatalogueItem("MUG-S", "Mug S", "mug", "kitchen", released_at=released_at),
        ],
    )
    await catalogue.put_kits(SEED, {"SET": [Line("MUG-S", UNIT), Line("MUG-M", UNIT)]})
    await catalogue.put_policies(SEED, {("item", "MUG-S"): Policy(preorder_limit=7 * UNIT)})
    await served.count("MUG-M", 20)
    async with page(served, "SET") as open_page:
        assert open_page.first["quantity"] == 12
        assert (await open_page.is_told())["quantity"] == 5


async def test_a_location_falls_silent_and_is_heard_again(served: Served) -> None:
    await served.services.catalogue.put_policies(
        SEED, {("location", "BER"): Policy(stale_count_seconds=3_600)}
    )
    old = datetime.now(UTC) - timedelta(seconds=3_600) + 2 * SOON
    await execute(
        str(served.services.settings.database_url),
        f"update position set counted_at = '{old.isoformat()}' where location = 'BER'",
    )
    await served.services.stock.set_stock(SEED, Count("MUG-L", "BER", 5 * UNIT, as_of=old))
    while not (await served.services.listing_projection.step()).idle:
        pass
    async with page(served) as open_page, running_jobs([Listing(served.services)]):
        assert open_page.first["staleSince"] is None
        told = await open_page.is_told()
        since = datetime.fromisoformat(told["staleSince"])
        assert since == old + timedelta(seconds=3_600)
        assert told["quantity"] == 5

        await served.count("MUG-L", 6)
        told = await open_page.is_told()
        assert (told["staleSince"], told["quantity"]) == (None, 5)


async def test_a_forecast_loses_the_orders_that_are_four_weeks_old(served: Served) -> None:
    held = await served.services.reservations.reserve(SEED, [Line("MUG-S", UNIT)])
    await served.services.reservations.commit(SEED, held.id, "O-1")
    moment = await now(served) - timedelta(days=28) + SOON
    await execute(
        str(served.services.settings.database_url),
        f"update reservation set ordered_at = '{moment.isoformat()}' where order_id = 'O-1'",
    )
    forecast = """
        subscription { availability(skus: ["MUG-S", "MUG-M"]) {
          availability { sku item { forecast { orderedUnits } } } } }
    """
    async with running_jobs([PassingTime(served.services)]), served.socket() as socket:
        await socket.begin()
        await socket.subscribe("page", forecast)
        await socket.data("page")
        (told,) = (await socket.data("page"))["availability"]["availability"]
        assert told["sku"] == "MUG-S"


async def test_what_the_catalogue_says_anew_is_told(served: Served) -> None:
    catalogue = served.services.catalogue
    pools = [Channel("web", "Web shop", "en", "EUR", ("AMS",))]
    async with page(served) as open_page:
        await catalogue.put_policies(SEED, {("item", "MUG-S"): Policy(safety_stock=UNIT)})
        assert (await open_page.is_told())["quantity"] == 4
        await catalogue.put_channels(SEED, pools, default="web")
        assert (await open_page.is_told())["quantity"] == 0
        gone = CatalogueItem("MUG-S", "Mug S", discontinued=True)
        await catalogue.put_items(SEED, [gone])
        assert (await open_page.is_told())["status"] == "DISCONTINUED"
