"""The API as Strawberry and graphql-core run it by themselves, and random questions to it.

What the hub does in other ways is to change nothing but the time it takes.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    execute,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
)
from strawberry.types.execution import ExecutionResult, PreExecutionError

from resolvers.engine import HubSchema
from resolvers.finishing import drop_null_defaults, read_directly
from resolvers.refusals import presentable

BAD: tuple[Any, ...] = (
    None,
    {},
    [],
    "",
    "x",
    1.5,
    True,
    -1,
    {"unknown": 1},
    [[1]],
    [None],
    "9" * 40,
)
GOOD: dict[str, tuple[Any, ...]] = {
    "ID": ("MUG-S", "MUG-L", "BER", "web", "NONE", 5, "Item:MUG-S", "Item:"),
    "String": ("mug", "", "Größe", "de"),
    "Int": (1, 2, 24, 3.0, 2**40, -1),
    "Float": (1, 2.5),
    "Boolean": (True, False),
    "Quantity": (1, 2.5, "0.125", 1.23456, -3, "1e400"),
    "DateTime": ("2011-01-18T10:00:00Z", "2031-01-18T10:00:00+02:00", "yesterday"),
    "JSON": ({"a": [1, None]}, "text", 7),
}


class OrdinarySchema(strawberry.Schema):
    """An API that is not prepared for anything."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        drop_null_defaults(self._schema)
        # Derived fields have no other reader.
        read_directly(self._schema)

    async def answer(self, text: str, variables: dict[str, Any], context: object) -> bytes:
        """The answer to a valid document."""
        running: Any = execute(
            self._schema,
            parse(text),
            None,
            context,
            variables,
            executor_class=self.execution_context_class,
        )
        result = running if hasattr(running, "errors") else await running
        return _told(ExecutionResult(result.data, presentable(result.errors or ())))


async def planned_answer(
    api: HubSchema, text: str, variables: dict[str, Any], context: object
) -> bytes | None:
    """The hub's answer; None if it does not execute the document."""
    result = await api.execute(text, variables, context)
    return None if isinstance(result, PreExecutionError) else _told(result)


def _told(result: ExecutionResult) -> bytes:
    return orjson.dumps([result.data, [error.formatted for error in result.errors or ()]])


def value_for(type_: GraphQLInputType, dice: random.Random, bad: float = 0.05) -> Any:
    """A value, most likely one that the type takes."""
    if dice.random() < bad:
        return dice.choice(BAD)
    if isinstance(type_, GraphQLNonNull):
        return value_for(type_.of_type, dice, bad)
    if dice.random() < bad:
        return None
    if isinstance(type_, GraphQLList):
        return [value_for(type_.of_type, dice, bad) for _ in range(dice.randint(0, 3))]
    if isinstance(type_, GraphQLEnumType):
        return dice.choice(list(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        names = [
            name
            for name, one in type_.fields.items()
            if is_required_input_field(one) or dice.random() < 0.5
        ]
        return {name: value_for(type_.fields[name].type, dice, bad) for name in names}
    return dice.choice(GOOD[type_.name])


def literal_of(value: Any, type_: GraphQLInputType) -> str:
    """A value as it is written in a document."""
    named = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(value, list) and isinstance(named, GraphQLList):
        return f"[{' '.join(literal_of(one, named.of_type) for one in value)}]"
    if isinstance(value, dict) and isinstance(named, GraphQLInputObjectType):
        known = {name: one.type for name, one in named.fields.items()}
        parts = [
            f"{name}: {literal_of(value[name], known[name])}" for name in value if name in known
        ]
        return f"{{{' '.join(parts)}}}"
    is_name = isinstance(named, GraphQLEnumType) and isinstance(value, str) and value
    return value if is_name else json.dumps(value)


@dataclass
class RandomDocument:
    """A document that asks for random fields, with the variables that it needs."""

    graphql_schema: GraphQLSchema
    dice: random.Random
    left_out: frozenset[str] = frozenset()
    given: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Values to choose from, by the name of an argument."""
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0

    def text(self, kind: str, root: GraphQLObjectType, names: list[str]) -> str:
        """The whole document, with these fields at its root."""
        fields = " ".join(self._field(name, root.fields[name], 3) for name in names)
        declared = f"({' '.join(self.declared)})" if self.declared else ""
        return f"{kind} Asked{declared} {{ {fields} }} {' '.join(self.fragments)}"

    def _field(self, name: str, asked: GraphQLField, depth: int) -> str:
        arguments = []
        for key, argument in asked.args.items():
            if is_required_argument(argument) or self.dice.random() < 0.4:
                value = (
                    self.dice.choice(self.given[key])
                    if key in self.given
                    else value_for(argument.type, self.dice, 0.02)
                )
                if self.dice.random() < 0.3:
                    arguments.append(f"{key}: {literal_of(value, argument.type)}")
                    continue
                variable = f"v{len(self.declared)}"
                self.declared.append(f"${variable}: {argument.type}")
                arguments.append(f"{key}: ${variable}")
                if self.dice.random() < 0.97:
                    self.variables[variable] = value
        alias = ""
        if self.dice.random() < 0.2:
            self.aliases += 1
            alias = f"a{self.aliases}: "
        given = f"({', '.join(arguments)})" if arguments else ""
        include = " @include(if: true)" if self.dice.random() < 0.01 else ""
        return f"{alias}{name}{given}{include}{self._selection(asked.type, depth)}"

    def _selection(self, type_: GraphQLOutputType, depth: int) -> str:
        named = get_named_type(type_)
        if is_leaf_type(named):
            return ""
        if is_abstract_type(named):
            members = self.graphql_schema.get_possible_types(named)
            some = self.dice.sample(members, min(2, len(members)))
            error = " ... on HubError { code message }" if named.name.endswith("Result") else ""
            parts = " ".join(f"... on {one.name} {self._fields(one, depth)}" for one in some)
            return f"{{ __typename {parts}{error} }}"
        assert isinstance(named, GraphQLObjectType)
        if self.dice.random() < 0.1:
            fragment = f"F{len(self.fragments)}"
            self.fragments.append("")
            place = len(self.fragments) - 1
            fields = self._fields(named, depth)
            self.fragments[place] = f"fragment {fragment} on {named.name} {fields}"
            return f"{{ __typename ...{fragment} }}"
        return self._fields(named, depth)

    def _fields(self, type_: GraphQLObjectType, depth: int) -> str:
        usable = [
            name
            for name, one in type_.fields.items()
            if name not in self.left_out and (depth or is_leaf_type(get_named_type(one.type)))
        ]
        some = self.dice.sample(usable, min(self.dice.randint(1, 5), len(usable)))
        parts = [self._field(name, type_.fields[name], depth - 1) for name in some]
        return f"{{ {' '.join(['__typename', *parts])} }}"
