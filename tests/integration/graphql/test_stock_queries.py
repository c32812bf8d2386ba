"""Who holds what, whom a shortfall hits, what is expected, and what the ledger tells of it."""

import asyncio
import hashlib
from typing import Any

from hub.domain.policies import Policy
from hub.domain.principal import AccessScope
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.settings import AccessToken, Settings
from tests.integration.graphql.conftest import SEED, Served, serving
from tests.integration.graphql.test_reservation_life import done, hold, units
from tests.integration.shop import execute

CLAIMS = """
    query ($sku: ID! = "MUG-S", $location: ID, $first: Int! = 50, $after: String) {
      claims(sku: $sku, location: $location, first: $first, after: $after) {
        pageInfo { hasNextPage hasPreviousPage endCursor }
        edges { cursor node {
          line { sku location held backordered allocated kit }
          reservation { id state holder order lines { sku } }
        } }
      }
    }
"""
SHORTFALLS = """
    query ($location: ID, $first: Int! = 50, $after: String) {
      shortfalls(location: $location, first: $first, after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { cursor node {
          sku location shortfall affectedCount affected { units reservation { id holder order } }
        } }
      }
    }
"""
SUPPLY = """
    query ($location: ID) { supplyLines(sku: "MUG-S", location: $location) {
      sku location document quantity received open eta toldAt
    } }
"""


async def claimed(served: Served, **asked: Any) -> list[Any]:
    """The claims on an item, on one page."""
    edges = (await served.ask(CLAIMS, **asked))["claims"]["edges"]
    return [edge["node"] for edge in edges]


async def short(served: Served, **asked: Any) -> list[Any]:
    """The shortfalls, on one page."""
    edges = (await served.ask(SHORTFALLS, **asked))["shortfalls"]["edges"]
    return [edge["node"] for edge in edges]


def lacking(shortfall: Any) -> list[tuple[str, float]]:
    """Who lacks how many units."""
    return [(one["reservation"]["holder"], one["units"]) for one in shortfall["affected"]]


async def test_who_holds_a_unit_is_told_the_oldest_first(served: Served) -> None:
    await served.count("MUG-S", 1, location="AMS")
    first = await hold(served, lines=units(MUG_S=2, MUG_M=1), holder="cart-1")
    second = await hold(served, lines=units(MUG_S=3), holder="cart-2", order="O-2")
    third = await hold(served, lines=units(MUG_S=1), holder="cart-3")
    gone = await hold(served, lines=units(MUG_M=1), holder="cart-4")
    await done(served, "release", gone)

    found = await claimed(served)
    assert [(one["reservation"]["id"], one["line"]["location"]) for one in found] == [
        (first["id"], "BER"),
        (second["id"], "BER"),
        (third["id"], "AMS"),
    ]
    assert [(one["line"]["held"], one["line"]["allocated"]) for one in found] == [
        (2, 0),
        (0, 3),
        (1, 0),
    ]
    assert found[1]["reservation"] == {
        "id": second["id"],
        "state": "COMMITTED",
        "holder": "cart-2",
        "order": "O-2",
        "lines": [{"sku": "MUG-S"}],
    }
    (elsewhere,) = await claimed(served, location="AMS")
    assert elsewhere["reservation"]["id"] == third["id"]
    assert [one["reservation"]["holder"] for one in await claimed(served, sku="MUG-M")] == [
        "cart-1"
    ]
    assert await claimed(served, sku="NOPE") == []


async def test_a_hold_past_its_end_claims_nothing_before_it_is_swept(
    served: Served, database_url: str
) -> None:
    whole = await hold(served, lines=units(MUG_S=1), holder="cart-1")
    partly = await hold(served, lines=units(MUG_S=2), holder="cart-2")
    await done(served, "commit", partly, order="O-1", lines=units(MUG_S=1))
    assert len(await claimed(served)) == 2
    await execute(database_url, "update reservation set expires_at = now() - interval '1 ms'")
    (claim,) = await claimed(served)
    assert claim["reservation"]["id"] != whole["id"]
    assert (claim["line"]["held"], claim["line"]["allocated"]) == (0, 1)


