"""Conditional requests (RFC 9110, section 13): ETags, `If-None-Match` when reading, `If-Match` when
writing.
"""

import hashlib
import re
from typing import Final

import orjson
from starlette.datastructures import Headers
from starlette.responses import Response

from hub.web.rest.answers import Json, json_answer
from hub.web.rest.problems import RestProblem

_REVALIDATED: Final = "private, no-cache"
"""Stock changes at any moment, and what one may see another may not: keep it, but ask each time."""

_TAG: Final = re.compile(r'"[^"]*"')
_OF_RESERVATION: Final = re.compile(r'"(\d{1,18})-[0-9a-f]{16}"')


def availability_tag(answer: Json) -> str:
    """The ETag of an answer. Weak: it is the same for as long as nothing but the time of asking
    differs, so it changes with stock, rules, channel, quantity and language alike."""
    message = answer["message"]
    evidence = {**(message["evidence"] or {}), "countedAt": None}
    lasting = {**answer, "asOf": None, "message": {**message, "evidence": evidence}}
    return f'W/"{answer["version"]}-{_digest(lasting)}"'


def reservation_tag(answer: Json) -> str:
    """The ETag of a reservation: its version, and a digest for what time alone changes of it."""
    return f'"{answer["version"]}-{_digest(answer)}"'


def revalidated(answer: Json, tag: str, asked: Headers) -> Response:
    """The answer with its ETag, or 304 where the reader has it already."""
    headers = {"ETag": tag, "Cache-Control": _REVALIDATED}
    known = asked.get("if-none-match", "")
    # Weak comparison: what counts is what stands between the quotes.
    if known.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(known):
        return Response(status_code=304, headers=headers)
    return json_answer(answer, headers=headers)


def expected_version(if_match: str | None) -> int | None:
    """The version of a reservation that the writer wants to change, None for any; raises
    `RestProblem` with 412 for what is no ETag of a reservation. The stock writer compares it."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _OF_RESERVATION.fullmatch(if_match.strip())
    if tag is None:
        raise RestProblem("PRECONDITION_FAILED")
    return int(tag[1])


def _digest(answer: Json) -> str:
    return hashlib.sha256(orjson.dumps(answer)).hexdigest()[:16]
