"""Counts, adjustments, conditions, transfers and expected receipts over HTTP."""

from typing import Any

import pytest

from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.stock import MAX_ROWS
from tests.integration.graphql.conftest import SEED, Served
from tests.integration.graphql.test_mutations import left
from tests.integration.graphql.test_reservation_life import hold, units

POSITION = "position { location onHand unavailable allocated incoming shortfall version }"
REFUSAL = """
    ... on UnknownSku { skus }
    ... on UnknownLocation { location }
    ... on IsKit { sku components }
    ... on InvalidInput { field }
    ... on IdempotencyMismatch { key }
"""
COMPARED = """
    ... on VersionConflict { expected actual }
    ... on StockConflict { expectedOnHand actualOnHand }
"""
BULK = f"""
    mutation ($input: ChangeStockInput!) {{ changeStock(input: $input) {{
      __typename
      ... on HubError {{ code message }}
      ... on InvalidInput {{ field }}
      ... on ChangeStockSuccess {{ refused rows {{
        __typename
        ... on StockRowSuccess {{ applied note {POSITION} }}
        ... on HubError {{ code message }}
        ... on UnknownOrder {{ order }}
        {REFUSAL} {COMPARED}
      }} }}
    }} }}
"""
MUG = {"sku": "MUG-S", "location": "BER"}
PAPER = {**MUG, "document": "PO-1"}
ETA = "2030-03-01T08:00:00Z"
EVERY_MUTATION: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("setStock", {"onHand": 1}, {"onHand": 2}),
    ("adjustStock", {"delta": 1, "reason": "found"}, {"delta": 2}),
    ("markStockUnavailable", {"quantity": 1, "condition": "DAMAGED"}, {"quantity": 2}),
    ("transferStock", {"fromLocation": "BER", "toLocation": "AMS", "quantity": 1}, {"quantity": 2}),
    ("scheduleSupply", {"document": "PO-2", "quantity": 1, "eta": ETA}, {"quantity": 2}),
    ("changeSupply", {"document": "PO-1", "quantity": 2}, {"quantity": 3}),
    ("cancelSupply", {"document": "PO-1"}, {"document": "PO-9"}),
    ("receiveSupply", {"document": "PO-1", "quantity": 1}, {"quantity": 2}),
]


async def bulk(served: Served, *rows: dict[str, Any], **more: Any) -> Any:
    """What became of many rows."""
    return (await served.ask(BULK, input={"rows": rows, **more}))["changeStock"]


async def supply(served: Served, verb: str, **given: Any) -> Any:
    """What became of a word on the document PO-1."""
    success = POSITION if verb == "receive" else f"applied note {POSITION}"
    refusal = REFUSAL
    if verb in ("change", "cancel"):
        refusal += "... on UnknownSupply { sku location document }"
    return await served.mutate(f"{verb}Supply", success, refusal, **{**PAPER, **given})


@pytest.mark.parametrize(
    ("mutation", "given", "other"), EVERY_MUTATION, ids=[name for name, *_ in EVERY_MUTATION]
)
async def test_every_mutation_refuses_what_is_not_there_and_keeps_its_key(
    served: Served, mutation: str, given: dict[str, Any], other: dict[str, Any]
) -> None:
    await served.services.catalogue.put_items(SEED, [CatalogueItem("SET", "A set")])
    await served.services.catalogue.put_kits(SEED, {"SET": [Line("MUG-M", UNIT)]})
    await supply(served, "schedule", quantity=4, eta=ETA)
    moon = {"fromLocation": "MOON"} if mutation == "transferStock" else {"location": "MOON"}
    usual = {"sku": "MUG-S"} if mutation == "transferStock" else MUG
    cases: list[tuple[dict[str, Any], str, str, Any]] = [
        ({"sku": "NOPE"}, "UnknownSku", "skus", ["NOPE"]),
        (moon, "UnknownLocation", "location", "MOON"),
        ({"sku": "SET"}, "IsKit", "components", ["MUG-M"]),
        ({"sku": ""}, "InvalidInput", "field", "sku"),
        ({"idempotencyKey": ""}, "InvalidInput", "field", "idempotencyKey"),
    ]
    for wrong, typename, field, value in cases:
        told = await served.mutate(mutation, "__typename", REFUSAL, **{**usual, **given, **wrong})
        assert (told["__typename"], told.get(field)) == (typename, value), wrong

    asked = {**usual, **given, "idempotencyKey": "k"}
    first = await served.mutate(mutation, POSITION, REFUSAL, **asked)
    assert first["__typename"].endswith("Success"), first
    assert await served.mutate(mutation, POSITION, REFUSAL, **asked) == first
    told = await served.mutate(mutation, POSITION, REFUSAL, **{**asked, **other})
    assert (told["__typename"], told["key"]) == ("IdempotencyMismatch", "k")


