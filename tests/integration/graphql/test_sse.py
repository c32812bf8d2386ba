"""Operations over Server-Sent Events, read as a client would that splits at blank lines."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from tests.integration.graphql.conftest import Served, until
from tests.integration.graphql.test_mutations import reserve

WATCH = """
    subscription ($skus: [ID!]!) {
      availability(skus: $skus) { kind availability { sku quantity version asOf } }
    }
"""


async def events(
    served: Served, document: str, variables: dict[str, Any] | None = None
) -> AsyncGenerator[tuple[str, Any], None]:
    """Each event with its data, as they come."""
    request = {"query": document, "variables": variables}
    headers = {"accept": "text/event-stream"}
    async with served.http.stream("POST", "/graphql", json=request, headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        pending = ""
        async for text in response.aiter_text():
            assert "\r" not in text
            pending += text
            while "\n\n" in pending:
                frame, pending = pending.split("\n\n", 1)
                if frame.startswith(":"):
                    continue
                kind, data = frame.split("\n")
                text = data.removeprefix("data: ").removeprefix("data:")
                yield kind.removeprefix("event: "), json.loads(text) if text else None


async def test_first_comes_the_state_then_each_change(served: Served) -> None:
    stream = events(served, WATCH, {"skus": ["MUG-S", "MUG-M"]})
    kind, first = await anext(stream)
    snapshot = first["data"]["availability"]
    assert (kind, snapshot["kind"], len(snapshot["availability"])) == ("next", "SNAPSHOT", 2)
    versions = [1]
    for quantity in (3, 1):
        await reserve(served, ("MUG-S", 2))
        _, event = await asyncio.wait_for(anext(stream), 5)
        (one,) = event["data"]["availability"]["availability"]
        assert (one["sku"], one["quantity"]) == ("MUG-S", quantity)
        versions.append(one["version"])
    assert versions == [1, 2, 3]
    await stream.aclose()
    await until(lambda: not served.services.watch._by_channel)


async def test_a_query_is_answered_once_and_the_stream_ends(served: Served) -> None:
    told = [event async for event in events(served, "{ locations { id } }")]
    assert told == [
        (
            "next",
            {
                "data": {"locations": [{"id": "AMS"}, {"id": "BER"}]},
                "extensions": {"cost": {"points": 10, "limit": 1000}},
            },
        ),
        ("complete", None),
    ]


async def test_a_refusal_is_an_event_and_the_stream_ends(served: Served) -> None:
    for document, variables, code in (
        (WATCH, {"skus": ["NOPE"]}, "UNKNOWN_SKU"),
        ("subscription { nope }", None, None),
        ("subscription {", None, None),
    ):
        (kind, answer), (end, _) = [event async for event in events(served, document, variables)]
        assert (kind, end) == ("next", "complete")
        assert answer["data"] is None
        assert answer["errors"][0].get("extensions", {}).get("code") == code


async def test_a_subscription_can_be_opened_by_an_event_source(served: Served) -> None:
    """A browser's EventSource can only GET."""
    params = {"query": WATCH, "variables": json.dumps({"skus": ["MUG-S"]})}
    headers = {"accept": "text/event-stream"}
    async with served.http.stream("GET", "/graphql", params=params, headers=headers) as response:
        first = await anext(response.aiter_text())
    assert first.startswith("event: next\ndata: {")


async def test_a_mutation_cannot_be_made_by_get(served: Served) -> None:
    document = 'mutation { releaseReservation(input: {id: "x"}) { __typename } }'
    response = await served.http.get(
        "/graphql", params={"query": document}, headers={"accept": "text/event-stream"}
    )
    assert '"A mutation is not possible here."' in response.text
