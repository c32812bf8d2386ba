"""Feeds tell, and doors answer, what the AsyncAPI document says."""

from typing import Any

import httpx
import pytest
from starlette.routing import Route

from hub.bootstrap import Services
from hub.domain.sources import source_from
from hub.web.app import web_app
from tests.asyncapi_checks import DOCUMENT, MESSAGES, faults_of, unknown_members
from tests.integration.serving import feed
from tests.integration.shop import CLERK, count, reserve


def check(message: str, payload: Any) -> None:
    """It is what the document says, and holds nothing else."""
    assert faults_of(message, payload) == []
    assert unknown_members(MESSAGES[message]["payload"], payload) == []


@pytest.mark.parametrize(
    ("name", "type_"),
    [("availability", "availability.changed"), ("reservations", "reservation.held")],
)
async def test_what_a_feed_tells_is_what_the_document_says(
    services: Services, client: httpx.AsyncClient, name: str, type_: str
) -> None:
    await count(services, "A-1", 5)
    await reserve(services, {"A-1": 2})
    async with feed(client, "", name) as partner:
        plain = await partner.next()
    check(plain.event, plain.data)
    async with feed(client, "format=cloudevents", name) as partner:
        told = await partner.next()
    check(type_, told.data)


async def test_what_the_door_answers_is_what_the_document_says(
    services: Services, client: httpx.AsyncClient
) -> None:
    (example,) = MESSAGES["stock.set"]["examples"]
    stored = await client.post("/ingest/erp", json=example["payload"])
    assert stored.status_code == MESSAGES["accepted"]["bindings"]["http"]["statusCode"]
    check("accepted", stored.json())
    refused = await client.post("/ingest/erp", json={**example["payload"], "type": "stock.sat"})
    assert refused.status_code == MESSAGES["refused"]["bindings"]["http"]["statusCode"]
    check("refused", refused.json())
    await services.sources.put(CLERK, source_from({"name": "acme", "format": "csv"}))
    rows = "sku;location;on_hand\nA-1;BER;5\nA-9;BER;\n"
    read = await client.post("/ingest/acme", content=rows, headers={"content-type": "text/csv"})
    told = read.json()
    check("deliveryTaken", told)
    assert told["accepted"]
    assert told["refused"]
    file = await client.post(
        "/sources/acme/uploads", content=rows, headers={"content-type": "text/csv"}
    )
    assert file.status_code == MESSAGES["uploadTaken"]["bindings"]["http"]["statusCode"]
    check("uploadTaken", file.json())


async def test_what_is_answered_of_a_snapshot_is_what_the_document_says(
    services: Services, client: httpx.AsyncClient
) -> None:
    whole = {"name": "acme", "format": "csv", "options": {"snapshot": True}}
    await services.sources.put(CLERK, source_from({**whole, "guard_rails": {"from_items": 1}}))
    for units, state in ((5, "APPLIED"), (0, "QUARANTINED")):
        rows = f"sku;location;on_hand\nA-1;BER;{units}\nB-1;BER;{units}\n"
        read = await client.post("/ingest/acme", content=rows, headers={"content-type": "text/csv"})
        told = read.json()
        check("deliveryTaken", told)
        assert told["snapshot"]["state"] == state


async def test_every_feed_and_door_of_the_document_is_served(services: Services) -> None:
    served = {route.path for route in web_app(services).routes if isinstance(route, Route)}
    documented = {
        channel["address"]
        for channel in DOCUMENT["channels"].values()
        if channel["servers"] == [{"$ref": "#/servers/hub"}]
    }
    feeds = {path for path in served if path.startswith("/feeds/") and "." not in path}
    doors = {path for path in served if path.startswith("/ingest/") or path.endswith("/uploads")}
    assert documented == feeds | doors


async def test_the_document_is_served(client: httpx.AsyncClient) -> None:
    response = await client.get("/asyncapi.json")
    assert response.headers["content-type"] == "application/vnd.aai.asyncapi+json"
    assert response.json() == DOCUMENT
