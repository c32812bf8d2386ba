"""The backplane: hints between processes that the change log has grown.

A hint says no more than "look", so losing one costs a second. `broadcaster` carries it over
backends of ours: its own ones lose their listener without a word when a connection dies, and with
it every hint from then on.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from urllib.parse import urlsplit

import asyncpg
import structlog
from broadcaster import Broadcast, BroadcastBackend, Event
from redis import asyncio as redis
from redis.exceptions import RedisError

from hub.store.database import CONNECTION_LOST, connection_arguments

CHANNEL = "hub_changes"
RECONNECT_SECONDS = 0.5
HINTS_PER_SECOND = 200
"""One hint per 5 ms at most: more of them say nothing more, and cost the database its commits."""

log = structlog.get_logger()


class UnknownBackplane(ValueError):
    """The address of the backplane is of a kind nobody knows."""


class _Backend(BroadcastBackend, ABC):
    """A queue of hints; what fills it differs. Publishing never raises."""

    def __init__(self) -> None:
        self._hints: asyncio.Queue[Event] = asyncio.Queue(maxsize=1)
        self._listening: asyncio.Task[None] | None = None

    def hint(self) -> None:
        """Pass a hint on, unless one is waiting already."""
        with contextlib.suppress(asyncio.QueueFull):
            self._hints.put_nowait(Event(CHANNEL, ""))

    async def connect(self) -> None:
        self._listening = asyncio.create_task(self._listen_for_ever(), name="backplane")

    async def disconnect(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    async def subscribe(self, channel: str) -> None:
        """One fixed channel is listened to from the start."""

    async def unsubscribe(self, channel: str) -> None:
        """See subscribe."""

    async def next_published(self) -> Event:
        return await self._hints.get()

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, *CONNECTION_LOST) as lost:
                log.warning("backplane.connection_lost", error=repr(lost))
            # Whatever was said while nobody listened is in the log.
            self.hint()
            await asyncio.sleep(RECONNECT_SECONDS)

    @abstractmethod
    async def _listen(self) -> None:
        """Listen until the connection is lost."""


class MemoryBackend(_Backend):
    """Within one process."""

    async def publish(self, channel: str, message: str) -> None:
        self.hint()

    async def _listen(self) -> None:
        await asyncio.Event().wait()


class PostgresBackend(_Backend):
    """LISTEN and NOTIFY over two connections of their own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._arguments = connection_arguments(url)
        self._speaking: asyncpg.Connection | None = None

    async def publish(self, channel: str, message: str) -> None:
        try:
            if self._speaking is None or self._speaking.is_closed():
                self._speaking = await asyncpg.connect(**self._arguments)
            await self._speaking.execute(f"notify {CHANNEL}")
        except CONNECTION_LOST as lost:
            log.warning("backplane.hint_lost", error=repr(lost))

    async def disconnect(self) -> None:
        await super().disconnect()
        if self._speaking is not None:
            await self._speaking.close(timeout=1)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(**self._arguments)
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_arguments: self.hint())
            self.hint()
            await ended.wait()
        finally:
            connection.terminate()


class RedisBackend(_Backend):
    """Redis publish and subscribe."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._speaking = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)

    async def publish(self, channel: str, message: str) -> None:
        try:
            await self._speaking.publish(CHANNEL, "")
        except (RedisError, *CONNECTION_LOST) as lost:
            log.warning("backplane.hint_lost", error=repr(lost))

    async def disconnect(self) -> None:
        await super().disconnect()
        await self._speaking.aclose()

    async def _listen(self) -> None:
        # A reader that waits for ever needs a connection without a read timeout, and a ping
        # of its own to notice that the other side is gone.
        client = redis.Redis.from_url(self._url, socket_timeout=None, health_check_interval=5)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(CHANNEL)
                self.hint()
                while True:
                    if await pubsub.get_message(timeout=5) is None:
                        await pubsub.ping()
                    else:
                        self.hint()
        finally:
            await client.aclose()


def backend_for(url: str) -> BroadcastBackend:
    """The backend of a backplane address; raises `UnknownBackplane`."""
    kind = urlsplit(url).scheme
    if kind == "memory":
        return MemoryBackend()
    if kind in ("postgres", "postgresql"):
        return PostgresBackend(url)
    if kind in ("redis", "rediss", "unix"):
        return RedisBackend(url)
    raise UnknownBackplane(
        f"HUB_BACKPLANE_URL: {kind}:// is not one of memory://, postgres:// and redis://."
    )


class Backplane:
    """Sends hints, never more often than useful, and waits for them."""

    def __init__(self, url: str) -> None:
        self._broadcast = Broadcast(backend=backend_for(url))
        self._grown = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = asyncio.Event()

    async def start(self) -> None:
        """Connect; without the other side at first, it is tried again until it is there."""
        await self._broadcast.connect()
        self._tasks = [
            asyncio.create_task(self._speak(), name="backplane hints"),
            asyncio.create_task(self._hear(), name="backplane reader"),
        ]

    async def stop(self) -> None:
        """Disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await self._broadcast.disconnect()

    def announce(self) -> None:
        """Say that the change log has grown."""
        self._grown.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a hint, at most so long; whether there was one."""
        try:
            # Not wait_for: in Python 3.11 it swallows a cancellation that meets a hint, and then
            # whoever ends this reader waits for ever.
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True

    async def _speak(self) -> None:
        while True:
            await self._grown.wait()
            self._grown.clear()
            await self._broadcast.publish(CHANNEL, "")
            await asyncio.sleep(1 / HINTS_PER_SECOND)

    async def _hear(self) -> None:
        async with self._broadcast.subscribe(CHANNEL) as subscriber:
            while True:
                await subscriber.get()
                self._heard.set()


async def redis_version(url: str) -> str | None:
    """The version of the Redis at an address; None when it does not answer."""
    client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return str((await client.info("server"))["redis_version"])
    except (RedisError, OSError):
        return None
    finally:
        await client.aclose()
