"""The events of a subscription over HTTP, put together once for all who ask the same."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from hub.domain.principal import Principal
from hub.live.streams import Follower, FollowerGone
from hub.services.broadcast import Broadcasts, Wanted
from hub.web.connections import Connections
from hub.web.graphql_http import encoded
from hub.web.graphql_streams import EventTransport, MultipartTransport, opening_of
from hub.web.lasting_streams import lasting
from hub.web.transports import done_at_once


class EventsResponse(Follower):
    """A stream of events to one client, until he leaves."""

    def __init__(
        self,
        broadcasts: Broadcasts,
        principal: Principal,
        wanted: Wanted,
        transport: EventTransport | MultipartTransport,
        connections: Connections,
        refused: ASGIApp,
    ) -> None:
        """`refused` answers where the subscription cannot begin."""
        self._broadcasts = broadcasts
        self._principal = principal
        self._wanted = wanted
        self._transport = transport
        self._connections = connections
        self._refused = refused
        self._begun = False
        self._transmit: Send
        self._hang_up: Callable[[], None]
        self._part_now: Callable[[bytes], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        self._transmit = send
        self._hang_up = scope["state"]["hang_up"]
        self._part_now = scope["state"]["send_part_now"]
        try:
            following = self._broadcasts.follow_now(self._principal, self._wanted, self)
            if following is None:
                following = await self._broadcasts.follow(self._principal, self._wanted, self)
        except FollowerGone:
            return
        except Exception:
            # Refusals, and defects: the ordinary way tells both, and masks what it has to.
            if self._begun:
                raise
            await self._refused(scope, receive, send)
            return
        try:
            with lasting(self._connections, scope, self._principal.expires_at):
                while not await self._left(receive):
                    await self._write(self._transport.heartbeat_message(_text))
        finally:
            following.end()

    def send_now(self, told: bytes) -> bool:
        """Send an event, if that takes no waiting."""
        text = self._framed(told)
        return (self._begun and self._part_now(text.encode())) or done_at_once(self._write(text))

    async def send(self, told: bytes) -> None:
        """Send an event."""
        await self._write(self._framed(told))

    def _framed(self, told: bytes) -> str:
        def framed(data: object) -> str:
            return f'{{"payload":{told.decode()}}}' if data else told.decode()

        return self._transport.encode_next({}, framed)

    def fail(self, reference: str) -> None:
        """End without a word, so that the client comes back."""
        self._hang_up()

    async def _left(self, receive: Receive) -> bool:
        try:
            async with asyncio.timeout(self._transport.heartbeat_interval):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    async def _write(self, text: str) -> None:
        if not self._begun:
            headers = [
                (name.lower().encode(), value.encode())
                for name, value in self._transport.headers.items()
            ]
            await self._transmit({"type": "http.response.start", "status": 200, "headers": headers})
            self._begun = True
            text = opening_of(self._transport) + text
        message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
        await self._transmit(message)


def _text(data: Any) -> str:
    return encoded(data).decode()
