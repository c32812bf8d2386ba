"""What a storefront's shoppers are told: bands, in every field that they can reach."""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

from hub.domain.policies import Policy
from hub.domain.principal import ANONYMOUS, STOREFRONT_SCOPES, Audience, Principal, trusted
from hub.domain.values import UNIT, Line, quantity_from
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Count, Receipt
from hub.settings import AccessToken, Settings
from resolvers.limits import DocumentLimits
from resolvers.root import build, context_for
from tests.integration.graphql.conftest import SEED, Served, serving
from tests.integration.graphql.sockets import Socket
from tests.integration.serving import feed

UNLIMITED_DOCUMENTS: Final = DocumentLimits(
    characters=10**6,
    tokens=10**5,
    depth=50,
    aliases=10**4,
    fields=10**5,
    comparisons=10**9,
    points=10**9,
    seconds=60,
)
THOUSANDTHS: Final = re.compile(r"(?<![\d:.])\d+\.\d{3}(?!\d)")
"""Units of the items below have three decimals, wherever one looks; nothing else has."""

GIVEN: Final[dict[str, str]] = {
    "sku": '"OIL"',
    "skus": '["OIL", "WAX", "CAN"]',
    "id": '"Item:OIL"',
    "webhook": '"none"',
    "snapshot": '"none"',
    "upload": '"none"',
    "ids": '["Item:OIL", "Item:CAN"]',
    "quantity": "9",
    "always": "true",
    "withUnavailable": "true",
}


def litres(amount: str) -> int:
    """An amount with all its decimals."""
    return quantity_from(amount)


async def stock_up(served: Served) -> None:
    """Oil and wax by the gram, and a can that is made of oil: no number of units is a whole one."""
    services = served.services
    oil = CatalogueItem("OIL", "Oil", "oils", "loose", quantity_step=1, attributes={"size": "S"})
    wax = oil._replace(sku="WAX", name="Wax", attributes={"size": "M"})
    can = CatalogueItem("CAN", "Can of oil", quantity_step=1)
    await services.catalogue.put_items(SEED, [oil, wax, can])
    await services.catalogue.put_kits(SEED, {"CAN": [Line("OIL", UNIT)]})
    policy = Policy(backorder_limit=litres("3.331"), safety_stock=litres("0.117"))
    await services.catalogue.put_policies(SEED, {("item", "OIL"): policy})
    for sku, location, amount in (
        ("OIL", "BER", "7.913"), ("OIL", "AMS", "2.377"), ("WAX", "BER", "1.719"),
    ):  # fmt: skip
        await services.stock.set_stock(SEED, Count(sku, location, litres(amount)))
    eta = services.clock.now() + timedelta(days=3)
    for document, amount in (("PO-1", "1.273"), ("PO-2", "4.551")):
        receipt = Receipt("OIL", "BER", litres(amount), document, eta)
        await services.stock.schedule_supply(SEED, receipt)
    for number, amount in enumerate(("0.113", "0.219", "0.327")):
        line = [Line("OIL", litres(amount))]
        held = await services.reservations.reserve(SEED, line, holder="somebody")
        if number:
            await services.reservations.commit(SEED, held.id, f"O-{number}")


@pytest.fixture
async def stocked(database_url: str) -> AsyncIterator[Served]:
    """A hub that lets in who has a token, and whoever has none as a shopper."""
    tokens = {
        hashlib.sha256(name.encode()).hexdigest(): AccessToken(
            name=name, scopes=STOREFRONT_SCOPES, audience=audience
        )
        for name, audience in (("shop", Audience.EXACT), ("page", Audience.BANDS))
    }
    settings = Settings(database_url=database_url, access_tokens=tokens, anonymous_access=True)
    async with serving(settings) as served:
        await stock_up(served)
        yield served


