"""`python -m benchmarks.crowd_process`: many WebSockets at once, at hardly any cost.

A general client takes longer to receive a message than a server takes to send it. It is led line
by line over standard input, by JSON; `benchmarks.crowds` is its lead.
"""

import asyncio
import base64
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import orjson
import uvloop

from benchmarks.awaited import Awaited
from benchmarks.lean_http import LeanConnection, UnexpectedAnswer
from benchmarks.led_process import next_line

AT_A_TIME: Final = 50
"""Sockets that are opened at once."""
STALLED_BYTES: Final = 4_096
"""What the system takes for a socket that is not read from."""
_TEXT: Final = 0x81
_PING: Final = 0x89
_CLOSE: Final = 0x88
_END_OF_HEADERS: Final = b"\r\n\r\n"


def frame(text: str, head: int = _TEXT) -> bytes:
    """A frame as clients send it, masked with zeros."""
    content = text.encode()
    if len(content) < 126:
        length = bytes([0x80 | len(content)])
    else:
        length = bytes([0x80 | 126]) + len(content).to_bytes(2, "big")
    return bytes([head]) + length + bytes(4) + content


class Crowd:
    """Sockets that are sent the same."""

    def __init__(self, host: str, path: str, protocol: str | None, texts: Sequence[str]) -> None:
        """`texts` are what each says first, one after each message that it gets."""
        name, _, port = host.rpartition(":")
        self.name, self.port = name, int(port)
        self.upgrade = _upgrade(host, path, protocol)
        self.frames = [frame(text) for text in texts]
        self.members: list[Member] = []
        self.awaited = Awaited()
        self.arrivals: list[tuple[int, float, bytes]] | None = None
        """Whom each message came to and when, where that is to be noted."""

    def note(self, member: int, message: bytes) -> None:
        """A message came."""
        if self.arrivals is not None:
            self.arrivals.append((member, time.monotonic(), message))
        self.awaited.note()


class Member(asyncio.Protocol):
    """One socket of a crowd."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self._crowd = crowd
        self._number = number
        self._received = b""
        self._is_open = False
        self._said = 0
        self.transport: asyncio.Transport
        self.last = b""
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._crowd.upgrade)

    def data_received(self, data: bytes) -> None:
        """Take whole messages."""
        received = self._received + data
        if not self._is_open:
            end = received.find(_END_OF_HEADERS)
            if end < 0:
                self._received = received
                return
            assert received.startswith(b"HTTP/1.1 101 "), received
            received = received[end + len(_END_OF_HEADERS) :]
            self._is_open = True
            self._say_next()
        while len(received) >= 2:
            length, start = received[1], 2
            if length == 126:
                length, start = int.from_bytes(received[2:4], "big"), 4
            elif length == 127:
                length, start = int.from_bytes(received[2:10], "big"), 10
            if len(received) < start + length:
                break
            self._take(received[0], received[start : start + length])
            received = received[start + length :]
        self._received = received

    def connection_lost(self, reason: Exception | None) -> None:
        """Nothing more comes."""
        self.ended = True

    def _take(self, head: int, message: bytes) -> None:
        if head == _PING:
            self.transport.write(frame("", 0x8A))
        elif head == _CLOSE:
            self.transport.close()
        elif message.startswith(b'{"type":"ping"'):
            self.transport.write(frame('{"type":"pong"}'))
        else:
            self.last = message
            self._say_next()
            self._crowd.note(self._number, message)

    def _say_next(self) -> None:
        frames = self._crowd.frames
        if self._said < len(frames):
            self.transport.write(frames[self._said])
            self._said += 1


def _upgrade(host: str, path: str, protocol: str | None) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    named = "" if protocol is None else f"Sec-WebSocket-Protocol: {protocol}\r\n"
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{named}\r\n"
    ).encode()


class Crowds:
    """All crowds of this process, by name."""

    def __init__(self) -> None:
        self._crowds: dict[str, Crowd] = {}

    async def open(
        self, name: str, groups: Sequence[Sequence[str]], count: int, **where: Any
    ) -> int:
        """Open `count` sockets, of which each says what one of `groups` says, in turn; all have
        had their first event when this is done."""
        for place, texts in enumerate(groups):
            crowd = Crowd(texts=texts, **where)
            self._crowds[f"{name} {place}" if place else name] = crowd
            share = count // len(groups)
            crowd.awaited.expect(share * len(texts))
            for first in range(0, share, AT_A_TIME):
                numbers = range(first, min(first + AT_A_TIME, share))
                crowd.members += await asyncio.gather(*(_open(crowd, one) for one in numbers))
            await crowd.awaited.heard()
        return count

    async def round(self, name: str, request: str) -> float:
        """Seconds from sending a request until the last member has heard of it."""
        crowd = self._crowds[name]
        reading = [member for member in crowd.members if member.transport.is_reading()]
        crowd.awaited.expect(len(reading))
        publisher = await _publisher(crowd)
        started = time.perf_counter()
        answer = publisher.send(request.encode())
        await crowd.awaited.heard()
        seconds = time.perf_counter() - started
        await answer
        publisher.close()
        heard = {member.last for member in reading}
        if len(heard) != 1:
            raise UnexpectedAnswer(f"members were told {len(heard)} different things")
        return seconds

    async def stall(self, name: str, count: int) -> int:
        """So many members read nothing from here on."""
        for member in self._crowds[name].members[:count]:
            member.transport.pause_reading()
            connection = member.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BYTES)
        return count

    async def note(self, name: str) -> int:
        """Note when each message comes, in all crowds of this name."""
        crowds = [one for key, one in self._crowds.items() if key.split()[0] == name]
        for crowd in crowds:
            crowd.arrivals = []
        return len(crowds)

    async def noted(self, name: str, file: str) -> int:
        """Write what came since: a JSON list of `[member, moment, message]` for each crowd; how
        many."""
        told = [
            [(member, at, message.decode()) for member, at, message in crowd.arrivals or ()]
            for key, crowd in self._crowds.items()
            if key.split()[0] == name
        ]
        await asyncio.to_thread(Path(file).write_bytes, orjson.dumps(told))
        return sum(map(len, told))

    async def close(self, name: str) -> int:
        """Close the sockets of a name; how many had ended before."""
        ended = 0
        for key in [key for key in self._crowds if key.split()[0] == name]:
            members = self._crowds.pop(key).members
            ended += sum(member.ended for member in members)
            for member in members:
                member.transport.abort()
        return ended


async def _open(crowd: Crowd, number: int) -> Member:
    loop = asyncio.get_running_loop()
    _, member = await loop.create_connection(lambda: Member(crowd, number), crowd.name, crowd.port)
    return member


async def _publisher(crowd: Crowd) -> LeanConnection:
    # A new one for each round: a server closes those that were idle for seconds.
    loop = asyncio.get_running_loop()
    _, publisher = await loop.create_connection(LeanConnection, crowd.name, crowd.port)
    return publisher


async def _run() -> None:
    crowds = Crowds()
    while line := await next_line():
        command = orjson.loads(line)
        done = await getattr(crowds, command.pop("do"))(**command)
        print(orjson.dumps(done).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(_run())
