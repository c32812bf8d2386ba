"""The body of a request: of bounded size, within bounded time, for every door alike."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from hub.domain.errors import LimitExceeded

BODY_TIMEOUT_SECONDS: Final = 10
# The usual word of servers' logs for a client who closed first; nobody is there to read it.
_CLIENT_CLOSED_REQUEST: Final = 499


class Disconnected(Exception):
    """The client went away before its request was complete."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The whole body; stops reading at the limit. Raises `LimitExceeded`, also when it does not
    come in time, and `Disconnected`."""
    told = Headers(scope=scope).get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > max_bytes:
        raise _too_large(max_bytes, int(told[:20]))
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > max_bytes:
                    raise _too_large(max_bytes, size)
                more = message.get("more_body", False)
    except TimeoutError:
        raise LimitExceeded(
            what="The time for the body in seconds",
            limit=BODY_TIMEOUT_SECONDS,
            actual=f"more than {BODY_TIMEOUT_SECONDS}",
        ) from None
    return b"".join(parts)


async def answer_disconnected(request: Request, error: Exception) -> Response:
    """The end of a request whose client is gone: no fault of the hub, so nothing is logged."""
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def _too_large(limit: int, actual: int) -> LimitExceeded:
    return LimitExceeded(what="The body in bytes", limit=limit, actual=actual)
