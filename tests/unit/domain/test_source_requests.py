"""What of a request is kept, and by what it is known again."""

from datetime import UTC, datetime

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.source_deliveries import Received
from hub.domain.source_requests import received_from
from hub.domain.sources import Signing, SigningKind, Source

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ACME = Source(name="acme", format="csv")


def received(body: bytes = b"stock", source: Source = ACME, **headers: str) -> Received:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return received_from(source, named, body, NOW)


def test_nothing_that_may_be_a_secret_is_kept() -> None:
    keyed = Source(
        name="acme",
        format="csv",
        signing=Signing(kind=SigningKind.API_KEY, header="user-agent", secrets=("KEY",)),
    )
    kept = received(
        source=keyed,
        authorization="Bearer secret",
        cookie="secret",
        user_agent="secret",
        webhook_signature="secret",
        x_shopify_hmac_sha256="secret",
        x_shopify_access_token="secret",
        x_api_key="secret",
        ce_extension="secret",
        webhook_id="msg-1",
    )
    assert kept.headers == {"webhook-id": "msg-1"}


def test_what_says_something_of_the_content_is_kept_in_part_if_it_is_long() -> None:
    kept = received(content_type="Text/CSV; charset=utf-8", x_shopify_topic="t" * 5_000)
    assert kept.media_type == "text/csv"
    assert kept.headers["content-type"] == "Text/CSV; charset=utf-8"
    assert len(kept.headers["x-shopify-topic"]) == 500
    assert received().media_type == ""


def test_the_senders_own_id_is_found_in_the_header_of_his_kind() -> None:
    assert received().sender_id is None
    assert received(webhook_id="").sender_id is None
    assert received(x_shopify_webhook_id="b54557e4").sender_id == "b54557e4"
    assert received(idempotency_key="k", ce_id="e").sender_id == "e"
    assert received(ce_id="e", webhook_id="msg-1").sender_id == "msg-1"


@pytest.mark.parametrize("id", ["x" * 201, "a\x00b", "\x85"])
def test_an_id_that_can_not_be_kept_is_refused(id: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        received(webhook_id=id)
    assert refused.value.field == "webhook-id"


def test_the_same_bytes_are_the_same_unless_a_header_says_that_they_mean_something_else() -> None:
    order = received(b"{}", x_shopify_topic="orders/updated").digest
    assert order == received(b"{}", x_shopify_topic="orders/updated", user_agent="2").digest
    others = [
        received(b"{}", x_shopify_topic="orders/cancelled").digest,
        received(b"{} ", x_shopify_topic="orders/updated").digest,
        received(b"{}", ce_type="orders/updated").digest,
        received(b"{}").digest,
    ]
    assert len({order, *others}) == 5
