"""The server that raw baselines stand on: Starlette under uvicorn as the hub has it, nothing else.

No authentication, no limits, no metrics, no GraphQL: a request's body is JSON, of which only the
list `variables.skus` is looked at.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.bootstrap import calm_garbage_collector
from hub.web.server import listen, server_for

HOST: Final = "127.0.0.1"
PATH: Final = "/graphql"
STOP_SECONDS: Final = 5

Endpoint = Callable[[Request], Awaitable[Response]]


async def skus_asked_for(request: Request) -> list[str]:
    """The skus that a request names."""
    skus: list[str] = orjson.loads(await request.body())["variables"]["skus"]
    return skus


def answer_of(answers: list[dict[str, object]]) -> Response:
    """The response that tells these answers as GraphQL does."""
    body = orjson.dumps({"data": {"availability": answers}})
    return Response(body, media_type="application/json")


async def serve(endpoint: Endpoint) -> None:
    """Serve POST requests until a signal ends it; prints the address first."""
    app = Starlette(routes=[Route(PATH, endpoint, methods=["POST"])])
    with listen(HOST, 0) as listening:
        calm_garbage_collector()
        print(f"http://{HOST}:{listening.getsockname()[1]}{PATH}", flush=True)
        await server_for(app, STOP_SECONDS).serve(sockets=[listening])
