"""Who is told of what, how it is signed, and when it is tried again."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.errors import InvalidInput
from hub.domain.public_address import is_public
from hub.domain.webhook_signature import new_secret, signed_headers
from hub.domain.webhooks import (
    ALWAYS_TOLD,
    MAX_RETRY_AFTER,
    MAX_TRIES,
    Wanted,
    family_of,
    key_of,
    next_try,
    pause_until,
    types_from,
)
from hub.services.webhooks import NEEDED_SCOPES

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def event(type: EventType = EventType.AVAILABILITY_CHANGED, **data: Any) -> CloudEvent:
    channel = data.pop("channel", "web")
    return CloudEvent("1-a", type, data.get("sku", "r-1"), NOW, channel, data)


def tries_after(dice: float, retry_after: str | None = None) -> list[timedelta]:
    """When each try is, from the first one, where each fails at once."""
    times, now = [timedelta()], NOW
    while (following := next_try(len(times), now, retry_after, lambda: dice)) is not None:
        now = following
        times.append(now - NOW)
    return times


@pytest.mark.parametrize("dice", [0.0, 0.5, 1.0])
def test_an_event_is_tried_ten_times_over_75_hours(dice: float) -> None:
    times = tries_after(dice)
    assert len(times) == MAX_TRIES == 10
    assert timedelta(hours=75) < times[-1] < timedelta(hours=84)
    assert times[1] <= timedelta(seconds=5.5)
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == sorted(waits)


def test_a_receiver_is_not_asked_before_the_time_it_names() -> None:
    date = "Sun, 22 Nov 2026 11:00:00 GMT"
    for asked, wait in (("3600", 3_600), (date, 3_600), ("1", 5), ("yesterday", 5), ("", 5)):
        assert next_try(1, NOW, asked, lambda: 0.0) == NOW + timedelta(seconds=wait)
    assert next_try(1, NOW, "9" * 90, lambda: 0.0) == NOW + MAX_RETRY_AFTER
    assert next_try(1, NOW, "-5", lambda: 0.0) == NOW + timedelta(seconds=5)


def test_only_a_receiver_that_asks_for_a_pause_gets_one() -> None:
    assert pause_until(429, NOW, "60") == NOW + timedelta(seconds=60)
    assert pause_until(503, NOW, "60") == NOW + timedelta(seconds=60)
    assert pause_until(500, NOW, "60") is None
    assert pause_until(429, NOW, None) is None


@pytest.mark.parametrize(
    ("wanted", "told", "takes"),
    [
        (Wanted(frozenset({"availability.*"})), event(sku="A"), True),
        (Wanted(frozenset({"availability.changed"})), event(sku="A"), True),
        (Wanted(frozenset({"reservation.*"})), event(sku="A"), False),
        (Wanted(frozenset({"reservation.held"})), event(EventType.RESERVATION_EXPIRED), False),
        (Wanted(frozenset({"availability.*"}), frozenset({"web"})), event(sku="A"), True),
        (Wanted(frozenset({"availability.*"}), frozenset({"store"})), event(sku="A"), False),
        (Wanted(frozenset({"availability.*"}), skus=frozenset({"A"})), event(sku="A"), True),
        (Wanted(frozenset({"availability.*"}), skus=frozenset({"B"})), event(sku="A"), False),
        (Wanted(frozenset({"availability.*"}), categories=frozenset({"c"})), event(sku="A"), True),
        (Wanted(frozenset({"availability.*"}), categories=frozenset({"d"})), event(sku="A"), False),
        (
            Wanted(frozenset({"reservation.*"}), skus=frozenset({"B"})),
            event(EventType.RESERVATION_HELD, lines=[{"sku": "A"}, {"sku": "B"}]),
            True,
        ),
        (
            Wanted(frozenset({"reservation.*"}), skus=frozenset({"SET"})),
            event(EventType.RESERVATION_HELD, lines=[{"sku": "A", "kit": "SET"}]),
            True,
        ),
        (
            Wanted(frozenset({"reservation.held"}), frozenset({"store"})),
            event(EventType.SYNC_RESET, channel=None),
            True,
        ),
    ],
)
def test_a_webhook_takes_what_passes_all_its_filters(
    wanted: Wanted, told: CloudEvent, takes: bool
) -> None:
    assert wanted.takes(told, {"A": "c"}) is takes


def test_newer_word_of_the_same_has_the_same_key() -> None:
    held, expired = (
        event(type, id="r-1")
        for type in (EventType.RESERVATION_HELD, EventType.RESERVATION_EXPIRED)
    )
    assert key_of(held) == key_of(expired)
    assert key_of(event(sku="A")) != key_of(event(sku="B"))
    assert key_of(event(sku="A")) != key_of(event(sku="A", channel="store"))
    assert key_of(event(EventType.SYNC_RESET)) == "1-a"


@pytest.mark.parametrize("types", [[], ["stock"], ["availability"], ["*"], ["sync.reset"]])
def test_what_is_no_type_of_events_is_refused(types: list[str]) -> None:
    with pytest.raises(InvalidInput, match=r"availability\.changed"):
        types_from(types)


def test_every_family_of_events_needs_a_right() -> None:
    assert set(NEEDED_SCOPES) == {family_of(type) for type in EventType if type not in ALWAYS_TOLD}


def test_a_signature_is_one_by_standard_webhooks() -> None:
    secret, body, now = new_secret(), '{"ä": 1}'.encode(), datetime.now(UTC)
    headers = signed_headers([secret], "1-a", now, body)
    assert Verifier(secret).verify(body, headers) == {"ä": 1}
    for changed in (
        {**headers, "webhook-id": "1-b"},
        {**headers, "webhook-timestamp": str(int(now.timestamp()) + 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(body, changed)
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(new_secret()).verify(body, headers)
    late = signed_headers([secret], "1-a", now - timedelta(minutes=6), body)
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body, late)


def test_a_signature_is_that_of_the_standards_own_example() -> None:
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1_614_265_330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.0.8", "198.18.0.1", "::", "fe80::1",
     "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
     "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "ff02::1"],
)  # fmt: skip
def test_an_address_of_a_private_network_is_no_public_one(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_an_address_of_the_internet_is_a_public_one(address: str) -> None:
    assert is_public(address)
