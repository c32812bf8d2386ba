"""The addresses below `/v1`."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.web.body import Disconnected, answer_disconnected
from hub.web.rest import availability, reservations, stock
from hub.web.rest.document import openapi_document
from hub.web.rest.operations import Authenticate, Operation, endpoint_of
from hub.web.rest.problems import (
    RestProblem,
    answer_defect,
    answer_http_error,
    answer_problem,
    answer_refusal,
)

OPERATIONS: Final[tuple[Operation, ...]] = (
    *availability.OPERATIONS,
    *reservations.OPERATIONS,
    *stock.OPERATIONS,
)


def rest_face(services: Services, authenticate: Authenticate) -> Mount:
    """The operations and their document, with refusals of their own shape."""
    routes = [Route("/openapi.json", openapi), *_routes(services, authenticate)]
    handlers: dict[Any, Any] = {
        HubError: answer_refusal,
        RestProblem: answer_problem,
        HTTPException: answer_http_error,
        Disconnected: answer_disconnected,
        Exception: answer_defect,
    }
    face = ExceptionMiddleware(Router(routes, redirect_slashes=False), handlers)
    return Mount("/v1", face)


@cache
def rest_document() -> str:
    """The OpenAPI document, as it is committed in `schema/openapi.json`."""
    document = openapi_document(OPERATIONS)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


async def openapi(request: Request) -> Response:
    """The OpenAPI document. It holds nothing that is not public."""
    return Response(
        rest_document(),
        headers={"Cache-Control": "public, max-age=3600"},
        media_type="application/openapi+json",
    )


def _routes(services: Services, authenticate: Authenticate) -> Iterator[Route]:
    for path in dict.fromkeys(operation.path for operation in OPERATIONS):
        by_method = {one.method: one for one in OPERATIONS if one.path == path}
        # An sku may hold a slash.
        address = path.replace("{sku}", "{sku:path}")
        endpoint = endpoint_of(by_method, services, authenticate)
        yield Route(address, endpoint, methods=list(by_method))
