"""A client of graphql-transport-ws, as thin as can be: it shows each message as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

WAIT_SECONDS = 5.0


class Socket:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, subprotocol: str = "graphql-transport-ws", **options: Any
    ) -> AsyncIterator[Self]:
        """Connect; the protocol's own hand-shake is the caller's."""
        async with connect(
            url, subprotocols=[Subprotocol(subprotocol)], proxy=None, **options
        ) as connection:
            yield cls(connection)

    async def begin(self, payload: dict[str, Any] | None = None) -> None:
        """Say who is asking, and wait until that is accepted."""
        await self.send({"type": "connection_init", "payload": payload})
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, id: str, document: str, /, **variables: Any) -> None:
        """Start an operation."""
        payload = {"query": document, "variables": variables}
        await self.send({"type": "subscribe", "id": id, "payload": payload})

    async def send(self, message: Any) -> None:
        """Send any value as JSON."""
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Any:
        """The next message."""
        text = await asyncio.wait_for(self.connection.recv(), WAIT_SECONDS)
        assert isinstance(text, str), "the protocol speaks in text frames"
        return json.loads(text)

    async def data(self, id: str) -> Any:
        """The data of the next event of an operation."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def close_code(self) -> int | None:
        """The code that the server closes with."""
        await asyncio.wait_for(self.connection.wait_closed(), WAIT_SECONDS)
        return self.connection.close_code