async def test_who_waits_for_units_and_who_holds_them_in_a_kit_is_told(served: Served) -> None:
    catalogue = served.services.catalogue
    await catalogue.put_policies(SEED, {("item", "MUG-S"): Policy(backorder_limit=9 * UNIT)})
    await catalogue.put_items(SEED, [CatalogueItem("SET", "A set")])
    await catalogue.put_kits(SEED, {"SET": [Line("MUG-S", 2 * UNIT)]})
    await hold(served, lines=units(SET=3))
    assert [one["line"] for one in await claimed(served)] == [
        {"sku": "MUG-S", "location": "BER", "held": held, "backordered": waits, "allocated": 0,
         "kit": "SET"}
        for held, waits in ((5, 0), (0, 1))
    ]  # fmt: skip


async def test_pages_of_claims_follow_each_other_without_gap_or_repetition(
    served: Served,
) -> None:
    await served.count("MUG-S", 30)
    made = [(await hold(served, lines=units(MUG_S=1)))["id"] for _ in range(7)]
    seen: list[str] = []
    after = None
    while True:
        page = (await served.ask(CLAIMS, first=3, after=after))["claims"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["reservation"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == made


async def test_a_shortfall_names_those_whom_stock_does_not_reach(served: Served) -> None:
    assert await short(served) == []
    first = await hold(served, lines=units(MUG_S=2), holder="first")
    await hold(served, lines=units(MUG_S=2), holder="second", order="O-2")
    await hold(served, lines=units(MUG_S=1, MUG_L=1), holder="third")
    await served.count("MUG-S", 3)
    (shortfall,) = await short(served)
    assert (shortfall["sku"], shortfall["location"], shortfall["shortfall"]) == ("MUG-S", "BER", 2)
    # 3 are left: the first has its 2, the second 1 of 2, the third none.
    assert lacking(shortfall) == [("second", 1), ("third", 1)]
    assert shortfall["affectedCount"] == 2
    assert shortfall["affected"][0]["reservation"]["order"] == "O-2"
    assert await short(served, location="AMS") == []
    assert len(await short(served, location="BER")) == 1

    told = await served.mutate(
        "reserve", "reservation { id }", lines=units(MUG_S=1), holder="fourth"
    )
    assert told["__typename"] == "InsufficientStock"
    await done(served, "release", first)
    assert await short(served) == []


async def test_a_shortfall_closes_when_stock_returns_or_holds_run_out(
    served: Served, database_url: str
) -> None:
    await hold(served, lines=units(MUG_S=2), holder="first", order="O-1")
    await hold(served, lines=units(MUG_S=3), holder="second")
    await served.count("MUG-S", 0)
    (shortfall,) = await short(served)
    assert (shortfall["shortfall"], lacking(shortfall)) == (5, [("first", 2), ("second", 3)])
    await served.count("MUG-S", 1)
    await execute(
        database_url,
        "update reservation set expires_at = now() - interval '1 ms' where state = 'HELD'",
    )
    (shortfall,) = await short(served)
    assert (shortfall["shortfall"], lacking(shortfall)) == (1, [("first", 1)])
    await served.count("MUG-S", 2)
    assert await short(served) == []


async def test_damaged_goods_leave_everybody_short(served: Served) -> None:
    await hold(served, lines=units(MUG_S=3), holder="first")
    await served.count("MUG-S", -1)
    (shortfall,) = await short(served)
    assert (shortfall["shortfall"], lacking(shortfall)) == (4, [("first", 3)])


async def test_pages_of_shortfalls_follow_each_other(served: Served) -> None:
    skus = ["MUG-L", "MUG-M", "MUG-S"]
    for sku in skus:
        await hold(served, lines=units(**{sku: 1}), holder="one")
        await served.count(sku, 0)
    page = (await served.ask(SHORTFALLS, first=2))["shortfalls"]
    assert page["pageInfo"]["hasNextPage"] is True
    rest = (await served.ask(SHORTFALLS, first=2, after=page["pageInfo"]["endCursor"]))[
        "shortfalls"
    ]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert [edge["node"]["sku"] for edge in page["edges"] + rest["edges"]] == skus


async def test_a_page_that_cannot_be_is_refused(served: Served) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        (CLAIMS, {"sku": ""}, "sku"),
        (CLAIMS, {"location": "a\0"}, "location"),
        (CLAIMS, {"first": 101}, "first"),
        (CLAIMS, {"after": "WyJ4IiwieSIsMV0="}, "after"),
        (CLAIMS, {"after": "WyIyMDMwLTAxLTAxIiwieSIsMV0="}, "after"),
        (SHORTFALLS, {"first": 0}, "first"),
        (SHORTFALLS, {"after": "garbage"}, "after"),
        (SUPPLY, {"location": ""}, "location"),
    ]
    for document, given, field in cases:
        told = (await served.refused(document, **given))["extensions"]
        assert (told["code"], told["field"]) == ("INVALID_INPUT", field), given


async def test_who_may_only_read_availability_does_not_see_holders(database_url: str) -> None:
    reader = AccessToken(name="page", scopes=frozenset({AccessScope.AVAILABILITY_READ}))
    tokens = {hashlib.sha256(b"t").hexdigest(): reader}
    async with serving(Settings(database_url=database_url, access_tokens=tokens)) as served:
        served.http.headers["authorization"] = "Bearer t"
        for document in (CLAIMS, SHORTFALLS):
            error = await served.refused(document)
            assert error["extensions"] == {"code": "FORBIDDEN", "scope": "stock:write"}
        assert await served.ask(SUPPLY) == {"supplyLines": []}


async def test_what_is_expected_is_told_by_its_date(served: Served) -> None:
    for document, location, month in (("PO-1", "BER", 5), ("PO-2", "AMS", 4), ("PO-3", "BER", 3)):
        await served.mutate(
            "scheduleSupply",
            "applied",
            sku="MUG-S",
            location=location,
            document=document,
            quantity=4,
            eta=f"2030-0{month}-01T08:00:00Z",
        )
    paper = {"sku": "MUG-S", "location": "BER"}
    await served.mutate("receiveSupply", "__typename", **paper, document="PO-1", quantity=1.0)
    await served.mutate("cancelSupply", "applied", **paper, document="PO-3")
    lines = (await served.ask(SUPPLY))["supplyLines"]
    assert [line["document"] for line in lines] == ["PO-2", "PO-1"]
    assert lines[1].pop("toldAt").endswith("Z")
    assert lines[1] == {
        **paper,
        "document": "PO-1",
        "quantity": 4,
        "received": 1,
        "open": 3,
        "eta": "2030-05-01T08:00:00Z",
    }
    assert [line["document"] for line in (await served.ask(SUPPLY, location="AMS"))["supplyLines"]]


async def test_the_ledger_tells_of_backorders_documents_and_kits(served: Served) -> None:
    catalogue = served.services.catalogue
    await catalogue.put_policies(SEED, {("item", "MUG-S"): Policy(backorder_limit=9 * UNIT)})
    await catalogue.put_items(SEED, [CatalogueItem("SET", "A set")])
    await catalogue.put_kits(SEED, {"SET": [Line("MUG-S", 6 * UNIT)]})
    paper = {"sku": "MUG-S", "location": "BER", "document": "PO-1", "quantity": 4}
    await served.mutate("scheduleSupply", "applied", **paper, eta="2030-03-01T08:00:00Z")
    await hold(served, lines=units(SET=1))
    await served.mutate("receiveSupply", "__typename", **paper)
    document = """{ stockMovements(sku: "MUG-S", location: "BER") { edges { node {
        kind backorderedDelta incomingDelta reservedDelta document kit } } } }"""

    async def told() -> list[tuple[Any, ...]]:
        edges = (await served.ask(document))["stockMovements"]["edges"]
        return [tuple(edge["node"].values()) for edge in reversed(edges)]

    for _ in range(250):
        if len(await told()) == 6:
            break
        await asyncio.sleep(0.02)
    assert (await told())[1:] == [
        ("SUPPLY_SCHEDULED", 0, 4, 0, "PO-1", None),
        ("RESERVED", 0, 0, 5, None, "SET"),
        ("BACKORDERED", 1, 0, 0, "PO-1", "SET"),
        ("RECEIVED", 0, -4, 0, "PO-1", None),
        ("FILLED", -1, 0, 1, None, "SET"),
    ]