async def test_a_count_says_which_orders_it_includes(served: Served) -> None:
    told = await hold(served, order="O-1", lines=units(MUG_S=2))
    count = {**MUG, "onHand": 3, "includesOrder": "O-1"}
    success = "applied position { onHand allocated countedThrough }"
    answer = await served.mutate("setStock", success, **count)
    # 3 are left without those 2, which still lie on the shelf.
    assert answer["position"] == {
        "onHand": 5,
        "allocated": 2,
        "countedThrough": told["orderedAt"],
    }
    assert await left(served) == 3
    answer = await served.mutate(
        "setStock", success, **{**MUG, "onHand": 3, "includesOrdersTo": "2001-01-01T00:00:00Z"}
    )
    assert answer["position"]["onHand"] == 3
    assert await left(served) == 1

    refusal = "... on UnknownOrder { order } ... on InvalidInput { field }"
    answer = await served.mutate("setStock", success, refusal, **{**count, "includesOrder": "O-9"})
    assert (answer["__typename"], answer["order"]) == ("UnknownOrder", "O-9")
    both = {**count, "includesOrdersTo": "2001-01-01T00:00:00Z"}
    answer = await served.mutate("setStock", success, refusal, **both)
    assert (answer["__typename"], answer["field"]) == ("InvalidInput", "includesOrder")


@pytest.mark.parametrize(
    ("mutation", "given"),
    [("setStock", {"onHand": 9}), ("adjustStock", {"delta": 4, "reason": "found"})],
)
async def test_a_change_is_made_only_if_what_was_read_still_holds(
    served: Served, mutation: str, given: dict[str, Any]
) -> None:
    told = await served.mutate(mutation, POSITION, COMPARED, **MUG, **given, ifOnHand=4)
    assert (told["__typename"], told["expectedOnHand"], told["actualOnHand"]) == (
        "StockConflict",
        4,
        5,
    )
    told = await served.mutate(mutation, POSITION, COMPARED, **MUG, **given, ifVersion=7)
    assert (told["__typename"], told["expected"], told["actual"]) == ("VersionConflict", 7, 1)
    assert await left(served) == 5
    told = await served.mutate(
        mutation, POSITION, COMPARED, **MUG, **given, ifVersion=1, ifOnHand=5
    )
    assert told["position"]["onHand"] == 9


async def test_units_are_taken_out_of_sale_and_back_into_it(served: Served) -> None:
    asked = {**MUG, "quantity": 2, "condition": "QUALITY_CONTROL", "reason": "scratches"}
    told = await served.mutate("markStockUnavailable", POSITION, **asked)
    assert told["position"] == {
        "location": "BER",
        "onHand": 5,
        "unavailable": 2,
        "allocated": 0,
        "incoming": 0,
        "shortfall": 0,
        "version": 2,
    }
    assert await left(served) == 3
    await served.mutate("markStockUnavailable", POSITION, **{**asked, "quantity": -1})
    assert await left(served) == 4
    for quantity in (-2, 0):
        told = await served.mutate(
            "markStockUnavailable", POSITION, REFUSAL, **{**asked, "quantity": quantity}
        )
        assert (told["__typename"], told["field"]) == ("InvalidInput", "quantity")
    counted = await served.mutate("setStock", POSITION, **MUG, onHand=5, unavailable=0)
    assert counted["position"]["unavailable"] == 0


async def test_free_units_go_to_another_location(served: Served) -> None:
    await hold(served, lines=units(MUG_S=2))
    asked = {"sku": "MUG-S", "fromLocation": "BER", "toLocation": "AMS"}
    refusal = "... on InsufficientStock { lines { sku requested available } }" + REFUSAL
    told = await served.mutate("transferStock", POSITION, refusal, **asked, quantity=4)
    assert told["lines"] == [{"sku": "MUG-S", "requested": 4, "available": 3}]
    told = await served.mutate("transferStock", POSITION, refusal, **asked, quantity=3)
    assert (told["position"]["location"], told["position"]["onHand"]) == ("BER", 2)
    assert await left(served) == 3
    for wrong, field in (({"quantity": 0}, "quantity"), ({"toLocation": "BER"}, "toLocation")):
        told = await served.mutate(
            "transferStock", POSITION, refusal, **{**asked, "quantity": 1, **wrong}
        )
        assert (told["__typename"], told["field"]) == ("InvalidInput", field)


