"""`python -m benchmarks.feed_crowd_process`: many readers of feeds at once, at hardly any cost.

It is led line by line over standard input, by JSON; `benchmarks.feed_fan_out` is its lead.
"""

import asyncio
import time
from typing import Final, cast

import orjson
import uvloop

from benchmarks.awaited import Awaited
from benchmarks.crowd_process import AT_A_TIME
from benchmarks.lean_http import LeanConnection, UnexpectedAnswer
from benchmarks.led_process import next_line

_END_OF_EVENT: Final = b"\n\n"
_DATA: Final = b"data: "
_HEARTBEAT: Final = b"event: heartbeat"


class FeedCrowd:
    """Readers who sent the same request."""

    def __init__(self, host: str, request: str) -> None:
        self.name, _, port = host.rpartition(":")
        self.port = int(port)
        self.request = request.encode()
        self.readers: list[FeedReader] = []
        self.awaited = Awaited()


class FeedReader(asyncio.Protocol):
    """One reader. Of what comes it looks for the ends of events, which no line of data has."""

    def __init__(self, crowd: FeedCrowd) -> None:
        self._crowd = crowd
        self._received = b""
        self.last = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the feed."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._crowd.request)

    def data_received(self, data: bytes) -> None:
        """Take whole events."""
        *events, self._received = (self._received + data).split(_END_OF_EVENT)
        for event in events:
            if _DATA in event and _HEARTBEAT not in event:
                self.last = event[event.index(_DATA) :]
                self._crowd.awaited.note()


async def _open(crowd: FeedCrowd) -> FeedReader:
    loop = asyncio.get_running_loop()
    _, reader = await loop.create_connection(lambda: FeedReader(crowd), crowd.name, crowd.port)
    return reader


class FeedCrowds:
    """All crowds of this process, by name."""

    def __init__(self) -> None:
        self._crowds: dict[str, FeedCrowd] = {}

    async def open(self, name: str, host: str, request: str, count: int) -> int:
        """Open so many feeds; all have had their first event when this is done."""
        crowd = self._crowds[name] = FeedCrowd(host, request)
        crowd.awaited.expect(count)
        for first in range(0, count, AT_A_TIME):
            many = min(AT_A_TIME, count - first)
            crowd.readers += await asyncio.gather(*(_open(crowd) for _ in range(many)))
        await crowd.awaited.heard()
        return count

    async def round(self, name: str, request: str) -> float:
        """Seconds from sending a request until the last reader has heard of it."""
        crowd = self._crowds[name]
        crowd.awaited.expect(len(crowd.readers))
        loop = asyncio.get_running_loop()
        # A new one for each round: a server closes those that were idle for seconds.
        _, publisher = await loop.create_connection(LeanConnection, crowd.name, crowd.port)
        started = time.perf_counter()
        answer = publisher.send(request.encode())
        await crowd.awaited.heard()
        seconds = time.perf_counter() - started
        await answer
        publisher.close()
        heard = {reader.last for reader in crowd.readers}
        if len(heard) != 1:
            raise UnexpectedAnswer(f"readers were told {len(heard)} different things")
        return seconds


async def _run() -> None:
    crowds = FeedCrowds()
    while line := await next_line():
        command = orjson.loads(line)
        done = await getattr(crowds, command.pop("do"))(**command)
        print(orjson.dumps(done).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_run())
