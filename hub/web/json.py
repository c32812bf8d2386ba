"""JSON in and out of requests."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.domain.errors import LimitExceeded


class JsonResponse(Response):
    """A response of JSON, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return orjson.dumps(content, default=str)


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request; raises `LimitExceeded` as soon as it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise LimitExceeded(what="body bytes", limit=most, actual=f"more than {most}")
    return bytes(body)
