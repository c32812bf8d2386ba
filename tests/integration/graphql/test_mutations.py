"""Mutations over HTTP: each success, each typed refusal, and that a refusal moves nothing."""

import asyncio
from typing import Any

import pytest

from tests.integration.graphql.conftest import Served

RESERVATION = """
    fragment Told on Reservation {
      id state stage channel holder order orderedAt version createdAt expiresAt remainingSeconds
      endedReason
      lines { sku location quantity held backordered allocated fulfilled released moved returned
              kit document promisedAt item { name } }
    }
"""
REFUSAL = """
    __typename
    ... on HubError { code message }
    ... on InsufficientStock { lines { sku requested available } }
    ... on UnknownSku { skus }
    ... on UnknownChannel { channel }
    ... on InvalidInput { field }
    ... on IdempotencyMismatch { key }
"""
RESERVE = (
    "mutation ($input: ReserveInput!) { reserve(input: $input) {"
    + REFUSAL
    + "... on ReserveSuccess { reservation { ...Told } } } }"
    + RESERVATION
)
ENDING = """
    mutation ($input: %sReservationInput!) { %sReservation(input: $input) {
      __typename
      ... on %sReservationSuccess { reservation { ...Told } }
      ... on HubError { code message }
      ... on ReservationNotFound { id }
      ... on ReservationEnded { id state endedReason }
      ... on InvalidInput { field }
      ... on IdempotencyMismatch { key }
    } }
"""
STOCK = """
    mutation ($set: SetStockInput!) { setStock(input: $set) {
      __typename
      ... on SetStockSuccess { applied note position {
        sku location onHand unavailable allocated reserved backordered incoming shortfall version
        countedAt countedThrough } }
      ... on HubError { code message }
      ... on UnknownSku { skus }
      ... on UnknownLocation { location }
      ... on VersionConflict { expected actual }
      ... on InvalidInput { field }
      ... on IdempotencyMismatch { key }
    } }
"""
ADJUST = """
    mutation ($input: AdjustStockInput!) { adjustStock(input: $input) {
      __typename
      ... on AdjustStockSuccess { position { onHand version } }
      ... on HubError { code message }
      ... on UnknownSku { skus }
      ... on UnknownLocation { location }
      ... on InvalidInput { field }
      ... on IdempotencyMismatch { key }
    } }
"""


async def reserve(served: Served, *lines: tuple[str, object], **more: Any) -> Any:
    """What became of holding these lines."""
    asked = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return (await served.ask(RESERVE, input={"lines": asked, **more}))["reserve"]


async def held(served: Served) -> Any:
    """A hold on one mug."""
    return (await reserve(served, ("MUG-S", 1)))["reservation"]


async def change(served: Served, verb: str, **given: Any) -> Any:
    """What became of extending, committing or releasing."""
    document = ENDING % (verb.title(), verb, verb.title()) + RESERVATION
    return (await served.ask(document, input=given))[f"{verb}Reservation"]


async def left(served: Served, sku: str = "MUG-S") -> Any:
    """Units that can be ordered."""
    data = await served.ask(
        "query ($skus: [ID!]!) { availability(skus: $skus) { quantity } }", skus=[sku]
    )
    return data["availability"][0]["quantity"]


async def test_a_reservation_holds_all_of_its_lines(served: Served) -> None:
    told = await reserve(served, ("MUG-S", 2), ("TEA", "0.125"), holder="cart-1", ttlSeconds=60)
    assert told["__typename"] == "ReserveSuccess"
    reservation = told["reservation"]
    assert (reservation["state"], reservation["holder"], reservation["channel"]) == (
        "HELD",
        "cart-1",
        "web",
    )
    assert 55 < reservation["remainingSeconds"] <= 60
    assert [(line["sku"], line["held"], line["item"]["name"]) for line in reservation["lines"]] == [
        ("MUG-S", 2, "Mug S"),
        ("TEA", 0.125, "Loose tea"),
    ]
    assert await left(served) == 3
    asked_again = await served.ask(
        "query ($id: ID!) { reservation(id: $id) { ...Told } }" + RESERVATION,
        id=reservation["id"],
    )
    for one in (asked_again["reservation"], reservation):
        del one["remainingSeconds"]
    assert asked_again["reservation"] == reservation


