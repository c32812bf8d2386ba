"""What the services that write have in common: who asks, and under which idempotency key."""

import hashlib
from typing import Any

import orjson

from hub.domain.commands import Idempotency, Origin
from hub.domain.errors import InvalidInput
from hub.domain.principal import Principal

MAX_KEY_LENGTH = 255


def origin_of(principal: Principal, key: str | None, *request: Any) -> Origin:
    """The origin of a command; the key is bound to a hash of the whole request."""
    if key is None:
        return Origin(principal.name)
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            field="idempotencyKey", problem=f"must have 1 to {MAX_KEY_LENGTH} printable characters"
        )
    text = orjson.dumps(request, default=list)
    return Origin(
        principal.name, None, Idempotency(principal.name, key, hashlib.sha256(text).digest())
    )
