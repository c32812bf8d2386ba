"""Webhooks are sent what they want to know, signed, and whatever their receivers do."""

import asyncio
import json
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.webhooks import DeliveryState, DisabledReason, WebhookState
from hub.services.webhooks import WebhookInput
from tests.integration.receiver import Received, Receiver, never, receiving, status
from tests.integration.shop import CLERK, count, reserve
from tests.integration.workers.partners import (
    Clock,
    all_delivered,
    deliveries,
    now_of,
    put_down,
    send_due,
    sender_at,
    states,
    telling,
    webhook_to,
)
from tests.waiting import eventually


async def test_a_partner_is_told_what_changes_and_can_verify_it(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    async with telling(shop):
        await count(shop, "A-1", 7, "AMS")
        await receiver.has(1)
        id = (await reserve(shop, {"A-1": 2})).id
        await receiver.has(3)
        await all_delivered(shop, webhook)
    first, *rest = receiver.received
    event = first.event
    assert event is not None
    assert event == json.loads(first.body)
    assert (event["specversion"], event["id"]) == ("1.0", first.id)
    assert event["source"] == "urn:availability-hub"
    assert (event["type"], event["subject"]) == ("availability.changed", "A-1")
    assert (event["data"]["channel"], event["data"]["quantity"]) == ("web", 7)
    assert first.headers["content-type"].startswith("application/cloudevents+json")
    assert len(rest) == 2
    assert {(one["type"], one["subject"]) for one in receiver.events[1:]} == {
        ("availability.changed", "A-1"),
        ("reservation.held", id),
    }


async def test_a_webhook_is_told_only_what_it_wants(shop: Services, receiver: Receiver) -> None:
    async with receiving() as other:
        await webhook_to(shop, receiver, ["availability.changed"], channels=["store"], skus=["A-1"])
        await webhook_to(shop, other, ["reservation.held"], categories=["B"])
        for sku in ("A-1", "A-2", "B-1"):
            await count(shop, sku, 5)
        await reserve(shop, {"A-2": 1})
        wanted = await reserve(shop, {"A-2": 1, "B-1": 1})
        await put_down(shop)
        await send_due(shop.webhook_sender)
        assert [(one["type"], one["subject"]) for one in receiver.events] == [
            ("availability.changed", "A-1")
        ]
        assert [one["subject"] for one in other.events] == [wanted.id]


async def test_a_webhook_is_told_nothing_of_before_it_was_made(
    shop: Services, receiver: Receiver
) -> None:
    await count(shop, "A-1", 5)
    await webhook_to(shop, receiver)
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 0
    async with receiving() as later:
        await count(shop, "A-1", 6)
        await webhook_to(shop, later)
        await put_down(shop)
        assert await send_due(shop.webhook_sender) == 2
        assert later.received == []


async def test_what_failed_is_not_sent_late_where_there_is_newer_word(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        receiver.next = [status(500)]
        await count(shop, "A-1", 5)
        await put_down(shop)
        assert await send_due(sender) == 1
        # Two more states: one that was never sent leaves no trace.
        await count(shop, "A-1", 4)
        await put_down(shop)
        await count(shop, "A-1", 3)
        await put_down(shop)
        assert await send_due(sender) == 1
        clock.pass_by(timedelta(days=1))
        assert await send_due(sender) == 0
    assert [one["data"]["quantity"] for one in receiver.events] == [5, 3]
    assert await states(shop, webhook) == [DeliveryState.SUPERSEDED, DeliveryState.DELIVERED]


async def test_newer_word_waits_for_what_is_under_way(shop: Services, receiver: Receiver) -> None:
    go_on = asyncio.Event()

    async def fail_late(received: Received, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        await status(500)(received, writer)

    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.next = [fail_late]
    await count(shop, "A-1", 5)
    await put_down(shop)
    (claim,) = await shop.webhook_sender.claim(10)
    sending = asyncio.create_task(shop.webhook_sender.send(claim))
    await receiver.has(1)
    await count(shop, "A-1", 4)
    await put_down(shop)
    assert await shop.webhook_sender.claim(10) == []
    go_on.set()
    await sending
    assert await send_due(shop.webhook_sender) == 1
    assert [one["data"]["quantity"] for one in receiver.events] == [5, 4]
    assert await states(shop, webhook) == [DeliveryState.SUPERSEDED, DeliveryState.DELIVERED]


async def half_an_answer(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
    await writer.drain()
    writer.close()


async def no_http(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-something\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("respond", "told"),
    [
        (status(500, body=b"we are\x00 ill"), (500, None, "we are� ill")),
        (status(302, "location: http://169.254.169.254/latest"), (302, None, None)),
        (status(304), (304, None, None)),
        (status(404), (404, None, None)),
        (half_an_answer, (None, "disconnected without sending a response", None)),
        (no_http, (None, "illegal status line", None)),
        (never, (None, "no answer within 1 seconds", None)),
    ],
    ids=["500", "redirect", "304", "404", "half", "no-http", "hangs"],
)
async def test_what_is_no_success_is_written_down_and_tried_again(
    shop: Services,
    receiver: Receiver,
    respond: object,
    told: tuple[int | None, str | None, str | None],
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.next = [respond]  # type: ignore[list-item]
    clock = Clock()
    async with sender_at(shop, clock, timeout_seconds=1) as sender:
        await count(shop, "A-1", 5)
        await put_down(shop)
        assert await send_due(sender) == 1
        ((tried,),) = [one.tries for one in await deliveries(shop, webhook)]
        wrong, excerpt = told[1], told[2]
        assert (tried.status, tried.excerpt) == (told[0], excerpt)
        assert (wrong or "") in (tried.error or "")
        assert (tried.error is None) is (wrong is None)
        clock.pass_by(timedelta(seconds=6))
        assert await send_due(sender) == 1
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert await states(shop, webhook) == [DeliveryState.DELIVERED]


async def endless(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5368709120\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def short_of_its_length(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthanks")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("respond", "excerpt"),
    [(endless, "x" * 1_024), (short_of_its_length, "thanks"), (status(299), None)],
)
async def test_a_success_is_one_whatever_its_body_is_and_little_of_it_is_read(
    shop: Services, receiver: Receiver, respond: object, excerpt: str | None
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.next = [respond]  # type: ignore[list-item]
    await count(shop, "A-1", 5)
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 1
    (one,) = await deliveries(shop, webhook)
    assert one.state is DeliveryState.DELIVERED
    assert one.tries[0].excerpt == excerpt


async def status_alone(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")
    await writer.wait_closed()


async def test_a_status_that_came_in_time_counts_though_its_body_does_not(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.next = [status_alone]
    await count(shop, "A-1", 5)
    await put_down(shop)
    async with sender_at(shop, Clock(), timeout_seconds=1) as sender:
        assert await send_due(sender) == 1
    assert await states(shop, webhook) == [DeliveryState.DELIVERED]


async def test_a_receiver_that_is_gone_is_asked_no_more(shop: Services, receiver: Receiver) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.next = [status(410)]
    for sku in ("A-1", "A-2", "B-1", "B-2"):
        await count(shop, sku, 5)
    await put_down(shop)
    (claim,) = await shop.webhook_sender.claim(1)
    await shop.webhook_sender.send(claim)
    gone = await now_of(shop, webhook)
    assert (gone.state, gone.disabled_reason) == (WebhookState.DISABLED, DisabledReason.GONE)
    assert await states(shop, webhook) == [DeliveryState.FAILED] * 4
    await count(shop, "A-1", 6)
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 0
    assert len(receiver.received) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    shop: Services, tmp_path: Path
) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"]  # fmt: skip
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with receiving(tls) as secure:
        url = f"https://localhost:{secure.address.rpartition(':')[2]}/hook"
        created = await shop.webhooks.create(
            CLERK, WebhookInput(url=url, types=["availability.*"], channels=["web"])
        )
        await count(shop, "A-1", 5)
        await put_down(shop)
        await send_due(shop.webhook_sender)
        (one,) = await deliveries(shop, created.webhook)
        assert one.state is DeliveryState.PENDING
        assert "CERTIFICATE_VERIFY_FAILED" in (one.tries[0].error or "")
        assert secure.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.0.0.1:8443/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:192.168.0.1]/hook",
        "https://[fec0::1]/hook",
        "https://[::127.0.0.1]/hook",
        "https://0x7f000001/hook",
        "https://2130706433/hook",
        "https://user:secret@example.com/hook",
        "https://nowhere.invalid/hook",
        "https:///hook",
        "https://example.com:0/hook",
        "ftp://example.com/hook",
        "https://exämple.com/hook",
        "https://example.com/" + "x" * 2_000,
        "no url",
    ],
)
async def test_a_url_that_leads_where_the_hub_must_not_ask_is_refused(
    services: Services, url: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await services.webhooks.create(CLERK, WebhookInput(url=url, types=["availability.*"]))
    assert refused.value.data["field"] == "url"


async def test_a_name_that_leads_elsewhere_later_leads_nowhere(
    shop: Services, receiver: Receiver
) -> None:
    """What was registered while private addresses were allowed, or led elsewhere then, is looked at
    once more when it is connected to."""
    webhook = await webhook_to(shop, receiver, channels=["web"])
    await count(shop, "A-1", 5)
    await put_down(shop)
    async with sender_at(shop, Clock(), allow_private=False) as sender:
        await send_due(sender)
        await shop.database.fetch("update webhook set url = replace(url, 'http://', 'https://')")
        await shop.database.fetch("update webhook_delivery set not_before = created_at")
        await send_due(sender)
    (one,) = await deliveries(shop, webhook)
    assert [tried.error for tried in one.tries] == [
        "url: must begin with https://.",
        "127.0.0.1 is in a private network, where the hub sends nothing",
    ]
    assert receiver.received == []


async def test_both_secrets_sign_while_one_replaces_the_other(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    old = receiver.secret
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        new = await shop.webhooks.rotate_secret(CLERK, webhook.id, 200)
        receiver.secret = new.secret
        assert [one.expires_at is None for one in new.webhook.secrets] == [False, True]
        for units in (5, 6):
            await count(shop, "A-1", units)
            await put_down(shop)
            assert await send_due(sender) == 1
            clock.pass_by(timedelta(seconds=201))
    both, only_new = receiver.received
    for secret in (old, new.secret):
        assert secret is not None
        assert Verifier(secret).verify(both.body, both.headers)
    assert len(only_new.headers["webhook-signature"].split()) == 1


async def test_one_receiver_that_hangs_holds_back_nobody_else(
    shop: Services, receiver: Receiver
) -> None:
    async with receiving() as stuck:
        stuck.respond = never
        await webhook_to(shop, stuck)
        webhook = await webhook_to(shop, receiver)
        async with telling(shop):
            for number in range(12):
                for sku in ("A-1", "A-2", "B-1", "B-2"):
                    await count(shop, sku, number)
                await asyncio.sleep(0.02)
            await eventually_has(receiver, "B-2", 11)
            await all_sent(shop, webhook.id)
        assert 1 <= stuck.most_at_once <= 4
        assert receiver.most_at_once <= 4


async def eventually_has(receiver: Receiver, sku: str, units: int) -> None:
    await eventually(
        lambda: [one["data"]["quantity"] for one in receiver.events if one["subject"] == sku],
        lambda told: units in told,
        within_seconds=10,
    )


async def all_sent(services: Services, id: str) -> None:
    async def waiting() -> int:
        (row,) = await services.database.fetch(
            """select count(*) as number from webhook_delivery
               where webhook_id = $1 and state in ('PENDING', 'SENDING')""",
            [id],
        )
        return int(row["number"])

    await eventually(waiting, lambda number: number == 0, within_seconds=10)
