"""Whoever reads the API alone understands it: nothing in it goes without a description."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from resolvers.root import sdl


def _undescribed(api: GraphQLSchema) -> Iterator[str]:
    for name, declared in api.type_map.items():
        if is_introspection_type(declared) or is_specified_scalar_type(declared):
            continue
        if not declared.description:
            yield name
        if isinstance(declared, GraphQLEnumType):
            for value, told in declared.values.items():
                if not told.description:
                    yield f"{name}.{value}"
        if isinstance(declared, GraphQLInputObjectType):
            for field_name, input_field in declared.fields.items():
                if not input_field.description:
                    yield f"{name}.{field_name}"
        if isinstance(declared, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in declared.fields.items():
                if not field.description:
                    yield f"{name}.{field_name}"
                for argument_name, argument in field.args.items():
                    if not argument.description:
                        yield f"{name}.{field_name}({argument_name}:)"
    for directive in api.directives:
        if is_specified_directive(directive):
            continue
        if not directive.description:
            yield f"@{directive.name}"
        for argument_name, argument in directive.args.items():
            if not argument.description:
                yield f"@{directive.name}({argument_name}:)"


def test_every_type_field_argument_enum_value_and_directive_has_a_description() -> None:
    assert list(_undescribed(build_schema(sdl()))) == []


def test_what_goes_without_a_description_would_be_found() -> None:
    api = build_schema(
        "type Query { a(b: Int): Color } enum Color { RED } input In { x: Int }"
        " directive @d(y: Int) on FIELD"
    )
    assert set(_undescribed(api)) == {
        "Query",
        "Query.a",
        "Query.a(b:)",
        "Color",
        "Color.RED",
        "In",
        "In.x",
        "@d",
        "@d(y:)",
    }