async def test_a_reader_sees_what_he_has_just_written(served: Served) -> None:
    for expected in (4, 3, 2, 1, 0):
        assert (await reserve(served, ("MUG-S", 1)))["__typename"] == "ReserveSuccess"
        assert await left(served) == expected


async def test_what_is_not_there_is_refused_line_by_line_and_nothing_is_held(
    served: Served,
) -> None:
    told = await reserve(served, ("MUG-S", 1), ("MUG-M", 6), ("OLD", 1), ("MUG-L", 2.0))
    assert told == {
        "__typename": "InsufficientStock",
        "code": "INSUFFICIENT_STOCK",
        "message": "Not enough stock: 5 left of MUG-M, you asked for 6; "
        "0 left of OLD, you asked for 1.",
        "lines": [
            {"sku": "MUG-M", "requested": 6, "available": 5},
            {"sku": "OLD", "requested": 1, "available": 0},
        ],
    }
    assert await left(served, "MUG-S") == 5


async def test_two_buyers_cannot_hold_the_last_one(served: Served) -> None:
    await served.count("MUG-S", 1)
    outcomes = await asyncio.gather(*(reserve(served, ("MUG-S", 1)) for _ in range(8)))
    assert sorted(told["__typename"] for told in outcomes) == ["InsufficientStock"] * 7 + [
        "ReserveSuccess"
    ]


async def test_the_same_key_gives_the_same_answer_and_holds_once(served: Served) -> None:
    first = await reserve(served, ("MUG-S", 2), idempotencyKey="k-1")
    again = await reserve(served, ("MUG-S", 2), idempotencyKey="k-1")
    assert again["reservation"]["id"] == first["reservation"]["id"]
    assert await left(served) == 3
    other = await reserve(served, ("MUG-S", 1), idempotencyKey="k-1")
    assert (other["__typename"], other["key"]) == ("IdempotencyMismatch", "k-1")
    assert await left(served) == 3


async def test_a_refusal_is_remembered_under_its_key_word_for_word(served: Served) -> None:
    first = await reserve(served, ("MUG-S", 9), idempotencyKey="k-1")
    await served.count("MUG-S", 20)
    assert await reserve(served, ("MUG-S", 9), idempotencyKey="k-1") == first


async def test_an_unknown_sku_or_channel_is_named(served: Served) -> None:
    told = await reserve(served, ("MUG-S", 1), ("NOPE", 1))
    assert (told["__typename"], told["skus"]) == ("UnknownSku", ["NOPE"])
    told = await reserve(served, ("MUG-S", 1), channel="moon")
    assert (told["__typename"], told["channel"]) == ("UnknownChannel", "moon")
    assert await left(served) == 5


async def test_a_reservation_that_makes_no_sense_is_refused(served: Served) -> None:
    line = {"sku": "MUG-S", "quantity": 1}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"lines": []}, "lines"),
        ({"lines": [line] * 101}, "lines"),
        ({"lines": [{**line, "quantity": 0}]}, "quantity"),
        ({"lines": [{**line, "quantity": -1}]}, "quantity"),
        ({"lines": [{**line, "quantity": 0.5}]}, "quantity"),
        ({"lines": [{**line, "sku": ""}]}, "sku"),
        ({"ttlSeconds": 0}, "ttlSeconds"),
        ({"ttlSeconds": 10**9}, "ttlSeconds"),
        ({"holder": "a\0"}, "holder"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
        ({"idempotencyKey": "k" * 256}, "idempotencyKey"),
    ]
    for given, field in cases:
        told = (await served.ask(RESERVE, input={"lines": [line], **given}))["reserve"]
        assert (told["__typename"], told.get("field")) == ("InvalidInput", field), given
    assert await left(served) == 5


