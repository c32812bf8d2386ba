"""How many reservations several hub processes take together, against one of them alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.led_process import LedProcess, led_process
from benchmarks.reservations import ROUNDS, SECONDS, put_stock
from benchmarks.rounds import alternate
from benchmarks.stage import Stage, hub_on
from benchmarks.writer_process import READY, SKU

CALLERS: Final = 500
PROCESSES: Final = 4
START_IN_SECONDS: Final = 0.05
"""From telling the first process when to start until all of them do."""

FOUR_PROCESSES: Final = "reserve_four_processes"
ONE_PROCESS: Final = "one process with all callers"


async def reserve_four_processes(stage: Stage) -> list[Figure]:
    """Four processes with 125 callers each want the same item, against one with 500."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        async with hub_on(database_url) as services:
            await put_stock(services, [SKU])
        writers = [
            await stack.enter_async_context(led_process("writer_process", database_url))
            for _ in range(PROCESSES)
        ]
        sides = {OURS: _rating(writers), ONE_PROCESS: _rating(writers[:1])}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to_best(FOUR_PROCESSES, runs, "reservations/s", Bound("≥", 0.8))]


def _rating(writers: Sequence[LedProcess]) -> Callable[[], Awaitable[float]]:
    """The rates of all processes over the same window, summed."""

    async def rate() -> float:
        share = CALLERS // len(writers)
        ready = await asyncio.gather(*(writer.ask(str(share)) for writer in writers))
        assert set(ready) == {READY}
        window = f"{time.monotonic() + START_IN_SECONDS} {SECONDS}"
        return sum(map(float, await asyncio.gather(*(one.ask(window) for one in writers))))

    return rate
