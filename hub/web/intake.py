"""The door for events over HTTP: `POST /ingest/{source}` takes CloudEvents and answers 202.

Of a source that is configured it takes whatever its format is; see `hub.web.source_intake`.
"""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope, Principal
from hub.web.body import admission, read_body
from hub.web.json import JsonResponse
from hub.web.request_head import media_type_of
from hub.web.source_intake import answer_delivery, is_signed_by

_MEDIA_TYPES: Final = (
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "application/json",
)


def intake_endpoint(
    services: Services, authenticate: Callable[[str | None], Principal]
) -> Callable[[Request], object]:
    """202 once the events are stored for good, told apart into new ones and duplicates; 400 with
    field and reason; 409 for an id that is known with another payload."""

    async def ingest(request: Request) -> Response:
        settings = services.settings
        name = request.path_params["source"]
        async with admission(request.receive):
            source = await services.sources.find(name)
            principal = None
            if not is_signed_by(source):
                principal = authenticate(request.headers.get("authorization"))
                principal.require(AccessScope.EVENTS_INGEST)
        body = await read_body(request.scope, request.receive, settings.max_event_bytes)
        if source is not None:
            return await answer_delivery(services, request, source, body)
        assert principal is not None
        media_type = media_type_of(request.headers.get("content-type", ""))
        if media_type not in _MEDIA_TYPES:
            # Any page may send text/plain to this machine unasked; JSON needs leave from CORS.
            raise InvalidInput(
                field="content-type",
                problem=f"must be {', '.join(_MEDIA_TYPES[:-1])} or {_MEDIA_TYPES[-1]}",
            )
        accepted = await services.intake.accept(principal, name, body, media_type, request.headers)
        results = [{"id": one.event_id, "duplicate": one.duplicate} for one in accepted]
        return JsonResponse({"accepted": results}, 202)

    return ingest
