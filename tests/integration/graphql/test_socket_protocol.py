"""graphql-transport-ws to the letter: who may begin, what is refused, and with which code."""

import asyncio
import hashlib

import pytest
from websockets.exceptions import InvalidStatus

from hub.domain.principal import AccessScope
from hub.settings import AccessToken, Settings
from tests.integration.graphql.conftest import Served, serving, until

PING = {"type": "ping"}
ASK = "{ channels { id } }"


async def test_a_payload_of_null_is_none(served: Served) -> None:
    async with served.socket() as socket:
        await socket.send({"type": "connection_init", "payload": None})
        assert (await socket.receive())["type"] == "connection_ack"


async def test_a_ping_is_answered_before_and_after_the_beginning(served: Served) -> None:
    async with served.socket() as socket:
        await socket.send(PING)
        assert await socket.receive() == {"type": "pong"}
        await socket.begin()
        await socket.send(PING)
        assert await socket.receive() == {"type": "pong"}


async def test_a_mistake_in_one_operation_leaves_the_socket_open(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        for id, document in (("1", "subscription {"), ("2", "{ nope }"), ("3", "")):
            await socket.subscribe(id, document)
            message = await socket.receive()
            assert (message["type"], message["id"]) == ("error", id)
            assert message["payload"][0]["message"]
        await socket.subscribe("4", ASK)
        assert await socket.data("4")


async def test_what_is_no_message_closes_with_4400(served: Served) -> None:
    for frame in (
        "no json",
        "[]",
        '"text"',
        "null",
        "NaN",
        "[" * 60_000,
        "{}",
        '{"type": 7}',
        '{"type": "nonsense"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ channels { id } }"}}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": null}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": null, "documentId": null}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}',
        '{"type": "complete"}',
        b"\x00\x01",
    ):
        async with served.socket() as socket:
            await socket.begin()
            await socket.connection.send(frame)
            assert await socket.close_code() == 4400, frame


async def test_an_operation_before_the_beginning_closes_with_4401(served: Served) -> None:
    async with served.socket() as socket:
        await socket.subscribe("1", ASK)
        assert await socket.close_code() == 4401
    for payload in ({"documentId": "nonsense"}, {"documentId": "sha256:" + "0" * 64}):
        async with served.socket() as socket:
            await socket.send({"type": "subscribe", "id": "1", "payload": payload})
            assert await socket.close_code() == 4401


async def test_a_second_beginning_closes_with_4429(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        await socket.send({"type": "connection_init"})
        assert await socket.close_code() == 4429


async def test_an_id_that_is_in_use_closes_with_4409(served: Served) -> None:
    watch = 'subscription { availability(skus: ["MUG-S"]) { kind } }'
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", watch)
        await socket.data("1")
        await socket.subscribe("1", watch)
        assert await socket.close_code() == 4409


async def test_the_old_protocol_is_not_spoken(served: Served) -> None:
    async with served.socket(subprotocol="graphql-ws") as socket:
        assert socket.connection.subprotocol is None
        assert await socket.close_code() == 4406


async def test_who_does_not_begin_is_closed(database_url: str) -> None:
    settings = Settings(database_url=database_url, connection_init_seconds=0.05)
    async with serving(settings) as served, served.socket() as socket:
        assert await socket.close_code() == 4408


async def test_who_is_silent_after_a_ping_is_closed_with_a_code_that_clients_retry(
    database_url: str,
) -> None:
    settings = Settings(database_url=database_url, heartbeat_seconds=0.05)
    async with serving(settings) as served, served.socket() as socket:
        await socket.begin()
        for _ in range(3):
            assert await socket.receive() == PING
            await socket.send({"type": "pong"})
        assert await socket.receive() == PING
        assert await socket.close_code() == 4499


async def test_twenty_operations_at_once_are_enough(served: Served) -> None:
    watch = 'subscription { availability(skus: ["MUG-S"]) { kind } }'
    async with served.socket() as socket:
        await socket.begin()
        for n in range(20):
            await socket.subscribe(str(n), watch)
            await socket.data(str(n))
        await socket.subscribe("20", watch)
        assert (await socket.receive())["type"] == "error"


async def test_a_page_from_elsewhere_may_not_open_a_socket(served: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with served.socket(origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    async with served.socket(origin=f"http://{served.address}") as socket:
        await socket.begin()


async def test_a_socket_needs_a_token_where_there_are_tokens(database_url: str) -> None:
    digest = hashlib.sha256(b"letmein").hexdigest()
    reader = AccessToken(name="reader", scopes=frozenset({AccessScope.AVAILABILITY_READ}))
    settings = Settings(database_url=database_url, access_tokens={digest: reader})
    async with serving(settings) as served:
        for payload in (None, {}, {"authorization": "Bearer wrong"}, {"authorization": 7}):
            async with served.socket() as socket:
                await socket.send({"type": "connection_init", "payload": payload})
                assert await socket.close_code() == 4403, payload
        async with served.socket() as socket:
            await socket.begin({"authorization": "Bearer letmein"})
            await socket.subscribe("1", ASK)
            assert await socket.data("1")
            await socket.subscribe(
                "2", 'mutation { releaseReservation(input: {id: "x"}) { __typename } }'
            )
            while (message := await socket.receive())["id"] != "2":
                pass
            (error,) = message["payload"]["errors"]
            assert error["extensions"] == {"code": "FORBIDDEN", "scope": "reservations:hold"}
        async with served.socket(additional_headers={"authorization": "Bearer letmein"}) as socket:
            await socket.begin()


async def test_leaving_in_the_middle_leaves_nothing_behind(served: Served) -> None:
    before = len(asyncio.all_tasks())
    for _ in range(20):
        async with served.socket() as socket:
            await socket.begin()
            await socket.subscribe("1", 'subscription { availability(skus: ["MUG-S"]) { kind } }')
            socket.connection.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= before)
    assert served.services.watch._by_channel == {}
