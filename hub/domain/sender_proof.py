"""How a sender proves who he is, by secrets that he and the hub share.

Proofs are checked on the bytes as they came, before anything of them is read. Each kind takes
several secrets: while one is being replaced, the old and the new one are both good.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.domain.sources import AUTHORIZATION, Signing, SigningKind
from hub.domain.webhook_signature import is_signed, secret_bytes

MIN_SECRET_BYTES: Final = 16
"""Shorter ones can be guessed; and an empty one would be everybody's."""
SHOPIFY_SIGNATURE_HEADER: Final = "x-shopify-hmac-sha256"


def is_usable(kind: SigningKind, secret: str) -> bool:
    """Whether a secret can prove anything: long enough, and of the form that its kind has."""
    key = secret_bytes(secret) if kind is SigningKind.STANDARD_WEBHOOKS else secret.encode()
    return len(key) >= MIN_SECRET_BYTES


def is_proven(
    signing: Signing, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Whether a request is signed with one of the secrets. Those that are not usable prove nothing,
    and neither does a source that has no way of signing.

    Names of headers are in lower case, and their values as HTTP has them: one character a byte.
    """
    usable = [secret for secret in secrets if is_usable(signing.kind, secret)]
    if signing.kind is SigningKind.STANDARD_WEBHOOKS:
        return is_signed(usable, headers, now, body)
    if signing.kind is SigningKind.SHOPIFY:
        given = headers.get(SHOPIFY_SIGNATURE_HEADER, "")
        return _is_one_of(given, usable, lambda secret: _hmac_of_body(secret, body))
    if signing.kind is SigningKind.API_KEY:
        return _is_one_of(_key_in(headers, signing.header), usable, str.encode)
    return False


def _hmac_of_body(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))


def _key_in(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if name != AUTHORIZATION:
        return value
    kind, _, token = value.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _is_one_of(given: str, secrets: Sequence[str], expected: Callable[[str], bytes]) -> bool:
    digest = hashlib.sha256(given.encode("latin-1")).digest()
    found = False
    for secret in secrets:
        # By digest, and not `or`: how long it takes tells neither lengths nor which one it was.
        found |= hmac.compare_digest(digest, hashlib.sha256(expected(secret)).digest())
    return found
