"""What is changed of the schema once Strawberry has built it."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, Undefined
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.shape import READER, SOURCE

DIRECT: Final = "hub.direct"
"""Under which a field keeps what reads it off a value, where nothing else is needed for that."""


def read_directly(graphql_schema: GraphQLSchema) -> None:
    """Read each plain field with one C call.

    Strawberry wraps the reading of an attribute in three Python calls, and an answer has hundreds
    of attributes. Fields that a type derives from its value get their reader here, too.
    """
    for declared in graphql_schema.type_map.values():
        if not isinstance(declared, GraphQLObjectType):
            continue
        if hasattr(_class_of(declared), SOURCE):
            # Of a type with an interface Strawberry would take its own instances only.
            declared.is_type_of = None
        for field in declared.fields.values():
            definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            if definition is not None and definition.is_basic_field:
                read = definition.metadata.get(READER) or attrgetter(definition.python_name)
                field.resolve = _resolver(read)
                field.extensions[DIRECT] = read


def drop_null_defaults(graphql_schema: GraphQLSchema) -> None:
    """What may be left out has no default, rather than the default null: it is one fact less to
    read in the schema, and the resolver's own default is None."""
    for declared in graphql_schema.type_map.values():
        if isinstance(declared, GraphQLInputObjectType):
            for input_field in declared.fields.values():
                if input_field.default_value is None:
                    input_field.default_value = Undefined
        elif isinstance(declared, GraphQLObjectType) and not declared.name.startswith("__"):
            for field in declared.fields.values():
                for argument in field.args.values():
                    if argument.default_value is None:
                        argument.default_value = Undefined


def describe_directive_arguments(graphql_schema: GraphQLSchema) -> None:
    """Tell what each argument of our directives means: Strawberry leaves it out."""
    for directive in graphql_schema.directives:
        definition = directive.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        for field in definition.fields if definition is not None else ():
            directive.args[field.graphql_name].description = field.description


def _class_of(declared: GraphQLObjectType) -> type | None:
    definition = declared.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return None if definition is None else definition.origin


def _resolver(read: Callable[[Any], object]) -> Callable[[Any, Any], object]:
    def resolve(source: Any, _info: Any) -> object:
        return read(source)

    return resolve
