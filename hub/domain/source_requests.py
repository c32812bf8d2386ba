"""A request or message of a source: what of it is kept, and by what it is known when it is sent
again."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.domain.errors import InvalidInput
from hub.domain.source_deliveries import Received
from hub.domain.sources import Source
from hub.domain.webhook_signature import ID_HEADER, TIMESTAMP_HEADER

MAX_SENDER_ID_LENGTH: Final = 200
_MAX_HEADER_LENGTH: Final = 500

_ID_HEADERS: Final = (ID_HEADER, "x-shopify-webhook-id", "ce-id", "idempotency-key")
"""The same when a request is sent again; of several, the first is taken."""
_MEANING_HEADERS: Final = ("x-shopify-topic", "ce-type")
"""The same body under another of these says something else."""
_KEPT_HEADERS: Final = frozenset(
    {
        *_ID_HEADERS,
        *_MEANING_HEADERS,
        TIMESTAMP_HEADER,
        "content-type",
        "content-language",
        "user-agent",
        "x-shopify-api-version",
        "x-shopify-event-id",
        "x-shopify-shop-domain",
        "x-shopify-triggered-at",
        "ce-dataschema",
        "ce-source",
        "ce-specversion",
        "ce-subject",
        "ce-time",
        "x-amz-sns-message-id",
        "x-amz-sns-message-type",
        "x-amz-sns-topic-arn",
    }
)


def received_from(
    source: Source,
    headers: Mapping[str, str],
    body: bytes,
    received_at: datetime,
    message_id: str | None = None,
) -> Received:
    """What is kept of a request, or of a message that its broker knows by an id. Raises
    `InvalidInput` for an id that can not be kept.

    Names of headers are in lower case. None that may hold a secret is kept.
    """
    kept = {
        name: value[:_MAX_HEADER_LENGTH]
        for name, value in headers.items()
        if name in _KEPT_HEADERS and name != source.signing.header
    }
    meaning = [f"{name}:{kept[name]}\n".encode() for name in _MEANING_HEADERS if name in kept]
    return Received(
        source=source.name,
        sender_id=_sender_id(kept, message_id),
        received_at=received_at,
        headers=kept,
        media_type=kept.get("content-type", "").partition(";")[0].strip().lower(),
        body=body,
        digest=hashlib.sha256(b"".join([*meaning, body])).digest(),
    )


def _sender_id(headers: Mapping[str, str], message_id: str | None) -> str | None:
    name = next((name for name in _ID_HEADERS if headers.get(name)), None)
    id = message_id or (name and headers[name])
    if not id:
        return None
    if len(id) > MAX_SENDER_ID_LENGTH or not id.isprintable():
        problem = f"must have at most {MAX_SENDER_ID_LENGTH} printable characters"
        raise InvalidInput(field=name or "id", problem=problem)
    return id
