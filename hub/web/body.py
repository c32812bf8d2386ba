"""The body of a request: of bounded size, within bounded time, for every door alike."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope

from hub.domain.errors import HubError, InvalidInput, LimitExceeded

BODY_TIMEOUT_SECONDS: Final = 10
MAX_DISCARDED_BYTES: Final = 2_097_152
"""What is taken of a body that is not wanted, so that its sender hears why."""
_GZIP: Final = 31
"""What zlib calls gzip, with the largest window."""
_UNPACKED_BYTES: Final = 1 << 20
# The usual word of servers' logs for a client who closed first; nobody is there to read it.
_CLIENT_CLOSED_REQUEST: Final = 499


class Disconnected(Exception):
    """The client went away before its request was complete."""


async def read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """The whole body; stops reading at the limit. Raises `LimitExceeded`, also when it does not
    come in time, and `Disconnected`."""
    told = content_length(scope)
    if told is not None and told > max_bytes:
        raise _too_large(max_bytes, told)
    first = _at_once(receive)
    if first is not None and first["type"] == "http.request" and not first.get("more_body", False):
        body: bytes = first.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes, len(body))
        return body
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            return await _collected(first, receive, max_bytes)
    except TimeoutError:
        raise LimitExceeded(
            what="The time for the body in seconds",
            limit=BODY_TIMEOUT_SECONDS,
            actual=f"more than {BODY_TIMEOUT_SECONDS}",
        ) from None


async def body_parts(
    scope: Scope, receive: Receive, max_bytes: int, seconds: float
) -> AsyncIterator[bytes]:
    """A body that is too large to be had at once, part by part. Each must come as soon as a whole
    small one, and all within `seconds`. Raises `LimitExceeded` and `Disconnected`."""
    told = content_length(scope)
    if told is not None and told > max_bytes:
        raise _too_large(max_bytes, told)
    until = time.monotonic() + seconds
    size, more = 0, True
    while more:
        left = until - time.monotonic()
        try:
            message = await asyncio.wait_for(receive(), min(BODY_TIMEOUT_SECONDS, left))
        except TimeoutError:
            limit = seconds if left <= BODY_TIMEOUT_SECONDS else BODY_TIMEOUT_SECONDS
            raise LimitExceeded(
                what="The time for the body, or for the next part of it, in seconds",
                limit=limit,
                actual=f"more than {limit}",
            ) from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes, size)
        yield part
        more = message.get("more_body", False)


async def unzipped(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What is packed with gzip, as it was before; never much of it at a time, however small it was
    packed. Raises `InvalidInput`."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for part in parts:
            while part:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                yield unpacker.decompress(part, _UNPACKED_BYTES)
                part = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise InvalidInput(field="body", problem=f"is not packed with gzip: {error}") from None
    if not unpacker.eof:
        raise InvalidInput(field="body", problem="breaks off before the end of its gzip")


@asynccontextmanager
async def admission(receive: Receive) -> AsyncIterator[None]:
    """Around what is checked before the body is read: a refusal is told whatever the body is.
    Closed while the body still comes, the connection would take the answer with it, so much of it
    is taken first, and kept nowhere. Raises `Disconnected`."""
    try:
        yield
    except HubError:
        with suppress(TimeoutError):
            async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                await _discarded(receive)
        raise


def content_length(scope: Scope) -> int | None:
    """The length of the body as its sender tells it; None if he does not, or not in digits."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value[:20]) if value.isdigit() else None
    return None


def _at_once(receive: Receive) -> Message | None:
    """What has come already, as most bodies do with their headers: a timer would cost more than
    reading them."""
    receiving = cast("Coroutine[object, None, Message]", receive())
    try:
        receiving.send(None)
    except StopIteration as came:
        message: Message = came.value
        return message
    # It waits, and has taken nothing yet.
    receiving.close()
    return None


async def _collected(first: Message | None, receive: Receive, max_bytes: int) -> bytes:
    message = first or await receive()
    parts: list[bytes] = []
    size = 0
    while message["type"] != "http.disconnect":
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > max_bytes:
            raise _too_large(max_bytes, size)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    raise Disconnected


async def _discarded(receive: Receive) -> None:
    taken = 0
    while taken < MAX_DISCARDED_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        taken += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


async def answer_disconnected(request: Request, error: Exception) -> Response:
    """The end of a request whose client is gone: no fault of the hub, so nothing is logged."""
    return no_response()


def no_response() -> Response:
    """What nobody reads any more."""
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def _too_large(limit: int, actual: int) -> LimitExceeded:
    return LimitExceeded(what="The body in bytes", limit=limit, actual=actual)
