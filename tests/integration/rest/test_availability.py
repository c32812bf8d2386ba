"""Availability over REST: the answers of the GraphQL API, by address and in bulk."""

import httpx

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from tests.integration.rest.problems import problem
from tests.integration.serving import served
from tests.integration.shop import CLERK, count, opened, reserve

COUNT = {"rows": [{"count": {"sku": "A-1", "location": "BER", "onHand": 1}}]}
FIELDS = """
    sku channel quantity band status googleAvailability schemaOrgAvailability canFulfil requested
    version breakdown { onHand reserved availableToSell locations { location onHand } }
    limitingReason limitingRule components { sku } message { code params text(locale: "de") }
    nextSupplyAt"""


async def test_an_answer_says_what_graphql_says(client: httpx.AsyncClient) -> None:
    over_rest = (await client.get("/v1/availability/A-1?quantity=9&locale=de")).json()
    query = f'{{ availability(skus: ["A-1"], quantity: 9) {{ {FIELDS} }} }}'
    (over_graphql,) = (await client.post("/graphql", json={"query": query})).json()["data"][
        "availability"
    ]
    assert over_rest["asOf"].endswith("Z")
    for name, value in over_graphql.items():
        if isinstance(value, dict):
            assert over_rest[name].items() >= _without_locations(value).items(), name
        else:
            assert over_rest[name] == value, name
    told = over_rest["breakdown"]["locations"]
    assert [(place["location"], place["onHand"]) for place in told] == [("BER", 5)]


def _without_locations(value: dict[str, object]) -> dict[str, object]:
    return {name: part for name, part in value.items() if name != "locations"}


async def test_an_answer_holds_for_its_scope(client: httpx.AsyncClient, services: Services) -> None:
    await count(services, "A-1", 3, location="AMS")
    await reserve(services, {"A-1": 2}, holder="cart-1")

    async def quantity(query: str = "") -> float:
        answer = await client.get(f"/v1/availability/A-1?{query}")
        units: float = answer.json()["quantity"]
        return units

    assert await quantity() == 6
    assert await quantity("channel=store") == 3
    assert await quantity("holder=cart-1") == 8
    assert await quantity("channel=store&holder=cart-1") == 5


async def test_quantities_are_exact(client: httpx.AsyncClient, services: Services) -> None:
    tea = CatalogueItem("TEA/GREEN", "Tea", unit="kg", quantity_step=1)
    await services.catalogue.put_items(CLERK, [tea])
    row = {"sku": "TEA/GREEN", "location": "BER", "onHand": "0.3"}
    await client.post("/v1/stock", json={"rows": [{"count": row}]})
    answer = await client.get("/v1/availability/TEA%2FGREEN?quantity=0.1")
    assert '"quantity":0.3,' in answer.text
    assert answer.json()["requested"] == 0.1
    refused = await client.get("/v1/availability/TEA%2FGREEN?quantity=0.0001")
    told = problem(refused, 422, "INVALID_INPUT")
    assert told == {"field": "quantity", "problem": "0.0001 has more than 3 decimals"}


async def test_who_is_told_bands_is_told_no_number(services: Services, database_url: str) -> None:
    await count(services, "A-1", 5)
    await count(services, "B-1", 40)
    async with opened(database_url, anonymous_access=True) as public, served(public) as client:
        few = (await client.get("/v1/availability/A-1")).json()
        many = (await client.get("/v1/availability/B-1")).json()
        assert (many["quantity"], many["breakdown"]) == (None, None)
        assert many["band"] != few["band"]
        wanted = {"lines": [{"sku": "A-1", "quantity": 9}]}
        refused = await client.post("/v1/reservations", json=wanted)
        (line,) = problem(refused, 409, "INSUFFICIENT_STOCK")["lines"]
        assert (line["available"], line["band"]) == (None, few["band"])
        refused = await client.post("/v1/stock", json=COUNT)
        assert problem(refused, 403, "FORBIDDEN") == {"scope": "stock:write"}


