"""Streams over HTTP do not last for ever: each ends when its time is over, or that of the token it
was opened with, and its client comes back."""

import asyncio
import random
from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.web.connections import Connections, moment_of

RETRY_MILLISECONDS: Final = (1_000, 5_000)
"""Clients of events come back after a time of their own within this range, not all at once."""
_CHECK_SECONDS: Final = 15.0


class LastingStream:
    """One response that is open."""

    slot = 0

    def __init__(
        self, connections: Connections, transport: asyncio.Transport, expires_at: datetime | None
    ) -> None:
        self._transport = transport
        now = asyncio.get_running_loop().time()
        self._ends_at = min(connections.retirement(now), moment_of(expires_at))

    def look(self, now: float) -> float:
        """End it if it is time, and say when to look again."""
        if now < self._ends_at:
            return self._ends_at
        self.retire()
        return now + _CHECK_SECONDS

    def retire(self) -> None:
        """End it where it stands. A body that ends in order is a whole one to most clients, and
        the last they ask for; of one that breaks off they know that more was to come."""
        self._transport.close()


@contextmanager
def lasting(connections: Connections, scope: Scope, expires_at: datetime | None) -> Iterator[None]:
    """Around the response to a request, which is a stream."""
    stream = LastingStream(connections, scope["state"]["transport"], expires_at)
    with connections.open(stream):
        yield


class LastingResponse(StreamingResponse):
    """A stream that ends when it is time."""

    def __init__(
        self,
        connections: Connections,
        expires_at: datetime | None,
        body: AsyncIterable[str],
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(body, headers=headers)
        self._connections = connections
        self._expires_at = expires_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with lasting(self._connections, scope, self._expires_at):
            await super().__call__(scope, receive, send)


def ending_streams(
    app: ASGIApp, connections: Connections, expiry_of: Callable[[Scope], datetime | None]
) -> ASGIApp:
    """An application whose streams of events end when it is time, however it makes them."""

    async def ending(scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as stack:

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start" and _is_stream(message):
                    stack.enter_context(lasting(connections, scope, expiry_of(scope)))
                await send(message)

            await app(scope, receive, sending)

    return ending


def retry_milliseconds() -> int:
    """After how long one client is to come back."""
    return random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - jitter, not a secret


def _is_stream(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in start["headers"]
    )
