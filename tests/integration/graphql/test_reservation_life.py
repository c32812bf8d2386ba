"""What becomes of a reservation, step by step over HTTP, and what each step refuses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from hub.domain.policies import UNLIMITED, Policy
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.settings import Settings
from hub.store.database import connection_arguments
from tests.integration.graphql.conftest import SEED, Served, serving, until
from tests.integration.graphql.test_mutations import left

TOLD = """reservation { id state stage holder order orderedAt expiresAt remainingSeconds endedReason
  lines { sku location quantity held backordered allocated fulfilled released moved returned
          kit document promisedAt } }"""
REFUSAL = """
    ... on InsufficientStock { lines { sku requested available } }
    ... on UnknownSku { skus }
    ... on InvalidInput { field }
    ... on IdempotencyMismatch { key }
    ... on IdempotencyInProgress { key }
"""
OF_RESERVATION = """
    ... on ReservationNotFound { id }
    ... on ReservationEnded { id state endedReason }
    ... on IdempotencyMismatch { key }
"""
OF_PART = OF_RESERVATION + "... on ReservationLineMismatch { sku asked possible }"


def units(**of_items: float) -> list[dict[str, Any]]:
    """Lines of these items; a low line stands for the dash of a sku."""
    return [{"sku": sku.replace("_", "-"), "quantity": n} for sku, n in of_items.items()]


async def hold(served: Served, *, order: str | None = None, **given: Any) -> Any:
    """A hold, or the allocation of an order: 3 of MUG-S and 1 of MUG-M unless told otherwise."""
    given.setdefault("lines", units(MUG_S=3, MUG_M=1))
    told = await served.mutate("reserve", TOLD, REFUSAL, **given)
    assert told["__typename"] == "ReserveSuccess", told
    if order is None:
        return told["reservation"]
    return await done(served, "commit", told["reservation"], order=order)


async def step(served: Served, verb: str, reservation: Any, **given: Any) -> Any:
    """What became of a step."""
    refusal = OF_RESERVATION if verb in ("extend", "change") else OF_PART
    if verb in ("change", "transfer"):
        refusal += "... on InsufficientStock { lines { sku requested available } }"
    if verb == "transfer":
        refusal += "... on UnknownLocation { location }"
    refusal += "... on InvalidInput { field }"
    return await served.mutate(f"{verb}Reservation", TOLD, refusal, id=reservation["id"], **given)


async def done(served: Served, verb: str, reservation: Any, **given: Any) -> Any:
    """The reservation after a step that is not refused."""
    told = await step(served, verb, reservation, **given)
    assert told["__typename"].endswith("Success"), told
    return told["reservation"]


def parts(reservation: Any, *names: str) -> list[tuple[Any, ...]]:
    """These parts of each line."""
    return [tuple(line[name] for name in names) for line in reservation["lines"]]


async def test_a_hold_is_changed_up_and_down_and_off(served: Served) -> None:
    reservation = await hold(served)
    changed = await done(served, "change", reservation, lines=units(MUG_S=1, MUG_L=2, MUG_M=0))
    assert {(line["sku"], line["held"]) for line in changed["lines"] if line["held"]} == {
        ("MUG-S", 1),
        ("MUG-L", 2),
    }
    assert [await left(served, sku) for sku in ("MUG-S", "MUG-M", "MUG-L")] == [4, 5, 3]


async def test_a_change_that_is_not_there_leaves_the_hold_as_it_was(served: Served) -> None:
    reservation = await hold(served)
    told = await step(served, "change", reservation, lines=units(MUG_S=1, MUG_L=6))
    assert told["__typename"] == "InsufficientStock"
    assert told["lines"] == [{"sku": "MUG-L", "requested": 6, "available": 5}]
    assert await left(served) == 2
    told = await step(served, "change", reservation, lines=[])
    assert (told["__typename"], told["field"]) == ("InvalidInput", "lines")
    told = await step(served, "change", reservation, lines=units(NOPE=1))
    assert told["__typename"] == "UnknownSku"


async def test_a_stage_has_a_hold_length_of_its_own(served: Served) -> None:
    settings = served.services.settings
    reservation = await hold(served)
    assert reservation["stage"] == "CART"
    assert reservation["remainingSeconds"] <= settings.hold_ttl_seconds
    paying = await done(served, "extend", reservation, stage="PAYMENT")
    assert paying["stage"] == "PAYMENT"
    assert settings.hold_ttl_seconds < paying["remainingSeconds"]
    assert paying["remainingSeconds"] <= settings.payment_hold_ttl_seconds
    told = await hold(served, lines=units(MUG_L=1), stage="CHECKOUT")
    assert told["stage"] == "CHECKOUT"


async def test_an_order_may_take_a_part_and_then_the_rest(served: Served) -> None:
    reservation = await hold(served)
    partly = await done(served, "commit", reservation, order="O-1", lines=units(MUG_S=2))
    assert (partly["state"], partly["order"]) == ("COMMITTED", "O-1")
    assert partly["orderedAt"].endswith("Z")
    assert parts(partly, "sku", "held", "allocated") == [("MUG-S", 1, 2), ("MUG-M", 1, 0)]
    assert partly["expiresAt"] is not None
    told = await step(served, "commit", reservation, order="O-1", lines=units(MUG_S=2))
    assert (told["__typename"], told["sku"], told["asked"], told["possible"]) == (
        "ReservationLineMismatch",
        "MUG-S",
        2,
        1,
    )
    whole = await done(served, "commit", reservation, order="O-1")
    assert parts(whole, "held", "allocated") == [(0, 3), (0, 1)]
    assert whole["expiresAt"] is None


async def test_a_part_of_a_hold_is_released(served: Served) -> None:
    reservation = await hold(served)
    told = await done(served, "release", reservation, lines=units(MUG_S=2))
    assert told["state"] == "HELD"
    assert parts(told, "held", "released") == [(1, 2), (1, 0)]
    assert await left(served) == 4
    ended = await done(served, "release", reservation)
    assert (ended["state"], ended["endedReason"]) == ("RELEASED", "RELEASED")


async def test_another_location_serves_what_one_held(served: Served) -> None:
    await served.count("MUG-S", 2, location="AMS")
    reservation = await hold(served)
    way = {"fromLocation": "BER", "toLocation": "AMS"}
    told = await step(served, "transfer", reservation, lines=units(MUG_S=3), **way)
    assert (told["__typename"], told["lines"]) == (
        "InsufficientStock",
        [{"sku": "MUG-S", "requested": 3, "available": 2}],
    )
    moved = await done(served, "transfer", reservation, lines=units(MUG_S=2), **way)
    assert parts(moved, "sku", "location", "held", "moved") == [
        ("MUG-S", "BER", 1, 2),
        ("MUG-M", "BER", 1, 0),
        ("MUG-S", "AMS", 2, 0),
    ]
    assert await left(served) == 4
    told = await step(served, "transfer", reservation, **{**way, "toLocation": "MOON"})
    assert (told["__typename"], told["location"]) == ("UnknownLocation", "MOON")
    told = await step(served, "transfer", reservation, **{**way, "toLocation": "BER"})
    assert (told["__typename"], told["field"]) == ("InvalidInput", "toLocation")


async def test_an_order_is_fulfilled_in_parts_and_some_of_it_comes_back(served: Served) -> None:
    reservation = await hold(served, order="O-1")
    partly = await done(served, "fulfil", reservation, lines=units(MUG_S=2))
    assert partly["state"] == "COMMITTED"
    assert parts(partly, "allocated", "fulfilled") == [(1, 2), (1, 0)]
    told = await step(served, "fulfil", reservation, lines=units(MUG_S=2))
    assert (told["__typename"], told["possible"]) == ("ReservationLineMismatch", 1)
    whole = await done(served, "fulfil", reservation)
    assert whole["state"] == "FULFILLED"
    assert await left(served) == 2
    back = await done(served, "return", reservation, lines=units(MUG_S=1))
    assert parts(back, "fulfilled", "returned") == [(3, 1), (1, 0)]
    assert await left(served) == 3
    told = await step(served, "return", reservation, lines=units(MUG_S=3))
    assert (told["__typename"], told["asked"], told["possible"]) == (
        "ReservationLineMismatch",
        3,
        2,
    )


async def test_an_order_is_cancelled(served: Served) -> None:
    reservation = await hold(served, order="O-1")
    partly = await done(served, "cancel", reservation, lines=units(MUG_S=1))
    assert parts(partly, "allocated", "released") == [(2, 1), (1, 0)]
    ended = await done(served, "cancel", reservation)
    assert (ended["state"], ended["endedReason"]) == ("CANCELLED", "CANCELLED")
    assert await left(served) == 5


@pytest.mark.parametrize("verb", ["change", "transfer", "fulfil", "cancel", "return"])
async def test_each_step_knows_what_is_not_there_and_keeps_its_key(
    served: Served, verb: str
) -> None:
    await served.count("MUG-S", 5, location="AMS")
    more: dict[str, Any] = {"lines": units(MUG_S=1)}
    if verb == "transfer":
        more |= {"fromLocation": "BER", "toLocation": "AMS"}
    told = await step(served, verb, {"id": "nonsense"}, **more)
    assert (told["__typename"], told["id"]) == ("ReservationNotFound", "nonsense")

    order = None if verb in ("change", "transfer") else "O-1"
    reservation = await hold(served, order=order)
    if verb == "return":
        await done(served, "fulfil", reservation)
    first = await done(served, verb, reservation, idempotencyKey="k", **more)
    again = await done(served, verb, reservation, idempotencyKey="k", **more)
    assert again["lines"] == first["lines"]
    told = await step(
        served, verb, reservation, idempotencyKey="k", **{**more, "lines": units(MUG_M=1)}
    )
    assert (told["__typename"], told["key"]) == ("IdempotencyMismatch", "k")

    released = await hold(served, lines=units(MUG_L=1))
    await done(served, "release", released)
    told = await step(served, verb, released, **more)
    assert (told["__typename"], told["state"], told["endedReason"]) == (
        "ReservationEnded",
        "RELEASED",
        "RELEASED",
    )


async def test_ones_own_hold_does_not_keep_one_from_the_last_units(served: Served) -> None:
    first = await hold(served, lines=units(MUG_S=5), holder="cart-1")
    document = """query ($scope: ScopeInput) { availability(skus: ["MUG-S"], scope: $scope) {
        quantity breakdown { reserved } } }"""
    for scope, quantity in (
        (None, 0),
        ({"holder": "cart-2"}, 0),
        ({"holder": "cart-1"}, 5),
        ({"channel": "web", "holder": "cart-1"}, 5),
        ({"channel": "store", "holder": "cart-1"}, 3),
    ):
        (answer,) = (await served.ask(document, scope=scope))["availability"]
        assert answer["quantity"] == quantity, scope

    for holder in (None, "cart-2"):
        told = await served.mutate("reserve", TOLD, lines=units(MUG_S=4), holder=holder)
        assert told["__typename"] == "InsufficientStock"
    second = await hold(served, lines=units(MUG_S=4), holder="cart-1")
    assert parts(second, "held") == [(4,)]
    data = await served.ask(
        "query ($id: ID!) { reservation(id: $id) { state lines { held released } } }",
        id=first["id"],
    )
    assert data["reservation"] == {"state": "HELD", "lines": [{"held": 1, "released": 4}]}
    await hold(served, lines=units(MUG_S=5), holder="cart-1")
    data = await served.ask(
        "query ($id: ID!) { reservation(id: $id) { state endedReason } }", id=first["id"]
    )
    assert data["reservation"] == {"state": "RELEASED", "endedReason": "SUPERSEDED"}


async def test_one_address_or_holder_can_hold_only_so_often(database_url: str) -> None:
    settings = Settings(database_url=database_url, max_holds_per_holder=2, max_holds_per_address=3)
    refusal = "... on HoldLimitReached { what limit }"
    line = units(MUG_S=1)
    async with serving(settings) as served:
        for _ in range(2):
            await hold(served, lines=line, holder="cart-1", address="192.0.2.7")
        told = await served.mutate("reserve", TOLD, refusal, lines=line, holder="cart-1")
        assert (told["__typename"], told["what"], told["limit"]) == (
            "HoldLimitReached",
            "holder",
            2,
        )
        last = await hold(served, lines=line, holder="cart-2", address="192.0.2.7")
        told = await served.mutate("reserve", TOLD, refusal, lines=line, address="192.0.2.7")
        assert (told["code"], told["what"], told["limit"]) == ("HOLD_LIMIT_REACHED", "address", 3)
        await done(served, "release", last)
        await hold(served, lines=line, holder="cart-2", address="192.0.2.7")


async def test_a_kit_holds_its_components(served: Served) -> None:
    await _put_kit(served)
    document = """{ availability(skus: ["SET"], quantity: 3) { quantity canFulfil limitingRule
        components { sku perKit availableToOrder } } }"""
    (answer,) = (await served.ask(document))["availability"]
    assert answer == {
        "quantity": 2,
        "canFulfil": False,
        "limitingRule": "component:MUG-M",
        "components": [
            {"sku": "MUG-M", "perKit": 2, "availableToOrder": 5},
            {"sku": "MUG-S", "perKit": 1, "availableToOrder": 5},
        ],
    }
    reservation = await hold(served, lines=units(SET=2))
    assert sorted(parts(reservation, "sku", "held", "kit")) == [
        ("MUG-M", 4, "SET"),
        ("MUG-S", 2, "SET"),
    ]
    assert [await left(served, sku) for sku in ("SET", "MUG-S", "MUG-M")] == [0, 3, 1]
    told = await served.mutate("reserve", TOLD, REFUSAL, lines=units(SET=1))
    assert told["lines"] == [{"sku": "SET", "requested": 1, "available": 0}]
    committed = await done(served, "commit", reservation, order="O-1", lines=units(SET=1))
    assert sorted(parts(committed, "sku", "held", "allocated")) == [
        ("MUG-M", 2, 2),
        ("MUG-S", 1, 1),
    ]


async def test_a_backorder_is_promised_for_the_date_of_its_supply(served: Served) -> None:
    limit = Policy(backorder_limit=10 * UNIT)
    await served.services.catalogue.put_policies(SEED, {("item", "MUG-S"): limit})
    supply = {"sku": "MUG-S", "location": "BER", "document": "PO-1"}
    eta = "2030-03-01T08:00:00Z"
    await served.mutate("scheduleSupply", "applied", **supply, quantity=4, eta=eta)
    document = """{ availability(skus: ["MUG-S"]) { quantity status nextSupplyAt message { code }
        breakdown { beyondStock availableToOrder backordered } } }"""
    (answer,) = (await served.ask(document))["availability"]
    assert (answer["quantity"], answer["breakdown"]["beyondStock"]) == (15, 10)

    reservation = await hold(served, lines=units(MUG_S=11), holder="cart-1")
    assert parts(reservation, "held", "backordered", "document", "promisedAt") == [
        (5, 0, None, None),
        (0, 4, "PO-1", eta),
        (0, 2, None, None),
    ]
    (answer,) = (await served.ask(document))["availability"]
    assert (answer["quantity"], answer["status"]) == (4, "BACK_ORDER")
    assert answer["breakdown"] == {"beyondStock": 4, "availableToOrder": 4, "backordered": 6}
    told = await served.mutate("reserve", TOLD, REFUSAL, lines=units(MUG_S=5))
    assert told["lines"] == [{"sku": "MUG-S", "requested": 5, "available": 4}]

    await done(served, "commit", reservation, order="O-1")
    await served.mutate("receiveSupply", "position { onHand }", **supply, quantity=4)

    async def filled() -> Any:
        data = await served.ask(
            "query ($id: ID!) { reservation(id: $id) { lines { allocated backordered } } }",
            id=reservation["id"],
        )
        return parts(data["reservation"], "allocated", "backordered")

    expected = [(5, 0), (4, 0), (0, 2)]
    for _ in range(250):
        if await filled() == expected:
            break
        await asyncio.sleep(0.02)
    assert await filled() == expected


async def test_a_backorder_without_limit_has_no_number(served: Served) -> None:
    without = Policy(backorder_limit=UNLIMITED)
    await served.services.catalogue.put_policies(SEED, {("item", "MUG-S"): without})
    document = """{ availability(skus: ["MUG-S"], quantity: 1000) { quantity canFulfil
        breakdown { availableToSell beyondStock availableToOrder } } }"""
    (answer,) = (await served.ask(document))["availability"]
    assert answer == {
        "quantity": None,
        "canFulfil": True,
        "breakdown": {"availableToSell": 5, "beyondStock": None, "availableToOrder": None},
    }


async def test_a_key_that_is_in_flight_is_told_so_and_then_has_its_answer(
    served: Served, database_url: str
) -> None:
    request = {"lines": units(MUG_S=1), "idempotencyKey": "k"}
    async with _locked_position(database_url, "MUG-S"):
        first = asyncio.create_task(served.mutate("reserve", TOLD, REFUSAL, **request))
        await until(lambda: bool(served.services.writer._in_flight))
        told = await served.mutate("reserve", TOLD, REFUSAL, **request)
        assert (told["__typename"], told["code"], told["key"]) == (
            "IdempotencyInProgress",
            "IDEMPOTENCY_IN_PROGRESS",
            "k",
        )
        told = await served.mutate("reserve", TOLD, REFUSAL, **{**request, "holder": "other"})
        assert told["__typename"] == "IdempotencyMismatch"
        assert not first.done()
    answer = await first
    assert answer["__typename"] == "ReserveSuccess"
    again = await served.mutate("reserve", TOLD, REFUSAL, **request)
    assert again["reservation"]["id"] == answer["reservation"]["id"]
    assert await left(served) == 4


@asynccontextmanager
async def _locked_position(database_url: str, sku: str) -> AsyncIterator[None]:
    """Keeps the stock writer waiting for a position, for less than its patience."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        async with connection.transaction():
            await connection.execute("select 1 from position where sku = $1 for update", sku)
            yield
    finally:
        await connection.close()


async def _put_kit(served: Served) -> None:
    catalogue = served.services.catalogue
    await catalogue.put_items(SEED, [CatalogueItem("SET", "A set of mugs")])
    await catalogue.put_kits(SEED, {"SET": [Line("MUG-S", UNIT), Line("MUG-M", 2 * UNIT)]})
