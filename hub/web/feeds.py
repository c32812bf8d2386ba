"""Plain Server-Sent Events for partners: no GraphQL, no library, one GET."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as RequestScope

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.principal import Principal
from hub.domain.values import Scope, identifier_from
from hub.services.watch import MAX_CURSOR_LENGTH, AvailabilityEvent, EventKind
from hub.web.presentation import availability_json

HEARTBEAT_SECONDS = 15
SEND_TIMEOUT_SECONDS = 30
"""A reader that takes nothing for so long is let go: it may resume from its last event id."""
RETRY_MILLISECONDS = (1_000, 5_000)
"""Clients come back after a time of their own within this range, not all at once."""


def availability_feed(
    services: Services, authenticate: Callable[[str | None], Principal]
) -> Callable[[Request], object]:
    """`GET /feeds/availability?channel=…&sku=…`: the state of the items (all, when none is
    named), then each newer state.

    Each item is an event `availability`; the last one of those that belong together carries the
    `id`. A client that comes back with `Last-Event-ID` gets what has changed since; where that
    can no longer be told, an event `reset` says so and everything follows.
    """

    async def feed(request: Request) -> Response:
        principal = authenticate(request.headers.get("authorization"))
        channel = request.query_params.get("channel")
        locale = request.query_params.get("locale")
        skus = _skus(request)
        scope = None if channel is None else Scope(identifier_from(channel, "channel"))
        after = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
        if after is not None and len(after) > MAX_CURSOR_LENGTH:
            raise InvalidInput(field="Last-Event-ID", problem="is not an id of this feed")
        events = services.watch.availability(principal, skus, scope, after)
        # The first event is awaited here, so that a mistake is an HTTP error and not a silent
        # stream that an EventSource opens again and again.
        first = await anext(events)
        return FeedResponse(
            _messages(first, events, locale),
            ping=HEARTBEAT_SECONDS,
            send_timeout=SEND_TIMEOUT_SECONDS,
            sep="\n",
        )

    return feed


class FeedResponse(EventSourceResponse):
    """A stream of events. That a reader is too slow for it is no defect."""

    async def __call__(self, scope: RequestScope, receive: Receive, send: Send) -> None:
        """Send it until it ends, the reader leaves, or he has to be let go."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            # He would not take the end of it either; once he is gone, it goes nowhere.
            scope["state"]["hang_up"]()
            await send({"type": "http.response.body"})


def _skus(request: Request) -> list[str] | None:
    named = [
        sku for value in request.query_params.getlist("sku") for sku in value.split(",") if sku
    ]
    for sku in named:
        identifier_from(sku, "sku")
    return named or None


async def _messages(
    first: AvailabilityEvent, rest: AsyncGenerator[AvailabilityEvent, None], locale: str | None
) -> AsyncIterator[ServerSentEvent]:
    retry = random.randint(*RETRY_MILLISECONDS)  # noqa: S311 - jitter, not a secret
    yield _message(comment="availability hub", retry=retry)
    async with aclosing(rest):
        for message in _of_event(first, locale):
            yield message
        async for event in rest:
            for message in _of_event(event, locale):
                yield message


def _of_event(event: AvailabilityEvent, locale: str | None) -> list[ServerSentEvent]:
    messages = []
    if event.kind is EventKind.RESET:
        messages.append(_message(event="reset", data="{}"))
    for availability in event.availability:
        body = {"kind": event.kind.value, **availability_json(availability, locale)}
        messages.append(_message(event="availability", data=orjson.dumps(body).decode()))
    if messages:
        messages[-1].id = event.cursor
    else:
        messages.append(_message(event="current", data="{}", id=event.cursor))
    return messages


def _message(**fields: Any) -> ServerSentEvent:
    # Lines end in LF: the standard allows CRLF too, and some clients split on LF LF only.
    return ServerSentEvent(sep="\n", **fields)
