"""Every input type of the API, with good and bad values, beside the ordinary way."""

import random
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter

from resolvers.compiled_inputs import coercion_of
from resolvers.engine import HubSchema
from resolvers.limits import DocumentLimits
from resolvers.query import Query
from resolvers.root import build
from schema.scalars import SCALARS
from tests.ordinary import OrdinarySchema, literal_of, planned_answer, value_for

INPUTS = {
    name: declared
    for name, declared in build()._schema.type_map.items()
    if isinstance(declared, GraphQLInputObjectType)
}
VALUES = 150


def _repeat(input_class: Any) -> Any:
    async def repeat(one: Any = None, many: Any = None) -> str:
        return repr((one, many))

    repeat.__annotations__ |= {"one": input_class | None, "many": list[input_class] | None}
    return strawberry.mutation(resolver=repeat)


REPEATING = {
    f"repeat{name}": _repeat(declared.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].origin)
    for name, declared in INPUTS.items()
}
PARTS: dict[str, Any] = {
    "query": Query,
    "mutation": strawberry.type(type("Mutation", (), REPEATING)),
    "config": StrawberryConfig(scalar_map=SCALARS),
    "exception_handlers": [],
}


def test_no_input_type_is_left_to_the_ordinary_way() -> None:
    assert INPUTS
    assert [name for name, declared in INPUTS.items() if coercion_of(declared) is None] == []


async def test_resolvers_are_given_the_same_inputs_and_bad_ones_the_same_errors() -> None:
    planned, ordinary = HubSchema(DocumentLimits(), True, **PARTS), OrdinarySchema(**PARTS)
    dice = random.Random(0)
    refused = 0
    for name, declared in INPUTS.items():
        text = (
            f"mutation ($one: {name}, $many: [{name}!]) {{ repeat{name}(one: $one, many: $many) }}"
        )
        for _ in range(VALUES):
            given = {
                key: value
                for key, value in (
                    ("one", value_for(declared, dice)),
                    ("many", [value_for(declared, dice) for _ in range(dice.randint(0, 2))]),
                )
                if dice.random() < 0.9
            }
            expected = await ordinary.answer(text, given, None)
            assert await planned_answer(planned, text, given, None) == expected, (name, given)
            refused += expected.startswith(b"[null")
    assert 0.2 < refused / (VALUES * len(INPUTS)) < 0.8


async def test_inputs_that_are_written_in_the_document_are_the_same() -> None:
    planned, ordinary = HubSchema(DocumentLimits(), True, **PARTS), OrdinarySchema(**PARTS)
    dice = random.Random(0)
    compared = 0
    for name, declared in INPUTS.items():
        for _ in range(20):
            one = literal_of(value_for(declared, dice, 0), declared)
            text = f"mutation {{ repeat{name}(one: {one}) }}"
            answer = await planned_answer(planned, text, {}, None)
            if answer is not None:
                assert answer == await ordinary.answer(text, {}, None), text
                compared += 1
    assert compared > 5 * len(INPUTS)


async def test_what_a_variable_stands_for_if_it_is_missing_is_the_same() -> None:
    planned, ordinary = HubSchema(DocumentLimits(), True, **PARTS), OrdinarySchema(**PARTS)
    for declared in ("ScopeInput", 'ScopeInput = {channel: "web"}', "ScopeInput = null"):
        text = f"mutation ($one: {declared}) {{ repeatScopeInput(one: $one) }}"
        for given in ({}, {"one": None}, {"one": {"channel": "store"}}, {"two": 1}):
            expected = await ordinary.answer(text, given, None)
            assert await planned_answer(planned, text, given, None) == expected
