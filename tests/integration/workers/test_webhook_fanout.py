"""What happens is put down for each webhook that wants to know it, whoever comes in between."""

import asyncio
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.webhooks import Webhook
from hub.services import event_consumer, webhook_fanout
from hub.services.webhooks import WebhookInput
from hub.store.change_log import read_cursor
from hub.store.database import POOL_SIZE
from hub.store.event_consumers import end_consumer, hold_consumer
from tests.integration.ledger.test_change_log import Session
from tests.integration.receiver import Receiver, receiving
from tests.integration.shop import CLERK, SKUS, count, execute
from tests.integration.workers.partners import deliveries, put_down, send_due, webhook_to


async def test_however_many_webhooks_there_are_a_transaction_puts_down_only_so_much(
    shop: Services, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_fanout, "MAX_DELIVERIES", 4)
    webhooks = [await webhook_to(shop, receiver, channels=["web"]) for _ in range(2)]
    receiver.secret = None
    await put_down(shop)
    for sku in SKUS:
        await count(shop, sku, 5)
    known = [0]
    for _ in range(3):
        await shop.webhook_fanout.step()
        known.append(sum([len(await deliveries(shop, webhook)) for webhook in webhooks]))
    assert known == [0, 4, 8, 8]
    assert await send_due(shop.webhook_sender) == 8


async def test_a_webhook_that_is_added_while_events_are_put_down_misses_none(
    shop: Services, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await webhook_to(shop, receiver)
    await put_down(shop)
    async with receiving() as other:

        async def add_and_hold(*given: Any) -> Any:
            monkeypatch.undo()
            await webhook_to(shop, other, channels=["web"])
            await count(shop, "A-1", 5)
            return await hold_consumer(*given)

        monkeypatch.setattr(event_consumer, "hold_consumer", add_and_hold)
        await put_down(shop)
        await send_due(shop.webhook_sender)
        assert [one["subject"] for one in other.events] == ["A-1"]


async def test_what_was_under_way_when_a_webhook_was_made_is_told(
    shop: Services, receiver: Receiver, database_url: str
) -> None:
    """It was recorded before, and nobody saw it then."""
    await webhook_to(shop, receiver)
    await put_down(shop)
    long = await Session.begun(database_url)
    await long.change("B-2")
    async with receiving() as other:
        await webhook_to(shop, other, channels=["web"])
        # Stock that is changed behind the hub's back, so that there is news in the late row.
        await execute(
            database_url,
            """insert into position (sku, location, on_hand, unavailable, allocated, reserved,
                 backordered, incoming, shortfall, version)
               values ('B-2', 'BER', 4000, 0, 0, 0, 0, 0, 0, 1)""",
        )
        await long.end()
        await put_down(shop)
        await send_due(shop.webhook_sender)
        assert [one["data"]["quantity"] for one in other.events] == [4]


async def test_a_replay_that_is_begun_anew_while_one_ends_is_sent(
    shop: Services, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = await webhook_to(shop, receiver, ["availability.*"], channels=["web"])
    cursor = await read_cursor(shop.database)
    await count(shop, "A-1", 5)
    await put_down(shop)

    async def begin_and_end(*given: Any) -> None:
        monkeypatch.undo()
        await shop.webhook_replays.replay_since(CLERK, webhook.id, None, cursor)
        await end_consumer(*given)

    monkeypatch.setattr(event_consumer, "end_consumer", begin_and_end)
    await shop.webhook_replays.replay_since(CLERK, webhook.id, None, cursor)
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 1
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 1
    await put_down(shop)
    assert await send_due(shop.webhook_sender) == 0


async def test_what_is_sent_again_takes_the_place_of_nothing_newer(
    shop: Services, receiver: Receiver
) -> None:
    webhook = await webhook_to(shop, receiver, channels=["web"])
    for units in (5, 3):
        await count(shop, "A-1", units)
        await put_down(shop)
        if units == 5:
            await send_due(shop.webhook_sender)
    old = (await deliveries(shop, webhook))[0]
    again = await shop.webhook_replays.replay_delivery(CLERK, str(old.id))
    assert again.event_id == old.event_id
    assert await send_due(shop.webhook_sender) == 2
    told = [one["data"]["quantity"] for one in receiver.events]
    assert (told[0], sorted(told[1:])) == (5, [3, 5])


async def test_more_may_change_webhooks_at_once_than_there_are_connections(
    shop: Services, receiver: Receiver
) -> None:
    """Who is in a transaction waits for no other connection, and nobody's change is lost."""
    webhooks = [await webhook_to(shop, receiver) for _ in range(2 * POOL_SIZE)]

    async def lead_through(webhook: Webhook) -> None:
        await shop.webhooks.change(CLERK, webhook.id, WebhookInput(skus=["A-1"]))
        await shop.webhook_replays.test(CLERK, webhook.id)
        await shop.webhook_replays.replay_failed(CLERK, webhook.id)
        await shop.webhook_replays.replay_since(CLERK, webhook.id, webhook.created_at, None)
        await shop.webhooks.rotate_secret(CLERK, webhook.id)
        await shop.webhooks.delete(CLERK, webhook.id)

    async with asyncio.timeout(60):
        await asyncio.gather(*map(lead_through, webhooks))
