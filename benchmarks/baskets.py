"""How many reservations of several lines the stock writer takes, against those of one line."""

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.reservations import (
    CHANNEL,
    PRINCIPAL,
    ROUNDS,
    SECONDS,
    TTL_SECONDS,
    WARM_UP_SECONDS,
    put_stock,
)
from benchmarks.rounds import alternate, rate_of
from benchmarks.stage import Stage, hub_on
from hub.bootstrap import Services
from hub.domain.commands import Reserve
from hub.domain.values import UNIT, Line
from hub.services.ids import uuid7
from hub.services.requests import origin_of

CALLERS: Final = 64
ITEMS: Final = 1_000
LINES: Final = 3

THREE_LINES: Final = "reserve_three_lines"
ONE_LINE: Final = "reservations of one line"


async def reserve_three_lines(stage: Stage) -> list[Figure]:
    """64 callers with keys want three of 1,000 items at a time."""
    skus = [f"ITEM-{number:04}" for number in range(ITEMS)]
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        services = await stack.enter_async_context(hub_on(database_url))
        await put_stock(services, skus)
        calls = {OURS: baskets(services, skus, LINES), ONE_LINE: baskets(services, skus, 1)}
        for call in calls.values():
            await rate_of(CALLERS, WARM_UP_SECONDS, call)
        sides = {side: _rating(call) for side, call in calls.items()}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to_best(THREE_LINES, runs, "reservations/s", Bound("≥", 0.5))]


def baskets(services: Services, skus: Sequence[str], lines: int) -> Callable[[], Awaitable[object]]:
    """Reservations as the service makes them under random keys, a unit of so many items each."""
    submit = services.writer.submit

    def reserve() -> Awaitable[object]:
        basket = tuple(Line(sku, UNIT) for sku in random.sample(skus, lines))
        key = f"{random.getrandbits(128):032x}"
        origin = origin_of(PRINCIPAL, key, "reserve", basket, CHANNEL, None, TTL_SECONDS)
        return submit(Reserve(uuid7(), basket, CHANNEL, None, TTL_SECONDS, origin))

    return reserve


def _rating(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    return lambda: rate_of(CALLERS, SECONDS, call)
