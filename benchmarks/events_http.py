"""How many small events go from an HTTP request into stock, against their rows alone by COPY."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

import orjson

from benchmarks.figures import Bound, Figure
from benchmarks.lean_http import LeanClient, lean_client, post_request
from benchmarks.production_hub import SENDER, production_hub
from benchmarks.small_events import SOURCE, Batches, Sending, against_copy
from benchmarks.stage import Stage

SENDERS: Final = 4
"""Requests that are under way at a time."""

RATE: Final = "events_http"
AGAINST_COPY: Final = "events_http_against_copy"


async def events_http(stage: Stage) -> list[Figure]:
    """Batched CloudEvents, one batch in each request."""
    return await against_copy(stage, (RATE, AGAINST_COPY), _over_http, Bound("≥", 0.25))


async def _over_http(stack: AsyncExitStack, stage: Stage, database_url: str) -> Sending:
    server = await stack.enter_async_context(production_hub(stage.folder, database_url, jobs=True))
    address = f"http://{server.host}/ingest/{SOURCE}"

    def sending(batches: Batches) -> Callable[[], Awaitable[None]]:
        requests = [post_request(address, orjson.dumps(one), SENDER) for one in batches]

        async def send() -> None:
            async with lean_client(server.host, SENDERS) as client:
                await _send(client, requests)

        return send

    return sending


async def _send(client: LeanClient, requests: Sequence[bytes]) -> None:
    """Send all requests, a few of them at a time."""
    left = iter(requests)

    async def sender() -> None:
        for request in left:
            await client.send(request)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))
