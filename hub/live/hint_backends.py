"""The backends that carry hints: within a process, by PostgreSQL and by Redis.

Each listens for ever. A connection that is lost is made again; one that only looks alive, as behind
a router that has forgotten it, is noticed by a question of ours that stays without an answer.
"""

import asyncio
import contextlib
import secrets
from abc import ABC, abstractmethod

import asyncpg
from broadcaster import BroadcastBackend, Event
from redis import asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from hub.live.ending import end
from hub.observability.outage import Outage
from hub.store.database import connection_arguments

CHANNEL = "hub_changes"
RECONNECT_SECONDS = 0.5
QUIET_SECONDS = 1.0
"""A connection on which nothing was heard for so long is asked whether it is still there."""
ANSWER_SECONDS = 2.0
"""One that does not answer within these is given up. Hints are worth no longer wait."""


class HintBackend(BroadcastBackend, ABC):
    """A queue of hints; what fills it differs. Publishing never raises: it goes on until it can be
    done, and no writer waits for it."""

    def __init__(self) -> None:
        self._hints: asyncio.Queue[Event] = asyncio.Queue(maxsize=1)
        self._listening: asyncio.Task[None] | None = None
        self._name = secrets.token_hex(8)
        self._deaf = Outage("backplane.listening")
        self._mute = Outage("backplane.speaking")

    def hear(self, name: object) -> None:
        """Pass a hint on that another one has sent, unless one is waiting already."""
        if name != self._name:
            self._hint()

    def _hint(self) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._hints.put_nowait(Event(CHANNEL, ""))

    async def connect(self) -> None:
        self._listening = asyncio.create_task(self._listen_for_ever(), name="backplane")

    async def disconnect(self) -> None:
        if self._listening is not None:
            await end([self._listening])

    async def subscribe(self, channel: str) -> None:
        """One fixed channel is listened to from the start."""

    async def unsubscribe(self, channel: str) -> None:
        """See subscribe."""

    async def next_published(self) -> Event:
        return await self._hints.get()

    async def publish(self, channel: str, message: str) -> None:
        while True:
            try:
                await self._speak()
            except Exception as lost:  # noqa: BLE001 - whatever it is, hints are not worth more
                self._mute.begin(lost)
                await asyncio.sleep(RECONNECT_SECONDS)
            else:
                self._mute.end()
                return

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as lost:  # noqa: BLE001 - if this ended, there would be no hints
                self._deaf.begin(lost)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _is_listening(self) -> None:
        """To be called whenever a connection listens anew."""
        self._deaf.end()
        # Whatever was said while nobody listened is in the log.
        self._hint()

    @abstractmethod
    async def _speak(self) -> None:
        """Send a hint, or raise."""

    @abstractmethod
    async def _listen(self) -> None:
        """Listen until the connection is lost, and raise what it was lost by."""


class MemoryBackend(HintBackend):
    """Within one process."""

    async def _speak(self) -> None:
        """Whoever speaks knows it already."""

    async def _listen(self) -> None:
        await asyncio.Event().wait()


class PostgresBackend(HintBackend):
    """LISTEN and NOTIFY over two connections of their own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._arguments = connection_arguments(url)
        self._speaking: asyncpg.Connection | None = None

    async def disconnect(self) -> None:
        await super().disconnect()
        if self._speaking is not None:
            self._speaking.terminate()

    async def _speak(self) -> None:
        if self._speaking is None or self._speaking.is_closed():
            self._speaking = await self._connect()
        try:
            await self._speaking.execute(
                f"notify {CHANNEL}, '{self._name}'", timeout=ANSWER_SECONDS
            )
        except BaseException:
            self._speaking.terminate()
            raise

    async def _listen(self) -> None:
        connection = await self._connect()
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.add_listener(CHANNEL, lambda *heard: self.hear(heard[3]))
            self._is_listening()
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(QUIET_SECONDS):
                        await ended.wait()
                # To listen once more changes nothing, and has to be answered; where the connection
                # has ended, this says so.
                await connection.execute(f"listen {CHANNEL}", timeout=ANSWER_SECONDS)
        finally:
            connection.terminate()

    async def _connect(self) -> asyncpg.Connection:
        settings = {"application_name": "availability-hub hints"}
        return await asyncpg.connect(**self._arguments, server_settings=settings)


class RedisBackend(HintBackend):
    """Redis publish and subscribe."""

    def __init__(self, url: str) -> None:
        """Raises `ValueError` and `TypeError` for an address that is none."""
        super().__init__()
        self._url = url
        # One that was idle may have been lost unseen; then it is tried once more.
        self._speaking = self._client(retries=1)
        self._speaking.connection_pool.make_connection()  # type: ignore[no-untyped-call]

    async def disconnect(self) -> None:
        await super().disconnect()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._speaking.aclose()

    async def _speak(self) -> None:
        await self._speaking.publish(CHANNEL, self._name)

    async def _listen(self) -> None:
        client = self._client(retries=0)
        try:
            async with client.pubsub() as pubsub:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await pubsub.subscribe(CHANNEL)
                asked = False
                while True:
                    async with asyncio.timeout(QUIET_SECONDS + ANSWER_SECONDS):
                        wait = ANSWER_SECONDS if asked else QUIET_SECONDS
                        heard = await pubsub.get_message(timeout=wait)
                        if heard is None and asked:
                            raise TimeoutError("no answer to a ping")
                        asked = heard is None
                        if heard is None:
                            await pubsub.ping()
                        elif heard["type"] == "subscribe":
                            self._is_listening()
                        elif heard["type"] == "message":
                            self.hear(heard["data"].decode())
        finally:
            await client.aclose()

    def _client(self, retries: int) -> redis.Redis:
        return redis.Redis.from_url(
            self._url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            # The client's own way of waiting between tries takes up to ten seconds.
            retry=Retry(NoBackoff(), retries),
        )
