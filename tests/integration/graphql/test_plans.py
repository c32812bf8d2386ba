"""Random documents, answered by the plan that is made of them and in the ordinary way."""

import gc
import random
from datetime import timedelta
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from resolvers.engine import HubSchema
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.refusals import returned_as_data
from resolvers.root import build, context_for
from schema.context import Context
from schema.scalars import SCALARS
from tests.integration.graphql.conftest import SEED, Served
from tests.ordinary import OrdinarySchema, RandomDocument, planned_answer

DOCUMENTS = 400
RESERVE = """
    mutation ($input: ReserveInput!) { reserve(input: $input) {
        __typename
        ... on ReserveSuccess { reservation { ...Whole } }
        ... on HubError { code message }
        ... on InsufficientStock { lines { sku requested available } }
    } }
    fragment Whole on Reservation { id expiresAt state channel lines { sku item { name } } }
"""


def _ordinary() -> OrdinarySchema:
    return OrdinarySchema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(scalar_map=SCALARS),
        exception_handlers=returned_as_data(),
    )


def _context(served: Served) -> Context:
    return context_for(served.services, SEED)


def _agree(answer: bytes, other: bytes) -> bool:
    """Whether answers differ at most in errors of fields whose parent is null for another error:
    which of several that fail at the same time are told, depends on which is first."""
    data, errors = orjson.loads(answer)
    other_data, other_errors = orjson.loads(other)
    differing = [one for one in errors if one not in other_errors]
    differing += [one for one in other_errors if one not in errors]
    return (
        orjson.dumps(data) == orjson.dumps(other_data)
        and bool(errors and other_errors)
        and all(_is_within_null(data, one["path"]) for one in differing)
    )


def _is_within_null(data: Any, path: list[str | int]) -> bool:
    for part in path:
        if data is None:
            return True
        data = data[part]
    return False


# What graphql-core cancels where a neighbour fails, it sometimes never awaits.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
async def test_random_queries_are_answered_as_the_ordinary_way_does(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is read anew each time is of another time, which answers tell.
    soon = served.services.clock.now() + timedelta(minutes=5)
    monkeypatch.setattr(served.services.clock, "now", lambda: soon)
    planned, ordinary = build(development=True), _ordinary()
    core: GraphQLSchema = planned._schema
    dice = random.Random(0)
    assert core.query_type is not None
    names = list(core.query_type.fields)
    compared, wrong, answer = 0, 0, None
    for _ in range(DOCUMENTS):
        asked = RandomDocument(core, dice, frozenset())
        text = asked.text("query", core.query_type, dice.sample(names, dice.randint(1, 2)))
        # Twice: a plan is made with the first, and used with the second.
        for _ in range(2):
            answer = await planned_answer(planned, text, asked.variables, _context(served))
            if answer is None:
                break
            told = await ordinary.answer(text, asked.variables, _context(served))
            assert answer == told or _agree(answer, told), (text, answer, told)
            compared += 1
        wrong += answer is not None and b'"message"' in answer
    gc.collect()
    assert compared > DOCUMENTS
    assert wrong > DOCUMENTS / 20


async def _reserved(served: Served, planned: HubSchema, given: dict[str, Any]) -> bytes:
    answer = await planned_answer(planned, RESERVE, {"input": given}, _context(served))
    assert answer is not None
    assert answer == await _ordinary().answer(RESERVE, {"input": given}, _context(served))
    return answer


async def test_mutations_and_their_refusals_are_answered_alike(served: Served) -> None:
    planned = build(development=True)
    line = {"sku": "MUG-S", "quantity": 1}
    for given, expected in (
        ({"lines": [line], "idempotencyKey": "once"}, b'"ReserveSuccess"'),
        ({"lines": [line, {"sku": "TEA", "quantity": "99.5"}]}, b'"InsufficientStock"'),
        ({"lines": [{"sku": "NONE", "quantity": 1}]}, b'"UnknownSku"'),
        ({"lines": [line], "channel": "none"}, b'"UnknownChannel"'),
        ({"lines": []}, b'"InvalidInput"'),
        ({"lines": [line], "ttlSeconds": -1}, b'"InvalidInput"'),
        ({"lines": [line], "stage": "NEVER"}, b"does not exist in"),
        ({"lines": [line], "stages": 1}, b"not to include unknown"),
        ({"lines": [{"sku": "MUG-S", "quantity": 1.2345}]}, b"more than 3 decimals"),
    ):
        assert expected in await _reserved(served, planned, given)


async def test_the_short_way_through_the_view_answers_as_the_long_one(served: Served) -> None:
    bodies: list[bytes] = [
        b'{"query": "{ locations { id } }"}',
        b'{"query": "{ locations { id } }", "variables": null, "extensions": {}}',
        b'{"query": "query A { locations { id } } query B { channels { id } }"}',
        b'{"query": "query A { locations { id } }", "operationName": "A"}',
        b'{"query": "query A { locations { id } }", "operationName": "B"}',
        b'{"query": "query A { locations { id } }", "operationName": 1}',
        b'{"query": "subscription { reservation(id: \\"1\\") { id } }"}',
        b'{"query": "{ nothing }"}',
        b'{"query": "{"}',
        b'{"query": "", "variables": {}}',
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": "{ locations { id } }", "variables": []}',
        b'{"query": "{ locations { id } }", "extensions": 1}',
        b'[{"query": "{ locations { id } }"}]',
        b"\xff",
        b"{",
        b"",
        b"NaN",
    ]
    for body in bodies:
        for accept in ("application/json", "application/graphql-response+json"):
            answers = []
            # What might be a stream is left to the view.
            for also in ("", ", application/x-stream"):
                headers = {"content-type": "application/json", "accept": accept + also}
                answer = await served.http.post("/graphql", content=body, headers=headers)
                answers.append((answer.status_code, answer.headers["content-type"], answer.content))
            assert answers[0] == answers[1], body
