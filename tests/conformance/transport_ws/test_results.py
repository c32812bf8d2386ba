"""Subscribe, Next and Complete: what an operation is answered with, and in which order."""

import pytest

from tests.conformance.transport_ws.target import Target

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN_USE = 4409
SEVERAL = "query A { __typename } query B { __typename }"


@pytest.mark.parametrize("kind", ["query", "mutation"])
async def test_one_result_is_followed_by_the_end_and_by_nothing_else(
    target: Target, kind: str
) -> None:
    async with target.connect() as connection:
        connection.subscribe("one", getattr(target, kind))
        payload = await connection.next("one")
        assert payload["data"] is not None
        assert "errors" not in payload
        assert await connection.receive() == {"id": "one", "type": "complete"}
        assert await connection.until_pong() == []


async def test_a_stream_that_ends_is_followed_by_the_end(target: Target) -> None:
    if target.ending is None:
        pytest.skip("the target names no subscription that ends by itself")
    async with target.connect() as connection:
        connection.subscribe("1", target.ending)
        await connection.next("1")
        while (message := await connection.receive())["type"] == "next":
            assert message["id"] == "1"
        assert message == {"id": "1", "type": "complete"}
        assert await connection.until_pong() == []


async def test_a_stream_goes_on_until_it_is_stopped(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        for _ in range(5):
            assert "errors" not in await connection.next("1")


async def test_what_fails_while_it_runs_ends_its_operation_alone(target: Target) -> None:
    if target.failing is None:
        pytest.skip("the target names no operation that fails while it runs")
    async with target.connect() as connection:
        connection.subscribe("1", target.failing)
        message = await connection.receive()
        assert message["id"] == "1"
        if message["type"] == "next":
            assert message["payload"]["errors"][0]["message"]
            assert await connection.receive() == {"id": "1", "type": "complete"}
        else:
            assert message["type"] == "error"
        assert await connection.until_pong() == []


async def test_the_rest_of_the_payload_may_be_null(target: Target) -> None:
    async with target.connect() as connection:
        nothing = {"variables": None, "operationName": None, "extensions": None}
        connection.subscribe("1", nothing | {"query": "{ __typename }"})
        assert (await connection.next("1"))["data"]


async def test_the_named_operation_of_several_is_executed(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", {"query": SEVERAL, "operationName": "B"})
        assert (await connection.next("1"))["data"]


async def test_extensions_of_the_client_do_no_harm(target: Target) -> None:
    async with target.connect() as connection:
        operation = {"query": "{ __typename }", "extensions": {"unheardOf": {"deep": [1]}}}
        connection.subscribe("1", operation)
        assert (await connection.next("1"))["data"]


async def test_operations_with_ids_of_their_own_are_interleaved(target: Target) -> None:
    async with target.connect() as connection:
        for n in range(5):
            connection.subscribe(f"stream {n}", target.lasting)
        for n in range(5):
            connection.subscribe(f"query {n}", target.query)
        told: dict[str, list[str]] = {}
        while len(told) < 10 or min(map(len, told.values())) < 2:
            message = await connection.receive()
            told.setdefault(message["id"], []).append(message["type"])
        for n in range(5):
            assert told[f"query {n}"] == ["next", "complete"]
            assert set(told[f"stream {n}"]) == {"next"}


async def test_any_text_may_be_an_id_and_comes_back_as_it_was(target: Target) -> None:
    async with target.connect() as connection:
        for id in ('"quoted" \\ {brace}', "ünïcödé ☃ \U0001f600", "a" * 200, "__proto__", " "):
            connection.subscribe(id, target.query)
            await connection.next(id)
            assert await connection.receive() == {"id": id, "type": "complete"}


@pytest.mark.parametrize("kind", ["query", "mutation", "lasting"])
async def test_an_id_in_use_closes_whatever_is_asked(target: Target, kind: str) -> None:
    async with target.connect() as connection:
        connection.subscribe("taken", target.lasting)
        await connection.next("taken")
        connection.subscribe("taken", getattr(target, kind))
        closed = await connection.wire.closed()
        assert closed.code == IN_USE
        assert closed.reason == "Subscriber for taken already exists"


async def test_an_id_in_use_that_fits_into_no_reason_closes_all_the_same(target: Target) -> None:
    async with target.connect() as connection:
        for _ in range(2):
            connection.subscribe("tåken" * 40, target.lasting)
        assert (await connection.wire.closed()).code == IN_USE


async def test_an_id_is_in_use_though_nothing_was_answered_yet(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("taken", target.lasting)
        connection.subscribe("taken", target.lasting)
        assert (await connection.wire.closed()).code == IN_USE


async def test_an_id_is_free_again_once_its_operation_has_ended(target: Target) -> None:
    async with target.connect() as connection:
        for operation in (target.query, target.mutation, target.query):
            connection.subscribe("1", operation)
            await connection.next("1")
            assert (await connection.receive())["type"] == "complete"


async def test_sockets_know_nothing_of_the_ids_of_others(target: Target) -> None:
    async with target.connect() as one, target.connect() as other:
        one.subscribe("1", target.lasting)
        other.subscribe("1", target.lasting)
        await one.next("1")
        await other.next("1")
        one.complete("1")
        await other.next("1")
