"""Webhooks are sent what the AsyncAPI document says."""

from hub.domain.cloud_event import EventType
from tests.asyncapi_checks import MESSAGES, faults_of, unknown_members
from tests.integration.alerting import followed
from tests.integration.receiver import receiving
from tests.integration.shop import BUYER, CLERK, count, let_holds_lapse, opened, put_shop, reserve
from tests.integration.workers.partners import ANY, put_down, send_due, webhook_to
from workers.expiry import Expiry

ELSEWHERE = {
    EventType.RESERVATION_FULFILLED,
    EventType.RESERVATION_CANCELLED,
    # Where the log was put back: its data is empty.
    EventType.SYNC_RESET,
}
"""Types that differ from one that is sent here in their name alone."""


async def test_what_is_sent_is_what_the_document_says(database_url: str) -> None:
    async with (
        opened(database_url, webhook_private_addresses=True) as shop,
        receiving() as receiver,
    ):
        await put_shop(shop)
        webhook = await webhook_to(shop, receiver, [*ANY, "stock.*"])
        for sku, units in {"A-1": 0, "B-1": 5, "B-2": 5}.items():
            await count(shop, sku, units)
        await followed(shop)
        await shop.notices.ask(BUYER, "A-1", "shopper-1")
        released, kept = await reserve(shop, {"B-1": 2}), await reserve(shop, {"B-2": 1})
        await reserve(shop, {"B-1": 1})
        await put_down(shop)
        await send_due(shop.webhook_sender)
        await shop.reservations.release(CLERK, released.id)
        await shop.reservations.commit(CLERK, kept.id, "ORDER-1")
        await let_holds_lapse(database_url)
        await Expiry(shop).sweep()
        await count(shop, "A-1", 9)
        await followed(shop)
        await shop.webhook_replays.test(CLERK, webhook.id)
        await put_down(shop)
        await send_due(shop.webhook_sender)
    assert {one["type"] for one in receiver.events} == set(EventType) - ELSEWHERE
    for event in receiver.events:
        assert faults_of(event["type"], event) == []
        assert unknown_members(MESSAGES[event["type"]]["payload"], event) == []
