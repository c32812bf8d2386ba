"""Who may do what: tokens, scopes, and the limits of what may be sent."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from hub.bootstrap import Services
from hub.domain.principal import AccessScope, Audience
from hub.settings import AccessToken, Settings
from hub.web.body import Disconnected
from tests.integration.events import counted, inbox_states
from tests.integration.graphql.sockets import Socket
from tests.integration.serving import feed, served
from tests.integration.shop import opened, position, put_shop

READ = '{ availability(skus: ["A-1"]) { quantity } }'
RESERVE = """
    mutation { reserve(input: {lines: [{sku: "A-1", quantity: 1}]}) { __typename } }"""
SET_STOCK = """
    mutation { setStock(input: {sku: "A-1", location: "BER", onHand: 5}) { __typename } }"""

TOKENS = {
    "reader-token": AccessToken(name="page", scopes=frozenset({AccessScope.AVAILABILITY_READ})),
    "stock-token": AccessToken(
        name="warehouse",
        scopes=frozenset({AccessScope.AVAILABILITY_READ, AccessScope.STOCK_WRITE}),
    ),
    "till-token": AccessToken(name="till", scopes=frozenset({AccessScope.EVENTS_INGEST})),
}
HASHED = {hashlib.sha256(token.encode()).hexdigest(): who for token, who in TOKENS.items()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
async def guarded(services: Services, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A hub that lets in only who has a token."""
    async with AsyncExitStack() as stack:
        closed = await stack.enter_async_context(opened(database_url, access_tokens=HASHED))
        yield await stack.enter_async_context(served(closed))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "reader-token"},
        {"authorization": "Basic reader-token"},
        {"authorization": "Bearer"},
        bearer("wrong"),
        bearer("READER-TOKEN"),
        bearer(hashlib.sha256(b"reader-token").hexdigest()),
    ],
    ids=repr,
)
async def test_without_a_valid_token_every_door_is_closed(
    guarded: httpx.AsyncClient, services: Services, headers: dict[str, str]
) -> None:
    answers = [
        await guarded.post("/graphql", json={"query": READ}, headers=headers),
        await guarded.get("/graphql", params={"query": READ}, headers=headers),
        await guarded.get("/feeds/availability?sku=A-1", headers=headers),
        await guarded.post("/ingest/till", json=counted(5), headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4
    for answer in answers:
        assert "UNAUTHENTICATED" in answer.text
    assert await inbox_states(services) == {}


async def test_a_token_opens_what_its_scopes_say(guarded: httpx.AsyncClient) -> None:
    read = await guarded.post("/graphql", json={"query": READ}, headers=bearer("reader-token"))
    assert read.json()["data"] == {"availability": [{"quantity": 0}]}
    async with feed(guarded, "sku=A-1", **bearer("reader-token")) as partner:
        assert (await partner.units()) == ("A-1", 0)
    sent = await guarded.post("/ingest/till", json=counted(5), headers=bearer("till-token"))
    assert sent.status_code == 202


async def test_a_token_opens_nothing_else(guarded: httpx.AsyncClient, services: Services) -> None:
    fed = await guarded.get("/feeds/availability?sku=A-1", headers=bearer("till-token"))
    sent = await guarded.post("/ingest/till", json=counted(5), headers=bearer("reader-token"))
    assert (fed.status_code, sent.status_code) == (403, 403)
    assert sent.json()["error"] == {
        "code": "FORBIDDEN",
        "message": "This needs the scope events:ingest, which the principal page does not have.",
        "scope": "events:ingest",
        "principal": "page",
    }
    for document, token in (
        (READ, "till-token"),
        (RESERVE, "reader-token"),
        (SET_STOCK, "reader-token"),
    ):
        refused = await guarded.post("/graphql", json={"query": document}, headers=bearer(token))
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
    assert await inbox_states(services) == {}
    assert (await position(services)).version == 0


async def test_a_socket_needs_a_token_too(guarded: httpx.AsyncClient) -> None:
    url = str(guarded.base_url.join("/graphql")).replace("http", "ws", 1)
    async with Socket.open(url) as socket:
        await socket.send({"type": "connection_init", "payload": {"authorization": "Bearer no"}})
        assert await socket.close_code() == 4403
    async with Socket.open(url) as socket:
        await socket.begin({"authorization": "Bearer reader-token"})
        await socket.subscribe("1", 'subscription { availability(skus: ["A-1"]) { __typename } }')
        assert (await socket.receive())["type"] == "next"


async def test_probes_need_no_token(guarded: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await guarded.get(path)).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hub.example"])
def test_open_access_is_refused_where_others_can_reach_it(host: str) -> None:
    with pytest.raises(ValidationError, match="HUB_ACCESS_TOKENS"):
        Settings(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_open_access_is_fine_on_loopback(host: str) -> None:
    assert Settings(host=host).access_tokens == {}


def test_with_tokens_any_address_may_be_listened_on() -> None:
    tokens = {"0" * 64: TOKENS["reader-token"]}
    assert Settings(host="0.0.0.0", access_tokens=tokens).host == "0.0.0.0"


def test_with_anonymous_access_nobody_is_trusted_so_any_address_may_be_listened_on() -> None:
    assert Settings(host="0.0.0.0", anonymous_access=True).open_access is False


@pytest.mark.parametrize("more", [AccessScope.STOCK_WRITE, AccessScope.EVENTS_INGEST])
def test_who_changes_stock_can_not_be_told_bands(more: AccessScope) -> None:
    scopes = frozenset({AccessScope.AVAILABILITY_READ, more})
    with pytest.raises(ValidationError, match=more.value):
        AccessToken(name="clerk", scopes=scopes, audience=Audience.BANDS)


def test_bands_are_set_by_their_lower_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().bands == (1, 5, 10)
    monkeypatch.setenv("HUB_BANDS", "2, 20")
    assert Settings().bands == (2, 20)
    for wrong in ("", "5,1", "1,1", "0,5", "-1,5", "a,b"):
        monkeypatch.setenv("HUB_BANDS", wrong)
        with pytest.raises(ValidationError, match="bands"):
            Settings()


async def test_bodies_that_are_too_large_are_refused(database_url: str) -> None:
    async with opened(
        database_url, max_event_bytes=1_000, max_body_bytes=1_000, max_bulk_body_bytes=1_000
    ) as services:
        await put_shop(services)
        async with served(services) as client:
            event = counted(1, reason="x" * 400)
            assert (await client.post("/ingest/till", json=event)).status_code == 202
            event = counted(1, note="x" * 1_000)
            refused = await client.post("/ingest/till", json=event)
            assert refused.status_code == 413
            assert refused.json()["error"]["code"] == "LIMIT_EXCEEDED"
            query = {"query": READ, "variables": {"x": "x" * 1_000}}
            refused = await client.post("/graphql", json=query)
            assert refused.status_code == 413
            assert "LIMIT_EXCEEDED" in refused.text


async def test_only_who_may_write_stock_may_send_many_rows(
    services: Services, database_url: str
) -> None:
    query = b'{"query": "{ locations { id } }"}'
    limits = {"max_body_bytes": 1_000, "max_bulk_body_bytes": 5_000}
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {"access_tokens": HASHED, **limits}
        closed = await stack.enter_async_context(opened(database_url, **settings))
        client = await stack.enter_async_context(served(closed))
        for token, size, status in (
            ("reader-token", 1_000, 200),
            ("reader-token", 1_001, 413),
            ("wrong", 1_001, 401),
            ("stock-token", 1_001, 200),
            ("stock-token", 5_000, 200),
            ("stock-token", 5_001, 413),
        ):
            headers = {**bearer(token), "content-type": "application/json"}
            body = query + b" " * (size - len(query))
            answer = await client.post("/graphql", content=body, headers=headers)
            assert answer.status_code == status, (token, size)
            if status == 413:
                assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("path", ["/ingest/till", "/graphql"])
async def test_a_body_without_an_end_is_cut_off(client: httpx.AsyncClient, path: str) -> None:
    assert await bytes_taken(client, path) < 20_000_000


@pytest.mark.parametrize("path", ["/ingest/till", "/graphql"])
async def test_a_body_without_an_end_is_not_taken_from_a_stranger(
    guarded: httpx.AsyncClient, path: str
) -> None:
    assert await bytes_taken(guarded, path) < 20_000_000


@pytest.mark.parametrize("path", ["/ingest/till", "/graphql"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    client: httpx.AsyncClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.web.body.BODY_TIMEOUT_SECONDS", 0.1)
    reader, writer = await half_a_request(client, path)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert b" 413 " in answer.splitlines()[0]
    assert b"LIMIT_EXCEEDED" in answer
    assert b"The time for the body in seconds is limited to 0.1" in answer


@pytest.mark.parametrize("path", ["/ingest/till", "/graphql"])
async def test_who_leaves_amid_his_request_is_no_error_of_the_hub(
    services: Services,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    left = asyncio.Event()

    class Noted(Disconnected):
        def __init__(self) -> None:
            left.set()

    monkeypatch.setattr("hub.web.body.Disconnected", Noted)
    with capture_logs() as told, caplog.at_level("WARNING"):
        async with served(services) as client:
            _, writer = await half_a_request(client, path)
            writer.transport.abort()
            async with asyncio.timeout(5):
                await left.wait()
            assert (await client.get("/livez")).status_code == 200
    assert (told, caplog.records) == ([], [])


async def half_a_request(
    client: httpx.AsyncClient, path: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which half of a body was sent."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    head = f"POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n".encode() + b" " * 50)
    await writer.drain()
    return reader, writer


async def bytes_taken(client: httpx.AsyncClient, path: str) -> int:
    """Bytes of a body without an end that went out before the hub hung up."""
    _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    head = f"POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    sent = 0
    try:
        async with asyncio.timeout(5):
            while sent < 1_000_000_000:
                writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                await writer.drain()
                sent += 65_536
    except ConnectionError:
        pass
    writer.close()
    return sent


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/graphql", "wrong", 401),
        ("/v1/stock", "wrong", 401),
        ("/v1/reservations", "wrong", 401),
        ("/ingest/till", "wrong", 401),
        ("/v1/stock", "reader-token", 403),
        ("/v1/reservations", "reader-token", 403),
        ("/ingest/till", "reader-token", 403),
    ],
)
async def test_a_refusal_comes_before_the_body_is_looked_at(
    guarded: httpx.AsyncClient, path: str, token: str, status: int
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    headers = {**bearer(token), "content-type": "text/plain"}
    for content in (b"{", b" " * 200_000, chunks()):
        refused = await guarded.post(path, content=content, headers=headers)
        assert refused.status_code == status
        assert ("UNAUTHENTICATED" if status == 401 else "FORBIDDEN") in refused.text
        assert refused.headers["connection"] == "close"


async def test_what_a_stranger_sends_by_get_is_not_registered(guarded: httpx.AsyncClient) -> None:
    digest = hashlib.sha256(READ.encode()).hexdigest()
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": digest}})
    accept = "application/json, text/event-stream;q=0.5"
    refused = await guarded.get(
        "/graphql",
        params={"query": READ, "extensions": extensions},
        headers={"accept": accept, **bearer("wrong")},
    )
    assert refused.status_code == 401
    asked = await guarded.get(
        "/graphql", params={"extensions": extensions}, headers=bearer("reader-token")
    )
    assert "PERSISTED_QUERY_NOT_FOUND" in asked.text


async def test_too_many_events_at_once_are_refused(client: httpx.AsyncClient) -> None:
    batch = [counted(1) for _ in range(1_001)]
    refused = await client.post("/ingest/till", json=batch)
    assert (refused.status_code, refused.json()["error"]["limit"]) == (413, 1_000)


async def test_a_socket_is_opened_by_pages_of_named_origins_alone(database_url: str) -> None:
    async with opened(database_url, allowed_origins=("https://shop.example",)) as services:
        await put_shop(services)
        async with served(services) as client:
            url = f"{client.base_url}/graphql".replace("http", "ws", 1)
            for origin in ("https://shop.example", str(client.base_url), None):
                async with Socket.open(url, origin=origin) as page:
                    await page.begin()
            with pytest.raises(InvalidStatus) as refused:
                async with Socket.open(url, origin="https://elsewhere.example"):
                    pass
            assert refused.value.response.status_code == 403
