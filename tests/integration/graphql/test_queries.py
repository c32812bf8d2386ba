"""Queries, asked over HTTP of a hub with a real database."""

from datetime import UTC, datetime

from hub.services.stock import Count
from tests.integration.graphql.conftest import SEED, Served
from workers.ingest import Ingest

AVAILABILITY = """
    query ($skus: [ID!]!, $scope: ScopeInput, $quantity: Quantity! = 1) {
      availability(skus: $skus, scope: $scope, quantity: $quantity) {
        sku channel quantity status canFulfil requested version limitingReason limitingRule
      }
    }
"""


async def test_availability_comes_in_the_order_of_the_skus(served: Served) -> None:
    data = await served.ask(AVAILABILITY, skus=["MUG-L", "MUG-S", "MUG-L"])
    assert [answer["sku"] for answer in data["availability"]] == ["MUG-L", "MUG-S", "MUG-L"]
    assert data["availability"][0] == {
        "sku": "MUG-L",
        "channel": "web",
        "quantity": 5,
        "status": "LIMITED_AVAILABILITY",
        "canFulfil": True,
        "requested": 1,
        "version": 1,
        "limitingReason": None,
        "limitingRule": None,
    }


async def test_an_answer_that_says_no_says_why_and_by_which_rule(served: Served) -> None:
    data = await served.ask(AVAILABILITY, skus=["MUG-S"], scope={"channel": "store"}, quantity=4)
    (answer,) = data["availability"]
    assert answer["quantity"] == 3
    assert not answer["canFulfil"]
    assert answer["limitingReason"] == "SAFETY_STOCK"
    assert answer["limitingRule"] == "channel:store"


async def test_quantities_are_numbers_with_three_decimals_and_may_come_as_strings(
    served: Served,
) -> None:
    await served.services.stock.set_stock(SEED, Count("TEA", "BER", 2_125))
    data = await served.ask(AVAILABILITY, skus=["TEA"], quantity="2.125")
    (answer,) = data["availability"]
    assert (answer["quantity"], answer["requested"], answer["canFulfil"]) == (2.125, 2.125, True)


async def test_the_breakdown_adds_up_to_the_number(served: Served) -> None:
    await served.count("MUG-S", 4, location="AMS")
    data = await served.ask(
        """{ availability(skus: ["MUG-S"]) { quantity googleAvailability schemaOrgAvailability band
             asOf nextSupplyAt message { code params text(locale: "de") evidence }
             components { sku }
             breakdown { onHand unavailable allocated reserved backordered safetyStock
                         availableToSell beyondStock availableToOrder incoming shortfall
                         locations { location onHand backordered availableToSell
                                     safetyStockRule } } } }"""
    )
    (answer,) = data["availability"]
    assert answer["quantity"] == 9
    assert answer["googleAvailability"] == "in_stock"
    assert answer["schemaOrgAvailability"] == "https://schema.org/InStock"
    assert answer["band"] is None
    assert answer["components"] == []
    assert answer["asOf"].endswith("Z")
    assert datetime.fromisoformat(answer["asOf"]).tzinfo is UTC
    assert answer["message"]["code"] == "IN_STOCK"
    breakdown = answer["breakdown"]
    assert [place["onHand"] for place in breakdown.pop("locations")] == [5, 4]
    assert breakdown == {
        "onHand": 9,
        "unavailable": 0,
        "allocated": 0,
        "reserved": 0,
        "backordered": 0,
        "safetyStock": 0,
        "availableToSell": 9,
        "beyondStock": 0,
        "availableToOrder": 9,
        "incoming": 0,
        "shortfall": 0,
    }


async def test_an_unknown_sku_is_named(served: Served) -> None:
    error = await served.refused(AVAILABILITY, skus=["MUG-S", "NOPE", "mug-s"])
    assert error["extensions"] == {"code": "UNKNOWN_SKU", "skus": ["NOPE", "mug-s"]}
    assert error["path"] == ["availability"]


async def test_an_unknown_channel_is_named(served: Served) -> None:
    error = await served.refused(AVAILABILITY, skus=["MUG-S"], scope={"channel": "moon"})
    assert error["extensions"] == {"code": "UNKNOWN_CHANNEL", "channel": "moon"}


async def test_what_is_no_list_of_skus_is_refused(served: Served) -> None:
    for skus in ([], ["A"] * 251, ["A\0B"], ["x" * 65], [""]):
        told = (await served.refused(AVAILABILITY, skus=skus))["extensions"]
        assert (told["code"], told["field"]) == ("INVALID_INPUT", "skus"), skus


