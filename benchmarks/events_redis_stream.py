"""How many small events go from a Redis stream into stock, against their rows alone by COPY."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import orjson
from redis.asyncio import Redis

from benchmarks.figures import Figure
from benchmarks.production_hub import production_hub
from benchmarks.redis_server import redis_server
from benchmarks.reservations import PRINCIPAL
from benchmarks.small_events import POLL_SECONDS, SOURCE, Batches, Sending, against_copy
from benchmarks.stage import Stage, hub_on
from hub.domain.source_streams import DEFAULT_GROUP, SourceStream, StreamBroker
from hub.domain.sources import Source

RATE: Final = "events_redis_stream"
AGAINST_COPY: Final = "events_redis_stream_against_copy"
ADDRESS: Final = "BENCHMARK_STREAM_URL"
STREAM: Final = "benchmark:stock"


async def events_redis_stream(stage: Stage) -> list[Figure]:
    """CloudEvents, each an entry of its own, as a supplier adds them one by one."""
    return await against_copy(stage, (RATE, AGAINST_COPY), _through_redis)


async def _through_redis(stack: AsyncExitStack, stage: Stage, database_url: str) -> Sending:
    url = await stack.enter_async_context(redis_server(stage.folder))
    stream = SourceStream(broker=StreamBroker.REDIS, address=ADDRESS, name=STREAM)
    source = Source(name=SOURCE, format="cloudevents", stream=stream)
    async with hub_on(database_url) as services:
        await services.sources.put(PRINCIPAL, source)
    hub = production_hub(stage.folder, database_url, {ADDRESS: url}, jobs=True)
    await stack.enter_async_context(hub)
    client = await stack.enter_async_context(Redis.from_url(url))

    def sending(batches: Batches) -> Callable[[], Awaitable[None]]:
        entries = [[orjson.dumps(event) for event in one] for one in batches]

        async def send() -> None:
            last: Any = None
            for batch in entries:
                pipeline = client.pipeline(transaction=False)
                for entry in batch:
                    pipeline.xadd(STREAM, {"event": entry})
                last = (await pipeline.execute())[-1]
            while not await _all_taken(client, last):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(POLL_SECONDS)

        return send

    return sending


async def _all_taken(client: Redis, last: bytes) -> bool:
    for group in await client.xinfo_groups(STREAM):
        if group["name"] == DEFAULT_GROUP.encode():
            return bool(group["last-delivered-id"] == last and group["pending"] == 0)
    return False
