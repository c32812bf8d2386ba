"""`GET /feeds/availability.ndjson`: all answers once, a line for each, and the id to read the feed
from.

The first line holds the id, and so does the header `Last-Event-ID`; the last one says how many
answers there were, so that a body that was cut short is known for what it is.
"""

import asyncio
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.services.feeds.snapshot import Snapshot
from hub.services.presentation import availability_json
from hub.web.accept import takes_gzip
from hub.web.authentication import Authenticator
from hub.web.feeds.availability import ITEM_PARAMETERS, availability_asked_for
from hub.web.feeds.endpoint import caller_of, check_parameters

AVAILABILITY_SNAPSHOT: Final = "/feeds/availability.ndjson"
_LINE: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
_GZIP: Final = 31
"""What zlib calls gzip, with the largest window."""


def availability_snapshot(
    services: Services, authenticate: Authenticator
) -> Callable[[Request], Any]:
    """The endpoint."""

    async def snapshot(request: Request) -> ASGIApp:
        principal = caller_of(request, authenticate)
        check_parameters(request, {*ITEM_PARAMETERS, "locale"})
        wanted = await availability_asked_for(request, principal, services.feeds, is_new=True)
        locale = request.query_params.get("locale")
        is_zipped = takes_gzip(request.headers.get("accept-encoding", ""))

        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            async with services.feeds.snapshot(principal, wanted) as taken:
                body = _Body(send, zlib.compressobj(wbits=_GZIP) if is_zipped else None)
                await _respond(scope, receive, body, taken, locale)

        return respond

    return snapshot


class _Body:
    """Sends lines, packed or as they are."""

    def __init__(self, send: Send, packer: "zlib._Compress | None") -> None:
        self._send = send
        self._packer = packer

    async def start(self, id: str) -> None:
        headers = [
            (b"content-type", b"application/x-ndjson"),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept-Encoding"),
            (b"last-event-id", id.encode()),
        ]
        if self._packer is not None:
            headers.append((b"content-encoding", b"gzip"))
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def add(self, lines: Iterable[Any]) -> None:
        """Send some lines."""
        text = bytearray()
        for one in lines:
            # One by one: each takes several times its length until it is let go.
            text += orjson.dumps(one, option=_LINE)
        part = bytes(text) if self._packer is None else self._packer.compress(text)
        await self._part(part, more=True)

    async def end(self) -> None:
        await self._part(b"" if self._packer is None else self._packer.flush(), more=False)

    async def _part(self, part: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": more})


async def _respond(
    scope: Scope, receive: Receive, body: _Body, snapshot: Snapshot, locale: str | None
) -> None:
    await body.start(snapshot.id)
    if scope["method"] == "HEAD":
        await body.end()
        return
    leaving = asyncio.create_task(_left(receive))
    try:
        await body.add([{"lastEventId": snapshot.id}])
        items = 0
        async for piece in snapshot.pieces:
            if leaving.done():
                return
            await body.add(availability_json(answer, locale) for answer in piece)
            items += len(piece)
        await body.add([{"items": items}])
        await body.end()
    except HubError:
        # The status is sent. That the end is missing says that it is not all.
        scope["state"]["hang_up"]()
        # To the server the response has to end, though nobody is there any more.
        await body.end()
    finally:
        leaving.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
