"""What can go wrong between the hub and the other side, on a real connection."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, NamedTuple

import uvicorn

from hub.web.server import listen

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
HANG_SECONDS = 30.0
TRICKLE_SECONDS = 0.1
TRICKLED_BYTES = int(HANG_SECONDS / TRICKLE_SECONDS)


class Fault(StrEnum):
    """One thing that goes wrong with a request."""

    SERVER_ERROR = "500"
    TOO_MANY = "429 with Retry-After"
    HANG = "no answer until the caller gives up"
    LOST = "done, and the answer is lost"
    HALF = "done, and half of the answer comes"
    TRICKLE = "done, and the answer comes a byte at a time"


class Answer(NamedTuple):
    """An answer of the other side."""

    status: int
    content: Any
    """JSON; but bytes are sent as they are."""


class Request(NamedTuple):
    """A request to it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    content: Any


class FaultyServer:
    """Serves requests over HTTP, and fails some of them. `planned` faults come first; after that
    each request fails with `share` as its chance."""

    def __init__(self, handle: Callable[[Request], Answer], seed: int = 1) -> None:
        self._handle = handle
        self._rng = random.Random(seed)
        self.planned: list[Fault | None] = []
        self.share = 0.0
        self.retry_after = "0.05"
        self.happened: list[Fault] = []
        self.url = ""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or fail to."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = Request(
            scope["method"],
            scope["path"],
            scope["query_string"].decode(),
            {name.decode(): value.decode() for name, value in scope["headers"]},
            json.loads(body) if body else None,
        )
        await self._answer(request, send)

    async def _answer(self, request: Request, send: Send) -> None:
        fault = self._fault()
        if fault is not None:
            self.happened.append(fault)
        if fault is Fault.SERVER_ERROR:
            await _send(send, Answer(500, {"error": "sorry"}))
            return
        if fault is Fault.TOO_MANY:
            await _send(send, Answer(429, None), {"retry-after": self.retry_after})
            return
        if fault is Fault.HANG:
            # Over at once when the server ends.
            await asyncio.sleep(HANG_SECONDS)
            return
        answer = self._handle(request)
        if fault is None:
            await _send(send, answer)
            return
        whole = json.dumps(answer.content).encode()
        if fault is Fault.TRICKLE:
            await _start(send, answer.status, TRICKLED_BYTES, {})
            for _ in range(TRICKLED_BYTES):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(TRICKLE_SECONDS)
            return
        part = b"" if fault is Fault.LOST else whole[: len(whole) // 2]
        await _start(send, answer.status, len(whole), {})
        # Less than was announced: the connection is closed amid the answer.
        await send({"type": "http.response.body", "body": part, "more_body": True})

    def _fault(self) -> Fault | None:
        if self.planned:
            return self.planned.pop(0)
        if self._rng.random() < self.share:
            return self._rng.choice(list(Fault))
        return None


async def _send(send: Send, answer: Answer, headers: dict[str, str] | None = None) -> None:
    content = answer.content
    body = content if isinstance(content, bytes) else b"" if content is None else _json(content)
    await _start(send, answer.status, len(body), headers or {})
    await send({"type": "http.response.body", "body": body})


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


async def _start(send: Send, status: int, length: int, headers: dict[str, str]) -> None:
    given = {"content-type": "application/json", "content-length": str(length), **headers}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


@asynccontextmanager
async def serving(server: FaultyServer) -> AsyncIterator[None]:
    """It listens on a free port of loopback meanwhile."""
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            server, log_level="critical", lifespan="off", timeout_graceful_shutdown=0
        )
        running = uvicorn.Server(config)
        running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(running.serve(sockets=[listening]))
        server.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield
        finally:
            running.should_exit = True
            await task
