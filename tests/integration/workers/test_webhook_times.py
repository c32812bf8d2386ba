"""Ten tries over 75 hours, pauses, and what becomes of a webhook that fails all the time: by a
clock that is moved by hand.
"""

from datetime import timedelta

from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.webhooks import DeliveryState, DisabledReason, WebhookState
from hub.services.webhooks import WebhookInput
from tests.integration.receiver import Receiver, status
from tests.integration.shop import CLERK, SKUS, count, opened
from tests.integration.workers.partners import (
    Clock,
    deliveries,
    now_of,
    put_down,
    send_due,
    sender_at,
    states,
    webhook_to,
)


async def test_a_receiver_that_takes_nothing_is_tried_for_75_hours_and_then_disabled(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.secret, receiver.respond = None, status(500)
    clock = Clock()
    began = clock()
    async with sender_at(shop, clock) as sender:
        await count(shop, "A-1", 5)
        await put_down(shop)
        with capture_logs() as logs:
            for _ in range(10):
                assert await send_due(sender) == 1
                assert await send_due(sender) == 0
                (one,) = await deliveries(shop, webhook)
                if one.next_try_at is not None:
                    assert (await now_of(shop, webhook)).state is WebhookState.ACTIVE
                    clock.pass_by(one.next_try_at - clock())
    (one,) = await deliveries(shop, webhook)
    assert [tried.number for tried in one.tries] == list(range(1, 11))
    assert {tried.status for tried in one.tries} == {500}
    assert timedelta(hours=75) < one.tries[-1].tried_at - began < timedelta(hours=84)
    assert len({received.id for received in receiver.received}) == 1
    assert one.state is DeliveryState.FAILED
    disabled = await now_of(shop, webhook)
    assert disabled.disabled_reason is DisabledReason.FAILING
    assert {"webhook": webhook.id, "reason": "FAILING"}.items() <= logs[-1].items()


async def test_one_event_that_is_never_taken_disables_nothing_where_others_are(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.secret = None

    async def refuse_a(received: object, writer: object) -> None:
        body = received.body  # type: ignore[attr-defined]
        respond = status(500 if b'"A-1"' in body else 200)
        await respond(received, writer)  # type: ignore[arg-type]

    receiver.respond = refuse_a
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        await count(shop, "A-1", 5)
        for number in range(10):
            await count(shop, "B-1", number + 1)
            await put_down(shop)
            assert await send_due(sender) == 2
            clock.pass_by(timedelta(hours=30))
    assert (await states(shop, webhook)).count(DeliveryState.DELIVERED) == 10
    (poison,) = [one for one in await deliveries(shop, webhook) if one.subject == "A-1"]
    assert (poison.state, len(poison.tries)) == (DeliveryState.FAILED, 10)
    assert (await now_of(shop, webhook)).state is WebhookState.ACTIVE


async def test_a_receiver_that_wants_a_pause_is_left_alone_for_so_long(
    shop: Services, receiver: Receiver
) -> None:
    await webhook_to(shop, receiver, channels=["web"])
    receiver.secret, receiver.next = None, [status(429, "retry-after: 3600")]
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        await count(shop, "A-1", 5)
        await put_down(shop)
        assert await send_due(sender) == 1
        # Neither this nor anything else.
        await count(shop, "B-1", 5)
        await put_down(shop)
        clock.pass_by(timedelta(seconds=3_590))
        assert await send_due(sender) == 0
        clock.pass_by(timedelta(seconds=20))
        assert await send_due(sender) == 2


async def test_a_receiver_that_fails_is_asked_one_thing_at_a_time_until_it_takes_one(
    shop: Services, receiver: Receiver
) -> None:
    await webhook_to(shop, receiver, channels=["web"])
    receiver.secret, receiver.respond = None, status(500)
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        for sku in SKUS:
            await count(shop, sku, 5)
        await put_down(shop)
        first = await sender.claim(100)
        assert len(first) == 4
        for claim in first:
            await sender.send(claim)
        clock.pass_by(timedelta(hours=1))
        (one,) = await sender.claim(100)
        assert await sender.claim(100) == []
        receiver.respond = status(200)
        await sender.send(one)
        assert len(await sender.claim(100)) == 3


async def test_what_somebody_claimed_who_died_is_sent_by_another(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    receiver.secret = None
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        await count(shop, "A-1", 5)
        await put_down(shop)
        (lost,) = await sender.claim(10)
        await sender.look_after()
        assert await sender.claim(10) == []
        clock.pass_by(timedelta(seconds=26))
        await sender.look_after()
        assert await send_due(sender) == 1
        # He was not dead, only slow: what he has to say of it is no longer asked.
        await sender.send(lost)
    (one,) = await deliveries(shop, webhook)
    assert one.state is DeliveryState.DELIVERED
    assert [(tried.number, tried.status) for tried in one.tries] == [(1, None), (2, 204)]
    assert "not known" in (one.tries[0].error or "")
    assert len({received.id for received in receiver.received}) == 1


async def test_a_webhook_for_which_too_much_waits_is_disabled(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    async with sender_at(shop, Clock(), max_backlog=3) as sender:
        for sku in SKUS[:3]:
            await count(shop, sku, 5)
        await put_down(shop)
        await sender.look_after()
        assert (await now_of(shop, webhook)).state is WebhookState.ACTIVE
        await count(shop, SKUS[3], 5)
        await put_down(shop)
        await sender.look_after()
    disabled = await now_of(shop, webhook)
    assert disabled.disabled_reason is DisabledReason.BACKLOG
    assert await states(shop, webhook) == [DeliveryState.FAILED] * 4


async def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    clock = Clock()
    async with sender_at(shop, clock) as sender:
        await count(shop, "A-1", 5)
        await put_down(shop)
        assert await send_due(sender) == 1
        await count(shop, "B-1", 5)
        await put_down(shop)
        clock.pass_by(timedelta(days=29))
        assert await sender.forget_old() == 0
        clock.pass_by(timedelta(days=2))
        assert await sender.forget_old() == 1
        assert await states(shop, webhook) == [DeliveryState.PENDING]
        await shop.webhooks.delete(CLERK, webhook.id)
        assert await sender.forget_old() == 1
    tries = await shop.database.fetch("select count(*) as number from webhook_try")
    assert tries == [{"number": 0}]


async def test_nothing_that_follows_a_reset_is_sent_before_it(
    shop: Services, receiver: Receiver
) -> None:
    await webhook_to(shop, receiver, ["availability.*"], channels=["web"])
    await put_down(shop)
    await shop.webhook_fanout.let_go()
    # As after a restore: what was told last never happened.
    await shop.database.fetch(
        "delete from change where xid = (select max(xid::text::bigint)::text::xid8 from change)"
    )
    receiver.secret, receiver.next = None, [status(500)]
    clock = Clock()
    async with opened(shop.database.url) as restarted, sender_at(shop, clock) as sender:
        await put_down(restarted)
        assert await send_due(sender) == 1
        clock.pass_by(timedelta(seconds=6))
        assert await send_due(sender) == 5
    types = [b"sync.reset" in received.body for received in receiver.received]
    assert types == [True, True, False, False, False, False]


async def test_a_webhook_that_is_enabled_again_is_told_from_then_on(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    await count(shop, "A-1", 5)
    await put_down(shop)
    await shop.webhooks.change(CLERK, webhook.id, WebhookInput(active=False))
    await count(shop, "A-1", 6)
    await put_down(shop)
    await shop.webhooks.change(CLERK, webhook.id, WebhookInput(active=True))
    await count(shop, "B-1", 7)
    await put_down(shop)
    await send_due(shop.webhook_sender)
    assert [(one["subject"], one["data"]["quantity"]) for one in receiver.events] == [("B-1", 7)]
    assert await shop.webhook_replays.replay_failed(CLERK, webhook.id) == 1
    await send_due(shop.webhook_sender)
    # It is sent as it was: nothing newer was put down of it.
    assert receiver.events[-1]["data"]["quantity"] == 5
