"""GraphQL over a WebSocket: graphql-transport-ws, with what Strawberry leaves open."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import (
    NonJsonMessageReceived,
    NonTextMessageReceived,
    WebSocketDisconnected,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    PingMessage,
    SubscribeMessage,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message as SocketMessage,
)

from hub.domain.errors import HubError, LimitExceeded
from hub.live.streams import FollowerGone, Following
from hub.services.broadcast import Wanted
from hub.services.watch import Told
from hub.web.connections import moment_of
from hub.web.graphql_http import encoded
from hub.web.socket_life import SocketLife
from hub.web.transports import done_at_once, hang_up
from resolvers.engine import HubSchema
from resolvers.known_documents import document_of
from resolvers.refusals import error_of, masked, presentable_failure
from schema.context import Context

SendNow = Callable[..., bool]
_PING: Final = b'{"type":"ping"}'
_MAX_REASON_BYTES: Final = 123
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

    @property
    def send_now(self) -> SendNow:
        """The server's way to send a text that is in parts, if that takes no waiting."""
        send_now: SendNow = self.ws.scope["state"]["send_now"]
        return send_now

    async def close(self, code: int, reason: str) -> None:
        """Close, unless that was done before, or he is gone. A reason that is too long for a frame
        is cut."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            fits = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
            with suppress(WebSocketDisconnect):
                await super().close(code, fits)

    def close_now(self, code: int, reason: str) -> None:
        """Close without waiting; who would have to be waited for is hung up on."""
        try:
            closed = done_at_once(self.close(code, reason))
        except (OSError, RuntimeError):
            return
        if not closed:
            hang_up(self.ws.scope["state"]["transport"])

    def ping_now(self) -> bool:
        """Ping, if that takes no waiting; whether nothing is left to be done."""
        try:
            return self.send_now(_PING)
        except OSError:
            return True

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """All messages, until the socket closes. Raises `NonTextMessageReceived` and
        `NonJsonMessageReceived`."""
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            received = await self.ws.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            if text is None:
                raise NonTextMessageReceived
            try:
                message = orjson.loads(text)
            except orjson.JSONDecodeError as malformed:
                if ignore_parsing_errors:
                    continue
                raise NonJsonMessageReceived from malformed
            yield message

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send one message; raises `WebSocketDisconnected` when nobody is there any more."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        text = encoded(message)
        try:
            if not self.send_now(text):
                await self.ws.send_text(text.decode())
        except (OSError, WebSocketDisconnect) as gone:
            raise WebSocketDisconnected from gone


class SharedOperation(Operation[Context, None]):
    """An operation whose events are put together once for all who ask the same."""

    __slots__ = ("_head", "_socket", "following")

    handler: "SocketHandler"

    def __init__(self, handler: "SocketHandler", message: SubscribeMessage) -> None:
        payload = message["payload"]
        super().__init__(
            handler,
            message["id"],
            payload["query"],
            payload.get("variables"),
            payload.get("operationName"),
        )
        self.following: Following[str, Told] | None = None
        self._head = b'{"id":' + encoded(self.id) + b',"type":"next","payload":'
        self._socket = handler.websocket

    def send_now(self, told: bytes) -> bool:
        """Send an event, if that takes no waiting."""
        try:
            return self._socket.send_now(self._head, told, b"}")
        except OSError as gone:
            raise FollowerGone from gone

    async def send(self, told: bytes) -> None:
        """Send an event."""
        try:
            await self._socket.ws.send_text((self._head + told + b"}").decode())
        except (OSError, RuntimeError, WebSocketDisconnect) as gone:
            raise FollowerGone from gone

    def fail(self, reference: str) -> None:
        """End with an error that says nothing of its cause."""
        refusal = self._refuse(self.send_initial_errors([masked(reference)]))
        self.task = asyncio.create_task(refusal, name="failed stream")

    async def join(self, wanted: Wanted, context: Context) -> None:
        """Be told how things are, and of whatever changes."""
        broadcasts = context.services.broadcasts
        try:
            self.following = await broadcasts.follow(context.principal, wanted, self)
        except FollowerGone:
            self.handler.operations.pop(self.id, None)
        except Exception as failure:  # noqa: BLE001 - the subscriber is told, masked if need be
            await self._refuse(self.send_initial_errors(presentable_failure(failure)))

    async def _refuse(self, sending: Awaitable[None]) -> None:
        with suppress(WebSocketDisconnected):
            await sending

    def end(self) -> None:
        """Be told nothing more."""
        if self.task is not None:
            self.task.cancel()
        if self.following is not None:
            self.following.end()


class SocketHandler(SocketLife, BaseGraphQLTransportWSHandler[Context, None]):
    """The protocol, with an end to every connection, and clean ends for messages that it does not
    foresee."""

    schema: HubSchema
    context: "SocketContext"
    websocket: TextSocket

    def __init__(self, view: Any, **given: Any) -> None:
        BaseGraphQLTransportWSHandler.__init__(self, view, **given)
        SocketLife.__init__(self, view.connections, view.socket_limits)

    async def handle(self) -> None:
        """Work messages until the socket closes."""
        self._connections.enter(self)
        try:
            await super().handle()
        finally:
            self._connections.leave(self)

    def on_request_accepted(self) -> None:
        """Nothing: who does not begin in time is found by the timer of all connections."""

    async def handle_message(self, message: SocketMessage) -> None:
        """Work one message, or close with 4400 and the reason."""
        allowed = self.hear()
        problem = problem_of(message)
        if problem is not None:
            await self.handle_invalid_message(problem)
        elif allowed or message["type"] != "subscribe":
            await super().handle_message(message)
        else:
            most = self._limits.messages_a_minute
            what = "The number of messages in a minute over one connection"
            await self._refuse(message["id"], LimitExceeded(what=what, limit=most, actual="more"))

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Begin. A payload of null, which clients send for "none", is none."""
        if message.get("payload") is None:
            message = {"type": "connection_init"}
        await super().handle_connection_init(message)
        if self.connection_acknowledged:
            self.begin(moment_of(self.context.principal.expires_at))

    async def handle_ping(self, message: PingMessage) -> None:
        """Answer with what the ping carries: by that its sender knows which one it was."""
        payload: Any = message.get("payload")
        carried = {} if payload is None else {"payload": payload}
        await self.websocket.send_json({"type": "pong", **carried})

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Start an operation, whose document may be named rather than sent. Its client sends it
        again over the next connection where this one is about to end."""
        if self.retiring:
            return
        if not self.connection_acknowledged:
            await super().handle_subscribe(message)
            return
        most, open_ids = self.max_subscriptions_per_connection, self.operations
        if most is not None and len(open_ids) >= most and message["id"] not in open_ids:
            what = "The number of operations at a time over one connection"
            refusal = LimitExceeded(what=what, limit=most, actual=len(open_ids) + 1)
            await self._refuse(message["id"], refusal)
            return
        payload: Any = message["payload"]
        try:
            payload["query"] = document_of(
                payload.get("query") or None, payload.get("documentId"), payload.get("extensions")
            )
        except HubError as refusal:
            await self._refuse(message["id"], refusal)
            return
        if not await self._follows(message):
            await super().handle_subscribe(message)

    async def _follows(self, message: SubscribeMessage) -> bool:
        """Begin an operation that can be shared. Else, and where it is refused, do nothing."""
        if message["id"] in self.operations:
            return False
        payload = message["payload"]
        wanted = self.schema.shared_events(
            payload["query"], payload.get("variables"), self.context, payload.get("operationName")
        )
        if wanted is None:
            return False
        operation = SharedOperation(self, message)
        broadcasts = self.context.services.broadcasts
        try:
            operation.following = broadcasts.follow_now(self.context.principal, wanted, operation)
        except Exception:  # noqa: BLE001 - the ordinary way tells what is wrong, masked if need be
            return False
        self.operations[operation.id] = operation
        if operation.following is None:
            operation.task = asyncio.create_task(operation.join(wanted, self.context))
            operation.task.add_done_callback(self._task_done)
        return True

    async def cleanup_operation(self, operation_id: str) -> None:
        """Forget an operation that its client wants no more."""
        operation = self.operations.get(operation_id)
        if isinstance(operation, SharedOperation):
            del self.operations[operation_id]
            operation.end()
        else:
            await super().cleanup_operation(operation_id)

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what went wrong in an operation; that the client left is not wrong."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def _refuse(self, id: str, refusal: HubError) -> None:
        told = [error_of(refusal).formatted]
        await self.send_message({"id": id, "type": "error", "payload": told})

    def is_answering(self) -> bool:
        """Whether a query or a mutation is under way."""
        return any(
            not isinstance(operation, SharedOperation)
            and not self.schema.is_subscription(operation.query, operation.operation_name)
            for operation in self.operations.values()
        )

    def ping(self) -> bool:
        """Ask for a sign of life. The server's own pings would end with 1011, which graphql-ws
        takes for fatal."""
        return self.websocket.ping_now()

    def close_now(self, code: int, reason: str) -> None:
        """Close."""
        self.websocket.close_now(code, reason)


def problem_of(message: object) -> str | None:
    """Why a message cannot be worked, if so."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a type"
    if message["type"] not in ("subscribe", "complete"):
        if not isinstance(message.get("payload"), dict | None):
            return "The payload of a message must be an object"
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
