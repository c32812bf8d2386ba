"""A WebSocket as its bytes, so that a test can send what no client library would, and sees what
comes back as it came: https://www.rfc-editor.org/rfc/rfc6455."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

WAIT_SECONDS = 5.0
SUBPROTOCOL = "graphql-transport-ws"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code: int | None, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"closed with {code}: {reason}")


class Refused(Exception):
    """The server did not open a socket."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"answered {status}")


class Frame(NamedTuple):
    """One frame."""

    opcode: int
    payload: bytes
    final: bool = True


class Wire:
    """One socket. What the server asks of every client, pings of both kinds, is answered unseen."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        headers: dict[str, str],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.headers = headers
        self.silent = False
        """Whether pings are left unanswered."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *subprotocols: str, headers: dict[str, str] | None = None
    ) -> AsyncIterator[Self]:
        """Open a socket, and cut it at the end; raises `Refused`."""
        parts = urlsplit(url)
        is_secure = parts.scheme == "wss"
        assert parts.hostname is not None, url
        port = parts.port or (443 if is_secure else 80)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=is_secure or None)
        try:
            asked = {
                "Host": parts.netloc,
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                **({"Sec-WebSocket-Protocol": ", ".join(subprotocols)} if subprotocols else {}),
                **(headers or {}),
            }
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            head = "".join(f"{name}: {value}\r\n" for name, value in asked.items())
            writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
            told = (await _soon(reader.readuntil(b"\r\n\r\n"))).decode("latin-1").split("\r\n")
            status = int(told[0].split(" ")[1])
            if status != 101:
                raise Refused(status)
            pairs = (line.partition(":") for line in told[1:] if line)
            yield cls(reader, writer, {name.lower(): value.strip() for name, _, value in pairs})
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @property
    def subprotocol(self) -> str | None:
        """The one that the server chose."""
        return self.headers.get("sec-websocket-protocol")

    def send_frame(self, frame: Frame, *, masked: bool = True, reserved: int = 0) -> None:
        """Send a frame; `reserved` are its three reserved bits."""
        first = (0x80 if frame.final else 0) | reserved << 4 | frame.opcode
        size = len(frame.payload)
        mark = 0x80 if masked else 0
        if size < 126:
            head = bytes([first, mark | size])
        elif size < 65_536:
            head = bytes([first, mark | 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([first, mark | 127]) + size.to_bytes(8, "big")
        mask = os.urandom(4) if masked else b""
        self._writer.write(
            head + mask + (_masked(frame.payload, mask) if masked else frame.payload)
        )

    def send_text(self, text: str) -> None:
        """Send a text frame, whatever it says."""
        self.send_frame(Frame(TEXT, text.encode()))

    def send(self, *messages: Any) -> None:
        """Send messages, all at once."""
        for message in messages:
            self.send_text(json.dumps(message))

    def close(self, code: int | None = 1000) -> None:
        """Send a close frame."""
        self.send_frame(Frame(CLOSE, b"" if code is None else code.to_bytes(2, "big")))

    def cut(self) -> None:
        """Break off below WebSocket."""
        self._writer.transport.abort()

    async def receive_frame(self) -> Frame:
        """The next frame, of whatever kind; raises `Closed` where the connection just ends."""
        try:
            first, second = await _soon(self._reader.readexactly(2))
            assert not second & 0x80, "a server does not mask"
            assert not first & 0x70, "no extension was asked for"
            size = second & 0x7F
            if size > 125:
                told = await _soon(self._reader.readexactly(2 if size == 126 else 8))
                size = int.from_bytes(told, "big")
            payload = await _soon(self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(None, "without a close frame") from None
        return Frame(first & 0x0F, payload, bool(first & 0x80))

    async def receive(self) -> Any:
        """The next message; raises `Closed`."""
        while True:
            frame = await self.receive_frame()
            if frame.opcode == CLOSE:
                code = int.from_bytes(frame.payload[:2], "big") if frame.payload else None
                raise Closed(code, frame.payload[2:].decode())
            if frame.opcode == PING and not self.silent:
                self.send_frame(Frame(PONG, frame.payload))
            if frame.opcode in (PING, PONG):
                continue
            assert frame.opcode == TEXT, "messages are text"
            text = frame.payload
            while not frame.final:
                frame = await self.receive_frame()
                text += frame.payload
            message = json.loads(text)
            assert isinstance(message, dict), message
            if message.get("type") != "ping":
                return message
            if not self.silent:
                self.send({"type": "pong"})

    async def receive_or_closed(self) -> Any:
        """The next message, or how the server closes."""
        try:
            return await self.receive()
        except Closed as closed:
            return closed

    async def closed(self) -> Closed:
        """How the server closes, whatever it says before."""
        while not isinstance(told := await self.receive_or_closed(), Closed):
            pass
        return told

    async def ended(self) -> bool:
        """Whether the connection itself ends, too."""
        rest: bytes = await _soon(self._reader.read())
        return rest == b""


async def _soon(reading: Any) -> Any:
    return await asyncio.wait_for(reading, WAIT_SECONDS)


def _masked(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
