"""What an operation may cost and how long it may take, over every transport."""

import json
from typing import Any

import asyncpg
import pytest

from hub.settings import Settings
from tests.integration.graphql.conftest import Served, serving
from tests.integration.graphql.test_sse import events

PAGE = "query ($first: Int!) { items(first: $first) { edges { node { availability { sku } } } } }"
COSTLY = "{ items(first: 100) { edges { node { variants { availability { sku } } } } } }"
REFUSAL = {
    "message": "The cost of an operation in points is limited to 1000, this has 4100.",
    "extensions": {
        "code": "LIMIT_EXCEEDED",
        "what": "The cost of an operation in points",
        "limit": 1000,
        "actual": 4100,
    },
}
STOCK = "query ($skus: [ID!]!) { availability(skus: $skus) { sku quantity } }"
WATCH = "subscription ($skus: [ID!]!) { availability(skus: $skus) { availability { sku } } }"


async def test_the_cost_is_told_in_every_answer(served: Served) -> None:
    costs = {"cost": {"points": 4, "limit": 1000}}
    for document, variables in (
        (PAGE, {"first": 2}),
        (STOCK, {"skus": ["MUG-S", "MUG-M", "MUG-L", "TEA"]}),
        (STOCK, {"skus": ["MUG-S", "MUG-M", "MUG-L", "NONE"]}),
    ):
        assert (await served.post(document, variables))["extensions"] == costs
        params = {"query": document, "variables": json.dumps(variables)}
        assert (await served.http.get("/graphql", params=params)).json()["extensions"] == costs
        stream = [event async for event in events(served, document, variables)]
        assert stream[0][1]["extensions"] == costs
        async with served.socket() as socket:
            await socket.begin()
            await socket.subscribe("1", document, **variables)
            assert (await socket.receive())["payload"]["extensions"] == costs
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", WATCH, skus=["MUG-S", "MUG-M"])
        for on_hand in (5, 6):
            message = await socket.receive()
            assert message["payload"]["extensions"] == {"cost": {"points": 2, "limit": 1000}}
            await served.count("MUG-S", on_hand + 1)


async def test_a_mutation_costs_ten_points_and_its_lines(served: Served) -> None:
    document = "mutation ($i: ReserveInput!) { reserve(input: $i) { __typename } }"
    given = {"lines": [{"sku": "MUG-S", "quantity": 1}] * 2}
    answer = await served.post(document, {"i": given})
    assert answer["data"]["reserve"]["__typename"] == "ReserveSuccess"
    assert answer["extensions"]["cost"]["points"] == 12


async def test_what_costs_too_much_is_refused_before_it_is_executed(served: Served) -> None:
    assert await served.post(COSTLY) == {"data": None, "errors": [REFUSAL]}
    response = await served.http.post(
        "/graphql",
        json={"query": COSTLY},
        headers={"accept": "application/graphql-response+json"},
    )
    assert (response.status_code, response.json()) == (400, {"errors": [REFUSAL]})
    response = await served.http.get("/graphql", params={"query": COSTLY})
    assert response.json()["errors"] == [REFUSAL]
    stream = [event async for event in events(served, COSTLY)]
    assert stream[0][1]["errors"] == [REFUSAL]
    many = [f"A-{n}" for n in range(1_001)]
    async with served.socket() as socket:
        await socket.begin()
        await socket.subscribe("1", COSTLY)
        assert (await socket.receive())["payload"] == [REFUSAL]
        await socket.subscribe("2", WATCH, skus=many)
        (error,) = (await socket.receive())["payload"]
        assert error["extensions"]["actual"] == 1_001
    assert (await served.post(STOCK, {"skus": many}))["errors"][0]["extensions"]["actual"] == 1_001


@pytest.mark.parametrize(
    ("setting", "document", "what"),
    [
        ({"max_document_characters": 20}, "{ channels { id name } }", "characters"),
        ({"max_document_tokens": 5}, "{ channels { id name } }", "tokens"),
        ({"max_document_depth": 2}, "{ channels { locations { id } } }", "depth"),
        ({"max_document_aliases": 1}, "{ channels { a: id b: id } }", "aliases"),
        ({"max_document_directives": 1}, "{ a @skip(if: false) b @skip(if: false) }", "directives"),
        ({"max_document_fields": 2}, "{ channels { id name } }", "fields"),
        ({"max_document_comparisons": 3}, "{ channels { id id } }", "repeated"),
        ({"max_root_mutation_fields": 1}, "mutation { a b }", "mutations"),
        ({"max_operation_points": 4}, "{ channels { id } }", "cost"),
    ],
)
async def test_each_limit_of_a_document_is_a_setting_and_has_the_same_code(
    database_url: str, setting: dict[str, Any], document: str, what: str
) -> None:
    async with serving(Settings(database_url=database_url, **setting)) as served:
        answer = await served.post(document)
    (error,) = answer["errors"]
    assert what in error["message"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["limit"] == next(iter(setting.values()))


async def test_an_operation_that_takes_too_long_is_stopped(database_url: str) -> None:
    settings = Settings(database_url=database_url, max_operation_seconds=0.2)
    async with serving(settings) as served:
        blocker = await asyncpg.connect(database_url)
        try:
            transaction = blocker.transaction()
            await transaction.start()
            await blocker.execute("lock table reservation, item in access exclusive mode")
            found = '{ a: reservation(id: "x") { id } }'
            answer = await served.post(found)
            (error,) = answer["errors"]
            assert answer["data"] is None
            assert error["path"] == ["a"]
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            assert error["extensions"]["limit"] == 0.2
            assert "idempotency key" in error["message"]
            assert answer["extensions"]["cost"]["points"] == 1
            async with served.socket() as socket:
                await socket.begin()
                await socket.subscribe("1", found)
                payload = (await socket.receive())["payload"]
                assert payload["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
            named = "{ ...Found } fragment Found on Query { ... { " + found[1:-1] + " } }"
            (error,) = (await served.post(named))["errors"]
            assert error["path"] == ["a"]
            await transaction.rollback()
            assert (await served.post(found))["data"] == {"a": None}
        finally:
            await blocker.close()
