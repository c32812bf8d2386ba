"""A worker that is killed at every step of a poll: nothing lost, nothing twice."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from hub.store.database import connection_arguments
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.events import inbox_states
from tests.integration.shop import opened, position, sound
from tests.supplier import Supplier, hanging, said, supplying
from tests.waiting import eventually

pytestmark = pytest.mark.slow

ROWS = 3_000
BODY = "sku,location,delta\n" + "A-1,BER,1\n" * ROWS
"""Adjustments: a row that counts twice is seen."""
_ABANDONED = "update pgqueuer set heartbeat = now() - interval '1 hour' where status = 'picked'"
"""As if a while had passed in which nothing was heard of who had the job."""


async def test_polls_are_finished_by_the_next_process(shop_url: str, tmp_path: Path) -> None:
    environment = clean_environment(DATABASE_URL=shop_url, HUB_FETCH_PRIVATE_NETWORKS="127.0.0.0/8")
    lock = await asyncpg.connect(**connection_arguments(shop_url))
    async with opened(shop_url) as services, supplying() as supplier:

        def started() -> HubProcess:
            return HubProcess("work", folder=tmp_path, environment=environment)

        async def dies(worker: HubProcess) -> None:
            await asyncio.to_thread(worker.kill)
            await services.database.fetch(_ABANDONED)

        supplier.answers["/stock.csv"] = hanging(BODY)
        await put(services, supplier)
        worker = started()
        try:
            # In the middle of an answer.
            await eventually(lambda: supplier.requests, within_seconds=60)
            await dies(worker)
            supplier.answers["/stock.csv"] = said(BODY)
            # While it is taken in.
            worker = started()
            await eventually(lambda: inbox_states(services), within_seconds=60)
            await dies(worker)
            # When all of it is, and nobody has put down yet that it is.
            async with lock.transaction():
                await lock.execute("select from source_poll for update")
                worker = started()
                await eventually(
                    lambda: inbox_states(services), lambda found: len(found) == ROWS, 60
                )
                await dies(worker)
            worker = started()
            await eventually(lambda: outcome(services), within_seconds=60)
            await eventually(lambda: inbox_states(services), all_applied, 60)
        finally:
            worker.kill()
            await lock.close()
        assert len(await inbox_states(services)) == ROWS
        assert (await position(services)).on_hand == (10 + ROWS) * UNIT
        assert await sound(services)


async def put(services: Services, supplier: Supplier) -> None:
    fetch = {"kind": "http", "url": f"{supplier.url}/stock.csv", "every": "1h"}
    options = {"event": "stock.adjusted", "constants": {"reason": "found"}}
    plain = {"name": "acme", "format": "csv", "options": options, "fetch": fetch}
    await services.sources.put(trusted("admin"), source_from(plain))


async def outcome(services: Services) -> str | None:
    (row,) = await services.database.fetch("select outcome from source_poll")
    return None if row["outcome"] is None else str(row["outcome"])


def all_applied(states: dict[str, str]) -> bool:
    return set(states.values()) == {"APPLIED"}
