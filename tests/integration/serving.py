"""The real application on a real server, and a reader of its feed."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from hub.bootstrap import Services
from hub.web.app import web_app
from hub.web.server import listen, server_for
from tests.servers import TLS
from tests.waiting import eventually

WAIT_SECONDS = 5.0


@asynccontextmanager
async def served(
    services: Services, send_buffer_bytes: int | None = None, patience_seconds: float = 30
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the hub, which listens on a free port of loopback meanwhile. Without a buffer
    of its own, the system takes some megabytes for who reads nothing."""
    listening = listen("127.0.0.1", 0)
    if send_buffer_bytes is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    server = server_for(
        web_app(services), graceful_shutdown_seconds=1, patience_seconds=patience_seconds
    )
    running = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with httpx.AsyncClient(
            base_url=url, timeout=10, verify=TLS, trust_env=False
        ) as client:
            yield client
    finally:
        server.should_exit = True
        await running


class Message(NamedTuple):
    """One event of a stream, as a browser would hand it on."""

    event: str
    data: Any
    id: str | None


class Feed:
    """An open feed, read message by message."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments: list[str] = []
        self.heartbeats: list[str | None] = []
        """The ids that heartbeats told."""
        self.retry_milliseconds: int | None = None
        self._messages = self._read()

    async def next(self) -> Message:
        """The next message; fails when none comes."""
        return await asyncio.wait_for(anext(self._messages), WAIT_SECONDS)

    async def read_until(self, is_enough: Callable[[], object]) -> None:
        """Read what is no message until something holds; fails when a message comes."""
        waiting = asyncio.create_task(self.next())
        await eventually(is_enough)
        assert not waiting.done()
        waiting.cancel()

    async def units(self) -> tuple[str, float]:
        """The item and the units of the next message."""
        message = await self.next()
        assert message.event == "availability", message
        return message.data["sku"], message.data["quantity"]

    async def tells(self, sku: str, units: float) -> None:
        """Read on until it tells of so many units of an item."""
        while await self.units() != (sku, units):
            pass

    async def _read(self) -> AsyncIterator[Message]:
        fields: dict[str, str] = {}
        async for line in self.response.aiter_lines():
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if line and not name:
                self.comments.append(value)
            elif name == "retry":
                self.retry_milliseconds = int(value)
            elif name:
                fields[name] = value
            elif fields:
                data = json.loads(fields["data"])
                if fields.get("event") == "heartbeat":
                    self.heartbeats.append(fields.get("id"))
                else:
                    yield Message(fields.get("event", "message"), data, fields.get("id"))
                fields = {}


@asynccontextmanager
async def feed(
    client: httpx.AsyncClient, query: str, of: str = "availability", **headers: str
) -> AsyncIterator[Feed]:
    """A feed, of availability unless told otherwise."""
    async with client.stream("GET", f"/feeds/{of}?{query}", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield Feed(response)