class Everything:
    """Documents that select whatever can be reached, and what they have reached."""

    def __init__(self, core: GraphQLSchema) -> None:
        self._core = core
        self.reached: set[str] = set()

    def document(self, name: str, field: GraphQLField) -> str:
        """A query for all there is below one field of the root."""
        return f"{{ {self._asked(name, field, ())} }}"

    def _asked(self, name: str, field: GraphQLField, path: tuple[str, ...]) -> str:
        arguments = [
            f"{argument}: {GIVEN[argument]}"
            for argument, declared in field.args.items()
            if argument in GIVEN or is_required_argument(declared)
        ]
        given = f"({', '.join(arguments)})" if arguments else ""
        return f"{name}{given} {self._selected(field.type, path)}"

    def _selected(self, type_: GraphQLOutputType, path: tuple[str, ...]) -> str:
        named = get_named_type(type_)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            parts = [
                f"... on {one.name} {self._selected(one, path)}"
                for one in self._core.get_possible_types(named)
            ]
            return f"{{ __typename {' '.join(parts)} }}"
        if not isinstance(named, GraphQLObjectType):
            return ""
        fields = ["__typename"]
        for name, field in named.fields.items():
            if get_named_type(field.type).name in (*path, named.name):
                # Reached already, further up.
                continue
            self.reached.add(f"{named.name}.{name}")
            fields.append(self._asked(name, field, (*path, named.name)))
        return f"{{ {' '.join(fields)} }}"


def numbers_of_units(answer: Any, of: str = "") -> Iterator[str]:
    """Where in an answer a number of units is told, and which."""
    if isinstance(answer, dict):
        kind = answer.get("__typename", of)
        for name, value in answer.items():
            yield from numbers_of_units(value, f"{kind}.{name}")
    elif isinstance(answer, list):
        for value in answer:
            yield from numbers_of_units(value, of)
    elif not isinstance(answer, bool) and isinstance(answer, int | float | str):
        yield from (f"{of}: {number}" for number in THOUSANDTHS.findall(str(answer)))


async def told_to(served: Served, principal: Principal) -> tuple[list[str], set[str]]:
    """The numbers of units that a principal can get at, and the fields that were looked at."""
    api = build(UNLIMITED_DOCUMENTS)
    core: GraphQLSchema = api._schema
    assert core.query_type is not None
    everything, found = Everything(core), list[str]()
    for name, field in core.query_type.fields.items():
        document = everything.document(name, field)
        result = await api.execute(document, None, context_for(served.services, principal))
        codes = {(error.extensions or {}).get("code") for error in result.errors or ()}
        assert codes <= {"FORBIDDEN"}, (name, result.errors)
        found += numbers_of_units(result.data)
        found += numbers_of_units([error.message for error in result.errors or ()], name)
    return found, everything.reached


async def test_no_field_of_any_query_tells_a_shopper_a_number_of_units(stocked: Served) -> None:
    exact, reached = await told_to(stocked, trusted("clerk"))
    # What is looked for is found where it may be told, in whatever it may be hidden.
    fields = {one.split(":")[0] for one in exact}
    assert fields >= {
        "Availability.quantity", "Breakdown.onHand", "LocationBreakdown.availableToSell",
        "KitComponent.availableToOrder", "PromiseLine.quantity", "StockMovement.availableAfter",
        "SupplyLine.open", "DemandForecast.orderedUnits", "Message.text",
    }  # fmt: skip
    assert any("evidence" in one for one in fields)
    assert any("jsonLd" in one for one in fields)
    assert {"Item.movements", "Item.reservations", "Availability.alternatives"} <= reached

    told, also_reached = await told_to(stocked, ANONYMOUS)
    assert told == []
    assert also_reached == reached


SHOPPER = """{ availability(skus: ["OIL"], quantity: 99) {
    quantity band canFulfil message { text } } }"""


async def test_who_sends_no_credentials_is_a_shopper_and_a_wrong_token_is_refused(
    stocked: Served,
) -> None:
    def bearer(token: str) -> dict[str, str]:
        return {"authorization": f"Bearer {token}"}

    async def asked(**headers: str) -> httpx.Response:
        return await stocked.http.post("/graphql", json={"query": SHOPPER}, headers=headers)

    for headers in ({}, bearer("page")):
        (answer,) = (await asked(**headers)).json()["data"]["availability"]
        assert answer == {
            "quantity": None, "band": "10+", "canFulfil": False,
            "message": {"text": "In stock"},
        }  # fmt: skip
    (exact,) = (await asked(**bearer("shop"))).json()["data"]["availability"]
    assert exact["quantity"] == pytest.approx(7.913 + 2.377 - 0.234 - 0.659 + 3.331)
    assert exact["band"] is None
    # What is kept for the one is not told to the other.
    for headers, told in ((bearer("shop"), None), (bearer("page"), "10+"), ({}, "10+")) * 2:
        (answer,) = (await asked(**headers)).json()["data"]["availability"]
        assert answer["band"] == told
    for wrong in ({"authorization": ""}, bearer("wrong"), {"authorization": "Basic shop"}):
        assert (await asked(**wrong)).status_code == 401


