"""How those who are connected are let go before the process ends."""

import asyncio
from contextlib import suppress
from typing import Final, NamedTuple

from hub.web.connections import Connections

_POLL_SECONDS: Final = 0.05


class DrainTimes(NamedTuple):
    """How long each step of it takes at most."""

    notice_seconds: float
    """From the word that the process is not ready any more to the end of listening."""
    batches_seconds: float
    """For asking all to come back, a few at a time."""
    answers_seconds: float
    """For what is still being answered then."""


class Drain:
    """The end of a process, seen by its clients. It has three steps: whoever asks is told that the
    process is not ready, while it goes on as ever; it listens no more; those who are still there
    are asked to connect again, a few at a time, and find another process."""

    def __init__(self, connections: Connections, times: DrainTimes) -> None:
        self._connections = connections
        self._times = times
        self._hurry = asyncio.Event()

    def hurry(self) -> None:
        """Skip what only waits."""
        self._hurry.set()

    async def announce(self) -> None:
        """Say that the process is not ready any more, and give others the time to notice."""
        self._connections.draining = True
        with suppress(TimeoutError):
            async with asyncio.timeout(self._times.notice_seconds):
                await self._hurry.wait()

    async def let_go(self) -> None:
        """Ask all to connect again, and wait until what they wait for is answered."""
        batches = asyncio.create_task(
            self._connections.retire_in_batches(self._times.batches_seconds)
        )
        hurried = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({batches, hurried}, return_when=asyncio.FIRST_COMPLETED)
        for task in (batches, hurried):
            task.cancel()
        self._connections.retire_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._times.answers_seconds):
                while self._connections:  # noqa: ASYNC110 - nothing else tells when they are gone
                    await asyncio.sleep(_POLL_SECONDS)
