"""What the ledger says of demand: what orders took, and not what carts hold."""

import pytest

from hub.bootstrap import Services
from hub.domain.commands import CancelOrder, OrderLine, Origin, PlaceOrder, ReturnOrder, ShipOrder
from hub.domain.demand import WINDOW_DAYS
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.ids import uuid7
from hub.services.stock import Receipt
from hub.store import demand_reads
from hub.store.demand_reads import read_demand
from tests.integration.shop import CLERK, count, execute, reserve
from workers.backorders import Backorders

TILL = Origin("till")
POOL = ("BER", "AMS")


async def place(services: Services, order: str, units: int, sku: str = "A-1") -> None:
    """An order that a shop has taken."""
    lines = (OrderLine(sku, units * UNIT),)
    await services.writer.submit(PlaceOrder(order, "web", lines, uuid7(), TILL))


async def ordered(services: Services, sku: str = "A-1", pool: tuple[str, ...] = POOL) -> float:
    """Units that orders have taken of an item."""
    found = await read_demand(services.database, [sku], pool)
    return found[sku].units / UNIT if sku in found else 0


async def test_demand_is_what_orders_took_less_what_they_gave_back(services: Services) -> None:
    await count(services, "A-1", 20)
    await reserve(services, {"A-1": 3})
    assert await read_demand(services.database, ["A-1", "A-2"], POOL) == {}
    await place(services, "O-1", 4)
    await place(services, "O-2", 2)
    assert await ordered(services) == 6
    await services.writer.submit(CancelOrder("O-2", None, TILL))
    assert await ordered(services) == 4
    await services.writer.submit(ShipOrder("O-1", None, TILL))
    await services.writer.submit(ReturnOrder("O-1", None, TILL))
    assert await ordered(services) == 4
    assert (await ordered(services, "A-2"), await ordered(services, pool=("AMS",))) == (0, 0)


async def test_what_left_from_another_location_was_asked_for_once(services: Services) -> None:
    await count(services, "A-1", 5)
    await count(services, "A-1", 5, location="AMS")
    await place(services, "O-1", 3)
    line = (OrderLine("A-1", 3 * UNIT, None, "AMS"),)
    await services.writer.submit(ShipOrder("O-1", line, TILL))
    assert await ordered(services) == 3
    assert await ordered(services, pool=("AMS",)) == 3


async def test_what_waits_is_counted_once_it_comes_in(services: Services) -> None:
    await services.catalogue.put_policies(
        CLERK, {("item", "A-1"): Policy(backorder_limit=9 * UNIT)}
    )
    held = await reserve(services, {"A-1": 4})
    await services.reservations.commit(CLERK, held.id, "O-1")
    assert await ordered(services) == 0
    await services.stock.receive_supply(CLERK, Receipt("A-1", "BER", 4 * UNIT, "PO-1", None))
    # Those in front are served as goods come in; whoever is not, by the job.
    await Backorders(services).settle()
    assert await ordered(services) == 4


async def test_only_the_window_counts(services: Services, database_url: str) -> None:
    await count(services, "A-1", 20)
    await place(services, "O-1", 4)
    await execute(
        database_url,
        f"update movement set recorded_at = recorded_at - interval '{WINDOW_DAYS} days'",
    )
    assert await ordered(services) == 0
    await place(services, "O-2", 1)
    assert await ordered(services) == 1


async def test_of_an_item_with_very_many_entries_the_window_is_shorter(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 20)
    for number in range(6):
        await place(services, f"O-{number}", 1)
    # The count and six orders, one a day.
    await execute(
        database_url,
        "update movement set recorded_at = recorded_at - make_interval(days => 7 - version::int)",
    )
    found = (await read_demand(services.database, ["A-1"], POOL))["A-1"]
    assert (found.orders, found.window_days) == (6, WINDOW_DAYS)
    monkeypatch.setattr(demand_reads, "MAX_ENTRIES", 3)
    found = (await read_demand(services.database, ["A-1"], POOL))["A-1"]
    assert (found.units, found.orders, round(found.window_days, 1)) == (3 * UNIT, 3, 2.0)
