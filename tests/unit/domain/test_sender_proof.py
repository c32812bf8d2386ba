"""Who a request comes from, proven by secrets; each case on the bytes as they came."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Sender

from hub.domain.sender_proof import is_proven, is_usable
from hub.domain.sources import Signing, SigningKind
from hub.domain.webhook_signature import new_secret

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
BODY = b'{"sku": "A-1",  "onHand": 5}'
STANDARD = Signing(kind=SigningKind.STANDARD_WEBHOOKS)
SHOPIFY = Signing(kind=SigningKind.SHOPIFY)
BEARER = Signing(kind=SigningKind.API_KEY)
NAMED = Signing(kind=SigningKind.API_KEY, header="x-api-key")
OLD, NEW = new_secret(), new_secret()


def signed(
    secret: str, at: datetime = NOW, body: bytes = BODY, id: str = "msg-1"
) -> dict[str, str]:
    """Headers as the library of Standard Webhooks makes them."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Sender(secret).sign(id, at, body.decode()),
    }


def shopify(secret: str, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"x-shopify-hmac-sha256": base64.b64encode(digest).decode()}


def test_the_published_vectors_are_judged_as_published(real_data: Path) -> None:
    vectors = json.loads((real_data / "standard_webhooks" / "vectors.json").read_text())["vectors"]
    assert {vector["expect"].split()[0] for vector in vectors} == {"valid", "reject"}
    for vector in vectors:
        headers = {name: vector[name] for name in vector if name.startswith("webhook-")}
        body, at = vector["body"].encode(), datetime.fromtimestamp(1614265330, UTC)
        judged = is_proven(STANDARD, [vector["secret"]], headers, body, at)
        assert judged is vector["expect"].startswith("valid"), vector["name"]
        late = at + timedelta(seconds=301)
        assert not is_proven(STANDARD, [vector["secret"]], headers, body, late)


def test_a_signature_is_good_for_five_minutes_either_way() -> None:
    for seconds, good in ((-301, False), (-300, True), (0, True), (300, True), (301, False)):
        headers = signed(NEW, NOW + timedelta(seconds=seconds))
        assert is_proven(STANDARD, [NEW], headers, BODY, NOW) is good


@pytest.mark.parametrize(
    ("proof", "headers"),
    [
        (STANDARD, signed),
        (SHOPIFY, shopify),
        (BEARER, lambda secret: {"authorization": f"Bearer {secret}"}),
        (NAMED, lambda secret: {"x-api-key": secret}),
    ],
)
def test_each_secret_is_good_while_it_is_replaced(proof: Signing, headers: object) -> None:
    assert callable(headers)
    for secret in (OLD, NEW):
        assert is_proven(proof, [OLD, NEW], headers(secret), BODY, NOW)
        assert is_proven(proof, [NEW, OLD], headers(secret), BODY, NOW)
    assert not is_proven(proof, [NEW], headers(OLD), BODY, NOW)
    assert not is_proven(proof, [], headers(NEW), BODY, NOW)
    assert not is_proven(proof, [NEW], {}, BODY, NOW)


def test_a_source_without_a_way_of_signing_has_nothing_proven() -> None:
    for headers in ({}, {"authorization": f"Bearer {NEW}"}, signed(NEW), shopify(NEW)):
        assert not is_proven(Signing(), [NEW, ""], headers, BODY, NOW)


@pytest.mark.parametrize("body", [BODY + b"\n", BODY.replace(b"  ", b" "), b"", BODY[:-1]])
def test_a_byte_more_or_less_breaks_a_signature(body: bytes) -> None:
    assert not is_proven(STANDARD, [NEW], signed(NEW), body, NOW)
    assert not is_proven(SHOPIFY, [NEW], shopify(NEW), body, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-id": "msg-2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "\xb2"},
        {"webhook-timestamp": "9" * 5_000},
        {"webhook-timestamp": f" {int(NOW.timestamp())}"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,\xff\xfe"},
        {"webhook-signature": "v1a," + "A" * 88},
    ],
)
def test_what_is_wrong_in_a_header_proves_nothing(wrong: dict[str, str]) -> None:
    assert not is_proven(STANDARD, [NEW], signed(NEW) | wrong, BODY, NOW)


def test_a_bearer_is_named_as_such_in_any_case() -> None:
    for value, good in (
        (f"bearer {NEW}", True),
        (f"BEARER  {NEW} ", True),
        (NEW, False),
        (f"Basic {NEW}", False),
        ("Bearer", False),
        ("Bearer \xff", False),
    ):
        assert is_proven(BEARER, [NEW], {"authorization": value}, BODY, NOW) is good


@pytest.mark.parametrize("secret", ["", "whsec_", "short", "whsec_c2hvcnQ=", "whsec_not base64 !!"])
def test_a_weak_secret_proves_nothing_even_to_who_knows_it(secret: str) -> None:
    assert not is_usable(SigningKind.STANDARD_WEBHOOKS, secret)
    empty_key = base64.b64encode(
        hmac.new(b"", b"msg-1.%d." % NOW.timestamp() + BODY, hashlib.sha256).digest()
    )
    headers = signed(NEW) | {"webhook-signature": f"v1,{empty_key.decode()}"}
    assert not is_proven(STANDARD, [secret], headers, BODY, NOW)
    if len(secret) < 16:
        assert not is_proven(SHOPIFY, [secret], shopify(secret), BODY, NOW)
        assert not is_proven(NAMED, [secret], {"x-api-key": secret}, BODY, NOW)
