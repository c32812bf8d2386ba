"""The receiver of webhooks, as a partner has it: a real server that checks signatures with the
library of Standard Webhooks, and that can misbehave.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from standardwebhooks.webhooks import Webhook as Verifier

from tests.waiting import eventually

Respond = Callable[["Received", asyncio.StreamWriter], Awaitable[None]]


class Received(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    event: dict[str, Any] | None
    """None where no secret is known to check it by."""

    @property
    def id(self) -> str:
        """What the receiver knows a repetition by."""
        return self.headers["webhook-id"]


def status(number: int, *headers: str, body: bytes = b"") -> Respond:
    """Answer with a status."""

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {number} Some reason", f"content-length: {len(body)}", *headers]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)

    return respond


async def never(_: Received, writer: asyncio.StreamWriter) -> None:
    """Take the request, and say nothing for ever."""
    await writer.wait_closed()


class Receiver:
    """What came, and what is answered: `respond` to each, unless something else is due `next`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.secret: str | None = None
        self.respond: Respond = status(204)
        self.next: list[Respond] = []
        self.most_at_once = 0
        self.address = ""
        self._at_once = 0

    @property
    def url(self) -> str:
        """Where the hub sends to."""
        return f"http://{self.address}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the requests told."""
        return [one.event for one in self.received if one.event is not None]

    async def has(self, number: int, within_seconds: float = 10.0) -> list[Received]:
        """Wait until so many requests have come."""
        await eventually(
            lambda: len(self.received), lambda n: n >= number, within_seconds=within_seconds
        )
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while request := await self._read(reader):
                self._at_once += 1
                self.most_at_once = max(self.most_at_once, self._at_once)
                try:
                    self.received.append(request)
                    respond = self.next.pop(0) if self.next else self.respond
                    await respond(request, writer)
                    await writer.drain()
                finally:
                    self._at_once -= 1
                if writer.is_closing():
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            # The hub has gone.
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        line, *rest = head.decode().strip().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, value in (one.split(":", 1) for one in rest)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        event = None
        if self.secret is not None:
            event = Verifier(self.secret).verify(body, headers)
        return Received(line.split()[1], headers, body, event)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of loopback."""
    receiver = Receiver()
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections[task] = writer
        task.add_done_callback(connections.pop)
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()[:2]
    receiver.address = f"{host}:{port}"
    try:
        yield receiver
    finally:
        server.close()
        for writer in connections.values():
            writer.transport.abort()
        await asyncio.gather(*connections, return_exceptions=True)
