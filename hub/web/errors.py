"""Errors as HTTP answers: one table from code to status, and one shape of body."""

from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from hub.domain import errors as e
from hub.web.json import JsonResponse

log = structlog.get_logger()

HTTP_STATUS: dict[type[e.HubError], int] = {
    e.InvalidInput: 400,
    e.UnknownSku: 404,
    e.UnknownLocation: 404,
    e.UnknownChannel: 404,
    e.UnknownOrder: 404,
    e.UnknownSupply: 404,
    e.ReservationNotFound: 404,
    e.WebhookNotFound: 404,
    e.DeliveryNotFound: 404,
    e.WebhookDisabled: 409,
    e.OrderLineMismatch: 409,
    e.InsufficientStock: 409,
    e.ReservationEnded: 409,
    e.ReservationLineMismatch: 409,
    e.ReservationChanged: 412,
    e.VersionConflict: 409,
    e.StockConflict: 409,
    e.IsKit: 409,
    e.NotApplied: 409,
    e.IdempotencyInProgress: 409,
    e.IdempotencyMismatch: 409,
    e.EventMismatch: 409,
    e.SenderUnproven: 401,
    e.DeliveryRefused: 400,
    e.Unauthenticated: 401,
    e.Forbidden: 403,
    e.LimitExceeded: 413,
    e.HoldLimitReached: 429,
    e.FeedLimitReached: 429,
    e.NoticeLimitReached: 429,
    e.AlertNotFound: 404,
    e.SnapshotNotFound: 404,
    e.SnapshotNotQuarantined: 409,
    e.SnapshotInProgress: 409,
    e.ReconciliationNotFound: 404,
    e.NoticeNotFound: 404,
    e.UploadNotFound: 404,
    e.SourceNotFound: 404,
    e.SourceChanged: 412,
    e.DeadLetterNotFound: 404,
    e.DeadLetterSettled: 409,
    e.UnknownDocument: 404,
    e.UntrustedDocument: 403,
    e.PersistedQueryNotFound: 404,
    e.PersistedQueryMismatch: 400,
    e.Unavailable: 503,
}

HTTP_HEADERS: dict[int, dict[str, str]] = {
    # Refused before the body was read: kept open, the server would swallow all that still comes.
    401: {"WWW-Authenticate": "Bearer", "Connection": "close"},
    403: {"Connection": "close"},
    413: {"Connection": "close"},
    # Who has left may still be counted, until his connection is known to be closed.
    429: {"Retry-After": "30"},
    503: {"Retry-After": "1"},
}


def error_body(error: e.HubError) -> dict[str, Any]:
    """What a client gets to read: the stable code, the sentence, and the data to act on."""
    data = {camel(name): value for name, value in error.data.items()}
    return {"error": {"code": error.code, "message": error.message, **data}}


def camel(name: str) -> str:
    """The name of a datum as JSON has it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


async def answer_hub_error(request: Request, error: Exception) -> Response:
    """The HTTP answer of a refusal."""
    assert isinstance(error, e.HubError)
    status = HTTP_STATUS[type(error)]
    return JsonResponse(error_body(error), status, HTTP_HEADERS.get(status))


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """The HTTP answer of a defect: nothing of it is shown, all of it is logged."""
    log.error("web.unexpected", path=request.scope["path"], exc_info=error)
    body = {"error": {"code": "INTERNAL", "message": "Something went wrong inside the hub."}}
    return JsonResponse(body, 500)
