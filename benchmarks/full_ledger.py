"""How many reservations the stock writer takes after a long past, and for a long time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import pairwise
from typing import Final

from benchmarks.baskets import ITEMS, baskets
from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.past import put_past
from benchmarks.reservations import (
    LOCATION,
    ON_HAND,
    ROUNDS,
    SECONDS,
    WARM_UP_SECONDS,
    put_stock,
)
from benchmarks.rounds import Tell, alternate, rate_of
from benchmarks.stage import Stage, hub_on
from hub.store.migrate import migrate

CALLERS: Final = 64
MOVEMENTS: Final = 10_000_000
PARTS: Final = 10
"""Of a long run: a minute each of ten."""

FULL_LEDGER: Final = "reserve_full_ledger"
EMPTY: Final = "an empty ledger"
TEN_MINUTES: Final = "reserve_ten_minutes"
FIRST: Final = "the first minute"
UNIT: Final = "reservations/s"
BOUND: Final = Bound("≥", 0.9)

_SKUS: Final = [f"ITEM-{number:04}" for number in range(ITEMS)]

Call = Callable[[], Awaitable[object]]


async def reserve_full_ledger(stage: Stage) -> list[Figure]:
    """64 callers with keys want any of 1,000 items that have ten million movements behind them."""
    async with AsyncExitStack() as stack:
        full = await _reserving(stack, stage, MOVEMENTS)
        calls = {OURS: full, EMPTY: await _reserving(stack, stage, 0)}
        for call in calls.values():
            await rate_of(CALLERS, WARM_UP_SECONDS, call)
        sides = {side: _rating(call) for side, call in calls.items()}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to_best(FULL_LEDGER, runs, UNIT, BOUND)]


async def reserve_ten_minutes(stage: Stage) -> list[Figure]:
    """The same on an empty ledger that fills: the last minute against the first."""
    async with AsyncExitStack() as stack:
        reserve = await _reserving(stack, stage, 0)
        await rate_of(CALLERS, WARM_UP_SECONDS, reserve)
        rates = await rates_over(stage.minutes * 60, reserve, stage.tell)
    figure = ratio_to_best(TEN_MINUTES, [{OURS: rates[-1], FIRST: rates[0]}], UNIT, BOUND)
    told = ", ".join(f"{rate:.0f}" for rate in rates)
    return [replace(figure, note=f"{stage.minutes:g} minutes in ten parts: {told}")]


async def rates_over(seconds: float, call: Call, tell: Tell) -> list[float]:
    """Calls per second in each of ten parts of a run that never pauses."""
    done = [0]
    running = asyncio.create_task(rate_of(CALLERS, seconds, _counting(call, done)))
    marks = [(time.perf_counter(), 0)]
    for part in range(PARTS):
        tell("hub", part, PARTS)
        end = marks[0][0] + (part + 1) * seconds / PARTS
        await asyncio.sleep(end - time.perf_counter())
        marks.append((time.perf_counter(), done[0]))
    await running
    tell("done", PARTS, PARTS)
    return [(count - before) / (at - since) for (since, before), (at, count) in pairwise(marks)]


def _counting(call: Call, done: list[int]) -> Call:
    async def counted() -> None:
        await call()
        done[0] += 1

    return counted


async def _reserving(stack: AsyncExitStack, stage: Stage, movements: int) -> Call:
    """Reservations on a database of their own with so many movements before them."""
    database_url = await stack.enter_async_context(stage.databases.fresh())
    if movements:
        await migrate(database_url)
        await put_past(
            database_url,
            _SKUS,
            LOCATION,
            ON_HAND,
            movements,
            lambda done: stage.tell("putting the past in", done, movements),
        )
    services = await stack.enter_async_context(hub_on(database_url))
    await put_stock(services, _SKUS)
    return baskets(services, _SKUS, 1)


def _rating(call: Call) -> Callable[[], Awaitable[float]]:
    return lambda: rate_of(CALLERS, SECONDS, call)
