"""What GraphQL over HTTP needs around an operation: responses in the format that the client asked
for, and refusals as GraphQL errors.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from hub.domain.errors import HubError
from hub.web.accept import GRAPHQL_RESPONSE
from hub.web.errors import HTTP_STATUS
from resolvers.known_documents import document_of

Operation = tuple[str, dict[str, Any] | None, str | None, dict[str, Any] | None]
"""Document or its name, variables, name of the operation and extensions."""

_NO_STORE: Final = {"Cache-Control": "no-store"}

_HEADERS: Final[Mapping[int, dict[str, str]]] = {
    # The rest of the body must not be taken for the next request, nor read to be thrown away.
    401: {"WWW-Authenticate": "Bearer", "Connection": "close"},
    405: {"Allow": "GET, POST"},
    413: {"Connection": "close"},
    503: {"Retry-After": "1"},
}


class EncodedResponse:
    """An answer that is ready to be sent: what `Response` works out for each, is known."""

    __slots__ = ("_body", "_media_type")

    def __init__(self, body: bytes, media_type: str) -> None:
        self._body = body
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [
            (b"content-length", b"%d" % len(self._body)),
            (b"content-type", self._media_type.encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._body})


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then what comes after it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message


def operation_in(body: bytes) -> Operation | None:
    """The operation of a request; None if any part of it is not what it should be, or there is no
    document. Raises `InvalidInput` for ids of documents that are none."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return operation_from(told) if isinstance(told, dict) else None


def operation_from(told: dict[str, Any]) -> Operation | None:
    """The same, of a request that is read already."""
    query, variables = told.get("query") or None, told.get("variables")
    name, extensions = told.get("operationName"), told.get("extensions")
    if (
        isinstance(query, str | None)
        and isinstance(variables, dict | None)
        and isinstance(name, str | None)
        and isinstance(extensions, dict | None)
    ):
        document = document_of(query, told.get("documentId"), extensions)
        if document is not None:
            return document, variables, name, extensions
    return None


def encoded(data: object) -> bytes:
    """JSON text as bytes."""
    try:
        return orjson.dumps(data)
    except TypeError:
        # Integers beyond 64 bits, which may stand in what the catalogue or an event says.
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


def result_response(result: dict[str, Any], media_type: str, body: bytes) -> Response:
    """The response to an operation; `body` is the encoded result.

    In the format of the draft, a request that could not be executed is a 400 without data; plain
    JSON keeps its 200, for clients that know nothing else.
    """
    if media_type == GRAPHQL_RESPONSE and _is_request_error(result):
        body = orjson.dumps({"errors": result["errors"]})
        return Response(body, 400, headers=_NO_STORE, media_type=media_type)
    return Response(body, headers=_NO_STORE, media_type=media_type)


def refusal_response(refusal: HubError, media_type: str) -> Response:
    """The response to a request that the hub refuses before it is an operation."""
    status = HTTP_STATUS[type(refusal)]
    return problem_response(status, refusal.message, media_type, {"code": refusal.code})


def problem_response(
    status: int, message: str, media_type: str, extensions: dict[str, Any] | None = None
) -> Response:
    """A response that only says what is wrong."""
    error: dict[str, Any] = {"message": message}
    if extensions:
        error["extensions"] = extensions
    return Response(
        orjson.dumps({"errors": [error]}),
        status,
        headers={**_NO_STORE, **_HEADERS.get(status, {})},
        media_type=media_type,
    )


def _is_request_error(result: dict[str, Any]) -> bool:
    # An error of a field has a path; without data and without any path, nothing was executed.
    errors = result.get("errors") or ()
    return result.get("data") is None and not any("path" in error for error in errors)
