"""Operations over `multipart/mixed;subscriptionSpec=1.0`, read as the protocol says."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from hub.web.graphql_streams import MultipartTransport
from tests.integration.graphql.conftest import Served, until
from tests.integration.graphql.test_mutations import reserve
from tests.integration.graphql.test_sse import WATCH

MULTIPART = "multipart/mixed;subscriptionSpec=1.0"
DELIMITER = "\r\n--graphql"
HEAD = "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
APOLLO = f"{MULTIPART},application/graphql-response+json,application/json;q=0.9"


async def parts(
    served: Served, document: str, variables: dict[str, Any] | None = None
) -> AsyncGenerator[Any, None]:
    """The JSON of each part as it comes, with every byte of the body looked at."""
    request = {"query": document, "variables": variables}
    headers = {"accept": MULTIPART}
    async with served.http.stream("POST", "/graphql", json=request, headers=headers) as response:
        assert response.status_code == 200
        content_type = response.headers["content-type"]
        assert content_type == 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["cache-control"] == "no-cache, no-transform"
        pending = "\r\n"
        async for text in response.aiter_text():
            pending += text
            # A part is complete, and readable for clients, with the delimiter behind it.
            while DELIMITER in pending.removeprefix(DELIMITER):
                assert pending.startswith(DELIMITER + HEAD)
                length, body = pending.removeprefix(DELIMITER + HEAD).split("\r\n\r\n", 1)
                content, rest = body.split(DELIMITER, 1)
                assert len(content.encode()) == int(length)
                yield json.loads(content)
                pending = DELIMITER + rest
        assert pending == f"{DELIMITER}--\r\n"


def data_of(part: Any) -> Any:
    """The data of a part that is neither empty nor an error of the protocol."""
    assert set(part) == {"payload"}
    return part["payload"]["data"]


async def test_first_comes_the_state_then_each_change(served: Served) -> None:
    stream = parts(served, WATCH, {"skus": ["MUG-S", "MUG-M"]})
    first = data_of(await anext(stream))["availability"]
    assert (first["kind"], len(first["availability"])) == ("SNAPSHOT", 2)
    for quantity in (3, 1):
        await reserve(served, ("MUG-S", 2))
        part = await asyncio.wait_for(anext(stream), 5)
        (one,) = data_of(part)["availability"]["availability"]
        assert (one["sku"], one["quantity"]) == ("MUG-S", quantity)
    await stream.aclose()
    await until(lambda: not served.services.watch._by_channel)


async def test_a_subscription_that_ends_ends_the_body(served: Served) -> None:
    id = (await reserve(served, ("MUG-S", 1)))["reservation"]["id"]
    follow = "subscription ($id: ID!) { reservation(id: $id) { state } }"
    stream = parts(served, follow, {"id": id})
    assert data_of(await anext(stream)) == {"reservation": {"state": "HELD"}}
    await served.mutate("releaseReservation", "reservation { id }", id=id)
    assert [data_of(part) async for part in stream] == [{"reservation": {"state": "RELEASED"}}]


async def test_a_query_is_answered_in_one_part(served: Served) -> None:
    assert [data_of(part) async for part in parts(served, "{ channels { id } }")] == [
        {"channels": [{"id": "store"}, {"id": "web"}]}
    ]


async def test_an_empty_part_now_and_then_keeps_the_connection_open(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MultipartTransport, "heartbeat_interval", 0.05)
    async with aclosing(parts(served, WATCH, {"skus": ["MUG-S"]})) as stream:
        assert data_of(await anext(stream))["availability"]["kind"] == "SNAPSHOT"
        for _ in range(3):
            assert await anext(stream) == {}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("accept", "stream"), [(URQL, "text/event-stream"), (APOLLO, MULTIPART)])
async def test_who_takes_everything_gets_a_stream_for_subscriptions_alone(
    served: Served, method: str, accept: str, stream: str
) -> None:
    async def type_of_answer(query: str) -> str:
        asked = {"query": query}
        async with served.http.stream(
            method,
            "/graphql",
            params=asked if method == "GET" else None,
            json=asked if method == "POST" else None,
            headers={"accept": accept},
        ) as response:
            return response.headers["content-type"].split(";")[0]

    for query in ("{ channels { id } }", "{ channels { id }", "subscription { nope }"):
        assert await type_of_answer(query) == "application/graphql-response+json"
    watch = 'subscription { availability(skus: ["MUG-S"]) { kind } }'
    assert await type_of_answer(watch) == stream.partition(";")[0]


async def test_a_subscription_without_a_stream_is_told_what_it_needs(served: Served) -> None:
    request = {"query": WATCH, "variables": {"skus": ["MUG-S"]}}
    for accept in ("application/json", "*/*", "multipart/mixed", "multipart/mixed;deferSpec=1"):
        response = await served.http.post("/graphql", json=request, headers={"accept": accept})
        (error,) = response.json()["errors"]
        assert "needs a stream" in error["message"]


async def test_a_malformed_header_is_no_failure_of_the_hub(served: Served) -> None:
    ask = {"query": "{ channels { id } }"}
    for name in ("accept", "content-type"):
        for options in ("a*=x; a*0=y", 'a*0*="', "subscriptionSpec*=utf-8''1.0", "=;=;;", "q=nan"):
            for kind in ("application/json", "multipart/mixed", "text/event-stream"):
                headers = {name: f"{kind}; {options}"}
                response = await served.http.get("/graphql", params=ask, headers=headers)
                assert response.status_code == 200, headers
                response = await served.http.post("/graphql", json=ask, headers=headers)
                assert response.status_code in (200, 415), headers
