"""A subscriber of one item over graphql-transport-ws, who notes when he hears of it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_DOCUMENT = """
    subscription ($skus: [ID!]!) {
        availability(skus: $skus) { availability { sku version quantity } }
    }"""


class Watcher:
    """One WebSocket with one subscription."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._version = -1

    @classmethod
    @asynccontextmanager
    async def watching(cls, host: str, sku: str) -> AsyncIterator[Self]:
        """Subscribe, and wait for the snapshot."""
        protocol = Subprotocol("graphql-transport-ws")
        address = f"ws://{host}/graphql"
        async with connect(address, subprotocols=[protocol], proxy=None) as connection:
            watcher = cls(connection)
            await watcher._send({"type": "connection_init"})
            assert (await watcher._receive())["type"] == "connection_ack"
            payload = {"query": _DOCUMENT, "variables": {"skus": [sku]}}
            await watcher._send({"type": "subscribe", "id": "watch", "payload": payload})
            await watcher.next_change()
            yield watcher

    async def next_change(self) -> float:
        """When a newer version than all before was heard of, by `time.perf_counter`."""
        while True:
            message = await self._receive()
            at = time.perf_counter()
            if message["type"] == "ping":
                await self._send({"type": "pong"})
                continue
            assert message["type"] == "next", message
            (availability,) = message["payload"]["data"]["availability"]["availability"]
            if availability["version"] > self._version:
                self._version = availability["version"]
                return at

    async def _send(self, message: dict[str, Any]) -> None:
        await self._connection.send(orjson.dumps(message).decode())

    async def _receive(self) -> Any:
        return orjson.loads(await self._connection.recv())
