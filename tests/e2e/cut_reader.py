"""A reader of a feed whose connection is cut again and again, wherever that happens to be."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SILENCE_SECONDS = 30.0
"""A feed says every 15 that it is alive."""
CATCH_UP_SECONDS = 90.0


class Heard(NamedTuple):
    """An event that came through as a whole."""

    event: str
    id: str | None
    data: Any


class CutReader:
    """Knows what it has heard, and goes on behind the last id of it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.id: str | None = None
        self.heard: list[Heard] = []

    async def read(self, url: str, most_bytes: int) -> int:
        """Read from one of the hubs until so many bytes of the feed came, then cut the connection;
        how many events came through."""
        before = len(self.heard)
        async with self._connected(url) as chunks:
            text = ""
            async for chunk in chunks:
                taken, most_bytes = chunk[:most_bytes], most_bytes - len(chunk)
                *events, text = (text + taken.decode()).split("\n\n")
                for event in events:
                    self._hear(event)
                if most_bytes <= 0:
                    break
        return len(self.heard) - before

    async def read_until(self, url: str, is_enough: Any) -> None:
        """Read until something holds after an event; fails where that never comes."""
        async with asyncio.timeout(CATCH_UP_SECONDS), self._connected(url) as chunks:
            text = ""
            while not is_enough():
                *events, text = (text + (await anext(chunks)).decode()).split("\n\n")
                for event in events:
                    self._hear(event)

    def _hear(self, event: str) -> None:
        fields = dict(line.split(": ", 1) for line in event.split("\n") if line[0] != ":")
        self.id = fields.get("id", self.id)
        if "data" in fields:
            data = json.loads(fields["data"])
            self.heard.append(Heard(fields["event"], fields.get("id"), data))

    @asynccontextmanager
    async def _connected(self, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
        host = urlsplit(url)
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        try:
            resumed = "" if self.id is None else f"Last-Event-ID: {self.id}\r\n"
            writer.write(f"GET {self._path} HTTP/1.1\r\nHost: hub\r\n{resumed}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head + await reader.read(1_000)
            yield _chunks(reader)
        finally:
            # Not closed in order: whatever is under way is lost.
            writer.transport.abort()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(SILENCE_SECONDS):
            size = await reader.readline()
            assert size.strip() not in (b"", b"0"), "the hub has ended the feed"
            chunk = await reader.readexactly(int(size, 16))
            await reader.readexactly(2)
        yield chunk
