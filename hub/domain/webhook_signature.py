"""Signatures of webhooks as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the beginning of every secret is none
ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
TOLERANCE_SECONDS: Final = 300
"""How far the time of a signature may be from now, either way."""
_SECRET_BYTES: Final = 32
_VERSION: Final = "v1"
_MAX_TIMESTAMP_DIGITS: Final = 12


def new_secret() -> str:
    """A secret that nobody has used before."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(
    keys: Iterable[str], event_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """The headers that prove who sends a body. While a secret is being replaced there are two, and
    a receiver that knows either of them finds its signature."""
    timestamp = str(int(sent_at.timestamp()))
    signatures = [_signature(key, event_id.encode(), timestamp, body) for key in keys]
    return {
        ID_HEADER: event_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: " ".join(f"{_VERSION},{signature}" for signature in signatures),
    }


def is_signed(keys: Iterable[str], headers: Mapping[str, str], now: datetime, body: bytes) -> bool:
    """Whether one of the signatures in the headers is of one of the keys, and made just now.

    Names of headers are in lower case, and their values as HTTP has them: one character a byte.
    """
    id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
    if not id or not _is_recent(timestamp, now):
        return False
    given = [
        signature.encode("latin-1")
        for version, _, signature in (
            one.partition(",") for one in headers.get(SIGNATURE_HEADER, "").split(" ")
        )
        if version == _VERSION
    ]
    found = False
    for key in keys:
        expected = _signature(key, id.encode("latin-1"), timestamp, body).encode()
        for signature in given:
            # Not `or`: how long it takes is not to tell which of them is the right one.
            found |= hmac.compare_digest(signature, expected)
    return found


def secret_bytes(secret: str) -> bytes:
    """What is signed with; empty for a secret that is not in base64."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _signature(secret: str, id: bytes, timestamp: str, body: bytes) -> str:
    content = b".".join((id, timestamp.encode(), body))
    return base64.b64encode(hmac.digest(secret_bytes(secret), content, hashlib.sha256)).decode()


def _is_recent(timestamp: str, now: datetime) -> bool:
    # Digits of other scripts are digits to Python, too.
    digits = timestamp.isascii() and timestamp.isdigit()
    if not digits or len(timestamp) > _MAX_TIMESTAMP_DIGITS:
        return False
    return abs(now.timestamp() - int(timestamp)) <= TOLERANCE_SECONDS
