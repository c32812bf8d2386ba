"""How a resolver is called.

Strawberry goes through the types of all arguments with each call, and through six functions. Here
graphql-core itself makes the inputs, while it checks them, and one function calls the resolver.
"""

from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, Final, cast

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField

from resolvers.refusals import ReturnedAsData
from schema.shape import IS_PURE

Resolve = Callable[..., Any]

PURE: Final = "hub.pure"
"""Under which a field keeps its resolver, where that needs nothing but the value and arguments."""


def make_inputs(graphql_schema: GraphQLSchema) -> None:
    """Let the values of each input type be instances of its class."""
    for declared in graphql_schema.type_map.values():
        if isinstance(declared, GraphQLInputObjectType):
            _make_instances(declared)


def call_directly(graphql_schema: GraphQLSchema, handlers: Iterable[ReturnedAsData]) -> None:
    """Call each resolver with one function; refusals that its union has become data.

    Raises `TypeError` for what such a call would leave out.
    """
    for declared in graphql_schema.type_map.values():
        if not isinstance(declared, GraphQLObjectType):
            continue
        for field in declared.fields.values():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if definition is None or definition.is_basic_field:
                continue
            if definition.extensions:
                raise TypeError(f"{declared.name}.{definition.python_name} has extensions")
            for argument in field.args.values():
                python = argument.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
                argument.out_name = python.python_name
            if definition.is_subscription:
                field.subscribe = _called(definition)
            else:
                field.resolve = _answering(definition, _told(field, handlers))
                if definition.metadata.get(IS_PURE):
                    field.extensions[PURE] = field.resolve


def _make_instances(declared: GraphQLInputObjectType) -> None:
    definition = declared.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    names = {
        name: field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].python_name
        for name, field in declared.fields.items()
    }
    made_of, checked = definition.origin, declared.out_type

    if definition.is_one_of:
        # Its check tells the names as clients know them.
        def made(given: dict[str, Any]) -> Any:
            return made_of(**{names[name]: value for name, value in checked(given).items()})
    else:
        for name, field in declared.fields.items():
            field.out_name = names[name]

        def made(given: dict[str, Any]) -> Any:
            return made_of(**given)

    declared.out_type = made  # type: ignore[method-assign,assignment]


def _called(definition: StrawberryField) -> Resolve:
    resolver = definition.base_resolver
    assert resolver is not None
    function = cast("Resolve", resolver.wrapped_func)
    takes_self = resolver.self_parameter is not None
    source_name = next(
        (one.name for one in (resolver.parent_parameter, resolver.root_parameter) if one), None
    )
    info_name = resolver.info_parameter.name if resolver.info_parameter else None

    # By place only: an argument of the field may have the same name.
    def called(source: Any, info: Any, /, **given: Any) -> Any:
        if source_name is not None:
            given[source_name] = source
        if info_name is not None:
            given[info_name] = strawberry.Info(_raw_info=info, _field=definition)
        return function(source, **given) if takes_self else function(**given)

    return called


def _answering(definition: StrawberryField, told: list[ReturnedAsData]) -> Resolve:
    called = _called(definition)
    if not told:
        return called
    assert definition.base_resolver is not None
    if not iscoroutinefunction(definition.base_resolver.wrapped_func):
        raise TypeError(f"{definition.python_name} is to be awaited: it may be refused")

    async def answered(source: Any, info: Any, /, **given: Any) -> Any:
        try:
            return await called(source, info, **given)
        except Exception as error:
            for one in told:
                if isinstance(error, one.exception_type):
                    return one.handle(error, field=definition, info=info)
            raise

    return answered


def _told(field: GraphQLField, handlers: Iterable[ReturnedAsData]) -> list[ReturnedAsData]:
    answer = get_named_type(field.type)
    if not isinstance(answer, GraphQLUnionType):
        return []
    names = {member.name for member in answer.types}
    return [
        one for one in handlers if get_object_definition(one.error_type, strict=True).name in names
    ]