async def test_a_hold_gets_more_time_and_never_less(served: Served) -> None:
    reservation = await held(served)
    longer = await change(served, "extend", id=reservation["id"], ttlSeconds=3600)
    assert longer["reservation"]["remainingSeconds"] > 3500
    shorter = await change(served, "extend", id=reservation["id"], ttlSeconds=1)
    assert shorter["reservation"]["expiresAt"] == longer["reservation"]["expiresAt"]


async def test_a_hold_becomes_the_allocation_of_an_order(served: Served) -> None:
    reservation = await held(served)
    told = (await change(served, "commit", id=reservation["id"], order="O-1"))["reservation"]
    assert (told["state"], told["order"]) == ("COMMITTED", "O-1")
    assert (told["expiresAt"], told["remainingSeconds"]) == (None, None)
    assert [(line["held"], line["allocated"]) for line in told["lines"]] == [(0, 1)]
    assert told["version"] > reservation["version"]


async def test_a_hold_is_given_back(served: Served) -> None:
    reservation = await held(served)
    assert await left(served) == 4
    told = (await change(served, "release", id=reservation["id"], reason="changed my mind"))[
        "reservation"
    ]
    assert (told["state"], told["endedReason"]) == ("RELEASED", "RELEASED")
    assert [(line["held"], line["released"]) for line in told["lines"]] == [(0, 1)]
    assert await left(served) == 5


@pytest.mark.parametrize("verb", ["extend", "commit", "release"])
async def test_what_ended_can_no_longer_be_changed(served: Served, verb: str) -> None:
    more = {"order": "O-2"} if verb == "commit" else {}
    gone = await change(served, verb, id="nonsense", **more)
    assert (gone["__typename"], gone["id"]) == ("ReservationNotFound", "nonsense")

    reservation = await held(served)
    ender, kept = ("release", {}) if verb != "release" else ("commit", {"order": "O-1"})
    await change(served, ender, id=reservation["id"], **kept)
    told = await change(served, verb, id=reservation["id"], **more)
    assert (told["__typename"], told["code"], told["id"], told["state"]) == (
        "ReservationEnded",
        "RESERVATION_ENDED",
        reservation["id"],
        "RELEASED" if verb != "release" else "COMMITTED",
    )


async def test_a_change_that_makes_no_sense_is_refused(served: Served) -> None:
    reservation = await held(served)
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("extend", {"ttlSeconds": 0}, "ttlSeconds"),
        ("extend", {"idempotencyKey": ""}, "idempotencyKey"),
        ("commit", {"order": ""}, "order"),
        ("release", {"reason": "a\nb"}, "reason"),
        ("release", {"reason": "x" * 501}, "reason"),
    ]
    for verb, given, field in cases:
        told = await change(served, verb, id=reservation["id"], **given)
        assert (told["__typename"], told.get("field")) == ("InvalidInput", field), given


@pytest.mark.parametrize("verb", ["extend", "commit", "release"])
async def test_a_key_belongs_to_one_change(served: Served, verb: str) -> None:
    more = {"order": "O-1"} if verb == "commit" else {}
    one, two = await held(served), await held(served)
    first = await change(served, verb, id=one["id"], idempotencyKey="k", **more)
    again = await change(served, verb, id=one["id"], idempotencyKey="k", **more)
    assert again["reservation"]["version"] == first["reservation"]["version"]
    other = await change(served, verb, id=two["id"], idempotencyKey="k", **more)
    assert (other["__typename"], other["key"]) == ("IdempotencyMismatch", "k")


