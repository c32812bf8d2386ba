"""How a sender proves who he is, by secrets that he and the hub share.

Proofs are checked on the bytes as they came, before anything of them is read. Each kind takes
several secrets: while one is being replaced, the old and the new one are both good.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hub.domain.webhook_signature import is_signed, secret_bytes

MIN_SECRET_BYTES: Final = 16
"""Shorter ones can be guessed; and an empty one would be everybody's."""
SHOPIFY_SIGNATURE_HEADER: Final = "x-shopify-hmac-sha256"
AUTHORIZATION: Final = "authorization"


class ProofKind(StrEnum):
    """A way to prove who sends a request."""

    STANDARD_WEBHOOKS = "standard-webhooks"
    """HMAC-SHA256 over id, time and body, and so good for five minutes only."""
    SHOPIFY = "shopify"
    """HMAC-SHA256 over the body."""
    API_KEY = "api-key"
    """The secret itself in a header."""


class Proof(NamedTuple):
    """What a source demands of each request."""

    kind: ProofKind
    header: str = AUTHORIZATION
    """Where an API key stands, in lower case; in `authorization` it stands behind `Bearer`."""


def is_usable(kind: ProofKind, secret: str) -> bool:
    """Whether a secret can prove anything: long enough, and of the form that its kind has."""
    key = secret_bytes(secret) if kind is ProofKind.STANDARD_WEBHOOKS else secret.encode()
    return len(key) >= MIN_SECRET_BYTES


def is_proven(
    proof: Proof, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Whether a request carries what it takes. Secrets that are not usable prove nothing.

    Names of headers are in lower case, and their values as HTTP has them: one character a byte.
    """
    usable = [secret for secret in secrets if is_usable(proof.kind, secret)]
    if proof.kind is ProofKind.STANDARD_WEBHOOKS:
        return is_signed(usable, headers, now, body)
    if proof.kind is ProofKind.SHOPIFY:
        given = headers.get(SHOPIFY_SIGNATURE_HEADER, "")
        return _is_one_of(given, usable, lambda secret: _hmac_of_body(secret, body))
    return _is_one_of(_key_in(headers, proof.header), usable, str.encode)


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
