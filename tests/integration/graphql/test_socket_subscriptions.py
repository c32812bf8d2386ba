"""Subscriptions over a WebSocket, with a client that shows each message as it comes."""

import asyncio

from tests.integration.graphql.conftest import SEED, Served, until
from tests.integration.graphql.test_mutations import change, held, reserve

WATCH = """
    subscription ($skus: [ID!]!, $scope: ScopeInput) {
      availability(skus: $skus, scope: $scope) {
        kind cursor availability { sku quantity version asOf message { text } }
      }
    }
"""
WATCH_HOLD = """
    subscription ($id: ID!) {
      reservation(id: $id) { id state version remainingSeconds lines { item { name } } }
    }
"""


async def test_first_comes_the_state_of_all_items_then_those_that_changed(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", WATCH, skus=["MUG-S", "MUG-M"])
        first = (await socket.data("1"))["availability"]
        assert first["kind"] == "SNAPSHOT"
        assert {one["sku"]: one["quantity"] for one in first["availability"]} == {
            "MUG-S": 5,
            "MUG-M": 5,
        }
        versions = [one["version"] for one in first["availability"] if one["sku"] == "MUG-S"]
        for quantity in (4, 3, 2):
            await reserve(served, ("MUG-S", 1))
            event = (await socket.data("1"))["availability"]
            (one,) = event["availability"]
            assert (event["kind"], one["sku"], one["quantity"]) == ("CHANGE", "MUG-S", quantity)
            assert one["asOf"] > first["availability"][0]["asOf"]
            versions.append(one["version"])
        assert versions == [1, 2, 3, 4]


async def test_the_scope_of_a_subscription_holds_for_every_event(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", WATCH, skus=["MUG-S"], scope={"channel": "store"})
        assert (await socket.data("1"))["availability"]["availability"][0]["quantity"] == 3
        await served.count("MUG-S", 9, location="AMS")
        await served.count("MUG-S", 10)
        while True:
            (one,) = (await socket.data("1"))["availability"]["availability"]
            if one["quantity"] != 3:
                break
        assert one["quantity"] == 8


async def test_a_subscription_goes_on_where_the_last_one_ended(served: Served) -> None:
    document = """
        subscription ($skus: [ID!]!, $after: String) {
          availability(skus: $skus, after: $after) {
            kind cursor availability { sku quantity }
          } }"""
    skus = ["MUG-S", "MUG-M"]
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", document, skus=skus)
        cursor = (await socket.data("1"))["availability"]["cursor"]
    await served.count("MUG-M", 7)
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", document, skus=skus, after=cursor)
        event = (await socket.data("1"))["availability"]
        assert event["kind"] == "RECOVERED"
        assert event["availability"] == [{"sku": "MUG-M", "quantity": 7}]
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", document, skus=skus, after="0" * 2_001)
        (error,) = (await socket.receive())["payload"]
        assert error["extensions"]["code"] == "INVALID_INPUT"
        await socket.subscribe("1", document, skus=skus, after="of another log")
        event = (await socket.data("1"))["availability"]
        assert (event["kind"], len(event["availability"])) == ("RESET", 2)


async def test_two_windows_see_what_one_of_them_reserves(served: Served) -> None:
    async with served.socket() as one, served.socket() as other:
        for socket in (one, other):
            await socket.begin()
            await socket.subscribe("s", WATCH, skus=["MUG-S"])
            await socket.data("s")
        await reserve(served, ("MUG-S", 2))
        seen = await asyncio.wait_for(asyncio.gather(one.data("s"), other.data("s")), 1)
        assert [event["availability"]["availability"][0]["quantity"] for event in seen] == [3, 3]


async def test_a_reservation_is_watched_to_its_end(served: Served) -> None:
    reservation = await held(served)
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("r", WATCH_HOLD, id=reservation["id"])
        first = (await socket.data("r"))["reservation"]
        assert first["state"] == "HELD"
        assert first["remainingSeconds"] > 0
        assert first["lines"] == [{"item": {"name": "Mug S"}}]
        await change(served, "release", id=reservation["id"])
        last = (await socket.data("r"))["reservation"]
        assert (last["state"], last["remainingSeconds"]) == ("RELEASED", None)
        assert last["version"] > first["version"]
        assert await socket.receive() == {"type": "complete", "id": "r"}


async def test_a_subscription_sees_what_the_catalogue_says_now(served: Served) -> None:
    """What was loaded for one event must not be told again with the next."""
    reservation = await held(served)
    item = (await served.services.catalogue.items(SEED, ["MUG-S"]))["MUG-S"]
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("r", WATCH_HOLD, id=reservation["id"])
        await socket.data("r")
        await served.services.catalogue.put_items(SEED, [item._replace(name="Cup S")])
        await change(served, "extend", id=reservation["id"], ttlSeconds=3600)
        event = (await socket.data("r"))["reservation"]
        assert event["lines"] == [{"item": {"name": "Cup S"}}]


async def test_unknown_skus_end_the_operation_and_not_the_socket(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        for id, document, variables, code in (
            ("a", WATCH, {"skus": ["NOPE"]}, "UNKNOWN_SKU"),
            ("b", WATCH, {"skus": []}, "INVALID_INPUT"),
            ("c", WATCH, {"skus": ["MUG-S"], "scope": {"channel": "moon"}}, "UNKNOWN_CHANNEL"),
            ("d", WATCH_HOLD, {"id": "nonsense"}, "RESERVATION_NOT_FOUND"),
        ):
            await socket.subscribe(id, document, **variables)
            message = await socket.receive()
            assert (message["type"], message["id"]) == ("error", id)
            assert message["payload"][0]["extensions"]["code"] == code
        await socket.subscribe("e", WATCH, skus=["MUG-S"])
        assert (await socket.data("e"))["availability"]["kind"] == "SNAPSHOT"


async def test_who_leaves_is_forgotten(served: Served) -> None:
    watching = served.services.watch._by_channel
    async with served.socket() as socket:
        await socket.begin()
        for id in ("stays", "leaves"):
            await socket.subscribe(id, WATCH, skus=["MUG-S"])
            await socket.data(id)
        assert list(watching) == ["web"]
        await socket.send({"type": "complete", "id": "leaves"})
        await served.count("MUG-S", 1)
        assert (await socket.data("stays"))["availability"]["availability"][0]["quantity"] == 1
    await until(lambda: not watching)


async def test_queries_and_mutations_are_answered_over_the_socket_too(served: Served) -> None:
    ask = '{ availability(skus: ["MUG-S"]) { quantity } }'
    async with served.socket() as socket:
        await socket.begin()
        for id, quantity in (("1", 5), ("2", 7)):
            await served.count("MUG-S", quantity)
            await socket.subscribe(id, ask)
            assert await socket.data(id) == {"availability": [{"quantity": quantity}]}
            assert await socket.receive() == {"type": "complete", "id": id}
