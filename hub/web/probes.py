"""What the machinery around the hub asks: is it alive, is it ready, how is it doing."""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hub.bootstrap import Services
from hub.web.json import JsonResponse


async def livez(request: Request) -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


def readyz(services: Services) -> Callable[[Request], object]:
    """200 while the database answers; `Unavailable`, and so 503, while it does not."""

    async def ready(request: Request) -> Response:
        await services.database.fetch("select 1")
        return JsonResponse({"ready": True})

    return ready


async def metrics(request: Request) -> Response:
    """The metrics, for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
