"""How many reservations the stock writer takes, against a row lock per request."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.rounds import alternate, rate_of
from benchmarks.row_locks import create_tables, row_locks
from benchmarks.stage import Stage, hub_on
from hub.bootstrap import Services
from hub.domain.commands import Reserve
from hub.domain.policies import Channel
from hub.domain.principal import trusted
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem, LocationInfo
from hub.services.ids import uuid7
from hub.services.requests import origin_of
from hub.services.stock import Count

ROUNDS: Final = 9
SECONDS: Final = 1.0
WARM_UP_SECONDS: Final = 0.5
POOL_SIZES: Final = (1, 16)
"""A row lock likes one connection best where all want the same row, and several elsewhere."""

ON_HAND: Final = 1_000_000 * UNIT
LOCATION: Final = "BER"
CHANNEL: Final = "web"
TTL_SECONDS: Final = 600
PRINCIPAL: Final = trusted("benchmark")

HOT_64: Final = "reserve_hot_64"
HOT_64_KEYLESS: Final = "reserve_hot_64_keyless"
HOT_500: Final = "reserve_hot_500"
SPREAD_64: Final = "reserve_spread_64"
SPREAD_500: Final = "reserve_spread_500"


async def reserve_hot_64(stage: Stage) -> list[Figure]:
    """64 callers want the same item, each with an idempotency key whose answer is kept."""
    bound = Bound("≥", 10)
    return [await _measured(stage, HOT_64, callers=64, items=1, keyed=True, bound=bound)]


async def reserve_hot_64_keyless(stage: Stage) -> list[Figure]:
    """The same without keys."""
    return [await _measured(stage, HOT_64_KEYLESS, callers=64, items=1)]


async def reserve_hot_500(stage: Stage) -> list[Figure]:
    """500 callers with keys want the same item."""
    bound = Bound("≥", 15)
    return [await _measured(stage, HOT_500, callers=500, items=1, keyed=True, bound=bound)]


async def reserve_spread_64(stage: Stage) -> list[Figure]:
    """64 callers with keys want any of 1,000 items."""
    bound = Bound("≥", 3.5)
    return [await _measured(stage, SPREAD_64, callers=64, items=1_000, keyed=True, bound=bound)]


async def reserve_spread_500(stage: Stage) -> list[Figure]:
    """500 callers with keys want any of 1,000 items."""
    bound = Bound("≥", 4.5)
    return [await _measured(stage, SPREAD_500, callers=500, items=1_000, keyed=True, bound=bound)]


async def _measured(
    stage: Stage,
    name: str,
    callers: int,
    items: int,
    keyed: bool = False,
    bound: Bound | None = None,
) -> Figure:
    skus = [f"ITEM-{number:04}" for number in range(items)]
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        services = await stack.enter_async_context(hub_on(database_url))
        await put_stock(services, skus)
        await create_tables(database_url, skus, LOCATION, ON_HAND)
        calls = {OURS: _through_writer(services, skus, keyed)}
        for size in POOL_SIZES:
            baseline = await stack.enter_async_context(row_locks(database_url, LOCATION, size))
            calls[f"row lock per request, pool of {size}"] = _picking(baseline.reserve, skus)
        for call in calls.values():
            await rate_of(callers, WARM_UP_SECONDS, call)
        sides = {side: _rating(callers, call) for side, call in calls.items()}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return ratio_to_best(name, runs, "reservations/s", bound)


def _rating(callers: int, call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    return lambda: rate_of(callers, SECONDS, call)


def _picking(
    reserve: Callable[[str], Awaitable[object]], skus: Sequence[str]
) -> Callable[[], Awaitable[object]]:
    return lambda: reserve(random.choice(skus))


def _through_writer(
    services: Services, skus: Sequence[str], keyed: bool
) -> Callable[[], Awaitable[object]]:
    """A reservation as the service makes it: with the whole ledger and the change log, and, when
    `keyed`, with a random key such as shops send."""
    submit = services.writer.submit

    def reserve(sku: str) -> Awaitable[object]:
        lines = (Line(sku, UNIT),)
        key = f"{random.getrandbits(128):032x}" if keyed else None
        origin = origin_of(PRINCIPAL, key, "reserve", lines, CHANNEL, None, TTL_SECONDS)
        return submit(Reserve(uuid7(), lines, CHANNEL, None, TTL_SECONDS, origin))

    return _picking(reserve, skus)


async def put_stock(services: Services, skus: Sequence[str]) -> None:
    catalogue, stock = services.catalogue, services.stock
    await catalogue.put_locations(PRINCIPAL, [LocationInfo(LOCATION, "Berlin")])
    channel = Channel(CHANNEL, "Web shop", "en", "EUR", (LOCATION,))
    await catalogue.put_channels(PRINCIPAL, [channel], default=CHANNEL)
    await catalogue.put_items(PRINCIPAL, [CatalogueItem(sku, sku) for sku in skus])
    counts = [Count(sku, LOCATION, ON_HAND) for sku in skus]
    await asyncio.gather(*(stock.set_stock(PRINCIPAL, count) for count in counts))
