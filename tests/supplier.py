"""A supplier's server that does what suppliers' servers do: it answers as it should, and in all the
ways in which it should not."""

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from hub.live.ending import end

BLOCK = b"A-1,BER,1\n" * 6_500


class Request(NamedTuple):
    """What was asked."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Supplier:
    """A server on this machine; what it answers is put into `answers` by path."""

    url: str = ""
    answers: dict[str, Answering] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    sent_bytes: int = 0
    """Of endless bodies."""
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, whose end is that of the first answer."""
        task = asyncio.ensure_future(self._serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has gone
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        request = Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.requests.append(request)
        await self.answers.get(parts.path, status(404, "no such page"))(request, writer)

    async def pour(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Send five gigabytes, without having them."""
        writer.write(_head(200, {"content-length": str(5 << 30)}))
        while self.sent_bytes < 5 << 30:
            writer.write(BLOCK)
            self.sent_bytes += len(BLOCK)
            await writer.drain()


@asynccontextmanager
async def supplying(secure: ssl.SSLContext | None = None) -> AsyncIterator[Supplier]:
    """A supplier's server that runs."""
    supplier = Supplier()
    server = await asyncio.start_server(supplier.serve, "127.0.0.1", 0, ssl=secure)
    port = server.sockets[0].getsockname()[1]
    supplier.url = f"http://127.0.0.1:{port}" if secure is None else f"https://localhost:{port}"
    try:
        yield supplier
    finally:
        server.close()
        await end(supplier.serving)


def said(body: bytes | str, **headers: str) -> Answering:
    """The body, whole and at once."""
    content = body.encode() if isinstance(body, str) else body

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(_head(200, {"content-length": str(len(content)), **told}) + content)
        await writer.drain()

    return answer


def tagged(body: str, etag: str) -> Answering:
    """The body, unless the other side has it already."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("if-none-match") == etag:
            writer.write(_head(304, {"etag": etag}))
        else:
            await said(body, etag=etag)(request, writer)

    return answer


def by_parameter(name: str, bodies: Mapping[str | None, Any], **headers: str) -> Answering:
    """JSON by the value of a parameter; None where there is none."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        body = json.dumps(bodies[request.parameters.get(name)])
        await said(body, **headers)(request, writer)

    return answer


def status(code: int, body: str = "", **headers: str) -> Answering:
    """Nothing but a status."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        writer.write(_head(code, {"content-length": str(len(body)), **told}) + body.encode())
        await writer.drain()

    return answer


def led_to(url: str) -> Answering:
    """A way to somewhere else."""
    return status(302, location=url)


def half(body: str) -> Answering:
    """The first half of what was announced."""
    content = body.encode()

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"content-length": str(len(content))}))
        writer.write(content[: len(content) // 2])
        await writer.drain()

    return answer


def hanging(body: str) -> Answering:
    """The first half, and then nothing until the other side goes."""
    content = body.encode()

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, {"content-length": str(len(content))}))
        writer.write(content[: len(content) // 2])
        await writer.wait_closed()

    return answer


def bomb(size: int) -> Answering:
    """Little that becomes much."""
    return said(gzip.compress(b"0" * size), content_encoding="gzip")


async def silent(request: Request, writer: asyncio.StreamWriter) -> None:
    """Nothing at all, until the other side goes."""
    await writer.wait_closed()


async def dripping(request: Request, writer: asyncio.StreamWriter) -> None:
    """A letter now and then, so that it is never silent."""
    writer.write(_head(200, {"content-length": "1000000"}))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


def _head(code: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {code} X", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join([*lines, "connection: close", "", ""])).encode("latin-1")
