"""ConnectionInit and ConnectionAck: how a connection begins, once, and in time."""

import asyncio
from typing import Any

import pytest

from tests.conformance.transport_ws.target import Target, subscribe
from tests.conformance.transport_ws.wire import Closed

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID, UNAUTHORIZED, INIT_TIMEOUT, TOO_MANY_INITS = 4400, 4401, 4408, 4429


async def test_a_connection_is_acknowledged(target: Target) -> None:
    async with target.open() as wire:
        wire.send(target.init())
        message = await wire.receive()
        assert message["type"] == "connection_ack"
        assert set(message) <= {"type", "payload"}
        assert isinstance(message.get("payload"), dict | None)


@pytest.mark.parametrize("more", [{}, {"payload": None}, {"payload": {}}])
async def test_the_payload_of_the_beginning_may_be_left_out_or_null(
    target: Target, more: dict[str, Any]
) -> None:
    if target.init_payload is not None:
        pytest.skip("the target wants to be told something at the beginning")
    async with target.open() as wire:
        wire.send({"type": "connection_init", **more})
        assert (await wire.receive())["type"] == "connection_ack"


async def test_what_the_beginning_says_beyond_what_is_agreed_does_no_harm(target: Target) -> None:
    async with target.open() as wire:
        payload = {**(target.init_payload or {}), "unheardOf": [1, {"deep": None}]}
        wire.send({"type": "connection_init", "payload": payload})
        assert (await wire.receive())["type"] == "connection_ack"


@pytest.mark.parametrize("payload", [[], "text", 7, True])
async def test_a_beginning_whose_payload_is_no_object_is_invalid(
    target: Target, payload: Any
) -> None:
    async with target.open() as wire:
        wire.send({"type": "connection_init", "payload": payload})
        assert (await wire.closed()).code == INVALID


async def test_nothing_is_said_before_the_beginning_but_pings(target: Target) -> None:
    async with target.open() as wire:
        # Answers come in order, so the first that is no ping is the one to this.
        wire.send({"type": "ping"})
        assert (await wire.receive())["type"] == "pong"


async def test_who_does_not_begin_in_time_is_closed(target: Target) -> None:
    async with target.open() as wire, asyncio.timeout(target.init_seconds + 3):
        assert (await wire.closed()).code == INIT_TIMEOUT


async def test_other_messages_do_not_stand_for_the_beginning(target: Target) -> None:
    async with target.open() as wire, asyncio.timeout(target.init_seconds + 3):
        wire.send({"type": "pong"}, {"type": "ping"})
        assert (await wire.closed()).code == INIT_TIMEOUT


async def test_who_has_begun_is_not_closed_when_that_time_is_over(target: Target) -> None:
    async with target.connect() as connection:
        await asyncio.sleep(target.init_seconds + 1)
        assert await connection.until_pong() == []


async def test_a_second_beginning_closes(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send(target.init())
        assert (await connection.wire.closed()).code == TOO_MANY_INITS


async def test_a_second_beginning_closes_though_the_first_is_not_acknowledged_yet(
    target: Target,
) -> None:
    async with target.open() as wire:
        wire.send(target.init(), target.init())
        assert (await wire.closed()).code == TOO_MANY_INITS


async def test_a_second_beginning_ends_operations_too(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        await connection.next("1")
        connection.wire.send(target.init())
        assert (await connection.wire.closed()).code == TOO_MANY_INITS


async def test_an_operation_before_the_beginning_closes(target: Target) -> None:
    for operation in (target.query, target.mutation, target.lasting):
        async with target.open() as wire:
            wire.send(subscribe("1", operation))
            with pytest.raises(Closed) as closed:
                await wire.receive()
            assert closed.value.code == UNAUTHORIZED


async def test_an_operation_right_behind_the_beginning_is_answered_after_it_or_closes(
    target: Target,
) -> None:
    async with target.open() as wire:
        wire.send(target.init(), subscribe("1", target.query))
        told = [await wire.receive_or_closed()]
        if not isinstance(told[0], Closed):
            assert told[0]["type"] == "connection_ack"
            told.append(await wire.receive_or_closed())
        last = told[-1]
        if isinstance(last, Closed):
            assert last.code == UNAUTHORIZED
        else:
            assert (last["id"], last["type"]) == ("1", "next")