async def test_what_is_no_quantity_to_ask_for_is_refused(served: Served) -> None:
    for quantity in (0, -1, 1.0005, True, "many", 1e12):
        answer = await served.post(AVAILABILITY, {"skus": ["MUG-S"], "quantity": quantity})
        assert answer["errors"], quantity
        assert answer.get("data") is None
    error = await served.refused('{ item(sku: "MUG-S") { availability(quantity: -1) { sku } } }')
    assert error["extensions"]["field"] == "quantity"
    assert error["path"] == ["item", "availability"]


async def test_an_item_has_its_variants_and_what_the_catalogue_says_of_it(served: Served) -> None:
    data = await served.ask(
        """{ item(sku: "MUG-S") { sku name family category unit discontinued attributes
             availability(quantity: 6) { canFulfil limitingReason }
             variants { sku availability { quantity } } } }"""
    )
    assert data["item"] == {
        "sku": "MUG-S",
        "name": "Mug S",
        "family": "mug",
        "category": "kitchen",
        "unit": "piece",
        "discontinued": False,
        "attributes": {"size": "S", "price": "9.50"},
        "availability": {"canFulfil": False, "limitingReason": "ON_HAND"},
        "variants": [
            {"sku": "MUG-L", "availability": {"quantity": 5}},
            {"sku": "MUG-M", "availability": {"quantity": 5}},
        ],
    }


async def test_so_many_variants_are_told_as_are_asked_for(served: Served) -> None:
    document = 'query ($first: Int!) { item(sku: "MANY-01") { variants(first: $first) { sku } } }'
    variants = (await served.ask(document, first=3))["item"]["variants"]
    assert [one["sku"] for one in variants] == ["MANY-00", "MANY-02", "MANY-03"]
    every = (await served.ask('{ item(sku: "MANY-01") { variants { sku } } }'))["item"]["variants"]
    assert len(every) == 20
    for first in (0, -1, 101):
        error = await served.refused(document, first=first)
        assert (error["extensions"]["code"], error["extensions"]["field"]) == (
            "INVALID_INPUT",
            "first",
        )


async def test_who_asks_must_be_somebody_who_can_be_named(served: Served) -> None:
    for holder in ("a\0b", "", "x" * 65):
        error = await served.refused(AVAILABILITY, skus=["MUG-S"], scope={"holder": holder})
        assert error["extensions"]["code"] == "INVALID_INPUT", holder
        assert error["extensions"]["field"] == "scope.holder"


async def test_fragments_that_know_nothing_of_each_other_ask_for_parts_of_a_list(
    served: Served,
) -> None:
    parts = """fragment A on Query { items(first: 1) { edges { cursor } } }
               fragment B on Query { items(first: 1) { totalCount } }"""
    for order in ("{ ...A ...B }", "{ ...B ...A }"):
        items = (await served.ask(order + parts))["items"]
        assert (items["totalCount"], len(items["edges"])) == (35, 1)


async def test_a_message_is_told_in_any_language_that_is_asked_for(served: Served) -> None:
    document = """
        query ($locale: String) {
          availability(skus: ["MUG-S"]) { message { text(locale: $locale) } }
        }
    """
    texts = {}
    for locale in (None, "en", "de", "de-AT", "DE_at", "xx", "", "nonsense/../..", "ü" * 5000):
        data = await served.ask(document, locale=locale)
        texts[locale] = data["availability"][0]["message"]["text"]
    assert texts["de"] == texts["de-AT"] == texts["DE_at"] != texts["en"]
    assert {texts[locale] for locale in texts if (locale or "")[:2].lower() != "de"} == {
        texts["en"]
    }


async def test_an_item_that_is_not_there_is_null(served: Served) -> None:
    assert await served.ask('{ item(sku: "NOPE") { sku } }') == {"item": None}


async def test_an_item_without_a_family_has_no_variants(served: Served) -> None:
    assert await served.ask('{ item(sku: "TEA") { variants { sku } } }') == {
        "item": {"variants": []}
    }


