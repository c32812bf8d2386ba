"""GraphQL over a WebSocket: graphql-transport-ws, with what Strawberry leaves open."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    SubscribeMessage,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message as SocketMessage,
)

from hub.domain.errors import HubError
from hub.web.graphql_http import encoded
from resolvers.known_documents import document_of
from resolvers.refusals import error_of
from schema.context import Context

HEARTBEAT_SECONDS: Final = 20.0
_NO_QUERY = "The payload of a subscribe message must be an object with a query"


class SocketContext(Context):
    """The context of a WebSocket: who is asking is known once it says `connection_init`."""

    __slots__ = ("authorization", "client_host", "connection_params")

    def __init__(self, context: Context, socket: WebSocket) -> None:
        super().__init__(context.services, context.principal, context.new_loaders)
        self.connection_params: Mapping[str, Any] = {}
        self.authorization = socket.headers.get("authorization")
        self.client_host = socket.client.host if socket.client else None


class TextSocket(ASGIWebSocketAdapter):
    """Sends text frames, as the protocol wants them, of what orjson makes as bytes."""

    async def close(self, code: int, reason: str) -> None:
        """Close, unless that was done before."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            await super().close(code, reason)

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message; raises `WebSocketDisconnected` when nobody is there any more."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        try:
            await self.ws.send_text(encoded(message).decode())
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """The protocol, with pings, and clean ends for messages that it does not foresee."""

    heard = True

    async def handle(self) -> None:
        """Work messages until the socket closes."""
        heart = asyncio.create_task(self._beat())
        try:
            await super().handle()
        finally:
            heart.cancel()

    async def handle_message(self, message: SocketMessage) -> None:
        """Work one message, or close with 4400 and the reason."""
        self.heard = True
        problem = problem_of(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
        else:
            await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Begin. A payload of null, which clients send for "none", is none."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        await super().handle_connection_init(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Start an operation, whose document may be named rather than sent."""
        payload: Any = message["payload"]
        try:
            payload["query"] = document_of(
                payload.get("query") or None, payload.get("documentId"), payload.get("extensions")
            )
        except HubError as refusal:
            told = [error_of(refusal).formatted]
            await self.send_message({"id": message["id"], "type": "error", "payload": told})
            return
        await super().handle_subscribe(message)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what went wrong in an operation; that the client left is not wrong."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _beat(self) -> None:
        """Ping, and close with a code that clients retry once nothing came since the last ping.

        The server's own pings would close with 1011, which graphql-ws takes for fatal.
        """
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                if not self.heard:
                    await self.websocket.close(4499, "Heartbeat lost")
                    return
                self.heard = False
                await self.send_message({"type": "ping"})
            except WebSocketDisconnected:
                return


def problem_of(message: object) -> str | None:
    """Why a message cannot be worked, if so."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a type"
    if message["type"] not in ("subscribe", "complete"):
        return None
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "The id of an operation must be a string"
    if message["type"] == "complete":
        return None
    payload = message.get("payload")
    if not isinstance(payload, dict):
        return _NO_QUERY
    extensions = payload.get("extensions")
    if not isinstance(extensions, dict | None):
        return "The extensions of an operation must be an object"
    query, id = payload.get("query"), payload.get("documentId")
    is_named = id is not None or bool(extensions and extensions.get("persistedQuery"))
    # Null is as good as absent, as it is over HTTP.
    if not isinstance(query, str) and not (query is None and is_named):
        return _NO_QUERY
    if not isinstance(payload.get("variables"), dict | None):
        return "The variables of an operation must be an object"
    if not isinstance(payload.get("operationName"), str | None):
        return "The name of an operation must be a string"
    return None
