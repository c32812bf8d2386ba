"""What every address below /v1 has in common: who may, what may be sent, and what is answered
where nothing is.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.services.lookup import Lookup
from hub.web.rest.app import OPERATIONS, rest_document
from hub.web.rest.operations import Operation
from tests.integration.outages import mortal_postgres
from tests.integration.rest.problems import problem
from tests.integration.serving import served
from tests.integration.shop import count, opened, put_shop
from tests.integration.web.test_access import HASHED, bearer, bytes_taken
from tests.waiting import eventually

WITH_BODY = [operation for operation in OPERATIONS if operation.body]


@pytest.fixture
async def guarded(services: Services, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A hub that lets in only who has a token."""
    async with AsyncExitStack() as stack:
        closed = await stack.enter_async_context(opened(database_url, access_tokens=HASHED))
        yield await stack.enter_async_context(served(closed))


def address(operation: Operation) -> str:
    """Where an operation is."""
    path = operation.path.replace("{sku}", "A-1").replace("{id}", operation.path_example)
    return f"/v1{path}"


async def call(
    client: httpx.AsyncClient, operation: Operation, headers: dict[str, str] | None = None
) -> httpx.Response:
    """The answer to an operation, asked as its first example shows."""
    body = next(iter(operation.body.examples.values())) if operation.body else None
    return await client.request(operation.method, address(operation), json=body, headers=headers)


async def test_who_has_no_token_is_told_to_bring_one(guarded: httpx.AsyncClient) -> None:
    for operation in OPERATIONS:
        for headers in ({}, bearer("wrong")):
            refused = await call(guarded, operation, headers)
            assert problem(refused, 401, "UNAUTHENTICATED") == {}
            assert refused.headers["www-authenticate"] == "Bearer"


async def test_a_token_opens_what_its_scope_says(guarded: httpx.AsyncClient) -> None:
    for operation in OPERATIONS:
        refused = await call(guarded, operation, bearer("till-token"))
        assert problem(refused, 403, "FORBIDDEN") == {"scope": operation.scope.value}


async def test_what_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    for operation in WITH_BODY:
        for body in [
            b"",
            b"{",
            b"[" * 100_000,
            b'{"skus": NaN}',
            b"\xff\xfe",
            b'"\xed\xa0\x80"',
            b"\x00",
        ]:
            refused = await client.request(
                operation.method,
                address(operation),
                content=body,
                headers={"content-type": "application/json; charset=utf-8"},
            )
            assert problem(refused, 400, "NOT_JSON") == {}


async def test_what_is_sent_as_something_else_is_refused(client: httpx.AsyncClient) -> None:
    for operation in WITH_BODY:
        for headers in [
            {},
            {"content-type": "text/plain"},
            {"content-type": "application/x-www-form-urlencoded"},
            {"content-type": "application/json", "content-encoding": "gzip"},
        ]:
            refused = await client.request(
                operation.method, address(operation), content=b"{}", headers=headers
            )
            assert problem(refused, 415, "UNSUPPORTED_MEDIA_TYPE") == {}


async def test_a_body_without_an_end_is_cut_off(client: httpx.AsyncClient) -> None:
    for operation in WITH_BODY:
        if operation.method == "POST":
            assert await bytes_taken(client, address(operation)) < 20_000_000
        refused = await client.request(
            operation.method, address(operation), content=b" " * 1_100_000,
            headers={"content-type": "application/json"},
        )  # fmt: skip
        told = problem(refused, 413, "LIMIT_EXCEEDED")
        assert told["limit"] == (1_048_576 if operation.id == "changeStock" else 131_072)


async def test_a_method_that_an_address_does_not_know_is_told_what_it_knows(
    client: httpx.AsyncClient,
) -> None:
    for method, path, allowed in [
        ("DELETE", "/v1/availability/A-1", {"GET", "HEAD"}),
        ("GET", "/v1/availability", {"POST"}),
        ("GET", "/v1/reservations", {"POST"}),
        ("PUT", "/v1/reservations/x", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("GET", "/v1/stock", {"POST"}),
        ("POST", "/v1/openapi.json", {"GET", "HEAD"}),
    ]:
        refused = await client.request(method, path)
        assert problem(refused, 405, "METHOD_NOT_ALLOWED") == {}
        assert set(refused.headers["allow"].split(", ")) == allowed


async def test_where_nothing_is_a_reader_is_told_where_to_look(client: httpx.AsyncClient) -> None:
    for path in ["/v1/", "/v1/items", "/v1/reservations/a/b", "/v1/stock/"]:
        refused = await client.get(path)
        assert problem(refused, 404, "NOT_FOUND") == {}


async def test_the_document_is_served_to_everybody(guarded: httpx.AsyncClient) -> None:
    served_document = await guarded.get("/v1/openapi.json")
    assert served_document.status_code == 200
    assert served_document.headers["content-type"].startswith("application/openapi+json")
    assert served_document.text == rest_document()


async def test_a_head_is_the_answer_without_its_body(client: httpx.AsyncClient) -> None:
    head = await client.head("/v1/availability/A-1")
    read = await client.get("/v1/availability/A-1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == read.headers["etag"]


async def test_without_its_database_the_hub_says_when_to_ask_again(tmp_path: Path) -> None:
    key = {"Idempotency-Key": '"outage"'}
    wanted = {"lines": [{"sku": "A-1", "quantity": 1}]}
    async with (
        mortal_postgres(tmp_path, durable=False) as postgres,
        opened(postgres.url) as services,
    ):
        await put_shop(services)
        await count(services, "A-1", 5)
        async with served(services) as client:
            await postgres.stop()
            for refused in (
                await client.get(f"/v1/reservations/{uuid4()}"),
                await client.post("/v1/reservations", json=wanted, headers=key),
            ):
                assert problem(refused, 503, "UNAVAILABLE") == {}
                assert refused.headers["retry-after"] == "1"
            await postgres.start()

            async def held() -> int:
                answer = await client.post("/v1/reservations", json=wanted, headers=key)
                return answer.status_code

            await eventually(held, lambda status: status == 201)


async def test_of_a_defect_nothing_is_shown(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(Lookup, "availability", broken)
    with capture_logs() as logs:
        refused = await client.get("/v1/availability/A-1")
    assert problem(refused, 500, "INTERNAL") == {}
    assert "hunter2" not in refused.text
    assert [entry["event"] for entry in logs] == ["rest.unexpected"]