async def test_pages_of_items_follow_each_other_without_gap_or_repetition(served: Served) -> None:
    document = """
        query ($after: String) {
          items(first: 7, after: $after, filter: {category: "things"},
                sort: {field: SKU, direction: DESC}) {
            totalCount
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            edges { cursor node { sku } }
          }
        }
    """
    seen: list[str] = []
    after = None
    while True:
        page = (await served.ask(document, after=after))["items"]
        assert page["totalCount"] == 30
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        seen += [edge["node"]["sku"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [f"MANY-{n:02}" for n in reversed(range(30))]


async def test_items_are_found_by_text_family_category_and_sku(served: Served) -> None:
    document = "query ($filter: ItemFilter) { items(filter: $filter) { edges { node { sku } } } }"

    async def found(**wanted: object) -> list[str]:
        data = await served.ask(document, filter=wanted)
        return [edge["node"]["sku"] for edge in data["items"]["edges"]]

    assert await found(text="loose") == ["TEA"]
    assert await found(family="mug") == ["MUG-L", "MUG-M", "MUG-S"]
    assert await found(category="kitchen", text="old") == ["OLD"]
    assert await found(skus=["TEA", "NOPE", "MUG-M"]) == ["TEA", "MUG-M"]
    assert await found(text="no such thing") == []


async def test_a_page_that_cannot_be_is_refused(served: Served) -> None:
    document = """
        query ($first: Int! = 24, $after: String, $filter: ItemFilter) {
          items(first: $first, after: $after, filter: $filter) { edges { cursor } }
        }
    """
    cases: list[tuple[dict[str, object], str]] = [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"after": "garbage"}, "after"),
        ({"after": "é"}, "after"),
        ({"filter": {"text": "a\0b"}}, "filter.text"),
        ({"filter": {"skus": []}}, "skus"),
    ]
    for given, field in cases:
        told = (await served.refused(document, **given))["extensions"]
        assert (told["code"], told["field"]) == ("INVALID_INPUT", field), given


async def test_a_channel_has_its_locations_in_the_order_they_are_asked(served: Served) -> None:
    data = await served.ask(
        "{ channels { id name locale currency locations { id name country timeZone } } }"
    )
    assert [channel["id"] for channel in data["channels"]] == ["store", "web"]
    assert data["channels"][1]["locations"] == [
        {"id": "BER", "name": "Berlin", "country": "DE", "timeZone": "Europe/Berlin"},
        {"id": "AMS", "name": "Amsterdam", "country": "NL", "timeZone": "Europe/Amsterdam"},
    ]
    assert await served.ask("{ locations { id } }") == {"locations": [{"id": "AMS"}, {"id": "BER"}]}


async def test_movements_come_newest_first_and_page_by_page(served: Served) -> None:
    for on_hand in (6, 7, 8):
        await served.count("MUG-S", on_hand)
    document = """
        query ($after: String) {
          stockMovements(sku: "MUG-S", location: "BER", first: 2, after: $after) {
            pageInfo { hasNextPage endCursor }
            edges { node { sku location version kind onHandDelta unavailableDelta allocatedDelta
                           reservedDelta backorderedDelta incomingDelta availableAfter cause actor
                           sourceEvent reservation order reason document kit recordedAt } }
          }
        }
    """
    first = (await served.ask(document))["stockMovements"]
    newest = first["edges"][0]["node"]
    assert newest.pop("recordedAt").endswith("Z")
    assert newest == {
        "sku": "MUG-S",
        "location": "BER",
        "version": 4,
        "kind": "COUNTED",
        "onHandDelta": 1,
        "unavailableDelta": 0,
        "allocatedDelta": 0,
        "reservedDelta": 0,
        "backorderedDelta": 0,
        "incomingDelta": 0,
        "availableAfter": 8,
        "cause": "set_stock",
        "actor": "seed",
        "sourceEvent": None,
        "reservation": None,
        "order": None,
        "reason": None,
        "document": None,
        "kit": None,
    }
    second = (await served.ask(document, after=first["pageInfo"]["endCursor"]))["stockMovements"]
    assert [edge["node"]["version"] for edge in second["edges"]] == [2, 1]
    assert second["pageInfo"]["hasNextPage"] is False


async def test_an_event_that_could_not_be_worked_is_seen_with_its_reason(served: Served) -> None:
    document = """{ deadLetters { pageInfo { hasNextPage } edges { cursor node {
        source eventId type payload errorCode error attempts receivedAt failedAt } } } }"""
    nothing = {"deadLetters": {"edges": [], "pageInfo": {"hasNextPage": False}}}
    assert await served.ask(document) == nothing

    data = {"sku": "NOPE", "location": "BER", "delta": 1, "reason": "found"}
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "warehouse",
        "type": "stock.adjusted",
        "time": "2026-01-01T12:00:00Z",
        "data": data,
    }
    await served.services.intake.accept_events(SEED, "warehouse", [event])
    await Ingest(served.services).drain()
    (edge,) = (await served.ask(document))["deadLetters"]["edges"]
    letter = edge["node"]
    assert letter["payload"]["data"] == data
    assert (letter["source"], letter["eventId"], letter["type"], letter["errorCode"]) == (
        "warehouse",
        "e-1",
        "stock.adjusted",
        "UNKNOWN_SKU",
    )
    assert "NOPE" in letter["error"]
    assert letter["attempts"] >= 1
    assert letter["failedAt"] >= letter["receivedAt"]


async def test_a_reservation_that_is_not_there_is_null(served: Served) -> None:
    for id in ("nonsense", "01a1fec7-d323-7b47-8c2d-c562db99ec08"):
        assert await served.ask("query ($id: ID!) { reservation(id: $id) { id } }", id=id) == {
            "reservation": None
        }
