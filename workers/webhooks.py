"""Webhooks: one part puts down for each of them what it wants to know, the other sends it.

Of the processes that run this, one puts down and all send. What is sent has its own pace: a
receiver that is slow or away holds back nothing that is for others.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import structlog

from hub.bootstrap import Services
from hub.domain.errors import Unavailable

IDLE_SECONDS = 0.25
RETRY_SECONDS = 1.0
REST = 0.5
"""Between batches, and between looks at what is due, it rests for so many times as long as they
took."""
LOOK_AFTER_SECONDS = 5.0
STOP_SECONDS = 5.0
"""What is under way when the process is to end has so long; the rest is sent by another."""

log = structlog.get_logger()


class Webhooks:
    """Tells the receivers."""

    def __init__(self, services: Services) -> None:
        self._fanout = services.webhook_fanout
        self._sender = services.webhook_sender
        self._most = services.settings.webhook_requests
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set; survives the database going away."""
        # If one of them fails, all end, and all begin anew.
        async with asyncio.TaskGroup() as parts:
            for step in (self._put_down, self._send_due, self._look_after):
                parts.create_task(self._repeat(stop, step), name="webhooks")
        with contextlib.suppress(Unavailable):
            await self._fanout.let_go()
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _repeat(self, stop: asyncio.Event, step: Callable[[], Awaitable[float]]) -> None:
        while not stop.is_set():
            try:
                pause = await step()
            except Unavailable:
                log.warning("webhooks.database_away")
                pause = RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _put_down(self) -> float:
        """Put down the next events; after how many seconds to look again."""
        started = time.monotonic()
        if not await self._fanout.step():
            return IDLE_SECONDS
        self._wake.set()
        return REST * (time.monotonic() - started)

    async def _send_due(self) -> float:
        """Begin to send what is due, as far as there is room; after how many seconds to look
        again."""
        started = time.monotonic()
        room = self._most - len(self._under_way)
        claims = await self._sender.claim(room) if room > 0 else []
        for claim in claims:
            task = asyncio.create_task(self._sender.send(claim), name="webhook")
            self._under_way.add(task)
            task.add_done_callback(self._sent)
        took = time.monotonic() - started
        if not claims:
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        # Each look goes through all webhooks, and each request that ends asks for one.
        return REST * took

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()
        if task.cancelled():
            return
        failure = task.exception()
        if isinstance(failure, Unavailable):
            # It was sent, and is sent again once its claim is over.
            log.warning("webhooks.database_away")
        elif failure is not None:
            log.error("webhooks.failed", exc_info=failure)

    async def _look_after(self) -> float:
        await self._sender.look_after()
        return LOOK_AFTER_SECONDS
