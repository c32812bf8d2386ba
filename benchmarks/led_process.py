"""Processes of our own that are led line by line: what they are told, and what they answer."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.served import STOP_SECONDS, environment_for
from benchmarks.stage import PROJECT

ANSWER_SECONDS: Final = 60.0


class LedProcess:
    """The lead of one process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, line: str) -> str:
        """Its answer to a line; fails when it has none, and its reason is on standard error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        answer = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)
        assert answer, "a led process ended before its time"
        return answer.decode().strip()


async def next_line() -> str:
    """In the led process: what it is told next; empty at the end of its work."""
    line: str = await asyncio.to_thread(sys.stdin.readline)
    return line.strip()


@asynccontextmanager
async def led_process(module: str, database_url: str | None) -> AsyncIterator[LedProcess]:
    """A module of the benchmarks as a process, on a database if there is one."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"benchmarks.{module}"),
        cwd=PROJECT,
        env=environment_for(database_url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield LedProcess(process)
    finally:
        # The end of its input is the end of its work.
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
