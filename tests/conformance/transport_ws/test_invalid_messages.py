"""Invalid messages: whatever the protocol does not foresee closes the socket with 4400, at once."""

import pytest

from tests.conformance.transport_ws.target import Target, subscribe
from tests.conformance.transport_ws.wire import BINARY, Closed, Frame

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID = 4400
MAX_REASON_BYTES = 123
NO_MESSAGES = [
    "",
    " ",
    "no json",
    "{",
    '{"type": "ping"} {"type": "ping"}',
    "null",
    "7",
    '"ping"',
    "[]",
    '[{"type": "ping"}]',
    "{}",
    '{"type": null}',
    '{"type": 7}',
    '{"type": ["ping"]}',
    '{"type": ""}',
    '{"type": "PING"}',
    '{"type": "nonsense"}',
    '{"type": "' + "very long ☃ " * 20 + '"}',
    '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
]
NOT_FROM_CLIENTS = [
    '{"type": "connection_ack"}',
    '{"type": "next", "id": "1", "payload": {"data": {}}}',
    '{"type": "error", "id": "1", "payload": [{"message": "no"}]}',
]
BROKEN_OPERATIONS = [
    '{"type": "subscribe"}',
    '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": null, "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "1", "payload": null}',
    '{"type": "subscribe", "id": "1", "payload": []}',
    '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
    '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": null}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": ["{ __typename }"]}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": "{}"}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 7}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "extensions": []}}',
    '{"type": "complete"}',
    '{"type": "complete", "id": 7}',
    '{"type": "complete", "id": ""}',
]


@pytest.mark.parametrize("text", [*NO_MESSAGES, *NOT_FROM_CLIENTS, *BROKEN_OPERATIONS])
async def test_what_is_no_message_closes(target: Target, text: str) -> None:
    async with target.connect() as connection:
        connection.wire.send_text(text)
        closed = await connection.wire.closed()
        assert closed.code == INVALID
        assert len(closed.reason.encode()) <= MAX_REASON_BYTES


@pytest.mark.parametrize("text", NO_MESSAGES)
async def test_what_is_no_message_closes_before_the_beginning_as_well(
    target: Target, text: str
) -> None:
    async with target.open() as wire:
        wire.send_text(text)
        assert (await wire.closed()).code == INVALID


async def test_a_message_as_bytes_is_none(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send_frame(Frame(BINARY, b'{"type": "ping"}'))
        with pytest.raises(Closed) as closed:
            await connection.receive()
        assert closed.value.code == INVALID


async def test_nothing_is_worked_that_comes_behind_what_is_no_message(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send({"type": "nonsense"}, subscribe("1", target.query), {"type": "ping"})
        with pytest.raises(Closed) as closed:
            await connection.receive()
        assert closed.value.code == INVALID


async def test_streams_end_with_the_socket_that_is_closed(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", target.lasting)
        await connection.next("1")
        connection.wire.send_text("no json")
        assert (await connection.wire.closed()).code == INVALID
        connection.wire.close(INVALID)
        assert await connection.wire.ended()


async def test_what_a_message_has_beyond_its_fields_does_no_harm(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send(subscribe("1", target.query) | {"unheardOf": [1]})
        assert (await connection.next("1"))["data"]
