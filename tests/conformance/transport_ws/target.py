"""The server that is looked at, and what can be asked of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.conformance.transport_ws.wire import SUBPROTOCOL, Wire

Operation = dict[str, Any]
"""The payload of a `subscribe` message."""


class Conversation:
    """A socket that speaks graphql-transport-ws, from the connection's beginning on."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def subscribe(self, id: str, operation: Operation) -> None:
        """Start an operation."""
        self.wire.send(subscribe(id, operation))

    def complete(self, id: str) -> None:
        """Stop an operation."""
        self.wire.send({"id": id, "type": "complete"})

    async def receive(self) -> Any:
        """The next message."""
        return await self.wire.receive()

    async def next(self, id: str) -> Any:
        """The next message, which must be a result of an operation: what it holds."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        return message["payload"]

    async def of(self, id: str) -> Any:
        """The next message of an operation, past those of others."""
        while (message := await self.receive()).get("id") != id:
            pass
        return message

    async def until_pong(self) -> list[Any]:
        """What is told before a ping is answered that is sent now: whatever had to come because of
        what was sent earlier, and can come at once, is among it."""
        self.wire.send({"type": "ping"})
        told = []
        while (message := await self.receive())["type"] != "pong":
            told.append(message)
        return told


class Target(NamedTuple):
    """A server, and operations that it knows. `README.md` says what each is for."""

    url: str
    query: Operation
    mutation: Operation
    lasting: Operation
    ending: Operation | None = None
    failing: Operation | None = None
    slow: Operation | None = None
    init_payload: Any = None
    init_seconds: float = 5.0
    max_message_bytes: int | None = None
    headers: dict[str, str] | None = None

    @classmethod
    def of_file(cls, file: Path) -> "Target":
        """The target that a JSON file describes."""
        return cls(**json.loads(file.read_text()))

    @asynccontextmanager
    async def open(self, *subprotocols: str) -> AsyncIterator[Wire]:
        """A socket before the connection begins."""
        async with Wire.open(
            self.url, *(subprotocols or (SUBPROTOCOL,)), headers=self.headers
        ) as wire:
            yield wire

    def init(self) -> dict[str, Any]:
        """The message that begins a connection."""
        message: dict[str, Any] = {"type": "connection_init"}
        return message if self.init_payload is None else message | {"payload": self.init_payload}

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Conversation]:
        """A socket with a connection."""
        async with self.open() as wire:
            wire.send(self.init())
            assert (await wire.receive())["type"] == "connection_ack"
            yield Conversation(wire)


def subscribe(id: str, operation: Operation) -> dict[str, Any]:
    """The message that starts an operation."""
    return {"id": id, "type": "subscribe", "payload": operation}
