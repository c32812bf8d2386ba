"""Refusals as `application/problem+json` (RFC 9457): one table from error class to status, and the
data that says what would be right.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.domain import errors as e
from hub.web.errors import HTTP_HEADERS, HTTP_STATUS, camel
from hub.web.rest.answers import shapes
from schema.errors import TOP_LEVEL_ERRORS, TYPED_ERRORS

log = structlog.get_logger()

PROBLEM_JSON: Final = "application/problem+json"

REST_STATUS: Final[dict[type[e.HubError], int]] = {
    **HTTP_STATUS,
    # The request was understood; its content is what cannot be taken.
    e.InvalidInput: 422,
    # As the draft of the header Idempotency-Key has it.
    e.IdempotencyMismatch: 422,
}

RETRY_AFTER_SECONDS: Final[dict[type[e.HubError], int]] = {
    e.IdempotencyInProgress: 1,
    # A hold has to end first, which takes minutes unless somebody releases one.
    e.HoldLimitReached: 60,
    e.Unavailable: 1,
}


REST_PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "NOT_JSON": (400, "The body is not JSON."),
    "NOT_FOUND": (404, "There is nothing at this address: see /v1/openapi.json."),
    "METHOD_NOT_ALLOWED": (405, "This address does not know the method: see the header Allow."),
    "PRECONDITION_FAILED": (
        412,
        "If-Match must be the ETag of the reservation as you read it, one of them, or *.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The body must be sent as application/json, as it is."),
    "INTERNAL": (500, "Something went wrong inside the hub."),
}
"""What can be wrong before a service is asked, by code: the status and what would be right."""


class RestProblem(Exception):
    """A request that is none for a service, by its code in `REST_PROBLEMS`."""

    def __init__(self, code: str, headers: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.status, self.detail = REST_PROBLEMS[code]
        self.headers = dict(headers or {})
        super().__init__(self.detail)


def problem_of(error: e.HubError | RestProblem) -> dict[str, Any]:
    """A refusal as the members of a problem."""
    if isinstance(error, RestProblem):
        return _members(error.status, error.code, error.detail, {})
    told = TOP_LEVEL_ERRORS.get(type(error))
    if told is not None:
        data = {camel(name): error.data[name] for name in told}
    else:
        typed = TYPED_ERRORS[type(error)]
        data = shapes().writer(typed.__name__)(typed.of(error))
        del data["code"], data["message"]
    return _members(REST_STATUS[type(error)], error.code, error.message, data)


def _members(status: int, code: str, detail: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **data,
        "type": f"urn:availability-hub:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
    }


async def answer_refusal(request: Request, error: Exception) -> Response:
    """The answer to a refusal of the hub."""
    assert isinstance(error, e.HubError)
    problem = problem_of(error)
    headers = dict(HTTP_HEADERS.get(problem["status"], {}))
    if type(error) in RETRY_AFTER_SECONDS:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS[type(error)])
    return _response(problem, headers)


async def answer_problem(request: Request, error: Exception) -> Response:
    """The answer to a request that no service was asked for."""
    assert isinstance(error, RestProblem)
    return _response(problem_of(error), error.headers)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """The answer where there is no operation: 404 and 405."""
    assert isinstance(error, HTTPException)
    code = "METHOD_NOT_ALLOWED" if error.status_code == 405 else "NOT_FOUND"
    return await answer_problem(request, RestProblem(code, error.headers))


async def answer_defect(request: Request, error: Exception) -> Response:
    """The answer to a defect: nothing of it is shown, all of it is logged."""
    log.error("rest.unexpected", path=request.scope["path"], exc_info=error)
    return await answer_problem(request, RestProblem("INTERNAL"))


def _response(problem: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        orjson.dumps(problem),
        problem["status"],
        {**headers, "Cache-Control": "no-store"},
        PROBLEM_JSON,
    )
