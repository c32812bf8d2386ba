"""The feed of reservations: who may read it, and that nobody misses a change."""

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.principal import AccessScope, Audience
from tests.integration.serving import Message, feed, served
from tests.integration.shop import BUYER, count, opened, reserve
from tests.integration.web.test_feed_forms import bearer, check_cloud_event, known_as


def told(message: Message) -> tuple[str, str, int]:
    assert message.event == "reservation", message
    return message.data["id"], message.data["state"], message.data["version"]


async def test_each_change_of_a_reservation_is_told(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 10)
    async with feed(client, "", of="reservations") as partner:
        assert (await partner.next()).event == "current"
        held = await reserve(services, {"A-1": 2}, holder="cart-1")
        first = await partner.next()
        assert told(first) == (held.id, "HELD", 1)
        assert first.data["kind"] == "CHANGE"
        assert first.data["holder"] == "cart-1"
        assert [line["held"] for line in first.data["lines"]] == [2]
        await services.reservations.commit(BUYER, held.id, "order-1")
        second = await partner.next()
        assert told(second) == (held.id, "COMMITTED", 2)
        assert second.data["order"] == "order-1"
        await services.reservations.fulfil(BUYER, held.id)
        assert told(await partner.next()) == (held.id, "FULFILLED", 3)


async def test_who_comes_back_is_told_what_each_reservation_has_become(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 10)
    old = await reserve(services)
    async with feed(client, "", of="reservations") as partner:
        first = await partner.next()
        assert told(first) == (old.id, "HELD", 1)
        assert first.data["kind"] == "SNAPSHOT"
    new = await reserve(services)
    await services.reservations.release(BUYER, old.id)
    await services.reservations.extend(BUYER, new.id, 900)
    async with feed(client, "", of="reservations", **{"last-event-id": first.id or ""}) as partner:
        back = [await partner.next(), await partner.next()]
        # In the order of what touched them last.
        assert [told(one) for one in back] == [(old.id, "RELEASED", 2), (new.id, "HELD", 2)]
        assert {one.data["kind"] for one in back} == {"RECOVERED"}
    async with feed(
        client, "", of="reservations", **{"last-event-id": back[0].id or ""}
    ) as partner:
        assert told(await partner.next()) == (new.id, "HELD", 2)
    async with feed(client, "", of="reservations", **{"last-event-id": "elsewhere"}) as partner:
        assert (await partner.next()).event == "reset"
        # What has ended is no part of a snapshot.
        assert told(await partner.next()) == (new.id, "HELD", 2)


async def test_a_large_snapshot_comes_in_pieces(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.feeds.source.MAX_ENTRIES", 2)
    await count(services, "A-1", 10)
    held = [await reserve(services) for _ in range(5)]
    await services.reservations.release(BUYER, held[1].id)
    await services.reservations.release(BUYER, held[2].id)
    # By id: of those that were made in the same millisecond any may be the first.
    live = sorted(one.id for one in (held[0], held[3], held[4]))
    async with feed(client, "", of="reservations") as partner:
        assert [told(await partner.next())[0] for _ in live] == live
        await services.reservations.release(BUYER, held[3].id)
        assert told(await partner.next()) == (held[3].id, "RELEASED", 2)


async def test_the_feed_of_a_channel_tells_of_no_other_one(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 10)
    async with feed(client, "channel=store&format=cloudevents", of="reservations") as partner:
        await partner.next()
        await reserve(services, channel="web")
        held = await reserve(services, channel="store")
        event = (await partner.next()).data
        check_cloud_event(event)
        assert (event["type"], event["subject"]) == ("reservation.held", held.id)
        assert event["data"]["channel"] == "store"
    refused = await client.get("/feeds/reservations?channel=nowhere")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "UNKNOWN_CHANNEL")


async def test_only_who_may_take_stock_and_see_all_of_it_is_told_of_reservations(
    services: Services, database_url: str
) -> None:
    write, read = AccessScope.RESERVATIONS_WRITE, AccessScope.AVAILABILITY_READ
    tokens = known_as("shop", read, write)
    tokens |= known_as("page", read, AccessScope.RESERVATIONS_HOLD)
    tokens |= known_as("storefront", read, write, audience=Audience.BANDS)
    async with opened(database_url, access_tokens=tokens) as closed, served(closed) as client:
        for token in ("page", "storefront"):
            refused = await client.get("/feeds/reservations", headers=bearer(token))
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
        assert (await client.get("/feeds/reservations")).status_code == 401
        async with feed(client, "", of="reservations", **bearer("shop")) as partner:
            assert (await partner.next()).event == "current"


@pytest.mark.parametrize("asked", ["sku=B-1,A-2", "category=B"])
async def test_reservations_of_the_items_that_are_asked_for_are_told(
    services: Services, client: httpx.AsyncClient, asked: str
) -> None:
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    other = await reserve(services, {"A-1": 1})
    mixed = await reserve(services, {"A-1": 1, "B-1": 1})
    async with feed(client, asked, of="reservations") as partner:
        assert told(await partner.next()) == (mixed.id, "HELD", 1)
        await services.reservations.release(BUYER, other.id)
        new = await reserve(services, {"B-1": 1})
        assert told(await partner.next()) == (new.id, "HELD", 1)
        await services.reservations.release(BUYER, mixed.id)
        last = await partner.next()
        assert told(last) == (mixed.id, "RELEASED", 2)
    await reserve(services, {"A-1": 1})
    async with feed(client, asked, of="reservations", **{"last-event-id": last.id or ""}) as again:
        assert (await again.next()).event == "current"


async def test_reservations_of_an_item_that_there_is_not_are_refused(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/feeds/reservations?sku=NONE")).status_code == 404
