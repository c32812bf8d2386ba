"""Signatures of webhooks as Standard Webhooks has them: HMAC-SHA256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the beginning of every secret is none
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A secret that nobody has used before."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(
    keys: Iterable[str], event_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """The headers that prove who sends a body. While a secret is being replaced there are two, and
    a receiver that knows either of them finds its signature."""
    timestamp = str(int(sent_at.timestamp()))
    content = f"{event_id}.{timestamp}.".encode() + body
    signatures = [
        base64.b64encode(hmac.digest(_key(key), content, hashlib.sha256)).decode() for key in keys
    ]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))
