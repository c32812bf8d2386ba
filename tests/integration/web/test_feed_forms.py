"""What a feed may be asked for, and how it puts what it tells."""

import hashlib
from typing import Any

import httpx
import jsonschema_rs
import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.principal import AccessScope
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.settings import AccessToken
from tests.integration.serving import feed, served
from tests.integration.shop import CLERK, count, opened
from tests.waiting import eventually

CLOUD_EVENT: dict[str, Any] = {
    # From the JSON format of CloudEvents 1.0.
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "format": "uri-reference", "minLength": 1},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"const": "application/json"},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
    "additionalProperties": {"type": ["string", "integer", "boolean"]},
}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def known_as(token: str, *scopes: AccessScope, **more: Any) -> dict[str, AccessToken]:
    """The setting by which a token is known."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    return {digest: AccessToken(name=token, scopes=frozenset(scopes), **more)}


def check_cloud_event(data: Any) -> None:
    jsonschema_rs.validate(CLOUD_EVENT, data, validate_formats=True)


async def test_a_category_is_told_with_what_comes_into_it(
    services: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "category=B") as partner:
        assert [(await partner.units())[0] for _ in range(2)] == ["B-1", "B-2"]
        await count(services, "A-1", 5)
        await count(services, "B-2", 7)
        assert await partner.units() == ("B-2", 7)
        await services.catalogue.put_items(CLERK, [CatalogueItem("B-9", "New", category="B")])
        await partner.tells("B-9", 0)


async def test_a_category_of_nothing_tells_that_it_is_current(client: httpx.AsyncClient) -> None:
    async with feed(client, "category=C") as partner:
        current = await partner.next()
        assert (current.event, current.data) == ("current", {})
        assert current.id is not None


async def test_a_kit_is_told_when_a_part_of_it_changes(
    services: Services, client: httpx.AsyncClient
) -> None:
    await services.catalogue.put_kits(CLERK, {"B-1": [Line("A-1", UNIT), Line("A-2", 2 * UNIT)]})
    await count(services, "A-1", 5)
    async with feed(client, "sku=B-1") as partner:
        assert await partner.units() == ("B-1", 0)
        last = await count(services, "A-2", 4)
        told = await partner.next()
        assert (told.data["sku"], told.data["quantity"]) == ("B-1", 2)
        assert last.version == 1
    async with feed(client, "sku=B-1", **{"last-event-id": told.id or ""}) as partner:
        assert (await partner.next()).event == "current"
        await count(services, "A-1", 1)
        assert await partner.units() == ("B-1", 1)


async def test_what_a_feed_of_named_items_is_not_told_of_moves_it_on_all_the_same(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.feeds.feed.HEARTBEAT_SECONDS", 0.05)
    async with feed(client, "sku=A-1") as partner:
        await partner.next()
        await partner.read_until(lambda: partner.heartbeats)
    last = partner.heartbeats[-1]
    async with feed(client, "sku=A-1", **{"last-event-id": last or ""}) as partner:
        await partner.next()
        await count(services, "B-1", 5)
        await partner.read_until(lambda: {*partner.heartbeats} - {last})
    last = partner.heartbeats[-1]
    assert last is not None
    async with feed(client, "sku=A-1,B-1", **{"last-event-id": last}) as partner:
        assert (await partner.next()).event == "current"


@pytest.mark.parametrize(
    "query",
    [
        "skus=A-1",
        "sku=",
        "sku=,",
        "format=xml",
        "category=%00",
        "category=A&sku=A-1",
        "channel=web&chanel=web",
    ],
)
async def test_what_a_feed_can_not_be_asked_for_is_refused(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await client.get(f"/feeds/availability?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_INPUT")


async def test_cloud_events_are_valid_and_of_the_same_state_the_same(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 5)
    query = "sku=A-1&format=cloudevents&locale=de"
    async with feed(client, query) as one, feed(client, query) as other:
        snapshot = await one.next()
        assert snapshot.data == (await other.next()).data | {"time": snapshot.data["time"]} | {
            "data": snapshot.data["data"]
        }
        await count(services, "A-1", 4)
        changed = await one.next()
        assert changed == await other.next()
    async with feed(client, query, **{"last-event-id": snapshot.id or ""}) as back:
        again = await back.next()
    assert (again.data["id"], again.data["time"]) == (changed.data["id"], changed.data["time"])
    for told in (snapshot, changed, again):
        check_cloud_event(told.data)
        assert told.data["type"] == "availability.changed"
        assert told.data["subject"] == "A-1"
    assert changed.data["data"]["quantity"] == 4
    assert "verfügbar" in changed.data["data"]["message"]["text"]
    assert changed.data["id"] != snapshot.data["id"]


async def test_a_cloud_event_that_says_what_was_said_before_is_another_one(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 5)
    async with feed(client, "sku=A-1&format=cloudevents") as partner:
        heard = [(await partner.next()).data]
        for units in (2, 0, 2, 0):
            policy = Policy(safety_stock=units * UNIT)
            await services.catalogue.put_policies(CLERK, {("item", "A-1"): policy})
            heard.append((await partner.next()).data)
    assert [one["data"]["quantity"] for one in heard] == [5, 3, 5, 3, 5]
    # Who knows an id takes no notice of what has it.
    assert len({one["id"] for one in heard}) == len(heard)
    async with feed(client, "sku=A-1&format=cloudevents") as partner:
        assert (await partner.next()).data["id"] not in {one["id"] for one in heard[:-1]}


async def test_no_more_feeds_are_open_at_once_than_one_may_have(
    services: Services, database_url: str
) -> None:
    tokens = known_as("one", AccessScope.AVAILABILITY_READ)
    tokens |= known_as("other", AccessScope.AVAILABILITY_READ)
    async with (
        opened(database_url, access_tokens=tokens, max_feeds_per_principal=2) as strict,
        served(strict) as client,
    ):
        async with feed(client, "sku=A-1", **bearer("one")) as first:
            await first.next()
            async with feed(client, "sku=A-2", **bearer("one")):
                for address in ("availability?sku=A-1", "availability.ndjson"):
                    refused = await client.get(f"/feeds/{address}", headers=bearer("one"))
                    assert refused.status_code == 429
                    assert refused.json()["error"]["code"] == "FEED_LIMIT_REACHED"
                    assert refused.json()["error"]["limit"] == 2
                    assert int(refused.headers["retry-after"]) > 0
                async with feed(client, "sku=A-1", **bearer("other")) as partner:
                    await partner.next()

        async def again() -> int:
            async with client.stream(
                "GET", "/feeds/availability?sku=A-1", headers=bearer("one")
            ) as response:
                return response.status_code

        await eventually(again, lambda status: status == 200)


async def test_who_has_no_credentials_is_told_bands_and_of_no_reservation(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 7)
    async with (
        opened(database_url, anonymous_access=True) as public,
        served(public) as client,
        feed(client, "sku=A-1") as shopper,
    ):
        first = await shopper.next()
        assert (first.data["quantity"], first.data["band"]) == (None, "5-9")
        await count(public, "A-1", 3)
        assert (await shopper.next()).data["band"] == "1-4"
        refused = await client.get("/feeds/reservations")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
