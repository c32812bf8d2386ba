"""The GraphQL endpoint: POST and GET, Server-Sent Events, multipart, and WebSocket
(graphql-transport-ws).

Strawberry's view carries the protocols. Here is what it leaves open: who is asking, limits while
reading, and clean answers to malformed requests.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, process_result
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET, UnsetType

from hub.bootstrap import Services
from hub.domain.errors import HubError, Unauthenticated
from hub.domain.principal import AccessScope, Principal
from hub.observability import metrics
from hub.web.accept import EVENT_STREAM, MULTIPART, PLAIN_JSON, accepted
from hub.web.body import Disconnected, admission, content_length, no_response, read_body
from hub.web.connections import Connections
from hub.web.graphql_api import api_of
from hub.web.graphql_events import EventsResponse
from hub.web.graphql_get import operation_in_params, shared
from hub.web.graphql_http import (
    EncodedResponse,
    encoded,
    operation_in,
    problem_response,
    refusal_response,
    replayed,
    result_response,
)
from hub.web.graphql_socket import SocketContext, SocketHandler, TextSocket
from hub.web.graphql_streams import (
    STREAM_TRANSPORTS,
    EventTransport,
    MultipartTransport,
    delimited,
)
from hub.web.lasting_streams import LastingResponse
from hub.web.request_head import RequestHead, media_type_of
from hub.web.socket_life import SocketLimits
from resolvers.engine import HubSchema
from resolvers.known_documents import document_of
from resolvers.root import context_for
from schema.context import Context

Authenticate = Callable[[str | None, str | None], Principal]
"""Who is asking, from the `Authorization` header and the client's host; raises
`Unauthenticated`."""

_NOBODY: Final = Principal("nobody", frozenset())


class JsonRequest(StarletteRequestAdapter):
    """A request whose media type is all that its `Content-Type` says: to look for a charset or a
    boundary in the rest fails where that is malformed, and JSON has neither."""

    @property
    def content_type(self) -> str | None:
        """The media type, if one is named."""
        content_type = super().content_type
        return None if content_type is None else media_type_of(content_type)

    def mark_lasting(self, lasts: bool) -> None:
        """Carries to where the response is made, whether that may last."""
        self._request.state.lasts = lasts


class GraphQLEndpoint(GraphQL[Context, None]):
    """The view, as an ASGI application for HTTP and WebSocket."""

    schema: HubSchema

    request_adapter_class = JsonRequest
    websocket_adapter_class = TextSocket
    graphql_transport_ws_handler_class = SocketHandler
    stream_transport_classes_by_protocol = STREAM_TRANSPORTS

    def __init__(
        self, services: Services, authenticate: Authenticate, connections: Connections
    ) -> None:
        settings = services.settings
        self.connections = connections
        self.socket_limits = SocketLimits(
            settings.connection_init_seconds,
            settings.heartbeat_seconds,
            settings.max_messages_per_minute,
            settings.max_operation_seconds,
        )
        self._services = services
        self._authenticate = authenticate
        self._max_body_bytes = settings.max_body_bytes
        self._max_bulk_body_bytes = settings.max_bulk_body_bytes
        super().__init__(
            api_of(settings),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, *STREAM_TRANSPORTS),
            max_subscriptions_per_connection=settings.max_subscriptions_per_connection,
            allowed_origins=settings.allowed_origins,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        media_type = PLAIN_JSON
        try:
            head = RequestHead.of(scope)
            body = await read_body(scope, receive, await self._body_limit(scope, receive, head))
            began = time.perf_counter()
            media_type = accepted(head.accept).json
            response: ASGIApp | None = await self._answer(head, body, media_type)
            if response is None:
                request = Request(scope, replayed(body, receive))
                response = await self._answer_get(request, media_type) or await self.run(request)
            metrics.graphql_seconds.observe(time.perf_counter() - began)
        except HTTPException as problem:
            response = problem_response(problem.status_code, problem.reason, media_type)
        except HubError as refusal:
            response = refusal_response(refusal, media_type)
        except Disconnected:
            response = no_response()
        await response(scope, receive, send)

    async def _answer(self, head: RequestHead, body: bytes, media_type: str) -> ASGIApp | None:
        """The answer to an operation as clients usually send it, without the steps that the view
        takes for other forms. None, and nothing was executed, where it is for the view to tell."""
        if head.method != "POST" or head.content_type != PLAIN_JSON:
            return None
        context = context_for(self._services, self._principal_of(head))
        operation = operation_in(body)
        if operation is None:
            return None
        query, variables, name, extensions = operation
        if self._is_streamed(head.accept, query, name):
            return self._events(head, body, context, query, variables, name)
        try:
            kept = await self.schema.answer_kept(query, variables, context, name)
            if kept is not None:
                metrics.graphql_kept_answers.inc()
                return EncodedResponse(kept, media_type)
            result = await self.schema.execute(
                query,
                variables,
                context,
                operation_name=name,
                operation_extensions=extensions,
            )
        except CannotGetOperationTypeError:
            return None
        return _response_of(result, media_type)

    async def _answer_get(self, request: Request, media_type: str) -> Response | None:
        """The same of a query by GET, whose answer caches may keep if it is nobody's own."""
        head = RequestHead.of(request.scope)
        operation = operation_in_params(request.query_params) if head.method == "GET" else None
        if operation is None:
            return None
        # First of all: what a stranger sends is not parsed, nor kept under its hash.
        context = context_for(self._services, self._principal_of(head))
        query, variables, name, extensions = operation
        if self._is_streamed(head.accept, query, name):
            return None
        try:
            result = await self.schema.execute(
                query,
                variables,
                context,
                operation_name=name,
                operation_extensions=extensions,
                allowed_operation_types=(OperationType.QUERY,),
            )
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            return None
        response = _response_of(result, media_type)
        if result.errors or head.authorization is not None:
            return response
        seconds = self.schema.seconds_to_share(query, name, variables)
        return shared(response, request, seconds) if seconds else response

    def _events(
        self,
        head: RequestHead,
        body: bytes,
        context: Context,
        query: str,
        variables: dict[str, Any] | None,
        name: str | None,
    ) -> ASGIApp | None:
        """The stream of a subscription that can be shared; None where the view has to tell it."""
        wanted = self.schema.shared_events(query, variables, context, name)
        if wanted is None:
            return None

        async def unshared(scope: Scope, receive: Receive, send: Send) -> None:
            response = await self.run(Request(scope, replayed(body, receive)))
            await response(scope, receive, send)

        stream = accepted(head.accept).stream
        transport = EventTransport() if stream == EVENT_STREAM else MultipartTransport()
        broadcasts = context.services.broadcasts
        return EventsResponse(
            broadcasts, context.principal, wanted, transport, self.connections, unshared
        )

    def _is_streamed(self, accept: str, query: str | None, operation_name: str | None) -> bool:
        """Whether an operation is answered by a stream. Of clients that take JSON as well, only
        subscriptions are."""
        wanted = accepted(accept)
        if wanted.stream is None or wanted.prefers_stream:
            return wanted.prefers_stream
        return self.schema.is_subscription(query, operation_name)

    async def _body_limit(self, scope: Scope, receive: Receive, head: RequestHead) -> int:
        """Who writes stock may send many rows at once; a stranger must not fill the memory, and is
        told that he is one, not how much others may send."""
        length = content_length(scope)
        if length is not None and length <= self._max_body_bytes:
            return self._max_body_bytes
        async with admission(receive):
            principal = self._principal_of(head)
        if AccessScope.STOCK_WRITE in principal.scopes:
            return max(self._max_body_bytes, self._max_bulk_body_bytes)
        return self._max_body_bytes

    def _principal_of(self, head: RequestHead) -> Principal:
        return self._authenticate(head.authorization, head.client_host)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """Who is asking, and what he can ask."""
        if isinstance(request, WebSocket):
            return SocketContext(context_for(self._services, _NOBODY), request)
        return context_for(self._services, self._principal_of(RequestHead.of(request.scope)))

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Learn who opened the socket; a refusal closes it with 4403."""
        assert isinstance(context, SocketContext)
        told = context.connection_params.get("authorization", context.authorization)
        try:
            if not isinstance(told, str | None):
                raise Unauthenticated
            context.principal = self._authenticate(told, context.client_host)
        except HubError as refusal:
            raise ConnectionRejectionError from refusal
        context.renew()
        # None would be sent as a payload of null, which graphql-ws takes for a broken message.
        return cast("UnsetType", UNSET)

    def should_render_graphql_ide(self, request: Any) -> bool:
        """Never: the hub serves its own GraphiQL."""
        return False

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """The operation that is asked for; raises `HTTPException` for anything else."""
        assert isinstance(request, JsonRequest)
        if request.method == "POST" and request.content_type != PLAIN_JSON:
            raise HTTPException(415, "Send the request as application/json.")
        data = await super().parse_http_body(request)
        assert isinstance(data, GraphQLRequestData), "batches are refused when they are read"
        if not isinstance(data.operation_name, str | None):
            raise HTTPException(400, "`operationName` must be a string or null.")
        told: Any = request.query_params
        if request.method == "POST":
            told = self.parse_json(await request.get_body())
        data.query = document_of(data.query or None, told.get("documentId"), data.extensions)
        accept = request.headers.get("accept", "")
        if not self._is_streamed(accept, data.query, data.operation_name):
            data.protocol = "http"
        request.mark_lasting(self.schema.is_subscription(data.query, data.operation_name))
        return data

    def parse_json(self, data: str | bytes) -> Any:
        """A JSON object; lists are refused, because batches would escape the limits."""
        decoded = super().parse_json(data)
        if not isinstance(decoded, dict):
            raise HTTPException(400, "The request must be a JSON object; batches are not taken.")
        return decoded

    def decode_json(self, data: str | bytes) -> object:
        """Strict JSON: no NaN, no invalid UTF-8, no nesting without end."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """JSON text as bytes."""
        return encoded(data)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Carries the negotiated format to where the response is made."""
        return Response(media_type=accepted(request.headers.get("accept", "")).json)

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """The response to a query or mutation."""
        assert isinstance(response_data, dict)
        media_type = sub_response.media_type or PLAIN_JSON
        return result_response(dict(response_data), media_type, encoded(response_data))

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """The response to an operation whose results are streamed. One of a query or a mutation
        ends by itself: broken off, its client would ask for the same again."""
        is_multipart = headers["Content-Type"].startswith(MULTIPART)
        body = delimited(stream()) if is_multipart else stream()
        if not request.state.lasts:
            return StreamingResponse(body, headers=headers)
        expires_at = self._principal_of(RequestHead.of(request.scope)).expires_at
        return LastingResponse(self.connections, expires_at, body, headers=headers)


def _response_of(result: ExecutionResult, media_type: str) -> Response:
    answer = process_result(result)
    return result_response(cast("dict[str, Any]", answer), media_type, encoded(answer))