async def test_a_receipt_is_expected_changed_received_and_cancelled(served: Served) -> None:
    told = await supply(served, "schedule", quantity=4, eta=ETA)
    assert (told["applied"], told["position"]["incoming"]) == (True, 4)
    told = await supply(served, "schedule", quantity=4, eta=ETA)
    assert (told["applied"], told["note"].split(":")[0]) == (False, "UNCHANGED")

    told = await supply(served, "change", quantity=6, eta="2030-04-01T08:00:00Z")
    assert told["position"]["incoming"] == 6
    told = await supply(served, "receive", quantity=2)
    assert (told["position"]["onHand"], told["position"]["incoming"]) == (7, 4)
    told = await supply(served, "cancel")
    assert (told["applied"], told["position"]["incoming"]) == (True, 0)
    told = await supply(served, "cancel")
    assert (told["applied"], told["note"].split(":")[0]) == (False, "NOTHING_LEFT")
    assert await left(served) == 7

    for verb in ("change", "cancel"):
        told = await supply(served, verb, document="PO-9")
        assert (told["__typename"], told["document"]) == ("UnknownSupply", "PO-9")
    for verb in ("schedule", "receive"):
        given = {"quantity": 0, **({"eta": ETA} if verb == "schedule" else {})}
        told = await supply(served, verb, **given)
        assert (told["__typename"], told["field"]) == ("InvalidInput", "quantity")


async def test_each_row_of_many_stands_for_itself(served: Served) -> None:
    rows = [
        {"count": {**MUG, "onHand": 7, "ifVersion": 1}},
        {"adjustment": {**MUG, "delta": -1, "reason": "broken"}},
        {"count": {**MUG, "onHand": 1, "ifVersion": 1}},
        {"adjustment": {**MUG, "delta": 1, "reason": "found", "ifOnHand": 9}},
        {"count": {**MUG, "sku": "NOPE", "onHand": 1}},
        {"count": {**MUG, "onHand": 1, "asOf": "2001-01-01T00:00:00Z"}},
        {"count": {**MUG, "onHand": 1, "includesOrder": "O-9"}},
    ]
    told = await bulk(served, *rows, idempotencyKey="night")
    assert (told["__typename"], told["refused"]) == ("ChangeStockSuccess", 4)
    results = told["rows"]
    assert [row["__typename"] for row in results] == [
        "StockRowSuccess",
        "StockRowSuccess",
        "VersionConflict",
        "StockConflict",
        "UnknownSku",
        "StockRowSuccess",
        "UnknownOrder",
    ]
    assert (results[1]["position"]["onHand"], results[1]["position"]["version"]) == (6, 3)
    assert (results[5]["applied"], results[5]["note"].split(":")[0]) == (False, "STALE")
    assert await bulk(served, *rows, idempotencyKey="night") == told
    assert await left(served) == 6


async def test_of_many_all_are_done_or_none(served: Served) -> None:
    good = {"count": {**MUG, "onHand": 9}}
    bad = {"adjustment": {**MUG, "sku": "NOPE", "delta": 1, "reason": "found"}}
    told = await bulk(served, good, bad, allOrNothing=True)
    assert [row["__typename"] for row in told["rows"]] == ["NotApplied", "UnknownSku"]
    assert told["refused"] == 2
    assert await left(served) == 5
    other = {"adjustment": {**MUG, "sku": "MUG-M", "delta": 1, "reason": "found"}}
    told = await bulk(served, good, other, allOrNothing=True)
    assert told["refused"] == 0
    assert [await left(served, sku) for sku in ("MUG-S", "MUG-M")] == [9, 6]


async def test_a_row_is_a_count_or_an_adjustment_and_not_both(served: Served) -> None:
    count = {"count": {**MUG, "onHand": 9}}
    both = {**count, "adjustment": {**MUG, "delta": 1, "reason": "found"}}
    rows: list[dict[str, Any]] = [both, {}, {"count": None}, {**count, "adjustment": None}]
    for row in rows:
        answer = await served.post(BULK, {"input": {"rows": [row]}})
        assert answer["errors"], row
        assert answer.get("data") is None
    told = await bulk(served, count, {"count": {**MUG, "onHand": 9, "reason": "a\0"}})
    assert (told["__typename"], told["field"]) == ("InvalidInput", "rows[1].reason")
    assert await left(served) == 5


async def test_five_thousand_rows_are_taken_and_one_more_is_not(served: Served) -> None:
    row = {"adjustment": {**MUG, "delta": 1, "reason": "found"}}
    document = """mutation ($input: ChangeStockInput!) { changeStock(input: $input) {
        ... on ChangeStockSuccess { refused rows { __typename } } } }"""
    told = await served.ask(document, input={"rows": [row] * MAX_ROWS})
    assert told["changeStock"]["refused"] == 0
    assert len(told["changeStock"]["rows"]) == MAX_ROWS
    assert await left(served) == 5 + MAX_ROWS
    for count in (0, MAX_ROWS + 1):
        error = await served.refused(document, input={"rows": [row] * count})
        assert error["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "what": "The number of rows",
            "limit": MAX_ROWS,
            "actual": count,
        }
