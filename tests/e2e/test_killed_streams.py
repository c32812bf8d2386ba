"""A worker that is killed between receipt and commit of messages: another one claims them."""

from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from hub.domain.source_streams import DEFAULT_GROUP, SourceStream, StreamBroker
from hub.domain.sources import Source
from hub.domain.values import UNIT
from hub.store.database import connection_arguments
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.events import adjusted
from tests.integration.shop import CLERK, opened, position, sound
from tests.integration.streams.reading import ADDRESS, body
from tests.waiting import eventually

pytestmark = pytest.mark.slow

STREAM = "acme:stock"
EVENTS = 50


async def test_what_a_killed_worker_has_read_is_applied_once_by_another_one(
    shop_url: str, redis_url: str, tmp_path: Path
) -> None:
    stream = SourceStream(broker=StreamBroker.REDIS, address=ADDRESS, name=STREAM, claim_seconds=1)
    environment = clean_environment(DATABASE_URL=shop_url) | {ADDRESS: redis_url}

    def started() -> HubProcess:
        return HubProcess("work", folder=tmp_path, environment=environment)

    async with opened(shop_url) as services, Redis.from_url(redis_url) as client:

        async def pending() -> int:
            found = await client.xpending(STREAM, DEFAULT_GROUP)
            return int(found["pending"])

        await services.sources.put(CLERK, Source(name="acme", format="cloudevents", stream=stream))
        await client.xgroup_create(STREAM, DEFAULT_GROUP, id="0", mkstream=True)
        for _ in range(EVENTS):
            await client.xadd(STREAM, {"event": body(adjusted(1))})
        locking = await asyncpg.connect(**connection_arguments(shop_url))
        workers = [started()]
        try:
            async with locking.transaction():
                await locking.execute("lock table inbox in share mode")
                await eventually(pending, lambda many: many == EVENTS, 30)
                workers[0].kill()
                workers.append(started())
            await eventually(pending, lambda many: many == 0, 30)
            await eventually(
                lambda: position(services), lambda now: now.on_hand == (10 + EVENTS) * UNIT, 10
            )
        finally:
            for worker in workers:
                worker.kill()
            await locking.close()
        assert await sound(services)
