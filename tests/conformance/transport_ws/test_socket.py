"""The socket below: frames of every kind, and how either side closes."""

import json

import pytest

from tests.conformance.transport_ws.target import Target
from tests.conformance.transport_ws.wire import CONTINUATION, PING, PONG, TEXT, Frame

pytestmark = pytest.mark.asyncio(loop_scope="module")

NORMAL, PROTOCOL_ERROR, NO_TEXT, TOO_BIG = 1000, 1002, 1007, 1009


async def test_a_message_in_several_frames_is_one(target: Target) -> None:
    async with target.connect() as connection:
        wire = connection.wire
        wire.send_frame(Frame(TEXT, b'{"type":', final=False))
        wire.send_frame(Frame(PING, b"between"))
        wire.send_frame(Frame(CONTINUATION, b'"pi', final=False))
        wire.send_frame(Frame(CONTINUATION, b'ng"}'))
        frames = [await wire.receive_frame() for _ in range(2)]
        assert {frame.opcode for frame in frames} == {PONG, TEXT}
        (text,) = (frame.payload for frame in frames if frame.opcode == TEXT)
        assert json.loads(text)["type"] == "pong"


async def test_a_frame_that_is_not_masked_is_an_error_of_the_protocol(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send_frame(Frame(TEXT, b'{"type":"ping"}'), masked=False)
        assert (await connection.wire.closed()).code == PROTOCOL_ERROR


async def test_bits_and_kinds_that_mean_nothing_are_errors_of_the_protocol(target: Target) -> None:
    for opcode, reserved in ((TEXT, 4), (3, 0), (11, 0)):
        async with target.connect() as connection:
            frame = Frame(opcode, b'{"type":"ping"}')
            connection.wire.send_frame(frame, reserved=reserved)
            assert (await connection.wire.closed()).code == PROTOCOL_ERROR


async def test_text_that_is_none_closes(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send_frame(Frame(TEXT, b'{"type":"ping","x":"\xff\xfe"}'))
        assert (await connection.wire.closed()).code == NO_TEXT


async def test_too_large_a_message_closes(target: Target) -> None:
    if target.max_message_bytes is None:
        pytest.skip("the target takes messages of any size")
    async with target.connect() as connection:
        fits = {"type": "ping", "payload": {"filler": ""}}
        filler = "x" * (target.max_message_bytes - len(json.dumps(fits)))
        connection.wire.send({"type": "ping", "payload": {"filler": filler}})
        assert (await connection.receive())["type"] == "pong"
        connection.wire.send({"type": "ping", "payload": {"filler": filler + "x"}})
        assert (await connection.wire.closed()).code == TOO_BIG


async def test_a_client_that_closes_is_answered(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        await connection.next("1")
        connection.wire.close(NORMAL)
        assert (await connection.wire.closed()).code == NORMAL
        assert await connection.wire.ended()


async def test_a_client_may_close_before_it_begins_or_without_a_code(target: Target) -> None:
    async with target.open() as wire:
        wire.close()
        assert (await wire.closed()).code == NORMAL
    async with target.connect() as connection:
        connection.wire.close(None)
        await connection.wire.closed()
        assert await connection.wire.ended()


async def test_clients_that_break_off_leave_the_server_as_it_was(target: Target) -> None:
    for _ in range(20):
        async with target.connect() as connection:
            connection.subscribe("1", target.lasting)
            connection.subscribe("2", target.query)
            connection.wire.cut()
    async with target.connect() as connection:
        connection.subscribe("1", target.query)
        await connection.next("1")
