"""Workers that are killed amid the inbox: nothing lost, nothing twice, and every key in order."""

import asyncio
import random
from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.dead_letters import SoughtLetters
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.events import about, adjusted, counted, inbox_states, placed, send
from tests.integration.shop import CLERK, broken_rules, opened, position
from tests.waiting import eventually

pytestmark = pytest.mark.slow

KILLS = 5
PENDING = "select from inbox where state = 'PENDING' limit 1"


async def orders_come(services: Services, rng: random.Random, stop: asyncio.Event) -> int:
    """Until told to stop: each order ships one and cancels three. The other way round, or twice, a
    shipment would fail. How many there were."""
    orders = 0
    while not stop.is_set():
        names = [f"O-{number}" for number in range(orders, orders + 20)]
        steps = [
            [placed(name, 4) for name in names],
            [about(name, "shipped", 1) for name in names],
            [about(name, "cancelled") for name in names],
        ]
        if rng.random() < 0.3:
            steps[0], steps[1] = steps[1], steps[0]
        for step in steps:
            # What a sender repeats because the answer was lost.
            await send(services, *step)
            if rng.random() < 0.2:
                await send(services, *step)
        await send(services, adjusted(1, sku="NEW-1"))
        orders += 20
        await asyncio.sleep(0.01)
    return orders


async def test_workers_may_be_killed_at_any_moment(shop_url: str, tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    environment = clean_environment(DATABASE_URL=shop_url)

    def started() -> HubProcess:
        return HubProcess("work", folder=tmp_path, environment=environment)

    stop = asyncio.Event()
    async with opened(shop_url) as services:
        await send(services, counted(50_000))
        workers = [started(), started()]
        try:
            await eventually(lambda: inbox_states(services), all_applied, 30)
            coming = asyncio.create_task(orders_come(services, rng, stop))
            for number in range(KILLS):
                await asyncio.sleep(rng.uniform(0.3, 1.5))
                workers[number % 2].kill()
                workers[number % 2] = started()
            stop.set()
            orders = await coming
            # What waits for a person is put back while one of them dies.
            await eventually(lambda: services.database.fetch(PENDING), lambda rows: not rows, 60)
            await services.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])
            requeued = await services.intake.letters.requeue_many(CLERK, SoughtLetters(), 10_000)
            workers[0].kill()
            again = await services.intake.letters.requeue_many(CLERK, SoughtLetters(), 10_000)
            await eventually(lambda: services.database.fetch(PENDING), lambda rows: not rows, 60)
        finally:
            for worker in workers:
                worker.kill()

        assert set((await inbox_states(services)).values()) == {"APPLIED"}
        now, new = await position(services), await position(services, "NEW-1")
        assert (now.on_hand, now.allocated) == ((50_000 - orders) * UNIT, 0)
        assert new.on_hand == new.version * UNIT == orders // 20 * UNIT
        assert requeued.done + again.done == orders // 20
        assert await broken_rules(services) == {}


def all_applied(states: dict[str, str]) -> bool:
    return set(states.values()) == {"APPLIED"}
