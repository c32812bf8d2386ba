"""The lead of a process with many WebSockets, and what those say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.lean_http import post_request
from benchmarks.led_process import LedProcess, led_process
from benchmarks.production_hub import READER, WRITER
from benchmarks.served import Server

PROTOCOL: Final = "graphql-transport-ws"
DOCUMENT: Final = (
    "subscription ($skus: [ID!]!) { availability(skus: $skus) { kind cursor availability "
    "{ sku quantity status version asOf message { code text } } } }"
)
ADJUST: Final = (
    "mutation ($sku: ID!, $location: ID!) { adjustStock(input: "
    '{ sku: $sku, location: $location, delta: 1, reason: "found" }) { __typename } }'
)
CHANGE: Final = (
    "mutation ($rows: [StockRowInput!]!) { changeStock(input: { rows: $rows }) "
    "{ ... on ChangeStockSuccess { refused } } }"
)
LOCATION: Final = "BER"

Noted = list[list[tuple[int, float, str]]]
"""For each group to which of its members when which message came, by the machine's monotonic
clock."""


def subscribing(skus: Sequence[str]) -> list[str]:
    """What a socket of graphql-transport-ws says to watch some items. All servers are sent the
    token; only the hub looks."""
    begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {READER}"}}
    payload = {"query": DOCUMENT, "variables": {"skus": skus}}
    subscribe = {"id": "1", "type": "subscribe", "payload": payload}
    return [orjson.dumps(one).decode() for one in (begin, subscribe)]


def adjusting(server: Server, sku: str) -> bytes:
    """The request by which one more unit of an item is on hand."""
    variables = {"sku": sku, "location": LOCATION}
    body = orjson.dumps({"query": ADJUST, "variables": variables})
    return post_request(f"http://{server.host}/graphql", body, WRITER)


def changing(server: Server, skus: Sequence[str]) -> bytes:
    """The request by which one more unit of each of these is on hand."""
    found = {"location": LOCATION, "delta": 1, "reason": "found"}
    variables = {"rows": [{"adjustment": {"sku": sku, **found}} for sku in skus]}
    body = orjson.dumps({"query": CHANGE, "variables": variables})
    return post_request(f"http://{server.host}/graphql", body, WRITER)


def publishing(server: Server) -> bytes:
    """The request at which a baseline tells its sockets something."""
    return post_request(f"http://{server.host}/publish", b"{}")


class Crowds:
    """The sockets of another process, in crowds that have a name."""

    def __init__(self, process: LedProcess) -> None:
        self._process = process

    async def open(
        self,
        name: str,
        server: Server,
        groups: Sequence[Sequence[str]],
        count: int,
        protocol: str | None = PROTOCOL,
    ) -> None:
        """Open so many sockets, which say what the groups say, each group by as many."""
        where = {"host": server.host, "path": "/graphql", "protocol": protocol}
        await self._ask("open", name, groups=groups, count=count, **where)

    def rounds(self, name: str, request: bytes) -> Callable[[], Awaitable[float]]:
        """Milliseconds from sending a request until the last of a crowd has heard of it."""

        async def measure() -> float:
            seconds: float = await self._ask("round", name, request=request.decode())
            return seconds * 1_000

        return measure

    async def stall(self, name: str, count: int) -> None:
        """So many sockets of a crowd read nothing from here on."""
        await self._ask("stall", name, count=count)

    async def note(self, name: str) -> None:
        """Note when each message comes."""
        await self._ask("note", name)

    async def noted(self, name: str, file: Path) -> Noted:
        """What came since."""
        await self._ask("noted", name, file=str(file))
        noted: Noted = orjson.loads(await asyncio.to_thread(file.read_bytes))
        return noted

    async def close(self, name: str) -> int:
        """Close a crowd; how many of its sockets had ended before."""
        ended: int = await self._ask("close", name)
        return ended

    async def _ask(self, do: str, name: str, **more: Any) -> Any:
        line = orjson.dumps({"do": do, "name": name, **more}).decode()
        return orjson.loads(await self._process.ask(line))


@asynccontextmanager
async def crowds() -> AsyncIterator[Crowds]:
    """A process for crowds."""
    async with led_process("crowd_process", None) as process:
        yield Crowds(process)
