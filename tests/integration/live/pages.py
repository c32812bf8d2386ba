"""Pages of a shop: they watch over a WebSocket, and come back when they have lost it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from websockets.asyncio.client import ClientConnection

from tests.integration.graphql.sockets import Socket
from tests.waiting import eventually

WATCH = """
    subscription ($skus: [ID!]!, $after: String) {
      availability(skus: $skus, after: $after) {
        kind cursor availability { sku quantity version }
      }
    }"""


class Answer(NamedTuple):
    """What a page was told of an item."""

    units: float
    version: int


class Return(NamedTuple):
    """What a page was told when it came back."""

    after: str | None
    cursor: str
    skus: set[str]


class Page:
    """One page: what it shows, and what it was told over each of its connections."""

    def __init__(self, url: str, skus: Sequence[str]) -> None:
        self.url = url
        self._skus = list(skus)
        self.shows: dict[str, Answer] = {}
        self.cursor: str | None = None
        self.kinds: list[str] = []
        self.returns: list[Return] = []
        self.repeated: list[tuple[str, Answer]] = []
        """What was told twice over one connection."""
        self._connection: ClientConnection | None = None

    async def watch(self) -> None:
        """One connection, until it is lost. Versions never fall while it lasts."""
        versions: dict[str, int] = {}
        self._connection = None
        async with Socket.open(f"{self.url}/graphql".replace("http", "ws", 1)) as socket:
            self._connection = socket.connection
            await socket.begin()
            await socket.subscribe("1", WATCH, skus=self._skus, after=self.cursor)
            is_first = True
            async for text in socket.connection:
                message = json.loads(text)
                if message["type"] == "ping":
                    await socket.send({"type": "pong"})
                    continue
                assert message["type"] == "next", message
                event = message["payload"]["data"]["availability"]
                self._take(event, versions, is_first)
                is_first = False

    def _take(self, event: dict[str, Any], versions: dict[str, int], is_first: bool) -> None:
        told = {
            one["sku"]: Answer(one["quantity"], one["version"]) for one in event["availability"]
        }
        assert is_first == (event["kind"] != "CHANGE"), event
        for sku, answer in told.items():
            known = versions.get(sku, -1)
            assert answer.version >= known, (sku, answer, known)
            if answer.version == known:
                self.repeated.append((sku, answer))
            versions[sku] = answer.version
        self.shows |= told
        self.kinds.append(event["kind"])
        if event["kind"] == "RECOVERED":
            self.returns.append(Return(self.cursor, event["cursor"], set(told)))
        self.cursor = event["cursor"]

    async def is_told(self) -> None:
        """Wait until it is told something more."""
        events = len(self.kinds)
        await eventually(lambda: len(self.kinds) > events)

    def cut(self) -> None:
        """Lose the connection, as by a tunnel."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def sees(self, units: float, sku: str = "A-1", within_seconds: float = 5.0) -> None:
        """Wait until it shows so many units."""
        await eventually(
            lambda: self.shows.get(sku),
            lambda shown: shown is not None and shown.units == units,
            within_seconds=within_seconds,
        )


@asynccontextmanager
async def open_pages(count: int, *urls: str, skus: Sequence[str]) -> AsyncIterator[list[Page]]:
    """So many pages at each address, that have been told how things are."""
    pages = [Page(url, skus) for url in urls for _ in range(count)]
    watching = [asyncio.create_task(page.watch()) for page in pages]
    try:

        def all_know() -> bool:
            _raise_failures(watching)
            return all(page.kinds for page in pages)

        await eventually(all_know)
        yield pages
        _raise_failures(watching)
    finally:
        for one in watching:
            one.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


def _raise_failures(watching: list[asyncio.Task[None]]) -> None:
    for one in watching:
        if one.done():
            one.result()
            raise AssertionError("the hub has closed the connection of a page")
