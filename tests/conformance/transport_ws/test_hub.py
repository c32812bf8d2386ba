"""What the hub makes of what the protocol leaves open: its limits hurt one operation, and closing
codes that clients take for final are for broken messages alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hub.settings import Settings
from tests.conformance.transport_ws.servers import hub
from tests.conformance.transport_ws.target import Target
from tests.conformance.transport_ws.wire import PING, PONG, SUBPROTOCOL, Frame, Wire
from tests.integration.graphql.conftest import serving
from tests.integration.graphql.test_ends import expire_soon, settings_with_token

pytestmark = pytest.mark.asyncio(loop_scope="module")

FINAL = {4400, 4401, 4406, 4409, 4429, 4500, 1002, 1007, 1008, 1009, 1011}
"""What graphql-ws, and so Apollo, urql and Relay, never connect again after."""
MAX_OPERATIONS = 20
MAX_MESSAGES = 100


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(database_of_file: str) -> AsyncIterator[Target]:
    """The hub."""
    async with hub(database_of_file) as one:
        yield one


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{" + " a:channels{id}" * 30 + "}"}, "LIMIT_EXCEEDED"),
        ({"query": "{ channels { id } }" + "#" * 15_000}, "LIMIT_EXCEEDED"),
        ({"documentId": "sha256:" + "0" * 64}, "UNKNOWN_DOCUMENT"),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
            "PERSISTED_QUERY_NOT_FOUND",
        ),
        ({"query": 'subscription { availability(skus: ["NOPE"]) { kind } }'}, "UNKNOWN_SKU"),
    ],
)
async def test_a_refusal_with_a_code_hurts_only_its_own_operation(
    target: Target, payload: dict[str, object], code: str
) -> None:
    async with target.connect() as connection:
        connection.subscribe("lasting", target.lasting)
        await connection.next("lasting")
        connection.subscribe("refused", payload)
        message = await connection.of("refused")
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code
        await connection.next("lasting")


async def test_twenty_operations_are_enough_and_one_more_is_refused(target: Target) -> None:
    async with target.connect() as connection:
        for n in range(MAX_OPERATIONS):
            connection.subscribe(str(n), target.lasting)
            assert (await connection.of(str(n)))["type"] == "next"
        connection.subscribe("more", target.query)
        message = await connection.of("more")
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        connection.complete("0")
        connection.subscribe("more", target.query)
        assert (await connection.of("more"))["type"] == "next"


async def test_who_sends_too_much_is_refused_and_not_closed(target: Target) -> None:
    async with target.connect() as connection:
        connection.subscribe("lasting", target.lasting)
        await connection.next("lasting")
        for n in range(MAX_MESSAGES):
            connection.subscribe(f"query {n}", target.query)
        last = await connection.of(f"query {MAX_MESSAGES - 1}")
        assert last["type"] == "error"
        assert last["payload"][0]["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "what": "The number of messages in a minute over one connection",
            "limit": MAX_MESSAGES,
            "actual": "more",
        }
        connection.complete("lasting")
        await connection.until_pong()
        assert await connection.until_pong() == []


async def test_who_goes_on_all_the_same_is_closed_and_may_come_again(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send(*[{"type": "ping"}] * 2 * MAX_MESSAGES)
        assert (await connection.wire.closed()).code == 1013
    async with target.connect() as connection:
        assert await connection.until_pong() == []


async def test_connections_end_with_codes_after_which_clients_come_back(
    database_of_file: str,
) -> None:
    beats = Settings(database_url=database_of_file, heartbeat_seconds=0.2)
    turns = Settings(database_url=database_of_file, connection_seconds=0.5)
    for settings, code in ((beats, 4499), (turns, 1012)):
        async with (
            serving(settings) as served,
            Wire.open(served.socket_url, SUBPROTOCOL) as wire,
        ):
            wire.silent = True
            wire.send({"type": "connection_init"})
            closed = await wire.closed()
            assert closed.code == code
            assert closed.code not in FINAL


async def test_a_connection_ends_with_its_token(database_of_file: str) -> None:
    init = {"type": "connection_init", "payload": {"authorization": "Bearer letmein"}}
    async with serving(settings_with_token(database_of_file)) as served:
        async with Wire.open(served.socket_url, SUBPROTOCOL) as wire:
            expires_at = expire_soon(served)
            wire.send(init)
            assert (await wire.receive())["type"] == "connection_ack"
            closed = await wire.closed()
            assert datetime.now(UTC) >= expires_at
            assert (closed.code, closed.reason) == (4403, "Token expired")
        async with Wire.open(served.socket_url, SUBPROTOCOL) as wire:
            wire.send(init)
            assert (await wire.closed()).code == 4403


async def test_a_ping_comes_back_with_what_it_carries(target: Target) -> None:
    async with target.connect() as connection:
        connection.wire.send({"type": "ping", "payload": {"sent": 7}})
        assert await connection.receive() == {"type": "pong", "payload": {"sent": 7}}


async def test_of_many_pings_of_websocket_at_once_the_last_is_answered(target: Target) -> None:
    async with target.connect() as connection:
        for n in range(200):
            connection.wire.send_frame(Frame(PING, b"%d" % n))
        while await connection.wire.receive_frame() != Frame(PONG, b"199"):
            pass
