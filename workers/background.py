"""Works off background jobs: what takes long, or is for later."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from pgqueuer import Job, PgQueuer
from pgqueuer.errors import RetryRequested
from pgqueuer.executors import DatabaseRetryEntrypointExecutor

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.live.ending import end
from hub.observability import metrics
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY
from hub.store.job_queue import failed_jobs
from hub.store.pgqueuer_driver import consumer

Handler = Callable[[bytes], Awaitable[None]]
"""Does a job of one kind. It may be done again where its process has ended, so it must be something
that can be; what it raises is tried again some times, then kept as failed."""

RESTART_SECONDS: Final = 1.0
LOOK_EVERY: Final = timedelta(seconds=5)
"""For jobs that nobody was notified of, as behind a pooler."""
TAKEN_OVER_AFTER: Final = timedelta(seconds=30)
"""A job whose process has not been heard of for so long is another's."""
AT_ONCE: Final = 8
"""Jobs of one `Background` in one process: kinds that must not wait for others have their own."""
TRIES_AGAIN: Final = 5
"""So often a job that fails is tried again before it is held as failed."""
COUNT_SECONDS: Final = 60.0
"""Between two looks at how many jobs are held."""

log = structlog.get_logger()


class Background:
    """Fetches jobs of the kinds it has handlers for; several processes share them."""

    def __init__(self, services: Services, handlers: Mapping[str, Handler]) -> None:
        self._database = services.database
        self._handlers = handlers

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; survives the database going away. What is under way then is
        given up, and put back for the next process."""
        while not stop.is_set():
            try:
                await self._consume(stop)
            except (*CONNECTION_LOST, *DATABASE_BUSY):
                log.warning("background.database_away")
            await _pause(stop, RESTART_SECONDS)

    async def _consume(self, stop: asyncio.Event) -> None:
        async with consumer(self._database.url) as queue:
            executor = partial(DatabaseRetryEntrypointExecutor, max_attempts=TRIES_AGAIN)
            for kind, handler in self._handlers.items():
                queue.entrypoint(kind, on_failure="hold", executor_factory=executor)(
                    _until(stop, handler)
                )
            others = (
                asyncio.create_task(_set_after(stop, queue), name="background stop"),
                asyncio.create_task(self._count_failed(), name="background count"),
            )
            try:
                await queue.run(
                    dequeue_timeout=LOOK_EVERY,
                    batch_size=AT_ONCE // 2,
                    max_concurrent_tasks=AT_ONCE,
                    heartbeat_timeout=TAKEN_OVER_AFTER,
                )
            finally:
                await end(others)

    async def _count_failed(self) -> None:
        """Tell of jobs that were given up: they wait for a person."""
        while True:
            with contextlib.suppress(Unavailable):
                failed = await failed_jobs(self._database)
                for kind in self._handlers:
                    metrics.failed_jobs.labels(kind).set(failed.get(kind, 0))
            await asyncio.sleep(COUNT_SECONDS)


def _until(stop: asyncio.Event, handler: Handler) -> Callable[[Job], Awaitable[None]]:
    """The handler, given up once `stop` is set."""

    async def handle(job: Job) -> None:
        working = asyncio.ensure_future(handler(job.payload or b""))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise RetryRequested(reason="the process ended")
            failure = None if working.cancelled() else working.exception()
            if failure is not None and job.attempts >= TRIES_AGAIN:
                log.error("background.failed", kind=job.entrypoint, job=job.id, exc_info=failure)
            working.result()
        finally:
            await end((working, stopping))

    return handle


async def _set_after(stop: asyncio.Event, queue: PgQueuer) -> None:
    await stop.wait()
    queue.shutdown.set()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