async def test_a_count_replaces_what_is_on_hand(served: Served) -> None:
    given = {"sku": "MUG-S", "location": "AMS", "onHand": 7, "asOf": "2026-01-01T12:00:00+01:00"}
    told = (await served.ask(STOCK, set=given))["setStock"]
    assert told == {
        "__typename": "SetStockSuccess",
        "applied": True,
        "note": None,
        "position": {
            "sku": "MUG-S",
            "location": "AMS",
            "onHand": 7,
            "unavailable": 0,
            "allocated": 0,
            "reserved": 0,
            "backordered": 0,
            "incoming": 0,
            "shortfall": 0,
            "version": 1,
            "countedAt": "2026-01-01T11:00:00Z",
            "countedThrough": None,
        },
    }
    assert await left(served) == 12
    older = {**given, "onHand": 1, "asOf": "2025-12-31T12:00:00Z"}
    told = (await served.ask(STOCK, set=older))["setStock"]
    assert told["applied"] is False
    assert told["note"].startswith("STALE")
    assert await left(served) == 12


async def test_a_count_that_cannot_be_taken_is_refused(served: Served) -> None:
    cases: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
        ({"sku": "NOPE"}, "UnknownSku", {"skus": ["NOPE"]}),
        ({"location": "MOON"}, "UnknownLocation", {"location": "MOON"}),
        ({"ifVersion": 7}, "VersionConflict", {"expected": 7, "actual": 1}),
        ({"sku": ""}, "InvalidInput", {"field": "sku"}),
        ({"reason": "a\0b"}, "InvalidInput", {"field": "reason"}),
    ]
    for given, typename, data in cases:
        asked = {"sku": "MUG-S", "location": "BER", "onHand": 1, **given}
        told = (await served.ask(STOCK, set=asked))["setStock"]
        assert told["__typename"] == typename
        assert {name: told[name] for name in data} == data
    assert await left(served) == 5


async def test_a_count_under_the_version_that_was_read_is_taken(served: Served) -> None:
    given = {"sku": "MUG-S", "location": "BER", "onHand": 9, "ifVersion": 1, "idempotencyKey": "k"}
    assert (await served.ask(STOCK, set=given))["setStock"]["position"]["version"] == 2
    assert (await served.ask(STOCK, set=given))["setStock"]["position"]["version"] == 2
    told = (await served.ask(STOCK, set={**given, "onHand": 8}))["setStock"]
    assert (told["__typename"], told["key"]) == ("IdempotencyMismatch", "k")


async def test_an_adjustment_adds_to_what_is_on_hand(served: Served) -> None:
    given = {"sku": "MUG-S", "location": "BER", "delta": -2, "reason": "broken"}
    told = (await served.ask(ADJUST, input=given))["adjustStock"]
    assert told == {"__typename": "AdjustStockSuccess", "position": {"onHand": 3, "version": 2}}
    assert await left(served) == 3


async def test_an_adjustment_that_cannot_be_made_is_refused(served: Served) -> None:
    cases: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
        ({"sku": "NOPE"}, "UnknownSku", {"skus": ["NOPE"]}),
        ({"location": "MOON"}, "UnknownLocation", {"location": "MOON"}),
        ({"delta": 0}, "InvalidInput", {"field": "delta"}),
        ({"reason": " "}, "InvalidInput", {"field": "reason"}),
    ]
    for given, typename, data in cases:
        asked = {"sku": "MUG-S", "location": "BER", "delta": 1, "reason": "found", **given}
        told = (await served.ask(ADJUST, input=asked))["adjustStock"]
        assert told["__typename"] == typename
        assert {name: told[name] for name in data} == data
    assert await left(served) == 5


async def test_an_adjustment_with_a_key_is_made_once(served: Served) -> None:
    given = {"sku": "MUG-S", "location": "BER", "delta": 1, "reason": "found"}
    for _ in range(2):
        await served.ask(ADJUST, input={**given, "idempotencyKey": "k"})
    assert await left(served) == 6
    told = await served.ask(ADJUST, input={**given, "delta": 2, "idempotencyKey": "k"})
    assert told["adjustStock"]["__typename"] == "IdempotencyMismatch"
