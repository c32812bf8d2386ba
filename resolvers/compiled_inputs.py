"""Variables are coerced by functions that are made once for each operation.

graphql-core looks up what a type is anew for each value. What is made here takes values that are
as the types say, and nothing else: for all others it raises `NotPlain`, and the ordinary way says
what is wrong with them.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    VariableValues,
    get_argument_values,
    get_nullable_type,
    get_variable_values,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValueSource

Coerce = Callable[[Any], Any]

_REQUIRED: Final = object()
_ONLY_TEXT: Final = {str}
_MAX_ERRORS: Final = 50
"""What graphql-core takes where nothing is said."""


class NotPlain(Exception):
    """A value that only the ordinary way knows what to do with."""


class Variables:
    """The variables of one operation, and how they are coerced."""

    def __init__(self, graphql_schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = graphql_schema
        self._definitions = operation.variable_definitions or ()
        self._known = self._compiled()

    def values(
        self, given: dict[str, Any], hide_suggestions: bool
    ) -> VariableValues | list[GraphQLError]:
        """The coerced variables, or what is wrong with them."""
        if self._known is not None:
            try:
                return _coerced(self._known, given)
            except Exception:  # noqa: BLE001, S110 - the ordinary way finds the words for it
                pass
        return get_variable_values(
            self._schema, self._definitions, given, _MAX_ERRORS, hide_suggestions
        )

    def _compiled(self) -> list[tuple[VariableValueSource, Coerce, Any]] | None:
        known = []
        for definition in self._definitions:
            signature = get_variable_signature(self._schema, definition)
            coerce = None if isinstance(signature, GraphQLError) else coercion_of(signature.type)
            if isinstance(signature, GraphQLError) or coerce is None:
                return None
            # Asked without a value, the ordinary way tells what a missing one stands for.
            missing = get_variable_values(self._schema, [definition], {})
            default = _REQUIRED
            if isinstance(missing, VariableValues):
                default = missing.coerced.get(signature.name, Undefined)
            if not _is_shareable(default):
                default = _REQUIRED
            known.append((VariableValueSource(signature), coerce, default))
        return known


class Arguments:
    """The arguments of one field of a document, which most often are variables as they stand."""

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        self._field = field
        self._node = node
        self._fixed: dict[str, Any] | None = None
        self._bound: dict[str, str] = {}
        known: dict[str, Any] = {}
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                name = argument.value.name.value
                definition = field.args[argument.name.value]
                self._bound[definition.out_name or argument.name.value] = name
                known[name] = _REQUIRED
            elif isinstance(argument.value, ListValueNode | ObjectValueNode):
                # There may be variables within.
                return
        self._fixed = get_argument_values(field, node, VariableValues({}, known))

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """By the names that the resolver has for them; raises `GraphQLError`."""
        if self._fixed is not None:
            values = dict(self._fixed)
            for name, variable in self._bound.items():
                value = variables.coerced.get(variable)
                if value is None:
                    break
                values[name] = value
            else:
                return values
        return get_argument_values(self._field, self._node, variables)


def coercion_of(
    type_: GraphQLInputType, within: tuple[GraphQLInputType, ...] = ()
) -> Coerce | None:
    """What coerces a value of this type as graphql-core does, or raises; None for types that
    lead back to themselves, because how deep their values may be is to be checked first."""
    if isinstance(type_, GraphQLNonNull):
        return _needed(coercion_of(type_.of_type, within))
    if isinstance(type_, GraphQLList):
        return _listed(coercion_of(type_.of_type, within), get_nullable_type(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        if type_ in within or type_.is_one_of:
            return None
        return _object(type_, (*within, type_))
    return _leaf(type_)


def _coerced(
    known: list[tuple[VariableValueSource, Coerce, Any]], given: dict[str, Any]
) -> VariableValues:
    sources = {}
    coerced = {}
    for source, coerce, default in known:
        signature = source.signature
        name = signature.name
        value = given.get(name, Undefined)
        if value is Undefined:
            if default is _REQUIRED:
                raise NotPlain
            sources[name] = source
            if default is not Undefined:
                coerced[name] = default
        else:
            sources[name] = VariableValueSource(signature, value)
            coerced[name] = coerce(value)
    return VariableValues(sources, coerced)


def _needed(coerce: Coerce | None) -> Coerce | None:
    if coerce is None:
        return None

    def needed(value: Any) -> Any:
        if value is None:
            raise NotPlain
        return coerce(value)

    return needed


def _listed(coerce: Coerce | None, of: GraphQLInputType) -> Coerce | None:
    if coerce is None:
        return None
    of_text = of is GraphQLID or of is GraphQLString

    def listed(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise NotPlain
        if of_text and set(map(type, value)) == _ONLY_TEXT:
            # They stay as they are, and skus are many.
            return list(value)
        return [coerce(one) for one in value]

    return listed


def _leaf(type_: GraphQLScalarType | GraphQLEnumType) -> Coerce:
    coerce = type_.coerce_input_value

    def leaf(value: Any) -> Any:
        if value is None:
            return None
        coerced = coerce(value)
        if coerced is Undefined:
            raise NotPlain
        return coerced

    return leaf


def _object(type_: GraphQLInputObjectType, within: tuple[GraphQLInputType, ...]) -> Coerce | None:
    fields: list[tuple[str, str, Coerce, Any]] = []
    for name, field in type_.fields.items():
        coerce = coercion_of(field.type, within)
        if coerce is None or field.default is not None or not _is_shareable(field.default_value):
            return None
        default = _REQUIRED if is_required_input_field(field) else field.default_value
        fields.append((name, field.out_name or name, coerce, default))
    made_of = type_.out_type

    def made(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict:
            raise NotPlain
        unread = len(value)
        parts = {}
        for name, out_name, coerce, default in fields:
            part = value.get(name, Undefined)
            if part is not Undefined:
                parts[out_name] = coerce(part)
                unread -= 1
            elif default is _REQUIRED:
                raise NotPlain
            elif default is not Undefined:
                parts[out_name] = default
        if unread:
            raise NotPlain
        return made_of(parts)

    return made


def _is_shareable(default: object) -> bool:
    # A list would be the same one for all requests.
    return default is Undefined or isinstance(default, str | int | float | Enum | None)
