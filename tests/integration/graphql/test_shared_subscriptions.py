"""Subscribers who ask the same: told the same, put together once, over every transport."""

import asyncio
import json
import random
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.live.streams import Stream
from hub.services.catalogue import CatalogueItem
from tests.integration.graphql.conftest import CHANNELS, SEED, Served, until
from tests.integration.graphql.sockets import Socket
from tests.integration.graphql.test_multipart import parts
from tests.integration.graphql.test_sse import events

FIELDS = "kind cursor availability { sku quantity status version asOf message { code text } }"
WATCH = """
    subscription ($skus: [ID!]!, $after: String) {
      availability(skus: $skus, after: $after) { %s }
    }
"""
SHARED = WATCH % FIELDS
BY_HIMSELF = WATCH % FIELDS.replace("kind", "kind @include(if: true)")
"""The same, told in the ordinary way to each subscriber: there is a directive."""


def broadcasts(served: Served) -> dict[Any, Any]:
    return served.services.broadcasts._by_key


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What streams have put together."""
    told: list[Any] = []
    tell = Stream.tell

    def noting(self: Stream[Any, Any], keys: Any) -> bytes:
        text = tell(self, keys)
        told.append(text)
        return text

    monkeypatch.setattr(Stream, "tell", noting)
    return told


async def watching(served: Served, stack: AsyncExitStack, document: str, *skus: str) -> Socket:
    socket = await stack.enter_async_context(served.socket())
    await socket.begin()
    await socket.subscribe("1", document, skus=list(skus))
    return socket


async def event(socket: Socket) -> dict[str, Any]:
    told: dict[str, Any] = (await socket.data("1"))["availability"]
    return told


async def test_a_change_is_put_together_once_for_all_who_ask_the_same(
    served: Served, made: list[Any]
) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await watching(served, stack, SHARED, "MUG-S", "MUG-M") for _ in range(20)]
        streams = [events(served, SHARED, {"skus": ["MUG-S", "MUG-M"]}) for _ in range(3)]
        mixed = [parts(served, SHARED, {"skus": ["MUG-S", "MUG-M"]}) for _ in range(3)]
        first = [await event(socket) for socket in sockets]
        first += [(await anext(stream))[1]["data"]["availability"] for stream in streams]
        first += [(await anext(stream))["payload"]["data"]["availability"] for stream in mixed]
        for one in first:
            state = {answer["sku"]: answer["quantity"] for answer in one["availability"]}
            assert (one["kind"], state) == ("SNAPSHOT", {"MUG-S": 5, "MUG-M": 5})
        assert len(broadcasts(served)) == 1
        await served.count("MUG-S", 9)
        told = [await event(socket) for socket in sockets]
        told += [(await anext(stream))[1]["data"]["availability"] for stream in streams]
        told += [(await anext(stream))["payload"]["data"]["availability"] for stream in mixed]
        assert all(one == told[0] for one in told)
        assert (told[0]["kind"], told[0]["availability"][0]["quantity"]) == ("CHANGE", 9)
        assert len(made) == 1
        for stream in (*streams, *mixed):
            await stream.aclose()
    await until(lambda: not broadcasts(served) and not served.services.watch.has_subscribers())


async def test_those_who_ask_something_else_have_streams_of_their_own(served: Served) -> None:
    async with AsyncExitStack() as stack:
        for document, skus in (
            (SHARED, ["MUG-S"]),
            (SHARED, ["MUG-M"]),
            (WATCH % "kind", ["MUG-S"]),
            (SHARED, ["MUG-S", "MUG-M"]),
            (SHARED, ["MUG-M", "MUG-S"]),
        ):
            await event(await watching(served, stack, document, *skus))
        assert len(broadcasts(served)) == 5
        unshared = await watching(served, stack, BY_HIMSELF, "MUG-S")
        assert (await event(unshared))["kind"] == "SNAPSHOT"
        needs_more = WATCH % "availability { item { name } }"
        assert await event(await watching(served, stack, needs_more, "MUG-S"))
        assert len(broadcasts(served)) == 5


async def test_what_is_shared_is_what_each_is_told_by_himself(served: Served) -> None:
    dice = random.Random(5)
    skus = ["MUG-S", "MUG-M", "TEA"]
    async with AsyncExitStack() as stack:
        both = [await watching(served, stack, way, *skus) for way in (SHARED, BY_HIMSELF)]
        state: list[dict[str, Any]] = [{}, {}]
        versions: list[dict[str, int]] = [{}, {}]

        async def take(which: int) -> None:
            while True:
                for answer in (await event(both[which]))["availability"]:
                    sku, version = answer["sku"], answer["version"]
                    assert version >= versions[which].get(sku, 0)
                    versions[which][sku] = version
                    del answer["asOf"]
                    state[which][sku] = answer

        takers = [asyncio.create_task(take(which)) for which in (0, 1)]
        for _ in range(40):
            match dice.randrange(3):
                case 0:
                    safety = Policy(safety_stock=dice.randrange(4) * UNIT)
                    await served.services.catalogue.put_policies(SEED, {("item", "TEA"): safety})
                case 1:
                    item = CatalogueItem("MUG-M", "Mug M", "mug", "kitchen")
                    ended = item._replace(discontinued=dice.random() < 0.5)
                    await served.services.catalogue.put_items(SEED, [ended])
                case _:
                    await served.count(dice.choice(skus), dice.randrange(9))
            await asyncio.sleep(dice.random() / 50)
        await served.count("MUG-S", 77)
        await until(lambda: all(one.get("MUG-S", {}).get("quantity") == 77 for one in state))
        await until(lambda: state[0] == state[1])
        for taker in takers:
            taker.cancel()


async def test_one_who_joins_is_told_the_state_that_the_others_know(served: Served) -> None:
    async with AsyncExitStack() as stack:
        late = await watching(served, stack, SHARED, "MUG-S")
        await event(late)
        for units in range(10, 20):
            await served.count("MUG-S", units)
            late = await watching(served, stack, SHARED, "MUG-S")
            first = await event(late)
            assert (first["kind"], first["availability"][0]["quantity"]) == ("SNAPSHOT", units)
        await served.count("MUG-S", 30)
        while (await event(late))["availability"][0]["quantity"] != 30:
            pass


async def test_one_who_stops_is_told_nothing_more_and_may_start_again(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        for _ in range(3):
            await socket.subscribe("1", SHARED, skus=["MUG-S"])
            assert (await event(socket))["kind"] == "SNAPSHOT"
            await socket.send({"type": "complete", "id": "1"})
            await until(lambda: not broadcasts(served))
        await served.count("MUG-S", 9)
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


async def test_what_cannot_begin_says_why_over_every_transport(served: Served) -> None:
    for variables, code in (
        ({"skus": ["NONE"]}, "UNKNOWN_SKU"),
        ({"skus": []}, "INVALID_INPUT"),
        ({"skus": ["MUG-S"], "after": "0" * 2_001}, "INVALID_INPUT"),
        ({"skus": [f"S-{n}" for n in range(251)]}, "INVALID_INPUT"),
    ):
        async with served.socket() as socket:
            await socket.begin()
            await socket.subscribe("1", SHARED, **variables)
            message = await socket.receive()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == code
        (kind, first), *_ = [one async for one in events(served, SHARED, variables)]
        assert (kind, first["errors"][0]["extensions"]["code"]) == ("next", code)
        first, *_ = [one async for one in parts(served, SHARED, variables)]
        assert first["payload"]["errors"][0]["extensions"]["code"] == code
    assert not broadcasts(served)


async def test_variables_that_are_nested_too_deep_are_refused_over_every_transport(
    served: Served,
) -> None:
    """They can be read, and not be put again."""
    variables = {"skus": json.loads("[" * 300 + "]" * 300)}
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", SHARED, **variables)
        assert (await socket.receive())["type"] == "error"
        await socket.subscribe("2", SHARED, skus=["MUG-S"])
        assert (await socket.receive())["type"] == "next"
    (kind, first), *_ = [one async for one in events(served, SHARED, variables)]
    assert kind == "next"
    assert first["errors"]
    first, *_ = [one async for one in parts(served, SHARED, variables)]
    assert first["payload"]["errors"]


async def test_an_id_in_use_and_one_too_many_are_refused_as_ever(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        for n in range(20):
            await socket.subscribe(str(n), SHARED, skus=["MUG-S"])
            await socket.data(str(n))
        await socket.subscribe("one too many", SHARED, skus=["MUG-S"])
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "one too many")
        await socket.subscribe("7", SHARED, skus=["MUG-S"])
        assert await socket.close_code() == 4409
    await until(lambda: not broadcasts(served))


async def test_what_cannot_be_put_together_ends_the_subscription_and_says_nothing_of_why(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("password=hunter2")

    async with AsyncExitStack() as stack:
        socket = await watching(served, stack, SHARED, "MUG-S")
        await event(socket)
        stream = events(served, SHARED, {"skus": ["MUG-S"]})
        await anext(stream)
        monkeypatch.setattr(Stream, "tell", broken)
        await served.count("MUG-S", 9)
        message = await socket.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == (
            "error",
            "INTERNAL",
        )
        assert "hunter2" not in json.dumps(message)
        await until(lambda: not broadcasts(served))
        await stream.aclose()


async def test_who_names_no_channel_is_told_of_the_one_that_is_the_default_by_then(
    served: Served,
) -> None:
    document = """
        subscription ($skus: [ID!]!, $scope: ScopeInput) {
          availability(skus: $skus, scope: $scope) { availability { channel quantity } }
        }
    """
    told = []
    for default in ("web", "store"):
        await served.services.catalogue.put_channels(SEED, CHANNELS, default=default)
        async with served.socket() as socket:
            await socket.begin()
            variables = {"skus": ["MUG-S"], "scope": {"destination": "DE"}}
            await socket.subscribe("1", document, **variables)
            told += (await event(socket))["availability"]
    assert told == [{"channel": "web", "quantity": 5}, {"channel": "store", "quantity": 3}]
