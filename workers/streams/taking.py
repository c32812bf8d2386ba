"""Takes the messages of one source from its stream, for as long as it is configured so."""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput, LimitExceeded, Unavailable
from hub.domain.principal import trusted
from hub.domain.source_deliveries import Received
from hub.domain.source_requests import received_from
from hub.domain.source_streams import SourceStream
from hub.domain.sources import Source
from hub.live.ending import end
from hub.observability.outage import Outage
from workers.sources.many_deliveries import take_deliveries
from workers.streams.brokers import check_address, reader_of, without_password
from workers.streams.messages import Acknowledge, Check, Message, StreamAway, StreamSilent

CHECK_SECONDS: Final = 1.0
"""Between two looks at whether anything can still come."""
OPEN_SECONDS: Final = 30.0
"""To begin may take so long: in a group of Kafka, others have to give up a part first."""
PATIENCE_SECONDS: Final = 6.0
"""A broker that does not answer for so long is away. Its client goes on by itself, or gives up."""
RETRY_SECONDS: Final = 0.5
MAX_RETRY_SECONDS: Final = 15.0
STEADY_SECONDS: Final = 5.0
"""Read for so long, a stream counts as one that answers."""
FAILURE_SECONDS: Final = 15.0
"""Of the tries of an outage, one in so long counts as a failure: they come by the second."""

log = structlog.get_logger()


class Taking:
    """One source and its stream."""

    def __init__(
        self,
        services: Services,
        source: Source,
        stream: SourceStream,
        environment: Mapping[str, str],
    ) -> None:
        self._services = services
        self._source = source
        self._stream = stream
        self._environment = environment
        self._health = services.source_health
        self._principal = trusted(source.name)
        self._database = Outage("streams.database")
        self._told: str | None = None
        self._failed_at = -FAILURE_SECONDS
        self._one_at_a_time = asyncio.Lock()
        self._stop = asyncio.Event()
        self._broken = asyncio.Event()
        self._problem: Exception | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Take messages until `stop` is set; survives the broker and the database going away."""
        self._stop = stop
        failures = 0
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self._read()
            except Exception as error:  # noqa: BLE001 - clients raise whatever they like
                lasted = time.monotonic() - began > MAX_RETRY_SECONDS
                failures = 1 if lasted else failures + 1
                pause = min(RETRY_SECONDS * 2.0 ** min(failures - 1, 16), MAX_RETRY_SECONDS)
                await self._tell_failed(error)
                await _until([stop], pause)

    async def _read(self) -> None:
        """Read until the end is asked for, or until something fails, which is raised."""
        url = check_address(self._stream, self._environment.get(self._stream.address))
        self._broken, self._problem = asyncio.Event(), None
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(OPEN_SECONDS):
                reading = reader_of(self._stream)(self._stream, url, self._take)
                check = await stack.enter_async_context(reading)
            await self._watch(check)

    async def _watch(self, check: Check) -> None:
        """Look again and again whether anything can come, until the end is asked for."""
        self._tell_read()
        asking, asked_at = asyncio.create_task(check()), time.monotonic()
        # None once it is told that it answers.
        read_since: float | None = asked_at
        try:
            while not self._stop.is_set():
                await _until([self._stop, self._broken], CHECK_SECONDS)
                if self._problem is not None:
                    raise self._problem
                if not asking.done():
                    if time.monotonic() - asked_at > PATIENCE_SECONDS:
                        await self._tell_failed(StreamSilent("its broker does not answer"))
                        asked_at = read_since = time.monotonic()
                    continue
                try:
                    asking.result()
                except StreamSilent as silent:
                    await self._tell_failed(silent)
                    read_since = time.monotonic()
                else:
                    self._tell_read()
                    if read_since is not None and time.monotonic() - read_since >= STEADY_SECONDS:
                        read_since = None
                        await self._health.answered(self._source.name)
                asking, asked_at = asyncio.create_task(check()), time.monotonic()
        finally:
            await end([asking])

    async def _take(self, messages: Sequence[Message], acknowledge: Acknowledge) -> None:
        """Store messages, as often as that takes, and acknowledge them."""
        async with self._one_at_a_time:
            if self._broken.is_set():
                # Some brokers take what is acknowledged for all that came before it.
                raise StreamAway("what came before could not be taken")
            try:
                await self._store(messages)
                await acknowledge()
            except Exception as error:
                self._problem = error
                self._broken.set()
                raise

    async def _store(self, messages: Sequence[Message]) -> None:
        received = [self._received(one) for one in messages]
        while True:
            try:
                await self._store_all(received)
            except Unavailable as away:
                self._database.begin(away)
                await _until([self._stop], RETRY_SECONDS)
                if self._stop.is_set():
                    raise
            else:
                self._database.end()
                return

    async def _store_all(self, received: Sequence[Received]) -> None:
        limit = self._services.settings.max_event_bytes
        small = [one for one in received if len(one.body) <= limit]
        too_large: LimitExceeded | None = None
        for one in received:
            if len(one.body) > limit:
                what, actual = "The size of a message in bytes", len(one.body)
                too_large = LimitExceeded(what=what, limit=limit, actual=actual)
                # Of a body without measure nothing is kept but that it came.
                emptied = one._replace(body=b"")
                await self._services.source_deliveries.refuse(emptied, too_large)
        news = await take_deliveries(self._services, self._principal, self._source, small)
        problem = news.problem if too_large is None else too_large.message
        # Once for all of them: messages are many, and what is asked is whether any can be used.
        if news.is_heard:
            await self._health.heard(self._source.name)
        elif problem is not None:
            await self._health.failed(self._source.name, problem)

    def _received(self, message: Message) -> Received:
        source, headers, body = self._source, message.headers, message.body
        now = self._services.clock.now()
        try:
            return received_from(source, headers, body, now, message.id)
        except InvalidInput:
            # An id that can not be kept is known by its digest.
            plain = repr((message.id, sorted(headers.items())))
            digest = hashlib.sha256(plain.encode()).hexdigest()
            return received_from(source, headers, body, now, digest)

    def _tell_read(self) -> None:
        if self._told is None or self._told:
            self._told = ""
            log.info("streams.reading", source=self._source.name, stream=self._stream.name)

    async def _tell_failed(self, error: Exception) -> None:
        """Say once what is wrong, and to the health of the source from time to time."""
        url = self._environment.get(self._stream.address, "")
        kind = "" if isinstance(error, StreamAway) else f"{type(error).__name__}: "
        problem = without_password(f"{kind}{error}".removesuffix(": "), url)
        was_read = not self._told
        if problem != self._told:
            self._told = problem
            log.warning("streams.away", source=self._source.name, problem=problem)
        now = time.monotonic()
        if was_read or now - self._failed_at >= FAILURE_SECONDS:
            self._failed_at = now
            await self._health.failed(self._source.name, problem)


async def _until(events: Sequence[asyncio.Event], seconds: float) -> None:
    """Wait until one of some events is set, or for so long."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(waiting)
