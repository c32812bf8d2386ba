"""Answers are put together by functions that are made once for each place of a document.

graphql-core pays for each field of each object: a path, an info, and several looks at its type.
Where all that is selected of a value are plain fields, nothing can use those. What is made here
takes values that are as the types say; it raises for all others, and the ordinary way, which then
completes the same value, says where and what is wrong.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    VariableNode,
    VariableValues,
    get_argument_values,
    is_abstract_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
from strawberry.schema.schema_converter import GraphQLCoreConverter

from resolvers.calling import PURE
from resolvers.compiled_inputs import NotPlain
from resolvers.finishing import DIRECT

Complete = Callable[[Any], Any]
Read = Callable[[Any], Any]
Collect = Callable[[GraphQLObjectType, FieldDetailsList], GroupedFieldSet]
"""What is selected of an object at one place of a document."""

_AS_THEY_ARE: Final[dict[object, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
"""What values of these types leave as, if they are of that class."""

MAX_VALUES: Final = 32
"""Sets of variables that one place is remembered for: languages, mostly."""
MAX_CHARACTERS: Final = 64
"""Of a text that is one of those: longer ones would fill the memory, and mean nothing."""


class Place:
    """What completes the values at one place of a document: one for all variables, or one for each
    set of those that are arguments there."""

    def __init__(self, graphql_schema: GraphQLSchema, collect: Collect) -> None:
        self._schema = graphql_schema
        self._collect = collect
        self._used: tuple[str, ...] | None = None
        self._always: Complete | None = None
        self._by_values: dict[tuple[Any, ...], Complete | None] = {}

    def complete(
        self, type_: GraphQLOutputType, details: FieldDetailsList, variables: VariableValues
    ) -> Complete | None:
        """See `Completions.of`; always of the same type and details."""
        if not self._used:
            if self._used is None:
                made = Completions(self._schema, self._collect, variables)
                self._always = made.of(type_, details)
                self._used = tuple(sorted(made.used))
            if not self._used:
                return self._always
        values = tuple(variables.coerced.get(name, Undefined) for name in self._used)
        if any(isinstance(value, str) and len(value) > MAX_CHARACTERS for value in values):
            return None
        try:
            return self._by_values[values]
        except TypeError:
            # Values of a kind that nothing is kept by.
            return None
        except KeyError:
            if len(self._by_values) >= MAX_VALUES:
                self._by_values.clear()
            made = Completions(self._schema, self._collect, variables)
            return self._by_values.setdefault(values, made.of(type_, details))


class Completions:
    """Makes what completes values, for a document without directives."""

    def __init__(
        self, graphql_schema: GraphQLSchema, collect: Collect, variables: VariableValues
    ) -> None:
        self._schema = graphql_schema
        self._collect = collect
        self._variables = variables
        self.used: set[str] = set()
        """The variables that what was made depends on."""

    def of(self, type_: GraphQLOutputType, details: FieldDetailsList) -> Complete | None:
        """What completes a value of this type as graphql-core does, or raises; None where
        something is selected that has a resolver."""
        if isinstance(type_, GraphQLNonNull):
            return _needed(self.of(type_.of_type, details))
        if isinstance(type_, GraphQLList):
            return _listed(self.of(type_.of_type, details))
        if isinstance(type_, GraphQLObjectType):
            return self._object(type_, details)
        if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
            return _leaf(type_)
        assert is_abstract_type(type_)
        return self._one_of(type_, details)

    def _object(self, type_: GraphQLObjectType, details: FieldDetailsList) -> Complete | None:
        fields: list[tuple[str, Callable[[Any], Any], Complete]] = []
        for name, selected in self._collect(type_, details).items():
            field_name = selected[0].node.name.value
            if field_name == "__typename":
                fields.append((name, _always(type_.name), _as_is))
                continue
            field = self._schema.get_field(type_, field_name)
            read = self._reader(field, selected[0].node) if field else None
            complete = self.of(field.type, selected) if field and read else None
            if not read or complete is None:
                return None
            fields.append((name, read, complete))
        instances = _class_of(type_) if type_.is_type_of else None

        def completed(value: Any) -> Any:
            if value is None:
                return None
            if instances is not None and type(value) is not instances:
                raise NotPlain
            return {name: complete(read(value)) for name, read, complete in fields}

        return completed

    def _reader(self, field: GraphQLField, node: FieldNode) -> Read | None:
        """What reads a field off a value; None where that takes more than the value."""
        read: Read | None = field.extensions.get(DIRECT)
        pure: Callable[..., Any] | None = field.extensions.get(PURE)
        if read is not None or pure is None:
            return read
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.used.add(argument.value.name.value)
            elif isinstance(argument.value, ListValueNode | ObjectValueNode):
                return None
        given = get_argument_values(field, node, self._variables)
        return lambda value: pure(value, None, **given)

    def _one_of(self, type_: GraphQLAbstractType, details: FieldDetailsList) -> Complete | None:
        """By the class of the value. Values of other classes than the declared ones, and types
        that are told in another way, are left to the ordinary way."""
        if isinstance(type_, GraphQLInterfaceType) and _definition_of(type_).resolve_type:
            return None
        known: dict[type, Complete] = {}
        for possible in self._schema.get_possible_types(type_):
            complete = self._object(possible, details)
            if complete is not None and not _definition_of(possible).concrete_of:
                known[_class_of(possible)] = complete

        def completed(value: Any) -> Any:
            return None if value is None else known[type(value)](value)

        return completed if known else None


def _definition_of(type_: GraphQLObjectType | GraphQLInterfaceType) -> Any:
    return type_.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]


def _class_of(type_: GraphQLObjectType) -> type:
    return _definition_of(type_).origin  # type: ignore[no-any-return]


def _always(value: object) -> Callable[[Any], object]:
    return lambda _: value


def _as_is(value: Any) -> Any:
    return value


def _needed(complete: Complete | None) -> Complete | None:
    if complete is None:
        return None

    def needed(value: Any) -> Any:
        completed = complete(value)
        if completed is None:
            raise NotPlain
        return completed

    return needed


def _listed(complete: Complete | None) -> Complete | None:
    if complete is None:
        return None

    def listed(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise NotPlain
        return [complete(one) for one in value]

    return listed


def _leaf(type_: GraphQLScalarType | GraphQLEnumType) -> Complete:
    coerce = type_.coerce_output_value
    as_it_is = _AS_THEY_ARE.get(type_)
    members: dict[int, Any] = {}
    """By identity: members of an enum live as long as the process."""

    def leaf(value: Any) -> Any:
        if type(value) is as_it_is:
            return value
        completed = members.get(id(value))
        if completed is not None or value is None:
            return completed
        completed = coerce(value)
        if completed is None or completed is Undefined or isinstance(value, Exception):
            raise NotPlain
        if isinstance(value, Enum):
            members[id(value)] = completed
        return completed

    return leaf
