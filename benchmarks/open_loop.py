"""Arrivals at a rate of their own: whoever comes next does not wait for whoever came before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles


async def latencies_at(
    rate: float, seconds: float, call: Callable[[], Awaitable[object]]
) -> list[float]:
    """Seconds that each call took, at `rate` calls per second, evenly spaced.

    A call counts from when it was due: what the process is too busy to begin is late already.
    """
    taken: list[float] = []

    async def one(due: float) -> None:
        await call()
        taken.append(time.perf_counter() - due)

    started = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(round(rate * seconds)):
            due = started + number / rate
            # The loop's timers count in milliseconds, which is longer than a commit may take.
            while time.perf_counter() < due:  # noqa: ASYNC110 - no event tells that time has come
                await asyncio.sleep(0)
            calls.create_task(one(due))
    return taken


async def send_paced(rate: float, seconds: float, call: Callable[[], Awaitable[object]]) -> float:
    """Calls per second that were answered, of `rate` that were sent, evenly spaced.

    Sleeps between them, so that it takes no processor from what it is sent to; a call may begin
    some milliseconds late, and none is left out.
    """
    started = time.perf_counter()
    async with asyncio.TaskGroup() as calls:
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            calls.create_task(_answered(call))
    return round(rate * seconds) / max(seconds, time.perf_counter() - started)


async def _answered(call: Callable[[], Awaitable[object]]) -> None:
    await call()


def p99(latencies: list[float]) -> float:
    """What 99 of 100 keep below."""
    return quantiles(latencies, n=100)[98]
