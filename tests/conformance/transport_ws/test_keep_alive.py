"""Ping and Pong: at any time, either way, with or without a payload."""

import asyncio
from typing import Any

import pytest

from tests.conformance.transport_ws.target import Target
from tests.conformance.transport_ws.wire import PING, PONG, Frame

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID = 4400
PAYLOADS: list[dict[str, Any]] = [{}, {"payload": None}, {"payload": {"at": 1, "deep": [{}]}}]


@pytest.mark.parametrize("more", PAYLOADS)
async def test_a_ping_is_answered_before_the_beginning(
    target: Target, more: dict[str, Any]
) -> None:
    async with target.open() as wire:
        wire.send({"type": "ping", **more})
        assert_pong(await wire.receive())


@pytest.mark.parametrize("more", PAYLOADS)
async def test_a_ping_is_answered_after_the_beginning(target: Target, more: dict[str, Any]) -> None:
    async with target.connect() as connection:
        connection.wire.send({"type": "ping", **more})
        assert_pong(await connection.receive())


async def test_each_ping_is_answered(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send(*[{"type": "ping"}] * 20)
        for _ in range(20):
            assert_pong(await connection.receive())


async def test_a_ping_is_answered_while_operations_are_under_way(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        await connection.next("1")
        await connection.until_pong()


@pytest.mark.parametrize("more", PAYLOADS)
async def test_a_pong_that_nobody_asked_for_does_no_harm(
    target: Target, more: dict[str, Any]
) -> None:
    async with target.open() as wire:
        wire.send({"type": "pong", **more}, target.init())
        assert (await wire.receive())["type"] == "connection_ack"
        wire.send({"type": "pong", **more}, {"type": "ping"})
        assert_pong(await wire.receive())


@pytest.mark.parametrize("kind", ["ping", "pong"])
@pytest.mark.parametrize("payload", [[], "text", 7])
async def test_a_payload_that_is_no_object_is_invalid(
    target: Target, kind: str, payload: Any
) -> None:
    async with target.connect() as connection:
        connection.wire.send({"type": kind, "payload": payload})
        assert (await connection.wire.closed()).code == INVALID


async def test_the_pings_of_websocket_itself_are_answered_too(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send_frame(Frame(PING, b"are you there"))
        async with asyncio.timeout(10):
            while (frame := await connection.wire.receive_frame()).opcode != PONG:
                pass
        assert frame.payload == b"are you there"


def assert_pong(message: Any) -> None:
    assert message["type"] == "pong"
    assert set(message) <= {"type", "payload"}
    assert isinstance(message.get("payload"), dict | None)
