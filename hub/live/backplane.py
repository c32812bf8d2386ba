"""The backplane: hints between processes that the change log has grown.

A hint says no more than "look", so losing one costs a second. `broadcaster` carries it over
backends of ours: its own ones lose their listener without a word when a connection dies, and with
it every hint from then on.
"""

import asyncio
import contextlib
from urllib.parse import urlsplit

from broadcaster import Broadcast, BroadcastBackend
from redis import asyncio as redis
from redis.exceptions import RedisError

from hub.live.ending import end
from hub.live.hint_backends import CHANNEL, MemoryBackend, PostgresBackend, RedisBackend

HINTS_PER_SECOND = 200
"""One hint per 5 ms at most: more of them say nothing more, and cost the database its commits."""


class UnknownBackplane(ValueError):
    """The address of the backplane is none, or of a kind nobody knows."""


def backend_for(url: str, setting: str = "HUB_BACKPLANE_URL") -> BroadcastBackend:
    """The backend of a backplane address, which was given by a setting; raises
    `UnknownBackplane`."""
    try:
        kind = urlsplit(url).scheme
        if kind == "memory":
            return MemoryBackend()
        if kind in ("postgres", "postgresql"):
            return PostgresBackend(url)
        if kind in ("redis", "rediss", "unix"):
            return RedisBackend(url)
    except (ValueError, TypeError):
        # What is wrong with it may quote the password.
        raise UnknownBackplane(f"{setting}: this is no address of a backplane.") from None
    raise UnknownBackplane(
        f"{setting}: {kind}:// is not one of memory://, postgres://, redis://, rediss:// and "
        "unix://."
    )


class Backplane:
    """Sends hints, never more often than useful, and waits for them."""

    def __init__(self, url: str, setting: str = "HUB_BACKPLANE_URL") -> None:
        """Raises `UnknownBackplane`."""
        self._broadcast = Broadcast(backend=backend_for(url, setting))
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
        await end(self._tasks)
        with contextlib.suppress(asyncio.CancelledError):
            await self._broadcast.disconnect()

    def announce(self) -> None:
        """Say that the change log has grown: to this process at once, whatever carries it to the
        others."""
        self._heard.set()
        self._grown.set()

    def look(self) -> None:
        """Have the log read in this process now, as by a hint."""
        self._heard.set()

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
