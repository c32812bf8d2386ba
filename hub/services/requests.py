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
    check_key(key)
    return _keyed(principal, key, key, request)


def origin_of_row(principal: Principal, key: str | None, row: int, *request: Any) -> Origin:
    """The origin of one row of a request of many: each row has a key of its own, made of the
    request's, which must have been checked."""
    if key is None:
        return Origin(principal.name)
    return _keyed(principal, key, f"{key}\0{row}", request)


def check_key(key: str) -> None:
    """Raise `InvalidInput` for what cannot be an idempotency key."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            field="idempotencyKey", problem=f"must have 1 to {MAX_KEY_LENGTH} printable characters"
        )


def owner_of(principal: Principal) -> str:
    """Whose a key, or a wish, is."""
    # Anonymous callers have one name: at another address, a key is another one's.
    return principal.name if principal.address is None else f"{principal.name}@{principal.address}"


def _keyed(principal: Principal, key: str, whole_key: str, request: tuple[Any, ...]) -> Origin:
    asked = orjson.dumps(request, default=list)
    owner = f"{owner_of(principal)}\0{whole_key}".encode()
    return Origin(principal.name, None, Idempotency(_digest(owner), _digest(asked), key))


def _digest(text: bytes) -> bytes:
    # Half of a SHA-256 is as long as a UUID, and as unlikely to meet its like.
    return hashlib.sha256(text).digest()[:16]
