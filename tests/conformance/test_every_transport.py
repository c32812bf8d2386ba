"""What is refused is refused alike over every transport: the same errors, and never a 500."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from hub.services.catalogue import Catalogue
from hub.services.watch import Watch
from tests.integration.graphql.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

Variables = dict[str, Any]
Errors = list[dict[str, Any]]
WAIT_SECONDS = 10.0


async def over_post(served: Served, document: str, variables: Variables) -> Errors:
    request = {"query": document, "variables": variables}
    response = await served.http.post("/graphql", json=request)
    assert response.status_code == 200
    return errors_in(response.json())


async def over_get(served: Served, document: str, variables: Variables) -> Errors:
    params = {"query": document, "variables": json.dumps(variables)}
    response = await served.http.get("/graphql", params=params)
    assert response.status_code == 200
    return errors_in(response.json())


async def over_events(served: Served, document: str, variables: Variables) -> Errors:
    body = await whole_body(served, "text/event-stream", document, variables)
    answer, end = body.removeprefix("event: next\ndata: ").split("\n\n", 1)
    assert end == "event: complete\ndata: \n\n"
    return errors_in(json.loads(answer))


async def over_multipart(served: Served, document: str, variables: Variables) -> Errors:
    accept = "multipart/mixed;subscriptionSpec=1.0"
    body = await whole_body(served, accept, document, variables)
    answer, end = body.split("\r\n\r\n", 1)[1].split("\r\n", 1)
    assert end == "--graphql--\r\n"
    return errors_in(json.loads(answer)["payload"])


async def over_socket(served: Served, document: str, variables: Variables) -> Errors:
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", document, **variables)
        message = await socket.receive()
        if message["type"] == "error":
            assert message["payload"]
            return no_places(message["payload"])
        assert message["type"] == "next"
        assert await socket.receive() == {"type": "complete", "id": "1"}
        return errors_in(message["payload"])


STREAMS = (over_events, over_multipart, over_socket)
ALL = (over_post, over_get, *STREAMS)

WATCH = "subscription ($skus: [ID!]!) { availability(skus: $skus) { kind } }"
# Each fragment amounts to twice as much as the next.
FRAGMENTS = "fragment F50 on Item { sku }" + "".join(
    f"fragment F{n} on Item {{ ...F{n + 1} ...F{n + 1} }}" for n in range(50)
)


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ('{ availability(skus: ["NOPE"]) { sku } }', {}, "UNKNOWN_SKU"),
        ("{ availability(skus: []) { sku } }", {}, "INVALID_INPUT"),
        (
            "query ($skus: [ID!]!) { availability(skus: $skus) { sku } }",
            {"skus": [f"MANY-{n}" for n in range(251)]},
            "INVALID_INPUT",
        ),
        ("{ item(sku: 1) " + "{ variants " * 9 + "{ sku }" + "}" * 10, {}, "LIMIT_EXCEEDED"),
        ("{" + "[" * 400, {}, None),
        ("{" + " a:channels{id}" * 30 + "}", {}, "LIMIT_EXCEEDED"),
        ("{ channels { id } }" + "#" * 15_000, {}, "LIMIT_EXCEEDED"),
        ("{ channels " + "@skip(if: false) " * 30 + "{ id } }", {}, "LIMIT_EXCEEDED"),
        ("{ item(sku: 1) { ...F0 } }" + FRAGMENTS, {}, "LIMIT_EXCEEDED"),
        ("{ item(sku: 1) { ...F } } fragment F on Item { ...F }", {}, None),
        ("{ channels { id }", {}, None),
        ("{ channel { id } }", {}, None),
        ("{ __schema { queryType { name } } }", {}, None),
        ("query ($id: ID!) { reservation(id: $id) { id } }", {}, None),
        ("query ($id: ID!) { reservation(id: $id) { id } }", {"id": {}}, None),
        ("query a { channels { id } } query b { channels { id } }", {}, None),
    ],
)
async def test_a_query_is_refused_alike_over_every_transport(
    served: Served, document: str, variables: Variables, code: str | None
) -> None:
    await check_refusal(served, ALL, document, variables, code)


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        (WATCH, {"skus": ["NOPE"]}, "UNKNOWN_SKU"),
        (WATCH, {"skus": []}, "INVALID_INPUT"),
        (WATCH, {"skus": [f"MANY-{n}" for n in range(251)]}, "INVALID_INPUT"),
        (WATCH, {"skus": [None]}, None),
        (WATCH, {}, None),
        ('subscription { reservation(id: "nope") { id } }', {}, "RESERVATION_NOT_FOUND"),
        (
            'subscription { availability(skus: ["MANY-00"], scope: {channel: "moon"}) { kind } }',
            {},
            "UNKNOWN_CHANNEL",
        ),
        ("subscription { availability(skus: [1]) {" + " a:kind" * 30 + "} }", {}, "LIMIT_EXCEEDED"),
        ("subscription { nope }", {}, None),
        ("subscription {", {}, None),
    ],
)
async def test_a_subscription_is_refused_alike_over_every_stream(
    served: Served, document: str, variables: Variables, code: str | None
) -> None:
    await check_refusal(served, STREAMS, document, variables, code)


async def test_a_defect_is_masked_over_every_transport(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> object:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(Catalogue, "channels", broken)

    async def broken_events(*_: object) -> AsyncIterator[object]:
        raise RuntimeError("password=hunter2")
        yield

    monkeypatch.setattr(Watch, "availability", broken)
    monkeypatch.setattr(Watch, "first", broken_events)
    monkeypatch.setattr(Watch, "kept", lambda *_: None)
    for transports, document in ((ALL, "{ channels { id } }"), (STREAMS, WATCH)):
        for transport in transports:
            (error,) = await transport(served, document, {"skus": ["MANY-00"]})
            assert error["extensions"]["code"] == "INTERNAL"
            assert error["extensions"]["reference"] in error["message"]
            assert "hunter2" not in json.dumps(error)


async def check_refusal(
    served: Served,
    transports: tuple[Callable[[Served, str, Variables], Awaitable[Errors]], ...],
    document: str,
    variables: Variables,
    code: str | None,
) -> None:
    """All transports tell the same errors, of which the first has the code."""
    told = await asyncio.wait_for(
        asyncio.gather(*(ask(served, document, variables) for ask in transports)), WAIT_SECONDS
    )
    assert all(errors == told[0] for errors in told), told
    assert told[0][0]["message"]
    assert told[0][0].get("extensions", {}).get("code") == code


async def whole_body(served: Served, accept: str, document: str, variables: Variables) -> str:
    """The body of a stream that ends by itself."""
    request = {"query": document, "variables": variables}
    response = await served.http.post("/graphql", json=request, headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(accept.partition(";")[0])
    return response.text


def errors_in(answer: dict[str, Any]) -> Errors:
    assert answer["data"] is None
    return no_places(answer["errors"])


def no_places(errors: Errors) -> Errors:
    """The errors without their places in the document and the answer."""
    return [
        {name: error[name] for name in ("message", "extensions") if name in error}
        for error in errors
    ]
