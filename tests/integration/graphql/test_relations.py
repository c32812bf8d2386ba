"""What hangs on an item, and what can be asked for by id alone."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.domain.policies import Policy
from hub.domain.principal import STOREFRONT_SCOPES, Principal
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Receipt
from hub.store.stock_reads import MAX_EXPECTED
from resolvers.root import build, context_for
from tests.integration.graphql.conftest import SEED, Served
from tests.integration.graphql.test_reservation_life import done, hold, units
from tests.integration.shop import execute

PAGES = """
    query ($first: Int! = 10, $after: String, $location: ID) { item(sku: "MUG-S") {
      reservations(first: $first, after: $after, location: $location) {
        pageInfo { hasNextPage hasPreviousPage endCursor }
        edges { cursor node { line { location held } reservation { holder } } }
      }
      movements(first: $first, after: $after, location: $location) {
        pageInfo { hasNextPage hasPreviousPage endCursor }
        edges { cursor node { kind location version } }
      }
    } }
"""
OFFERS = """
    query ($sku: ID! = "MUG-S", $quantity: Quantity! = 1, $first: Int! = 5, $scope: ScopeInput,
           $always: Boolean! = false, $withUnavailable: Boolean! = false) { item(sku: $sku) {
      alternatives(quantity: $quantity, first: $first, scope: $scope, always: $always,
                   withUnavailable: $withUnavailable) {
        item { sku } availability { channel requested canFulfil } reason differsIn
      }
      availability(quantity: $quantity, scope: $scope) {
        alternatives(first: $first, always: $always, withUnavailable: $withUnavailable) {
          item { sku } availability { channel requested canFulfil } reason differsIn
        }
      }
    } }
"""
FORECAST = """
    query ($sku: ID! = "MUG-S", $scope: ScopeInput) { item(sku: $sku) { forecast(scope: $scope) {
      demandPerDay windowDays orderedUnits daysOfCover lastsUntil } } }
"""
PROMISE = """
    query ($quantity: Quantity!) { availability(skus: ["MUG-S"], quantity: $quantity) {
      status promise { quantity kind date document } nextSupplyAt
      googleAvailability googleAvailabilityDate jsonLd item { sku name }
    } }
