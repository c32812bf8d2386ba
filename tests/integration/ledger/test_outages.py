"""What callers notice when the database goes away: a refusal at once, and nothing afterwards."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT
from hub.store.transactions import run_tx
from tests.integration.outages import mortal_postgres
from tests.integration.shop import (
    BUYER,
    CLERK,
    available,
    broken_rules,
    count,
    opened,
    position,
    put_shop,
    reserve,
    reserve_or_refusal,
)
from tests.integration.watcher import watching
from tests.waiting import eventually

ANSWERED_WITHIN_SECONDS = 2.0
CALLERS = 20


class Load:
    """Callers that reserve one unit after the other or look how many there are, and what they
    were told."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ended = asyncio.Event()
        self.held: list[Reservation] = []
        self.seen: list[float] = []
        self.unavailable = 0
        self.slowest_seconds = 0.0

    async def run(self) -> None:
        await asyncio.gather(
            *(self._call(self._reserve) for _ in range(CALLERS)),
            *(self._call(self._look) for _ in range(CALLERS)),
        )

    def end(self) -> None:
        self._ended.set()

    async def goes_on(self) -> None:
        """Wait until holds are granted and questions are answered again."""
        held, seen = len(self.held), len(self.seen)
        await eventually(lambda: len(self.held) > held + 100 and len(self.seen) > seen + 100)

    async def is_refused(self) -> None:
        """Wait until everybody has heard that the database is away."""
        before = self.unavailable
        await eventually(lambda: self.unavailable > before + 4 * CALLERS)

    async def _reserve(self) -> None:
        self.held.append(await reserve(self._services))

    async def _look(self) -> None:
        # What is kept in the process would be told without the database.
        self.seen.append(await available(self._services, strong=True))

    async def _call(self, call: Callable[[], Awaitable[None]]) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                await call()
            except Unavailable:
                self.unavailable += 1
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_crash_of_the_database_is_refused_at_once_and_survived_without_loss(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(mortal_postgres(tmp_path, durable=True))
        services = await stack.enter_async_context(opened(postgres.url))
        await put_shop(services)
        await count(services, "A-1", 1_000_000)
        load = Load(services)
        watcher = await stack.enter_async_context(watching(services, "A-1"))
        loading = asyncio.create_task(load.run())
        for _ in range(2):
            await load.goes_on()
            await postgres.crash()
            await load.is_refused()
            await postgres.start()
        await load.goes_on()
        load.end()
        await asyncio.wait_for(loading, 5)

        await watcher.sees(1_000_000 - (await position(services)).reserved // UNIT)
        assert watcher.versions["A-1"] == sorted(set(watcher.versions["A-1"]))
        assert load.slowest_seconds < ANSWERED_WITHIN_SECONDS
        ids = [reservation.id for reservation in load.held]
        assert len(await services.reservations.by_ids(BUYER, ids)) == len(ids)
        # What was under way in a crash may have been written without an answer.
        kept = (await position(services)).reserved // UNIT
        assert len(ids) <= kept <= len(ids) + 2 * CALLERS
        assert await broken_rules(services) == {}


async def test_a_storm_of_cancelled_transactions_leaves_the_pool_whole(services: Services) -> None:
    async def slowly() -> None:
        await run_tx(
            services.database, lambda client: client.execute_query_dict("select pg_sleep(0.02)")
        )

    for _ in range(5):
        tasks = [asyncio.create_task(slowly()) for _ in range(50)]
        await asyncio.sleep(random.uniform(0, 0.03))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(5):
        await asyncio.gather(*(slowly() for _ in range(30)))


async def test_a_storm_of_clients_that_leave_harms_no_later_one(services: Services) -> None:
    await count(services, "A-1", 1_000)
    event = {
        "specversion": "1.0",
        "type": "stock.adjusted",
        "data": {"sku": "A-1", "location": "BER", "delta": 1, "reason": "found"},
    }
    for turn in range(50):
        tasks: list[asyncio.Task[object]] = [
            asyncio.create_task(reserve_or_refusal(services)),
            asyncio.create_task(available(services, strong=True)),
            asyncio.create_task(
                services.intake.accept_events(CLERK, "till", [{**event, "id": f"{turn}"}])
            ),
        ]
        await asyncio.sleep(random.uniform(0, 0.005))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(reserve_or_refusal(services) for _ in range(30)))
    assert all(isinstance(answer, Reservation) for answer in answers)
    assert await broken_rules(services) == {}
