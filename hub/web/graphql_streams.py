"""Results as a stream over HTTP: Server-Sent Events, and the multipart subscription protocol.

Strawberry brings both; here is where clients need their frames to be different.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from typing import ClassVar, Final, cast

from strawberry.http.streaming import (
    HTTPStreamTransport,
    MultipartSubscriptionTransport,
    SSETransport,
)
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, MULTIPART_SUBSCRIPTION_PROTOCOL
from strawberry.types.graphql import OperationType

from hub.web.accept import EVENT_STREAM, MULTIPART, accepted
from hub.web.lasting_streams import retry_milliseconds

_BOUNDARY: Final = "graphql"
_LAST_PART: Final = "--\r\n"
"""Makes the delimiter before it, which ends each part, the last one."""


class EventTransport(SSETransport):
    """Events framed with LF alone: urql and others look for two line feeds between events."""

    def accepts(self, accept: str) -> bool:
        """Whether a client that may be sent a stream shall get this one."""
        return accepted(accept).stream == EVENT_STREAM

    def encode_event(self, event: str, data: str | None = None) -> str:
        """One event; JSON text holds no line breaks, so every CRLF is framing."""
        return super().encode_event(event, data).replace("\r\n", "\n")

    def encode_comment(self, comment: str) -> str:
        """A comment, which keeps the connection open, and says when to come back after its end."""
        return f": {comment}\nretry: {retry_milliseconds()}\n\n"


class MultipartTransport(MultipartSubscriptionTransport):
    """Parts of a multipart body, which `delimited` opens and ends. Each is followed by its
    delimiter at once, because clients wait for that before they read it."""

    # To urql an empty first part is an answer without data.
    send_initial_heartbeat: ClassVar[bool] = False

    @property
    def headers(self) -> Mapping[str, str]:
        """The type of the body alone, and what keeps others from holding it back."""
        content_type = f'{MULTIPART};boundary="{_BOUNDARY}";subscriptionSpec=1.0'
        return {**SSETransport.headers, "Content-Type": content_type}

    def accepts(self, accept: str) -> bool:
        """Whether a client that may be sent a stream shall get this one."""
        return accepted(accept).stream == MULTIPART

    def allowed_operation_types(
        self, allowed_operation_types: set[OperationType]
    ) -> Iterable[OperationType]:
        """All that the method allows: a query is answered in one part."""
        return allowed_operation_types

    def encode_complete(self) -> str:
        """The end of the body."""
        return _LAST_PART


STREAM_TRANSPORTS: Final[Mapping[str, type[HTTPStreamTransport]]] = {
    GRAPHQL_SSE_PROTOCOL: EventTransport,
    MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartTransport,
}


def opening_of(transport: HTTPStreamTransport) -> str:
    """What a body begins with."""
    if isinstance(transport, MultipartTransport):
        return f"--{_BOUNDARY}"
    return transport.heartbeat_message(str)


def delimited(parts: AsyncIterator[str]) -> AsyncGenerator[str, None]:
    """A multipart body, from the delimiter before its first part to that behind its last."""

    async def body() -> AsyncGenerator[str, None]:
        yield f"--{_BOUNDARY}"
        async with aclosing(cast("AsyncGenerator[str, None]", parts)):
            async for part in parts:
                yield part
                if part is _LAST_PART:  # a heartbeat may still be behind it
                    break

    return body()
