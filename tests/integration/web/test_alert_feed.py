"""The feed of alerts, over a real server, and the events that other systems are told."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.principal import AccessScope
from hub.services.event_consumer import EventConsumer, Manner
from hub.settings import AccessToken
from hub.store.alerts import forget_alerts
from tests.integration.alerting import alerts, followed, time_passes
from tests.integration.serving import Feed, Message, feed, served
from tests.integration.shop import BUYER, CLERK, count, opened, put_shop
from tests.waiting import eventually


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop where A-1 is low in both channels, and alerts are over at once."""
    async with opened(database_url, alert_calm_seconds=0, notice_factor=1.0) as services:
        await put_shop(services)
        await count(services, "A-1", 3)
        await followed(services)
        yield services


@pytest.fixture
async def client(shop: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who reads."""
    async with served(shop) as one:
        yield one


async def alert_of(reader: Feed) -> Message:
    """The next alert."""
    message = await reader.next()
    assert message.event == "alert", message
    return message


async def test_a_feed_tells_what_is_the_matter_and_then_each_change_of_it(
    shop: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "channel=web&locale=de", of="alerts") as reader:
        first = await alert_of(reader)
        assert (first.data["condition"], first.data["state"]) == ("LOW_STOCK", "OPEN")
        assert first.data["facts"] == {"count": 3, "mark": 5, "rule": "default"}
        assert first.data["message"]["text"].startswith("A-1 wird knapp")

        await shop.alerts.acknowledge(CLERK, first.data["id"])
        seen = await alert_of(reader)
        assert (seen.data["id"], seen.data["state"]) == (first.data["id"], "ACKNOWLEDGED")
        await count(shop, "A-1", 50)
        await followed(shop)
        await time_passes(shop)
        over = await alert_of(reader)
        assert (over.data["id"], over.data["state"]) == (first.data["id"], "RESOLVED")
        assert len({first.id, seen.id, over.id}) == 3


async def test_who_comes_back_is_told_what_he_missed(
    shop: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "channel=web", of="alerts") as reader:
        last = (await alert_of(reader)).id
    assert last is not None
    await count(shop, "A-1", 0)
    await followed(shop)
    address = "channel=web&condition=OUT_OF_STOCK,SHORTFALL"
    async with feed(client, address, of="alerts", **{"Last-Event-ID": last}) as reader:
        missed = await alert_of(reader)
        assert (missed.data["condition"], missed.data["sku"]) == ("OUT_OF_STOCK", "A-1")


async def test_who_missed_the_end_of_an_alert_that_is_forgotten_is_told_everything(
    shop: Services, client: httpx.AsyncClient, database_url: str
) -> None:
    async with feed(client, "channel=web", of="alerts") as reader:
        last = (await alert_of(reader)).id
    assert last is not None
    await count(shop, "A-1", 50)
    await count(shop, "A-2", 3)
    await followed(shop)
    await time_passes(shop)
    back: dict[str, str] = {"Last-Event-ID": last}
    async with feed(client, "channel=web", of="alerts", **back) as reader:
        low, over = await alert_of(reader), await alert_of(reader)
        assert (over.data["state"], over.data["kind"]) == ("RESOLVED", "RECOVERED")
        assert (low.data["sku"], low.data["kind"]) == ("A-2", "RECOVERED")
    assert await forget_alerts(shop.database, timedelta()) > 0
    async with feed(client, "channel=web", of="alerts", **back) as reader:
        reset = await reader.next()
        assert (reset.event, reset.data) == ("reset", {"reason": "TOO_FAR_BEHIND"})
        assert (await alert_of(reader)).data["sku"] == "A-2"
    back["Last-Event-ID"] = over.id or ""
    async with feed(client, "channel=web", of="alerts", **back) as reader:
        assert (await reader.next()).event == "current"


async def test_alerts_are_told_as_cloud_events(client: httpx.AsyncClient) -> None:
    query = "format=cloudevents&channel=web&locale=de"
    async with feed(client, query, of="alerts") as reader:
        event = (await alert_of(reader)).data
        assert (event["type"], event["subject"]) == ("stock.alert", "A-1")
        assert event["id"] == f"alert-{event['data']['id']}-open"
        assert event["data"]["condition"] == "LOW_STOCK"
        assert event["data"]["message"]["text"].startswith("A-1 wird knapp")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("condition=NOISE", 400),
        ("condition=", 400),
        ("channel=nowhere", 404),
        ("skus=A-1", 400),
        ("sku=", 400),
    ],
)
async def test_mistakes_are_told(client: httpx.AsyncClient, query: str, status: int) -> None:
    response = await client.get(f"/feeds/alerts?{query}")
    assert response.status_code == status, response.text


async def test_the_feed_is_for_those_who_have_a_scope_for_it(database_url: str) -> None:
    digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"  # of "token"
    everything_else = frozenset(AccessScope) - {AccessScope.ALERTS_READ, AccessScope.ALERTS_WRITE}
    tokens = {digest: AccessToken(name="shop", scopes=everything_else)}
    async with opened(database_url, access_tokens=tokens) as services, served(services) as client:
        response = await client.get("/feeds/alerts", headers={"Authorization": "Bearer token"})
        assert (response.status_code, response.json()["error"]["scope"]) == (403, "alerts:read")


async def told(consumer: EventConsumer) -> list[CloudEvent]:
    """What a consumer is told until there is nothing more, but for availability."""
    events: list[CloudEvent] = []
    is_last = False
    while not is_last:
        batch = await consumer.next()
        assert batch is not None
        await consumer.save(batch)
        events += batch.events
        is_last = batch.is_last
    return [one for one in events if one.type is not EventType.AVAILABILITY_CHANGED]


async def test_other_systems_are_told_of_alerts_and_of_notices_to_give(shop: Services) -> None:
    consumer = shop.event_consumer("partner", Manner.CHANGES)
    await consumer.begin()
    await told(consumer)
    await count(shop, "A-1", 0)
    await followed(shop)
    opened_now = await told(consumer)
    assert [(one.type, one.data["condition"]) for one in opened_now] == [
        (EventType.STOCK_ALERT, "OUT_OF_STOCK")
    ] * 2
    assert {one.channel for one in opened_now} == {"web", "store"}

    notice = await shop.notices.ask(BUYER, "A-1", "letter-7")
    assert await told(consumer) == []
    await count(shop, "A-1", 50)
    await followed(shop)
    (back,) = await told(consumer)
    assert (back.type, back.subject, back.id) == (
        EventType.STOCK_BACK,
        "A-1",
        f"notice-{notice.id}",
    )
    assert (back.data["reference"], back.channel) == ("letter-7", "web")

    await time_passes(shop)
    over = await told(consumer)
    assert {(one.data["condition"], one.data["state"]) for one in over} == {
        ("LOW_STOCK", "RESOLVED"),
        ("OUT_OF_STOCK", "RESOLVED"),
        ("BACK_IN_STOCK", "RESOLVED"),
    }
    ids = [one.id for one in (*opened_now, back, *over)]
    assert len(set(ids)) == len(ids)
    assert len(await alerts(shop)) == 6


async def test_what_was_not_saved_is_told_again_under_the_same_ids(shop: Services) -> None:
    consumer = shop.event_consumer("partner", Manner.CHANGES)
    await consumer.begin()
    await told(consumer)
    await count(shop, "A-1", 0)
    await followed(shop)

    async def ids() -> list[str]:
        batch = await consumer.next()
        assert batch is not None
        return [one.id for one in batch.events]

    first = await eventually(ids)
    assert first == await ids()


@pytest.mark.parametrize(
    ("asked", "items"),
    [("sku=A-1,B-1", {"A-1", "B-1"}), ("sku=B-1&sku=A-1", {"A-1", "B-1"}), ("category=B", {"B-1"})],
)
async def test_alerts_of_the_items_that_are_asked_for_are_told(
    shop: Services, client: httpx.AsyncClient, asked: str, items: set[str]
) -> None:
    await count(shop, "A-2", 3)
    await count(shop, "B-1", 3)
    await followed(shop)
    address = f"channel=web&condition=LOW_STOCK&{asked}"
    async with feed(client, address, of="alerts") as reader:
        assert {(await alert_of(reader)).data["sku"] for _ in items} == items
        await count(shop, "A-2", 0)
        await count(shop, "B-1", 50)
        await followed(shop)
        await time_passes(shop)
        over = (await alert_of(reader)).data
        assert (over["sku"], over["state"]) == ("B-1", "RESOLVED")


async def test_alerts_of_an_item_that_there_is_not_are_refused(client: httpx.AsyncClient) -> None:
    for asked, status in (("sku=A-1,NONE", 404), ("sku=A-1&category=A", 400)):
        assert (await client.get(f"/feeds/alerts?{asked}")).status_code == status
