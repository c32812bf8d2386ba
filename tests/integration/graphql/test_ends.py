"""How connections that stay open end: after their time, with their token, and with the process."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import asyncpg
import httpx
import pytest
from starlette.websockets import WebSocketState

from hub.domain.errors import Unauthenticated
from hub.domain.principal import AccessScope
from hub.settings import AccessToken, Settings
from hub.store.database import connection_arguments
from hub.web.authentication import Authenticator
from hub.web.graphql_socket import SocketHandler
from tests.integration.graphql.conftest import Served, serving, until

ADJUST = (
    'mutation { adjustStock(input: { sku: "MUG-S", location: "BER", delta: 1, reason: "found" })'
    " { __typename } }"
)
WATCH = 'subscription { availability(skus: ["MUG-S"]) { kind } }'
UNSHARED = 'subscription { availability(skus: ["MUG-S"]) { kind availability { item { name } } } }'
EVENTS, PARTS = "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"
STREAMS = [
    ("/graphql", EVENTS, WATCH),
    ("/graphql", EVENTS, UNSHARED),
    ("/graphql", PARTS, WATCH),
    ("/graphql", PARTS, UNSHARED),
    ("/feeds/availability?sku=MUG-S", EVENTS, None),
]
HEADERS = {"authorization": "Bearer letmein"}
streams = pytest.mark.parametrize(("address", "accept", "document"), STREAMS)


async def test_a_mutation_under_way_is_answered_before_its_socket_ends(
    served: Served, database_url: str
) -> None:
    async with served.socket() as socket:
        await socket.begin()
        async with locked_position(database_url):
            await socket.subscribe("1", ADJUST)
            await socket.subscribe("2", WATCH)
            assert (await socket.receive())["id"] == "2"
            served.connections.retire_all()
            # What comes now is for the next connection: nothing of it is begun.
            await socket.subscribe("3", ADJUST)
            await socket.send({"type": "ping"})
            assert await socket.receive() == {"type": "pong"}
        told = [await socket.receive()]
        while told[-1]["type"] != "complete":
            told.append(await socket.receive())
        assert [one["type"] for one in told if one["id"] == "1"] == ["next", "complete"]
        assert await socket.close_code() == 1012
    assert await on_hand(served) == 6


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_mutation_whose_answer_is_a_stream_is_answered_at_the_end_of_the_process(
    served: Served, accept: str
) -> None:
    served.connections.retire_all()
    async with opened(served, "/graphql", accept, ADJUST) as response:
        assert "AdjustStockSuccess" in (await response.aread()).decode()
    assert await on_hand(served) == 6


async def test_a_socket_that_only_watches_ends_at_once(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", WATCH)
        await socket.data("1")
        served.connections.retire_all()
        assert await socket.close_code() == 1012
    await until(lambda: not len(served.connections))


async def test_a_socket_is_ended_though_its_client_has_just_gone(served: Served) -> None:
    async with served.socket() as socket:
        await socket.begin()
        (handler,) = served.connections._present()
        assert isinstance(handler, SocketHandler)
        socket.connection.transport.abort()
    await until(lambda: not len(served.connections))
    handler.close_now(1012, "Connect again")
    assert handler.websocket.ws.application_state is WebSocketState.DISCONNECTED


@streams
async def test_a_stream_breaks_off_when_its_time_is_over(
    database_url: str, address: str, accept: str, document: str | None
) -> None:
    settings = Settings(database_url=database_url, connection_seconds=1)
    async with serving(settings) as served:
        assert "SNAPSHOT" in await body_until_it_breaks_off(served, address, accept, document)
        await until(lambda: not len(served.connections))
        assert served.services.watch._by_channel == {}


@streams
async def test_a_stream_breaks_off_when_its_token_is_over(
    database_url: str, address: str, accept: str, document: str | None
) -> None:
    async with serving(settings_with_token(database_url)) as served:
        expires_at = expire_soon(served)
        await body_until_it_breaks_off(served, address, accept, document)
        assert datetime.now(UTC) >= expires_at
        async with opened(served, address, accept, document) as response:
            assert response.status_code == 401


async def test_a_token_that_has_expired_is_none(database_url: str) -> None:
    tokens = settings_with_token(database_url).access_tokens
    past = datetime.now(UTC) - timedelta(seconds=1)
    expired = {name: one.model_copy(update={"expires_at": past}) for name, one in tokens.items()}
    with pytest.raises(Unauthenticated):
        Authenticator(expired)("Bearer letmein")


async def test_a_token_may_have_no_end(database_url: str) -> None:
    async with (
        serving(settings_with_token(database_url)) as served,
        opened(served, "/graphql", EVENTS, WATCH) as response,
    ):
        assert response.status_code == 200


@streams
async def test_streams_break_off_when_the_process_is_about_to_end(
    served: Served, address: str, accept: str, document: str | None
) -> None:
    reading = asyncio.create_task(body_until_it_breaks_off(served, address, accept, document))
    await until(lambda: len(served.connections) > 0)
    served.connections.retire_all()
    await asyncio.wait_for(reading, 5)


async def test_events_say_when_to_come_back(served: Served) -> None:
    async with opened(served, "/graphql", EVENTS, WATCH) as response:
        lines = response.aiter_lines()
        assert (await anext(lines)).startswith(":")
        name, milliseconds = (await anext(lines)).split(": ")
    assert name == "retry"
    assert 1_000 <= int(milliseconds) <= 5_000


def settings_with_token(database_url: str) -> Settings:
    """Those of a hub that lets in who has the token."""
    token = AccessToken(name="page", scopes=frozenset({AccessScope.AVAILABILITY_READ}))
    digest = hashlib.sha256(b"letmein").hexdigest()
    return Settings(database_url=database_url, access_tokens={digest: token})


def expire_soon(served: Served) -> datetime:
    """When the token expires now; to say so in the settings, one would have to know how long the
    hub takes to start."""
    expires_at = datetime.now(UTC) + timedelta(seconds=1)
    authenticate = served.endpoint._authenticate
    assert isinstance(authenticate, Authenticator)
    for digest, principal in authenticate._principals.items():
        authenticate._principals[digest] = principal._replace(expires_at=expires_at)
    return expires_at


@asynccontextmanager
async def opened(
    served: Served, address: str, accept: str, document: str | None
) -> AsyncIterator[httpx.Response]:
    """The response to who asks for a stream."""
    asked = served.http.stream(
        "POST" if document else "GET",
        address,
        content=json.dumps({"query": document}) if document else None,
        headers={**HEADERS, "accept": accept, "content-type": "application/json"},
    )
    async with asked as response:
        yield response


async def body_until_it_breaks_off(
    served: Served, address: str, accept: str, document: str | None
) -> str:
    """What comes of a stream that does not end in order."""
    body = StringIO()

    async def read_to_the_end() -> None:
        async with opened(served, address, accept, document) as response:
            assert response.status_code == 200
            async for text in response.aiter_text():
                body.write(text)

    with pytest.raises(httpx.RemoteProtocolError):
        await read_to_the_end()
    return body.getvalue()


@asynccontextmanager
async def locked_position(database_url: str) -> AsyncIterator[None]:
    """Keeps the stock writer waiting."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        async with connection.transaction():
            await connection.execute("select from position where sku = 'MUG-S' for update")
            yield
    finally:
        await connection.close()


async def on_hand(served: Served) -> int:
    answer = await served.ask('{ availability(skus: ["MUG-S"]) { breakdown { onHand } } }')
    return int(answer["availability"][0]["breakdown"]["onHand"])
