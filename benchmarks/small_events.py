"""How many small events go into stock, by whatever way, against their rows alone by COPY."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import asyncpg
import orjson

from benchmarks.figures import OURS, Bound, Figure, median_of_rounds, ratio_to_best
from benchmarks.reservations import LOCATION, put_stock
from benchmarks.rounds import alternate
from benchmarks.stage import Stage, hub_on
from benchmarks.steady import make_log_segments
from hub.services.ids import uuid7
from hub.services.intake import MAX_EVENTS
from hub.store.database import connection_arguments

ROUNDS: Final = 3
BATCHES: Final = 40
ITEMS: Final = 1_000
POLL_SECONDS: Final = 0.02
UNIT: Final = "events/s"
SOURCE: Final = "benchmark"
COPY: Final = "COPY of the same events into the inbox, batch by batch"

_PENDING: Final = "select exists (select from inbox where state = 'PENDING')"
_APPLIED: Final = "select count(*) from inbox where source = $1 and state = 'APPLIED'"
_COLUMNS: Final = ("source", "event_id", "type", "payload", "payload_hash")

Event = dict[str, Any]
Batches = Sequence[Sequence[Event]]
Sending = Callable[[Batches], Callable[[], Awaitable[None]]]
"""Makes what is sent of batches of events, and gives back what sends it: done when all of them are
in the inbox."""
Way = Callable[[AsyncExitStack, Stage, str], Awaitable[Sending]]
"""Starts a hub on a database, and whatever else events need on their way."""


async def against_copy(
    stage: Stage, names: tuple[str, str], way: Way, share: Bound | None = None
) -> list[Figure]:
    """Events, from the first byte sent until all of them are applied; and the same rows, batch by
    batch, each durable, into an inbox that nobody works."""
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
        sending = await way(stack, stage, worked)

        async def ours() -> float:
            send = sending(_batches(skus))
            before: int = await reader.fetchval(_APPLIED, SOURCE)
            started = time.perf_counter()
            await send()
            while await reader.fetchval(_PENDING):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(POLL_SECONDS)
            seconds = time.perf_counter() - started
            applied: int = await reader.fetchval(_APPLIED, SOURCE) - before
            assert applied == BATCHES * MAX_EVENTS, "not all events were applied"
            return applied / seconds

        async def copied() -> float:
            batches = [[_row(event) for event in one] for one in _batches(skus)]
            started = time.perf_counter()
            for rows in batches:
                await copier.copy_records_to_table("inbox", records=rows, columns=_COLUMNS)
            return BATCHES * MAX_EVENTS / (time.perf_counter() - started)

        await ours()
        runs = await alternate(ROUNDS, {OURS: ours, COPY: copied}, stage.tell)
    return [
        median_of_rounds(names[0], runs, UNIT, COPY, Bound("≥", 5_000)),
        ratio_to_best(names[1], runs, UNIT, share),
    ]


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        yield connection
    finally:
        await connection.close()


def _batches(skus: Sequence[str]) -> Batches:
    """New events, as many in each batch as one request may have."""
    return [[_sale(random.choice(skus)) for _ in range(MAX_EVENTS)] for _ in range(BATCHES)]


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