async def test_who_has_the_answer_is_told_so(client: httpx.AsyncClient, services: Services) -> None:
    first = await client.get("/v1/availability/A-1")
    tag = first.headers["etag"]
    assert tag.startswith(f'W/"{first.json()["version"]}-')
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = await client.get("/v1/availability/A-1", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
    await count(services, "A-1", 4)
    changed = await client.get("/v1/availability/A-1", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["quantity"]) == (200, 4)


async def test_an_etag_is_one_of_everything_the_answer_depends_on(
    client: httpx.AsyncClient, services: Services
) -> None:
    async def tag(query: str = "") -> str:
        etag: str = (await client.get(f"/v1/availability/A-1?{query}")).headers["etag"]
        return etag

    queries = ("", "channel=store", "quantity=2", "locale=de")
    tags = {query: await tag(query) for query in queries}
    assert len(set(tags.values())) == len(queries)
    assert {query: await tag(query) for query in queries} == tags
    # A rule changes the answer without any movement of stock.
    await services.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(safety_stock=UNIT)})
    assert not set(tags.values()) & {await tag(query) for query in queries}


async def test_many_items_are_answered_in_their_order(client: httpx.AsyncClient) -> None:
    skus = ["B-1", "A-1", "B-1"]
    asked = {"skus": skus, "channel": "store", "quantity": 2, "locale": "de"}
    answer = await client.post("/v1/availability", json=asked)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    told = answer.json()["availability"]
    assert [(one["sku"], one["requested"], one["channel"]) for one in told] == [
        (sku, 2, "store") for sku in skus
    ]
    assert told[0]["message"]["text"] == "Nur noch 5 verfügbar"


async def test_what_is_unknown_is_named(client: httpx.AsyncClient) -> None:
    assert problem(await client.get("/v1/availability/NO"), 404, "UNKNOWN_SKU") == {"skus": ["NO"]}
    many = await client.post("/v1/availability", json={"skus": ["A-1", "X", "Y"]})
    assert problem(many, 404, "UNKNOWN_SKU") == {"skus": ["X", "Y"]}
    nowhere = await client.get("/v1/availability/A-1?channel=moon")
    assert problem(nowhere, 404, "UNKNOWN_CHANNEL") == {"channel": "moon"}


async def test_a_parameter_that_cannot_be_taken_is_named(client: httpx.AsyncClient) -> None:
    for query, field in [
        ("quantity=0", "quantity"),
        ("quantity=-1", "quantity"),
        ("quantity=many", "quantity"),
        ("quantity=NaN", "quantity"),
        ("quantity=1e30", "quantity"),
        ("channel=", "channel"),
        (f"channel={'x' * 65}", "channel"),
        ("holder=%00", "holder"),
        (f"locale={'x' * 65}", "locale"),
        ("chanel=web", "chanel"),
    ]:
        refused = await client.get(f"/v1/availability/A-1?{query}")
        told = problem(refused, 422, "INVALID_INPUT")
        assert told["field"] == field
        assert told["problem"]


async def test_a_body_that_cannot_be_taken_is_told_where(client: httpx.AsyncClient) -> None:
    for sent, field in [
        ([], "body"),
        ("A-1", "body"),
        ({}, "skus"),
        ({"skus": "A-1"}, "skus"),
        ({"skus": []}, "skus"),
        ({"skus": ["A-1"] * 251}, "skus"),
        ({"skus": ["A-1", 7]}, "skus[1]"),
        ({"skus": ["A-1", ""]}, "skus[1]"),
        ({"skus": ["A-1"], "quantity": True}, "quantity"),
        ({"skus": ["A-1"], "quantity": 1.0005}, "quantity"),
        ({"skus": ["A-1"], "sku": "A-1"}, "sku"),
    ]:
        refused = await client.post("/v1/availability", json=sent)
        assert problem(refused, 422, "INVALID_INPUT")["field"] == field