async def test_a_shopper_may_hold_stock_and_is_refused_with_a_band(stocked: Served) -> None:
    lines = "lines { sku requested available band }"
    held = await stocked.mutate(
        "reserve", "reservation { id }", lines=[{"sku": "OIL", "quantity": 2}]
    )
    assert held["reservation"]["id"]
    refusal = f"... on InsufficientStock {{ {lines} }}"
    for mutation, given in (
        ("reserve", {"lines": [{"sku": "WAX", "quantity": 99}], "idempotencyKey": "again"}),
        ("reserve", {"lines": [{"sku": "WAX", "quantity": 99}], "idempotencyKey": "again"}),
        ("changeReservation", {"id": held["reservation"]["id"],
                               "lines": [{"sku": "WAX", "quantity": 99}]}),
    ):  # fmt: skip
        refused = await stocked.mutate(mutation, "reservation { id }", refusal, **given)
        assert refused == {
            "__typename": "InsufficientStock",
            "code": "INSUFFICIENT_STOCK",
            "message": "Not enough stock: 1-4 left of WAX, you asked for 99.",
            "lines": [{"sku": "WAX", "requested": 99, "available": None, "band": "1-4"}],
        }


async def test_a_shopper_can_change_no_stock(stocked: Served) -> None:
    document = """
        mutation { setStock(input: {sku: "OIL", location: "BER", onHand: 5}) {
            ... on SetStockSuccess { position { onHand } } } }"""
    error = await stocked.refused(document)
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_subscriptions_and_feeds_tell_bands_too(stocked: Served) -> None:
    watched = """subscription { availability(skus: ["WAX", "CAN"]) { kind availability {
        sku quantity band breakdown { onHand } components { availableToOrder }
        promise { quantity kind } message { code params evidence } jsonLd } } }"""
    async with Socket.open(f"ws://{stocked.address}/graphql") as socket:
        await socket.begin()
        await socket.subscribe("1", watched)
        snapshot = (await socket.data("1"))["availability"]
        assert [one["band"] for one in snapshot["availability"]] == ["1-4", "10+"]
        await stocked.services.stock.set_stock(SEED, Count("WAX", "BER", litres("6.113")))
        change = (await socket.data("1"))["availability"]
        assert [one["band"] for one in change["availability"]] == ["5-9"]
        assert list(numbers_of_units([snapshot, change])) == []
    async with Socket.open(f"ws://{stocked.address}/graphql") as socket:
        await socket.send({"type": "connection_init", "payload": {"authorization": "Bearer no"}})
        assert await socket.close_code() == 4403
    async with AsyncExitStack() as stack:
        shopper = await stack.enter_async_context(feed(stocked.http, "sku=WAX,CAN"))
        for _ in range(2):
            message = await shopper.next()
            assert message.data["band"] in ("5-9", "10+")
            assert (message.data["quantity"], message.data["breakdown"]) == (None, None)
            assert list(numbers_of_units(message.data)) == []


async def test_without_anonymous_access_there_are_no_shoppers(database_url: str) -> None:
    tokens = {"0" * 64: AccessToken(name="shop", scopes=STOREFRONT_SCOPES)}
    async with serving(Settings(database_url=database_url, access_tokens=tokens)) as served:
        answer = await served.http.post("/graphql", json={"query": SHOPPER})
        assert answer.status_code == 401


async def test_anonymous_access_alone_lets_nobody_else_in(database_url: str) -> None:
    settings = Settings(database_url=database_url, anonymous_access=True, host="0.0.0.0")
    async with serving(settings) as served:
        headers = {"authorization": "Bearer anything"}
        answer = await served.http.post("/graphql", json={"query": SHOPPER}, headers=headers)
        assert answer.status_code == 401
        error = (await served.http.post("/ingest/till", json={})).json()["error"]
        assert (error["code"], error["principal"]) == ("FORBIDDEN", "anonymous")
