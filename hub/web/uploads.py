"""Files that are uploaded for sources: sent, looked at, and what became of each of their rows.

`POST /sources/{source}/uploads` takes the bytes as they are and answers 202 once they are stored; a
job takes them in.
"""

import csv
from collections.abc import AsyncIterator, Iterable
from io import StringIO
from typing import Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput, SourceNotFound
from hub.domain.principal import AccessScope
from hub.domain.uploads import Callback, UploadRow, UploadRowStatus
from hub.domain.values import time_from
from hub.services.uploads import Given
from hub.web.authentication import Authenticator
from hub.web.body import admission, body_parts, unzipped
from hub.web.feeds.endpoint import caller_of, check_parameters, named
from hub.web.json import JsonResponse
from hub.web.source_intake import asked_for_media_type

UPLOADS: Final = "/sources/{source}/uploads"
UPLOAD_SECONDS: Final = 1_800.0
"""Within which all of an upload must come."""
_PACKED: Final = frozenset({"application/gzip", "application/x-gzip"})
_NDJSON: Final = "application/x-ndjson"
_CSV: Final = "text/csv"
_COLUMNS: Final = ("line", "column", "status", "code", "reason", "eventId")


def upload_routes(services: Services, authenticate: Authenticator) -> list[Route]:
    """The addresses of uploads."""

    async def send(request: Request) -> Response:
        scope, receive = request.scope, request.receive
        async with admission(receive):
            principal = caller_of(request, authenticate)
            principal.require(AccessScope.EVENTS_INGEST)
            name = request.path_params["source"]
            source = await services.sources.find(name)
            if source is None:
                raise SourceNotFound(name=name)
            services.sources.check(source)
            given = _given(request)
            is_packed = _is_packed(request, given)
            await services.uploads.admit(principal, source, given)
        parts = body_parts(scope, receive, services.settings.max_upload_bytes, UPLOAD_SECONDS)
        arriving = unzipped(parts) if is_packed else parts
        upload, again = await services.uploads.receive(principal, source, given, arriving)
        place = f"/sources/{quote(source.name, safe='')}/uploads/{upload.id}"
        return JsonResponse({**upload.as_dict(), "duplicate": again}, 202, {"Location": place})

    async def look(request: Request) -> Response:
        principal = caller_of(request, authenticate)
        check_parameters(request, ())
        names = request.path_params
        upload = await services.uploads.get(principal, names["upload"], names["source"])
        return JsonResponse(upload.as_dict(), headers={"Cache-Control": "no-store"})

    async def rows(request: Request) -> Response:
        principal = caller_of(request, authenticate)
        check_parameters(request, ("status",))
        names = request.path_params
        statuses = _statuses(request)
        upload = await services.uploads.get(principal, names["upload"], names["source"])
        found = services.uploads.all_rows(upload, statuses)
        is_table = _CSV in request.headers.get("accept", "")
        body = _table(found) if is_table else _lines(found)
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        return StreamingResponse(body, 200, headers, _CSV if is_table else _NDJSON)

    one = f"{UPLOADS}/{{upload}}"
    return [
        Route(UPLOADS, send, methods=["POST"]),
        Route(one, look),
        Route(f"{one}/rows", rows),
    ]


def _given(request: Request) -> Given:
    """What the sender says of his upload. Raises `InvalidInput`."""
    check_parameters(request, ("name", "asOf"))
    headers, asked = request.headers, request.query_params
    as_of = asked.get("asOf")
    return Given(
        asked_for_media_type(headers.get("content-type", "")),
        asked.get("name"),
        headers.get("idempotency-key"),
        None if as_of is None else time_from(as_of, "asOf"),
        _callback(request),
    )


def _callback(request: Request) -> Callback | None:
    url, secret = (request.headers.get(f"callback-{name}") for name in ("url", "secret"))
    if url is None and secret is None:
        return None
    if url is None or secret is None:
        problem = "is needed where the other one is given: what is sent there is signed"
        raise InvalidInput(
            field="callback-url" if url is None else "callback-secret", problem=problem
        )
    return Callback(url, secret)


def _is_packed(request: Request, given: Given) -> bool:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise InvalidInput(field="content-encoding", problem="must be gzip, or none")
    return encoding != "identity" or given.media_type in _PACKED


def _statuses(request: Request) -> list[UploadRowStatus] | None:
    """The statuses that are asked for; None for all. Raises `InvalidInput`."""
    names = named(request, "status")
    try:
        return [UploadRowStatus(name) for name in names] or None
    except ValueError:
        known = ", ".join(UploadRowStatus)
        raise InvalidInput(field="status", problem=f"must be some of: {known}") from None


async def _lines(found: AsyncIterator[Iterable[UploadRow]]) -> AsyncIterator[bytes]:
    async for rows in found:
        yield b"".join(
            orjson.dumps(row.as_dict(), option=orjson.OPT_APPEND_NEWLINE) for row in rows
        )


async def _table(found: AsyncIterator[Iterable[UploadRow]]) -> AsyncIterator[bytes]:
    text = StringIO()
    table = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    table.writeheader()
    yield _taken(text)
    async for rows in found:
        table.writerows(row.as_dict() for row in rows)
        yield _taken(text)


def _taken(text: StringIO) -> bytes:
    taken = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return taken
