"""How long after a supplier began to tell it a page knows: from POST to WebSocket."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from statistics import quantiles
from typing import Any, Final

import httpx

from benchmarks.figures import OURS, Bound, Figure, median_of_rounds
from benchmarks.rounds import alternate
from benchmarks.served import served_hub
from benchmarks.stage import Stage
from benchmarks.watcher import Watcher
from hub.services.ids import uuid7
from workers.demo.catalogue import BERLIN, items

ROUNDS: Final = 3
EVENTS: Final = 150
PAUSE_SECONDS: Final = (0.01, 0.05)
"""Between two events, so that they find the hub idle and fall on no beat of its own."""

P50: Final = "intake_to_subscriber_p50"
P99: Final = "intake_to_subscriber_p99"
BASELINE: Final = "bare round trip to /livez"
BOUND: Final = Bound("<", 100)
UNIT: Final = "ms"


async def intake_to_subscriber(stage: Stage) -> list[Figure]:
    """Milliseconds from the start of a POST to the event that the subscriber receives."""
    sku = items()[0].sku
    async with AsyncExitStack() as stack:
        database_url = None
        if stage.databases.given:
            database_url = await stack.enter_async_context(stage.databases.fresh())
        host = await stack.enter_async_context(served_hub(stage.folder, database_url))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=f"http://{host}"))
        watcher = await stack.enter_async_context(Watcher.watching(host, sku))

        async def ours() -> list[float]:
            return [await _told_and_heard(http, watcher, sku) for _ in range(EVENTS)]

        async def baseline() -> list[float]:
            return [await _round_trip(http) for _ in range(EVENTS)]

        await _told_and_heard(http, watcher, sku)
        await _round_trip(http)
        rounds = await alternate(ROUNDS, {OURS: ours, BASELINE: baseline}, stage.tell)
    return [
        median_of_rounds(P50, _percentile(rounds, 50), UNIT, BASELINE, BOUND),
        median_of_rounds(P99, _percentile(rounds, 99), UNIT, BASELINE),
    ]


async def _told_and_heard(http: httpx.AsyncClient, watcher: Watcher, sku: str) -> float:
    await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
    event = _one_more(sku)
    started = time.perf_counter()
    # The subscriber may hear of it before the supplier has his answer.
    response, heard = await asyncio.gather(
        http.post("/ingest/benchmark", json=event), watcher.next_change()
    )
    assert response.status_code == 202, response.text
    return (heard - started) * 1000


async def _round_trip(http: httpx.AsyncClient) -> float:
    await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
    started = time.perf_counter()
    response = await http.get("/livez")
    assert response.status_code == 200, response.text
    return (time.perf_counter() - started) * 1000


def _one_more(sku: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": uuid7(),
        "source": "benchmark",
        "type": "stock.adjusted",
        "data": {"sku": sku, "location": BERLIN, "delta": 1, "reason": "found"},
    }


def _percentile(
    rounds: Sequence[Mapping[str, list[float]]], percent: int
) -> list[dict[str, float]]:
    return [
        {
            side: quantiles(samples, n=100, method="inclusive")[percent - 1]
            for side, samples in one.items()
        }
        for one in rounds
    ]
