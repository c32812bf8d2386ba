"""Error: one operation is refused, and nothing else is touched."""

from typing import Any

import pytest

from tests.conformance.transport_ws.target import Conversation, Target

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = {
    "no GraphQL": {"query": "{"},
    "an empty document": {"query": ""},
    "a field that there is not": {"query": "{ noSuchFieldAnywhere }"},
    "a variable that is not declared": {"query": "{ __type(name: $name) { name } }"},
    "an operation that there is not": {
        "query": "query A { __typename }",
        "operationName": "B",
    },
    "several operations and no name": {"query": "query A { __typename } query B { __typename }"},
    "nothing but a fragment": {"query": "fragment F on Query { __typename }"},
    "a subscription that there is not": {"query": "subscription { noSuchFieldAnywhere }"},
}
refused = pytest.mark.parametrize("operation", REFUSED.values(), ids=list(REFUSED))


@refused
async def test_what_cannot_be_executed_is_refused_and_not_completed(
    target: Target, operation: dict[str, Any]
) -> None:
    async with target.connect() as connection:
        connection.subscribe("1", operation)
        assert_error(await connection.receive(), "1")
        assert await connection.until_pong() == []


@refused
async def test_a_refusal_hurts_only_its_own_operation(
    target: Target, operation: dict[str, Any]
) -> None:
    async with target.connect() as connection:
        connection.subscribe("lasting", target.lasting)
        await connection.next("lasting")
        connection.subscribe("1", operation)
        assert_error(await connection.of("1"), "1")
        for _ in range(2):
            await connection.next("lasting")
        await assert_answered(connection, "2", target)


@refused
async def test_the_id_of_what_was_refused_is_free(
    target: Target, operation: dict[str, Any]
) -> None:
    async with target.connect() as connection:
        for _ in range(2):
            connection.subscribe("1", operation)
            assert_error(await connection.receive(), "1")
        await assert_answered(connection, "1", target)


async def assert_answered(connection: Conversation, id: str, target: Target) -> None:
    connection.subscribe(id, target.query)
    assert (await connection.of(id))["type"] == "next"
    assert await connection.of(id) == {"id": id, "type": "complete"}


def assert_error(message: Any, id: str) -> None:
    assert (message["type"], message["id"]) == ("error", id), message
    assert isinstance(message["payload"], list)
    for error in message["payload"]:
        assert isinstance(error["message"], str)
        assert set(error) <= {"message", "locations", "path", "extensions"}
    assert message["payload"]
