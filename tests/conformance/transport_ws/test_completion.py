"""Complete, sent by the client: at any time, and in a race with whatever the server sends."""

import pytest

from tests.conformance.transport_ws.target import Target

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_stream_that_is_stopped_tells_nothing_more(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("stopped", target.lasting)
        connection.subscribe("other", target.lasting)
        await connection.of("stopped")
        connection.complete("stopped")
        # What was on its way may still come.
        await connection.until_pong()
        told = [(await connection.receive()) for _ in range(5)]
        assert {message["id"] for message in told} == {"other"}


async def test_a_query_that_is_stopped_leaves_the_connection_as_it_was(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.query)
        connection.complete("1")
        told = await connection.until_pong()
        assert [message["type"] for message in told] in ([], ["next"], ["next", "complete"])
        connection.subscribe("1", target.query)
        await connection.next("1")
        assert (await connection.receive())["type"] == "complete"


async def test_a_result_that_is_wanted_no_more_is_not_sent(target: Target) -> None:
    if target.slow is None:
        pytest.skip("the target names no operation that takes a while")
    async with target.connect() as connection:
        connection.subscribe("stopped", target.slow)
        connection.complete("stopped")
        connection.subscribe("other", target.slow)
        assert (await connection.next("other"))["data"]
        assert await connection.receive() == {"id": "other", "type": "complete"}


async def test_what_is_over_or_never_was_may_be_stopped(target: Target) -> None:
    async with target.connect() as connection:
        connection.complete("never heard of")
        connection.subscribe("1", target.query)
        await connection.next("1")
        await connection.receive()
        connection.complete("1")
        connection.complete("1")
        assert await connection.until_pong() == []


async def test_what_was_refused_may_be_stopped(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", {"query": "{"})
        assert (await connection.receive())["type"] == "error"
        connection.complete("1")
        assert await connection.until_pong() == []


async def test_a_stream_may_be_stopped_twice(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        await connection.next("1")
        connection.complete("1")
        connection.complete("1")
        await connection.until_pong()
        assert await connection.until_pong() == []


async def test_the_id_of_what_was_stopped_is_free_at_once(target: Target) -> None:
    async with target.connect() as connection:
        for _ in range(10):
            connection.subscribe("1", target.lasting)
            connection.complete("1")
        connection.subscribe("1", target.query)
        assert (await connection.of("1"))["type"] == "next"
        while (message := await connection.receive())["type"] == "next":
            assert message["id"] == "1"
        assert message == {"id": "1", "type": "complete"}


async def test_a_stream_that_is_stopped_right_away_tells_nothing_later(target: Target) -> None:
    async with target.connect() as connection:
        for n in range(10):
            connection.subscribe(f"stopped {n}", target.lasting)
            connection.complete(f"stopped {n}")
        await connection.until_pong()
        connection.subscribe("other", target.lasting)
        told = [(await connection.receive()) for _ in range(5)]
        assert {message["id"] for message in told} == {"other"}


async def test_an_end_that_crosses_the_servers_own_does_no_harm(target: Target) -> None:
    if target.ending is None:
        pytest.skip("the target names no subscription that ends by itself")
    async with target.connect() as connection:
        for n in range(20):
            connection.subscribe(str(n), target.ending)
            if n % 2:
                await connection.of(str(n))
            connection.complete(str(n))
        await connection.until_pong()
        connection.subscribe("0", target.query)
        assert (await connection.of("0"))["type"] == "next"
