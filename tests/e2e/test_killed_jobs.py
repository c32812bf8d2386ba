"""Jobs that are killed at any moment: each crossing opens one alert, each notice is given once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.notices import NoticeState
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.alerting import LOG, alerts
from tests.integration.shop import BUYER, CLERK, SKUS, count, opened
from tests.waiting import eventually

pytestmark = pytest.mark.slow

KILLS = 12
SHOPPERS = 60


class Workers:
    """Two processes that do the jobs; one of them is killed now and then."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._environment = clean_environment(
            DATABASE_URL=database_url, HUB_ALERT_CALM_SECONDS="0", HUB_NOTICE_FACTOR="1"
        )
        self._running: list[HubProcess] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While they run."""
        try:
            self._running = [self._started(), self._started()]
            yield
        finally:
            for one in self._running:
                one.kill()

    async def one_dies(self, rng: random.Random) -> None:
        """One of them is killed, and another one started in its place."""
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        victim = rng.randrange(2)
        self._running[victim].kill()
        self._running[victim] = self._started()

    def _started(self) -> HubProcess:
        return HubProcess("work", folder=self._folder, environment=self._environment)


async def stock_goes_up_and_down(services: Services, rng: random.Random) -> None:
    """Until cancelled."""
    while True:
        await count(services, rng.choice(SKUS), rng.choice((0, 1, 3, 5, 6, 7, 9, 20)))
        await asyncio.sleep(0.02)


async def test_each_crossing_and_each_notice_is_told_once_whoever_is_killed_when(
    shop_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    workers = Workers(tmp_path, shop_url)
    async with opened(shop_url) as services, workers.running():
        await count(services, "A-1", 0)
        await eventually(lambda: alerts(services, sku="A-1"), within_seconds=30)
        names = [f"shopper-{place:02}" for place in range(SHOPPERS)]
        ids = [(await services.notices.ask(BUYER, "A-1", name)).id for name in names]
        writing = asyncio.create_task(stock_goes_up_and_down(services, rng))
        for _ in range(KILLS):
            await workers.one_dies(rng)
        writing.cancel()
        for sku in SKUS:
            await count(services, sku, 3 * SHOPPERS)

        async def is_over() -> bool:
            notices = await services.notices.by_ids(CLERK, ids)
            waiting = [one for one in notices if one.state is NoticeState.WAITING]
            return not waiting and not await alerts(services, unresolved=True)

        await eventually(is_over, within_seconds=60)
        log = await services.database.fetch(LOG)
        given = [id for row in log for id in row["notices"]]
        assert Counter(given) == Counter(ids)
        in_line = await services.notices.by_ids(CLERK, ids)
        moments = [one.told_at for one in in_line if one.told_at is not None]
        assert [one.id for one in in_line] == ids
        assert moments == sorted(moments), "the first in line was not the first to be told"

        changes = Counter(id for row in log for id in row["alerts"])
        rows = await services.database.fetch(
            "select id, opened_at = resolved_at as at_once from alert"
        )
        assert changes == {row["id"]: 1 if row["at_once"] else 2 for row in rows}
        overlapping = await services.database.fetch(
            """select a.id, b.id from alert a join alert b
               on (a.kind, a.sku, a.channel, a.location) = (b.kind, b.sku, b.channel, b.location)
              and a.id < b.id and a.resolved_at > b.opened_at"""
        )
        assert overlapping == []
        assert len(rows) > len(SKUS)
