"""What time alone changes of what a process keeps of items."""

import asyncio

import pytest

from hub.bootstrap import Services
from tests.integration.live.test_stock_cache import settled, told, units
from tests.integration.shop import count, execute, let_holds_lapse, opened, reserve
from tests.integration.slow_reads import hold_up_reads, told_meanwhile
from tests.waiting import eventually


async def test_a_hold_that_lapses_frees_its_units_before_it_is_swept(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 5)
    await reserve(services, {"A-1": 4})
    await settled(services)
    assert await units(services) == 1

    await let_holds_lapse(database_url)

    await eventually(lambda: units(services), lambda told: told == 5, within_seconds=3)


async def test_a_hold_that_lapses_during_the_first_read_is_noticed(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    await reserve(services, {"A-1": 4})
    # The log of a process that comes now tells nothing of either.
    async with opened(database_url) as fresh:
        is_read, go_on = hold_up_reads(monkeypatch)
        asked = asyncio.create_task(units(fresh))
        await is_read.wait()
        try:
            await let_holds_lapse(database_url)
            await eventually(lambda: told_meanwhile(fresh, "A-1"))
        finally:
            go_on.set()
        await asked
        assert await units(fresh) == 5


async def test_a_date_that_passes_is_noticed(services: Services, database_url: str) -> None:
    await execute(
        database_url,
        "update item set released_at = now() + interval '3 seconds' where sku = 'A-1'",
        "update rules_revision set revision = revision + 1",
        "insert into policy (id, kind, target, preorder_limit) "
        "values ('item:A-1', 'item', 'A-1', 5000)",
    )
    await count(services, "A-1", 50)
    assert (await told(services)).status == "PRE_ORDER"

    await eventually(
        lambda: told(services), lambda one: one.status == "IN_STOCK", within_seconds=10
    )
