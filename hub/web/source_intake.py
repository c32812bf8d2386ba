"""The door for what configured sources send in formats of their own: proven, kept, read, told."""

import os
from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from hub.bootstrap import Services
from hub.domain.errors import DeliveryRefused, InvalidInput, SenderUnproven
from hub.domain.principal import trusted
from hub.domain.sender_proof import is_proven, is_usable
from hub.domain.source_deliveries import DeliveryFinding, SourceDeliveryState
from hub.domain.source_requests import received_from
from hub.domain.sources import SigningKind, Source
from hub.web.json import JsonResponse
from hub.web.request_head import media_type_of
from workers.formats.reading import Reply, Severity
from workers.sources.deliveries import Taken, take_delivery

# Any page may send these to this machine unasked; all others need leave from CORS.
_SENT_UNASKED: Final = frozenset(
    {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}
)

log = structlog.get_logger()


def is_signed_by(source: Source | None) -> bool:
    """Whether requests of a source prove themselves where they come from, and need no token."""
    return source is not None and source.signing.kind is not SigningKind.NONE


def asked_for_media_type(content_type: str) -> str:
    """What is sent. Raises `InvalidInput` for what any page may send unasked."""
    media_type = media_type_of(content_type)
    if media_type in _SENT_UNASKED:
        problem = "must say what is sent, and be none of those that any page may send"
        raise InvalidInput(field="content-type", problem=problem)
    return media_type


async def answer_delivery(
    services: Services, request: Request, source: Source, body: bytes
) -> Response:
    """202 once what came is stored for good, with what became of its rows; 400 where nothing of it
    could be read, which is kept all the same; 409 for an id that is known with another payload."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    now = services.clock.now()
    if is_signed_by(source):
        secrets = _secrets_of(source)
        if not is_proven(source.signing, secrets, headers, body, now):
            log.warning("intake.unproven", source=source.name)
            raise SenderUnproven(source=source.name)
    else:
        asked_for_media_type(headers.get("content-type", ""))
    received = received_from(source, headers, body, now)
    taken = await take_delivery(services, trusted(source.name), source, received)
    reply = _wanted(taken.replies, headers.get("accept", ""))
    is_refused = taken.kept.state is SourceDeliveryState.REFUSED
    if reply is not None:
        return Response(reply.content, 400 if is_refused else 202, media_type=reply.media_type)
    if is_refused:
        refused = _told(taken, Severity.ERROR)
        problem = refused[0]["problem"]
        raise DeliveryRefused(delivery=str(taken.kept.delivery), problem=problem, refused=refused)
    return JsonResponse(_answer(taken), 202)


def _secrets_of(source: Source) -> list[str]:
    found = [os.environ.get(name, "") for name in source.signing.secrets]
    if not any(is_usable(source.signing.kind, secret) for secret in found):
        log.error("intake.no_secret", source=source.name, variables=source.signing.secrets)
    return found


def _answer(taken: Taken) -> Mapping[str, Any]:
    return {
        "delivery": str(taken.kept.delivery),
        "accepted": [
            {"id": one.event_id, "duplicate": not one.fresh}
            for one in taken.kept.stored
            if not one.differs
        ],
        "refused": _told(taken, Severity.ERROR),
        "warnings": _told(taken, Severity.WARNING),
        **({} if taken.snapshot is None else {"snapshot": taken.snapshot.as_dict()}),
    }


def _told(taken: Taken, severity: Severity) -> list[dict[str, Any]]:
    return [_finding(one) for one in taken.kept.report.findings if one.severity == severity.value]


def _finding(finding: DeliveryFinding) -> dict[str, Any]:
    told = finding._asdict()
    del told["severity"]
    return told


def _wanted(replies: list[Reply], accept: str) -> Reply | None:
    """The first answer in the sender's own format, if he says that he takes it."""
    named = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return next((reply for reply in replies if reply.media_type in named), None)
