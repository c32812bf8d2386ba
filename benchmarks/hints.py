"""What it costs the stock writer to say that the change log has grown."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final
from unittest.mock import patch

from benchmarks.baskets import baskets
from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.redis_server import redis_server
from benchmarks.reservations import PRINCIPAL, ROUNDS, SECONDS, WARM_UP_SECONDS, put_stock
from benchmarks.rounds import alternate, rate_of
from benchmarks.stage import Stage
from hub.bootstrap import Services, calm_garbage_collector, services_on
from hub.live.backplane import Backplane
from hub.settings import Settings

CALLERS: Final = 64
ITEMS: Final = 1_000
SILENT: Final = "nobody says anything"
CARRIERS: Final = ("memory", "postgres", "redis")
HINTS: Final = tuple(f"hints_over_{carrier}" for carrier in CARRIERS)


async def hints(stage: Stage) -> list[Figure]:
    """64 callers with keys want any of 1,000 items, and somebody watches one of them: with hints,
    of which each has the change log read, against the same process where nobody says anything and
    the log is looked into twice a second."""
    return [
        await _measured(stage, name, carrier) for name, carrier in zip(HINTS, CARRIERS, strict=True)
    ]


async def _measured(stage: Stage, name: str, carrier: str) -> Figure:
    skus = [f"ITEM-{number:04}" for number in range(ITEMS)]
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        backplane_url = {"memory": "memory://", "postgres": database_url}.get(carrier)
        if backplane_url is None:
            backplane_url = await stack.enter_async_context(redis_server(stage.folder))
        settings = Settings(database_url=database_url, backplane_url=backplane_url)
        services = await stack.enter_async_context(services_on(settings, database_url))
        calm_garbage_collector()
        await put_stock(services, skus)
        watching = asyncio.create_task(_watch(services, skus[0]))
        reserve = baskets(services, skus, 1)
        await rate_of(CALLERS, WARM_UP_SECONDS, reserve)
        sides = {OURS: _rating(reserve), SILENT: _in_silence(reserve)}
        runs = await alternate(ROUNDS, sides, stage.tell)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return ratio_to_best(name, runs, "reservations/s", Bound("≥", 0.85))


def _rating(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    return lambda: rate_of(CALLERS, SECONDS, call)


def _in_silence(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    async def rate() -> float:
        with patch.object(Backplane, "announce"):
            return await rate_of(CALLERS, SECONDS, call)

    return rate


async def _watch(services: Services, sku: str) -> None:
    async for _ in services.watch.availability(PRINCIPAL, [sku]):
        pass
