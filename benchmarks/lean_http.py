"""A client that costs next to nothing, so that a figure over HTTP is that of the server.

It speaks as much HTTP/1.1 as the hub's answers need: 200 or 202, a Content-Length, and a connection
that stays. A general client takes longer for a request than the hub takes to answer it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast
from urllib.parse import urlsplit

_OK: Final = (b"HTTP/1.1 200 ", b"HTTP/1.1 202 ")
_END_OF_HEADERS: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length: "


class UnexpectedAnswer(Exception):
    """The server did not answer as it does when all is well."""


def post_request(address: str, body: bytes, token: str | None = None) -> bytes:
    """A POST of JSON as it goes over the wire, with a bearer token if there is one."""
    parts = urlsplit(address)
    bearer = "" if token is None else f"authorization: Bearer {token}\r\n"
    head = (
        f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\n{bearer}"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class LeanConnection(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        # uvloop's transports are of a class of their own.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> asyncio.Future[bytes]:
        """Send a request; the future holds the body of its answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """Answer whoever waits, once the answer is whole."""
        self._received += data
        head = self._received.find(_END_OF_HEADERS)
        if head < 0:
            return
        length = self._received.find(_LENGTH, 0, head)
        if length < 0 or not self._received.startswith(_OK):
            self._fail(UnexpectedAnswer(self._received.decode(errors="replace")))
            return
        start = length + len(_LENGTH)
        end_of_number = self._received.find(b"\r\n", start)
        body = head + len(_END_OF_HEADERS)
        if len(self._received) < body + int(self._received[start:end_of_number]):
            return
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result(self._received[body:])
        self._received = b""

    def connection_lost(self, reason: Exception | None) -> None:
        """Whoever waits would wait for ever."""
        self._fail(reason or ConnectionResetError("the server closed the connection"))

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def _fail(self, reason: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(reason)


class LeanClient:
    """As many connections as callers call at a time."""

    def __init__(self, connections: list[LeanConnection]) -> None:
        # Whichever rested longest is next: a server closes those that were idle for seconds.
        self._idle = deque(connections)

    async def send(self, request: bytes) -> bytes:
        """The body of the answer to a request; raises `UnexpectedAnswer`."""
        connection = self._idle.popleft()
        answer = await connection.send(request)
        self._idle.append(connection)
        return answer


@asynccontextmanager
async def lean_client(host: str, connections: int) -> AsyncIterator[LeanClient]:
    """A client of `host`, written with its port, all of whose connections are open."""
    name, _, port = host.rpartition(":")
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(LeanConnection, name, int(port)))[1]
        for _ in range(connections)
    ]
    try:
        yield LeanClient(opened)
    finally:
        for connection in opened:
            connection.close()
