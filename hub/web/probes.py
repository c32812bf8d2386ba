"""What the machinery around the hub asks: is it alive, is it ready, how is it doing."""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hub.bootstrap import Services
from hub.web.connections import Connections
from hub.web.json import JsonResponse


async def livez(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


def readyz(services: Services, connections: Connections) -> Callable[[Request], object]:
    """200 while the database answers; `Unavailable`, and so 503, while it does not. 503 as well
    once the process is about to end, though it still answers."""

    async def ready(request: Request) -> Response:
        if connections.draining:
            return JsonResponse({"ready": False, "draining": True}, status_code=503)
        await services.database.fetch("select 1")
        return JsonResponse({"ready": True})

    return ready


async def metrics(request: Request) -> Response:
    """The metrics, for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
