"""JSON out of the hub."""

from typing import Any

import orjson
from starlette.responses import Response


class JsonResponse(Response):
    """A response of JSON, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return orjson.dumps(content, default=str)
