"""Queries by GET, whose answers caches on the way may keep."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.web.graphql_http import Operation, operation_from

STALE_SECONDS: Final = 5
"""How long a cache may give the former answer while it asks for the next."""


def operation_in_params(params: Mapping[str, str]) -> Operation | None:
    """The operation that is asked for by the parameters of an address; None if any of them is not
    what it should be. Raises `InvalidInput` for ids of documents that are none."""
    told: dict[str, Any] = dict(params)
    for name in ("variables", "extensions"):
        if name in told:
            try:
                told[name] = orjson.loads(told[name]) if told[name] else None
            except orjson.JSONDecodeError:
                return None
    return operation_from(told)


def shared(response: Response, request: Request, seconds: int) -> Response:
    """The response as one that every cache may keep for so many seconds, or that nothing has
    changed since the client asked last."""
    tag = f'"{sha256(response.body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": f"public, max-age={seconds}, stale-while-revalidate={STALE_SECONDS}",
        "ETag": tag,
        # Who says who he is, or wants another format, gets an answer of his own.
        "Vary": "Accept, Authorization",
    }
    known = request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    del response.headers["Cache-Control"]
    response.headers.update(headers)
    return response
