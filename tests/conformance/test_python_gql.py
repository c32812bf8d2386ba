"""The Python client gql: over HTTP with httpx, and over a WebSocket."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.integration.graphql.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = "query ($skus: [ID!]!) { availability(skus: $skus) { sku quantity } }"
WATCH = """
    subscription ($skus: [ID!]!) { availability(skus: $skus) { kind availability { quantity } } }
"""
RESERVE = """
    mutation ($input: ReserveInput!) {
      reserve(input: $input) { ... on ReserveSuccess { reservation { state } } }
    }
"""


async def ask(url: str, document: str, variables: dict[str, Any]) -> Any:
    async with Client(transport=HTTPXAsyncTransport(url=url)) as session:
        return await session.execute(GraphQLRequest(document, variable_values=variables))


async def watch(
    socket_url: str, document: str, variables: dict[str, Any]
) -> AsyncGenerator[Any, None]:
    async with Client(transport=WebsocketsTransport(url=socket_url)) as session:
        async for data in session.subscribe(GraphQLRequest(document, variable_values=variables)):
            yield data


async def test_gql_asks_and_reserves_over_http_while_it_watches_a_socket(served: Served) -> None:
    mug = {"skus": ["MUG-S"]}
    assert await ask(served.url, ASK, mug) == {"availability": [{"sku": "MUG-S", "quantity": 5}]}
    async with aclosing(watch(served.socket_url, WATCH, mug)) as events:
        assert await anext(events) == event("SNAPSHOT", 5)
        wanted = {"lines": [{"sku": "MUG-S", "quantity": 2}]}
        held = {"reserve": {"reservation": {"state": "HELD"}}}
        assert await ask(served.url, RESERVE, {"input": wanted}) == held
        assert await anext(events) == event("CHANGE", 3)


async def test_gql_asks_and_reserves_over_a_socket(served: Served) -> None:
    wanted = {"lines": [{"sku": "MUG-M", "quantity": 1}]}
    async with Client(transport=WebsocketsTransport(url=served.socket_url)) as session:
        request = GraphQLRequest(RESERVE, variable_values={"input": wanted})
        assert await session.execute(request) == {"reserve": {"reservation": {"state": "HELD"}}}
        request = GraphQLRequest(ASK, variable_values={"skus": ["MUG-M"]})
        assert await session.execute(request) == {"availability": [{"sku": "MUG-M", "quantity": 4}]}


async def test_gql_is_told_what_is_wrong(served: Served) -> None:
    unknown = {"skus": ["NOPE"]}
    with pytest.raises(TransportQueryError) as refused:
        await ask(served.url, ASK, unknown)
    assert code_of(refused.value) == "UNKNOWN_SKU"
    with pytest.raises(TransportQueryError) as refused:
        await anext(watch(served.socket_url, WATCH, unknown))
    assert code_of(refused.value) == "UNKNOWN_SKU"


def event(kind: str, quantity: int) -> dict[str, Any]:
    return {"availability": {"kind": kind, "availability": [{"quantity": quantity}]}}


def code_of(refusal: TransportQueryError) -> str:
    assert refusal.errors
    code: str = refusal.errors[0]["extensions"]["code"]
    return code