"""


async def related(served: Served, relation: str, **asked: Any) -> Any:
    """One page of what hangs on an item."""
    return (await served.ask(PAGES, **asked))["item"][relation]


async def offered(served: Served, **asked: Any) -> list[str]:
    """What is offered in place of an item; the same, whether asked of it or of its answer."""
    item = (await served.ask(OFFERS, **asked))["item"]
    assert item["alternatives"] == item["availability"]["alternatives"]
    return [one["item"]["sku"] for one in item["alternatives"]]


async def test_the_claims_on_an_item_come_in_pages_the_oldest_first(served: Served) -> None:
    await served.count("MUG-S", 2, location="AMS")
    for number in range(3):
        await hold(served, lines=units(MUG_S=1, MUG_M=1), holder=f"cart-{number}")
    page = await related(served, "reservations", first=2)
    assert [edge["node"]["reservation"]["holder"] for edge in page["edges"]] == ["cart-0", "cart-1"]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = await served.ask(
        """query ($after: String) { item(sku: "MUG-S") { reservations(after: $after) {
            pageInfo { hasNextPage hasPreviousPage } edges { node { reservation { holder } } } } } }
        """,
        after=page["pageInfo"]["endCursor"],
    )
    assert rest["item"]["reservations"] == {
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True},
        "edges": [{"node": {"reservation": {"holder": "cart-2"}}}],
    }
    assert (await related(served, "reservations", location="AMS"))["edges"] == []


async def test_the_ledger_of_an_item_comes_in_pages_the_newest_first(served: Served) -> None:
    await served.count("MUG-S", 2, location="AMS")
    await hold(served, lines=units(MUG_S=1))
    page = await related(served, "movements", first=2)
    kinds = [(edge["node"]["kind"], edge["node"]["location"]) for edge in page["edges"]]
    assert kinds == [("RESERVED", "BER"), ("COUNTED", "AMS")]
    rest = (await served.ask(
        """query ($after: String) { item(sku: "MUG-S") { movements(after: $after) {
            pageInfo { hasNextPage } edges { node { kind location } } } } }""",
        after=page["pageInfo"]["endCursor"],
    ))["item"]["movements"]  # fmt: skip
    assert rest["edges"] == [{"node": {"kind": "COUNTED", "location": "BER"}}]
    assert rest["pageInfo"] == {"hasNextPage": False}
    (only,) = (await related(served, "movements", location="AMS"))["edges"]
    assert only["node"] == {"kind": "COUNTED", "location": "AMS", "version": 1}


async def test_each_item_of_a_list_has_its_own_page(served: Served) -> None:
    await hold(served, lines=units(MUG_S=1), holder="small")
    await hold(served, lines=units(MUG_L=1), holder="large")
    found = await served.ask(
        """{ items(filter: {family: "mug"}, sort: {field: SKU}) { edges { node { sku
            reservations(first: 1) { edges { node { reservation { holder } } } }
            movements(first: 1) { edges { node { sku kind } } } } } } }"""
    )
    told = {
        edge["node"]["sku"]: (
            [one["node"]["reservation"]["holder"] for one in edge["node"]["reservations"]["edges"]],
            [one["node"] for one in edge["node"]["movements"]["edges"]],
        )
        for edge in found["items"]["edges"]
    }
    assert told == {
        "MUG-L": (["large"], [{"sku": "MUG-L", "kind": "RESERVED"}]),
        "MUG-M": ([], [{"sku": "MUG-M", "kind": "COUNTED"}]),
        "MUG-S": (["small"], [{"sku": "MUG-S", "kind": "RESERVED"}]),
    }


async def test_who_may_not_see_claims_gets_the_item_without_them(served: Served) -> None:
    reader = Principal("page", STOREFRONT_SCOPES)
    document = '{ item(sku: "MUG-S") { sku reservations { edges { cursor } } } }'
    context = context_for(served.services, reader)
    result = await build().execute(document, None, context)
    assert result.data == {"item": {"sku": "MUG-S", "reservations": None}}
    (error,) = result.errors or []
    assert (error.extensions or {})["code"] == "FORBIDDEN"
    for asked in ({"first": 0}, {"first": 101}, {"after": "nonsense"}, {"location": ""}):
        error = await served.refused(
            """query ($first: Int! = 1, $after: String, $location: ID) { item(sku: "MUG-S") {
                movements(first: $first, after: $after, location: $location) { edges { cursor } }
            } }""",
            **asked,
        )
        assert error["extensions"]["code"] == "INVALID_INPUT"


async def test_an_item_that_is_out_has_the_likest_that_can_be_had_in_its_place(
    served: Served,
) -> None:
    family = [
        ("T-RED-S", {"colour": "red", "size": "S"}, 0),
        ("T-RED-M", {"colour": "red", "size": "M"}, 9),
        ("T-BLUE-S", {"colour": "blue", "size": "S"}, 3),
        ("T-BLUE-M", {"colour": "blue", "size": "M"}, 9),
        ("T-RED-L", {"colour": "red", "size": "L"}, 0),
    ]
    await served.services.catalogue.put_items(
        SEED,
        [
            *(CatalogueItem(sku, sku, "shirt", attributes=of) for sku, of, _ in family),
            CatalogueItem("T-GONE", "Gone", "shirt", discontinued=True,
                          attributes={"colour": "red", "size": "S"}),
        ],
    )  # fmt: skip
    for sku, _, on_hand in (*family, ("T-GONE", {}, 9)):
        await served.count(sku, on_hand)
    assert await offered(served, sku="T-RED-S") == ["T-RED-M", "T-BLUE-S", "T-BLUE-M"]
    assert await offered(served, sku="T-RED-S", first=1) == ["T-RED-M"]
    # Of 3 nobody can have 4, nor of 3 less the safety stock of 2.
    assert await offered(served, sku="T-RED-S", quantity=4) == ["T-RED-M", "T-BLUE-M"]
    store = {"channel": "store"}
    assert await offered(served, sku="T-RED-S", quantity=2, scope=store) == ["T-RED-M", "T-BLUE-M"]
    everything = await offered(served, sku="T-RED-S", withUnavailable=True)
    assert set(everything) == {"T-GONE", "T-RED-M", "T-BLUE-S", "T-BLUE-M", "T-RED-L"}

    item = (await served.ask(OFFERS, sku="T-RED-S", quantity=2))["item"]
    likest, *_, other = item["alternatives"]
    assert (likest["reason"], likest["differsIn"]) == ("ONE_DIFFERENCE", ["size"])
    assert (other["reason"], other["differsIn"]) == ("SAME_FAMILY", ["colour", "size"])
    assert likest["availability"] == {"channel": "web", "requested": 2, "canFulfil": True}


async def test_alternatives_are_offered_where_they_help_unless_asked_for_always(
    served: Served,
) -> None:
    await served.count("MUG-S", 20)
    await served.count("MUG-M", 9)
    assert await offered(served) == []
    assert await offered(served, always=True) == ["MUG-M", "MUG-L"]
    assert await offered(served, quantity=99) == []
    assert await offered(served, quantity=21) == []
    await served.count("MUG-L", 30)
    assert await offered(served, quantity=21) == ["MUG-L"]
    # 5 are few.
    await served.count("MUG-S", 5)
    assert await offered(served) == ["MUG-L", "MUG-M"]
    assert await offered(served, sku="TEA", quantity=99) == []
    error = await served.refused(OFFERS, sku="MUG-S", first=0)
    assert error["extensions"]["code"] == "INVALID_INPUT"


async def ordered(served: Served, number: int, **lines: float) -> str:
    """An order for so much of each."""
    held = await hold(served, lines=units(**lines), order=f"O-{number}")
    return str(held["id"])


async def forecast(served: Served, **asked: Any) -> Any:
    """How fast an item sells."""
    return (await served.ask(FORECAST, **asked))["item"]["forecast"]


async def test_what_orders_took_says_how_long_the_stock_lasts(served: Served) -> None:
    await served.count("MUG-S", 100)
    unknown = {"demandPerDay": None, "windowDays": 28, "daysOfCover": None, "lastsUntil": None}
    assert await forecast(served) == {**unknown, "orderedUnits": 0}
    for number in range(4):
        await ordered(served, number, MUG_S=6)
    # Four orders say little.
    assert await forecast(served) == {**unknown, "orderedUnits": 24}
    last = await ordered(served, 5, MUG_S=10)
    known = await forecast(served)
    assert (known["orderedUnits"], known["windowDays"]) == (34, 28)
    assert known["demandPerDay"] == round(34 / 28, 3)
    assert known["daysOfCover"] == round((100 - 34) / 34 * 28, 1)
    left = datetime.fromisoformat(known["lastsUntil"]) - datetime.now(UTC)
    assert abs(left.total_seconds() / 86_400 - 66 / 34 * 28) < 0.1

    # What is given back was not asked for; what was shipped was.
    await done(served, "cancel", {"id": last}, lines=units(MUG_S=6))
    first = await ordered(served, 6, MUG_S=1)
    await done(served, "fulfil", {"id": first})
    assert (await forecast(served))["orderedUnits"] == 34 - 6 + 1
    # Holds are no orders, and the store sells from Berlin less its safety stock.
    await hold(served, lines=units(MUG_S=9))
    assert (await forecast(served))["orderedUnits"] == 29
    store = await forecast(served, scope={"channel": "store"})
    assert store["daysOfCover"] == round((100 - 29 - 9 - 2) / 29 * 28, 1)


async def test_a_kit_has_no_forecast_and_an_unknown_channel_is_told(served: Served) -> None:
    await served.services.catalogue.put_items(SEED, [CatalogueItem("SET", "A set")])
    await served.services.catalogue.put_kits(SEED, {"SET": [Line("MUG-S", 2 * UNIT)]})
    assert await forecast(served, sku="SET") is None
    error = await served.refused(FORECAST, scope={"channel": "none"})
    assert error["extensions"]["code"] == "UNKNOWN_CHANNEL"


async def test_a_quantity_is_promised_by_date_and_a_reservation_gets_it(served: Served) -> None:
    services = served.services
    eta = services.clock.now().replace(microsecond=0) + timedelta(days=3)
    date = eta.isoformat().replace("+00:00", "Z")
    await services.catalogue.put_policies(SEED, {("item", "MUG-S"): Policy(backorder_limit=9_000)})
    await services.stock.schedule_supply(SEED, Receipt("MUG-S", "AMS", 3 * UNIT, "PO-1", eta))
    (answer,) = (await served.ask(PROMISE, quantity=10))["availability"]
    assert answer["promise"] == [
        {"quantity": 5, "kind": "STOCK", "date": None, "document": None},
        {"quantity": 3, "kind": "SUPPLY", "date": date, "document": "PO-1"},
        {"quantity": 2, "kind": "BACKORDER", "date": None, "document": None},
    ]
    assert answer["item"] == {"sku": "MUG-S", "name": "Mug S"}
    assert (answer["googleAvailability"], answer["googleAvailabilityDate"]) == ("in_stock", None)
    assert answer["jsonLd"]["availability"] == "https://schema.org/InStock"
    assert answer["jsonLd"]["inventoryLevel"]["value"] == 14
    got = await served.mutate(
        "reserve",
        "reservation { lines { held backordered document promisedAt } }",
        lines=units(MUG_S=7),
    )
    assert got["reservation"]["lines"] == [
        {"held": 5, "backordered": 0, "document": None, "promisedAt": None},
        {"held": 0, "backordered": 2, "document": "PO-1", "promisedAt": date},
    ]
    # Who waits already comes first, for the other channel too.
    (answer,) = (await served.ask(PROMISE, quantity=2))["availability"]
    assert answer["promise"] == [
        {"quantity": 1, "kind": "SUPPLY", "date": date, "document": "PO-1"},
        {"quantity": 1, "kind": "BACKORDER", "date": None, "document": None},
    ]
    assert (answer["status"], answer["nextSupplyAt"]) == ("BACK_ORDER", date)
    assert answer["googleAvailabilityDate"] == date
    assert answer["jsonLd"]["availabilityStarts"] == eta.isoformat()


async def test_a_promise_knows_as_many_receipts_as_are_read_of_a_position(served: Served) -> None:
    services = served.services
    await services.catalogue.put_policies(
        SEED, {("item", "MUG-S"): Policy(backorder_limit=999 * UNIT)}
    )
    now = services.clock.now()
    receipts = [
        Receipt("MUG-S", "BER", UNIT, f"PO-{n}", now + timedelta(days=n))
        for n in range(1, MAX_EXPECTED + 3)
    ]
    await asyncio.gather(*(services.stock.schedule_supply(SEED, one) for one in receipts))
    (answer,) = (await served.ask(PROMISE, quantity=5 + len(receipts)))["availability"]
    kinds = [(line["kind"], line["quantity"]) for line in answer["promise"]]
    assert kinds == [("STOCK", 5), *[("SUPPLY", 1)] * MAX_EXPECTED, ("BACKORDER", 2)]


async def test_an_item_is_read_past_every_cache_where_that_is_asked_for(
    served: Served, database_url: str
) -> None:
    document = """query ($consistency: Consistency!) { item(sku: "MUG-S") {
        availability(consistency: $consistency) { quantity } } }"""

    async def quantity(consistency: str) -> float:
        told = await served.ask(document, consistency=consistency)
        return float(told["item"]["availability"]["quantity"])

    assert await quantity("CACHED") == 5
    await execute(database_url, "update position set on_hand = 9000 where sku = 'MUG-S'")
    assert await quantity("STRONG") == 9


async def test_a_node_is_found_by_its_id_alone(served: Served) -> None:
    held = await hold(served, lines=units(MUG_S=1), holder="cart")
    found = await served.ask('{ item(sku: "MUG-S") { id } }')
    item_id = found["item"]["id"]
    document = """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
        ... on Item { sku name } ... on Reservation { state holder } } }"""
    ids = [item_id, held["id"], "Item:NONE", "Item:", "nonsense", item_id.lower(), item_id]
    item = {"__typename": "Item", "id": item_id, "sku": "MUG-S", "name": "Mug S"}
    hold_told = {
        "__typename": "Reservation", "id": held["id"], "state": "HELD", "holder": "cart",
    }  # fmt: skip
    assert (await served.ask(document, ids=ids))["nodes"] == [
        item, hold_told, None, None, None, None, item,
    ]  # fmt: skip
    one = "query ($id: ID!) { node(id: $id) { id } }"
    for id in ids:
        told = (await served.ask(one, id=id))["node"]
        assert told in (None, {"id": id})
    assert (await served.ask(one, id=item_id))["node"] == {"id": item_id}
    for wrong in ([], [item_id] * 251):
        for asked in ("nodes", "reservations"):
            error = await served.refused(
                f"query ($ids: [ID!]!) {{ {asked}(ids: $ids) {{ id }} }}", ids=wrong
            )
            assert error["extensions"]["field"] == "ids"


async def test_many_reservations_are_asked_for_at_once(served: Served) -> None:
    first = await hold(served, lines=units(MUG_S=1))
    second = await hold(served, lines=units(MUG_M=1))
    document = "query ($ids: [ID!]!) { reservations(ids: $ids) { id lines { sku } } }"
    unknown = "01890000-0000-7000-8000-000000000000"
    ids = [second["id"], unknown, first["id"].upper(), "nonsense"]
    assert (await served.ask(document, ids=ids))["reservations"] == [
        {"id": second["id"], "lines": [{"sku": "MUG-M"}]},
        None,
        {"id": first["id"], "lines": [{"sku": "MUG-S"}]},
        None,
    ]
