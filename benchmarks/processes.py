"""How many reservations several hub processes take together, against one of them alone."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.reservations import ROUNDS, SECONDS, put_stock
from benchmarks.rounds import alternate
from benchmarks.served import STOP_SECONDS, environment_for
from benchmarks.stage import PROJECT, Stage, hub_on
from benchmarks.writer_process import READY, SKU

CALLERS: Final = 500
PROCESSES: Final = 4
START_IN_SECONDS: Final = 0.05
"""From telling the first process when to start until all of them do."""
ANSWER_SECONDS: Final = 60.0

FOUR_PROCESSES: Final = "reserve_four_processes"
ONE_PROCESS: Final = "one process with all callers"


async def reserve_four_processes(stage: Stage) -> list[Figure]:
    """Four processes with 125 callers each want the same item, against one with 500."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        async with hub_on(database_url) as services:
            await put_stock(services, [SKU])
        writers = [
            await stack.enter_async_context(_writer_process(database_url)) for _ in range(PROCESSES)
        ]
        sides = {OURS: _rating(writers), ONE_PROCESS: _rating(writers[:1])}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to_best(FOUR_PROCESSES, runs, "reservations/s", Bound("≥", 0.8))]


class _Writer:
    """The lead of one process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, line: str) -> str:
        """Its answer to a line; fails when it has none, and its reason is on standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        answer = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)
        assert answer, "a writer process ended before its time"
        return answer.decode().strip()


def _rating(writers: Sequence[_Writer]) -> Callable[[], Awaitable[float]]:
    """The rates of all processes over the same window, summed."""

    async def rate() -> float:
        share = CALLERS // len(writers)
        ready = await asyncio.gather(*(writer.ask(str(share)) for writer in writers))
        assert set(ready) == {READY}
        window = f"{time.monotonic() + START_IN_SECONDS} {SECONDS}"
        return sum(map(float, await asyncio.gather(*(one.ask(window) for one in writers))))

    return rate


@asynccontextmanager
async def _writer_process(database_url: str) -> AsyncIterator[_Writer]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.writer_process"),
        cwd=PROJECT,
        env=environment_for(database_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield _Writer(process)
    finally:
        # The end of its input is the end of its work.
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
