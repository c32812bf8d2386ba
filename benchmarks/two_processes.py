"""How soon subscribers of two hub processes hear of what both of them write."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from itertools import cycle
from statistics import median
from typing import Final

from benchmarks.assortment import put_assortment, sku_of
from benchmarks.crowds import Crowds, adjusting, crowds, subscribing
from benchmarks.figures import OURS, Bound, Figure, Round, median_of_rounds
from benchmarks.lean_http import lean_client
from benchmarks.live_load import FIRST_VERSION, HALF_OF_THEM, Sent, delays_of, send_change
from benchmarks.open_loop import p99, send_paced
from benchmarks.production_hub import production_hub
from benchmarks.redis_server import redis_server
from benchmarks.served import Server
from benchmarks.stage import Stage

SUBSCRIBERS: Final = 500
"""Of each process."""
ITEMS: Final = 100
CHANGES_A_SECOND: Final = 50
"""In each process."""
SECONDS: Final = 10.0
ROUNDS: Final = 3
SETTLE_SECONDS: Final = 2.0
CONNECTIONS: Final = 64

ON_REDIS: Final = "two_processes_on_redis_p99"
ON_POSTGRES: Final = "two_processes_on_postgres_p99"


async def two_processes(stage: Stage) -> list[Figure]:
    """Two processes on one database, with 500 sockets each that watch one of 100 items, and 50
    changes a second sent to each: from sending a change until a socket of either has it. One that
    never comes is an error."""
    figures = []
    async with AsyncExitStack() as stack:
        redis_url = await stack.enter_async_context(redis_server(stage.folder))
        for name, settings in ((ON_REDIS, {"REDIS_URL": redis_url}), (ON_POSTGRES, {})):
            runs = await _measured(stage, settings)
            note = f"{2 * SUBSCRIBERS} subscribers, {2 * CHANGES_A_SECOND} changes/s; all converged"
            figure = median_of_rounds(name, runs, "ms", HALF_OF_THEM, Bound("<", 300))
            figures.append(replace(figure, note=note))
    return figures


async def _measured(stage: Stage, settings: Mapping[str, str]) -> list[Round]:
    skus = [sku_of(number) for number in range(ITEMS)]
    versions = dict.fromkeys(skus, FIRST_VERSION)
    runs: list[Round] = []
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, ITEMS)
        hubs = {
            name: await stack.enter_async_context(
                production_hub(stage.folder, database_url, settings)
            )
            for name in ("one", "two")
        }
        sockets = await stack.enter_async_context(crowds())
        for name, server in hubs.items():
            await sockets.open(name, server, [subscribing([sku]) for sku in skus], SUBSCRIBERS)
        for number in range(ROUNDS):
            stage.tell(OURS, number, ROUNDS)
            sent: Sent = {sku: [] for sku in skus}
            for name in hubs:
                await sockets.note(name)
            # Each process changes items of its own, so that versions come in the order of sending.
            halves = (skus[::2], skus[1::2])
            await asyncio.gather(
                *(
                    _write(server, half, sent)
                    for server, half in zip(hubs.values(), halves, strict=True)
                )
            )
            await asyncio.sleep(SETTLE_SECONDS)
            delays = await _delays(stage, sockets, list(hubs), sent, versions)
            runs.append({OURS: p99(delays) * 1_000, HALF_OF_THEM: median(delays) * 1_000})
            for sku in skus:
                versions[sku] += len(sent[sku])
    return runs


async def _write(server: Server, skus: list[str], sent: Sent) -> None:
    requests = cycle([(sku, adjusting(server, sku)) for sku in skus])
    async with lean_client(server.host, CONNECTIONS) as client:
        await send_paced(CHANGES_A_SECOND, SECONDS, partial(send_change, client, requests, sent))


async def _delays(
    stage: Stage, sockets: Crowds, names: list[str], sent: Sent, versions: Mapping[str, int]
) -> list[float]:
    delays: list[float] = []
    for name in names:
        noted = await sockets.noted(name, stage.folder / "noted.json")
        delays += delays_of(noted, sent, versions, SUBSCRIBERS // ITEMS)
    return delays
