"""How many small events go from an HTTP request into stock, against their rows alone by COPY."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import asyncpg
import orjson

from benchmarks.figures import OURS, Bound, Figure, median_of_rounds, ratio_to_best
from benchmarks.lean_http import LeanClient, lean_client, post_request
from benchmarks.production_hub import SENDER, production_hub
from benchmarks.reservations import LOCATION, put_stock
from benchmarks.rounds import alternate
from benchmarks.stage import Stage, hub_on
from benchmarks.steady import make_log_segments
from hub.services.ids import uuid7
from hub.services.intake import MAX_EVENTS
from hub.store.database import connection_arguments

ROUNDS: Final = 3
REQUESTS: Final = 40
SENDERS: Final = 4
"""Requests that are under way at a time."""
ITEMS: Final = 1_000
POLL_SECONDS: Final = 0.02

RATE: Final = "events_http"
AGAINST_COPY: Final = "events_http_against_copy"
COPY: Final = "COPY of the same requests into the inbox"
UNIT: Final = "events/s"
SOURCE: Final = "benchmark"

_PENDING: Final = "select exists (select from inbox where state = 'PENDING')"
_APPLIED: Final = "select count(*) from inbox where source = $1 and state = 'APPLIED'"
_COLUMNS: Final = ("source", "event_id", "type", "payload", "payload_hash")

Event = dict[str, Any]


async def events_http(stage: Stage) -> list[Figure]:
    """Batched CloudEvents, from the first byte sent until all of them are applied; and the same
    rows, request by request, each durable, into an inbox that nobody works."""
    skus = [f"ITEM-{number:04}" for number in range(ITEMS)]
    async with AsyncExitStack() as stack:
        worked = await stack.enter_async_context(stage.databases.fresh())
        alone = await stack.enter_async_context(stage.databases.fresh())
        async with hub_on(worked) as services:
            await put_stock(services, skus)
        async with hub_on(alone):
            pass
        await make_log_segments(worked)
        reader = await stack.enter_async_context(_connected(worked))
        copier = await stack.enter_async_context(_connected(alone))
        server = await stack.enter_async_context(production_hub(stage.folder, worked, jobs=True))
        address = f"http://{server.host}/ingest/{SOURCE}"

        async def ours() -> float:
            batches = _batches(skus)
            requests = [post_request(address, orjson.dumps(one), SENDER) for one in batches]
            before: int = await reader.fetchval(_APPLIED, SOURCE)
            async with lean_client(server.host, SENDERS) as client:
                started = time.perf_counter()
                await _send(client, requests)
                while await reader.fetchval(_PENDING):  # noqa: ASYNC110 - nobody tells us
                    await asyncio.sleep(POLL_SECONDS)
                seconds = time.perf_counter() - started
            applied: int = await reader.fetchval(_APPLIED, SOURCE) - before
            assert applied == REQUESTS * MAX_EVENTS, "not all events were applied"
            return applied / seconds

        async def copied() -> float:
            batches = [[_row(event) for event in one] for one in _batches(skus)]
            started = time.perf_counter()
            for rows in batches:
                await copier.copy_records_to_table("inbox", records=rows, columns=_COLUMNS)
            return REQUESTS * MAX_EVENTS / (time.perf_counter() - started)

        await ours()
        runs = await alternate(ROUNDS, {OURS: ours, COPY: copied}, stage.tell)
    return [
        median_of_rounds(RATE, runs, UNIT, COPY, Bound("≥", 5_000)),
        ratio_to_best(AGAINST_COPY, runs, UNIT, Bound("≥", 0.25)),
    ]


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        yield connection
    finally:
        await connection.close()


async def _send(client: LeanClient, requests: Sequence[bytes]) -> None:
    """Send all requests, a few of them at a time."""
    left = iter(requests)

    async def sender() -> None:
        for request in left:
            await client.send(request)

    await asyncio.gather(*(sender() for _ in range(SENDERS)))


def _batches(skus: Sequence[str]) -> list[list[Event]]:
    """New events, as many in each request as may be."""
    return [[_sale(random.choice(skus)) for _ in range(MAX_EVENTS)] for _ in range(REQUESTS)]


def _sale(sku: str) -> Event:
    return {
        "specversion": "1.0",
        "id": uuid7(),
        "source": SOURCE,
        "type": "stock.adjusted",
        "time": "2026-11-21T10:00:00Z",
        "data": {"sku": sku, "location": LOCATION, "delta": -1, "reason": "sold"},
    }


def _row(event: Event) -> tuple[str, str, str, str, bytes]:
    text = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(text).digest()
    return SOURCE, event["id"], event["type"], text.decode(), digest
