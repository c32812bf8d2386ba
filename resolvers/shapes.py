"""The types of the API for those who send no document: a value as JSON with all its plain fields,
and the JSON Schema of that. Names, descriptions and readers are those of the GraphQL types.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
)

from resolvers.finishing import DIRECT
from resolvers.root import build

Write = Callable[[Any], Any]
Json = dict[str, Any]

_SCALARS: Final[dict[str, Json]] = {
    "ID": {"type": "string"},
    "String": {"type": "string"},
    "Int": {"type": "integer"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "JSON": {"type": "object"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Quantity": {"type": "number"},
}


class Shapes:
    """What the types of the API look like in JSON.

    A field that has arguments or asks a loader is no plain field: it is left out, unless `filled`
    names it, by type, for the caller to put in.
    """

    def __init__(self, filled: Mapping[str, tuple[str, ...]]) -> None:
        self._types = build().types
        self._filled = filled
        self._writers: dict[str, Write] = {}

    def writer(self, name: str) -> Write:
        """What makes JSON of a value of an object type."""
        if name not in self._writers:
            type_ = self._types[name]
            assert isinstance(type_, GraphQLObjectType)
            self._writers[name] = self._writer_of(type_)
        return self._writers[name]

    def descriptions(self, name: str) -> dict[str, str]:
        """The descriptions of the fields of an input or object type, by name."""
        type_ = self._types[name]
        assert isinstance(type_, GraphQLInputObjectType | GraphQLObjectType)
        return {name: field.description or "" for name, field in type_.fields.items()}

    def definitions(self, names: tuple[str, ...]) -> dict[str, Json]:
        """The JSON Schema of object types and of all that they are made of, by name."""
        found: dict[str, Json] = {}
        for name in names:
            self._define(self._types[name], found)
        return found

    def _writer_of(self, type_: GraphQLOutputType) -> Write:
        if isinstance(type_, GraphQLNonNull):
            return self._writer_of(type_.of_type)
        if isinstance(type_, GraphQLList):
            return _listed(self._writer_of(type_.of_type))
        if isinstance(type_, GraphQLObjectType):
            return self._object_writer(type_)
        assert isinstance(type_, GraphQLScalarType | GraphQLEnumType)
        # GraphQL's Int ends at 32 bits, JSON's does not.
        return _as_is if type_.name == "Int" else _nullable(type_.coerce_output_value)

    def _object_writer(self, type_: GraphQLObjectType) -> Write:
        fields = [
            (name, field.extensions[DIRECT], self._writer_of(field.type))
            for name, field in type_.fields.items()
            if DIRECT in field.extensions
        ]
        return _nullable(lambda value: {name: write(read(value)) for name, read, write in fields})

    def _define(self, type_: Any, found: dict[str, Json]) -> None:
        """Add a type and all that it is made of, once each."""
        if isinstance(type_, GraphQLNonNull | GraphQLList):
            self._define(type_.of_type, found)
        elif isinstance(type_, GraphQLEnumType) and type_.name not in found:
            found[type_.name] = {
                "type": "string",
                "enum": list(type_.values),
                "description": _listing(type_),
            }
        elif isinstance(type_, GraphQLObjectType) and type_.name not in found:
            fields = {
                name: field
                for name, field in type_.fields.items()
                if DIRECT in field.extensions or name in self._filled.get(type_.name, ())
            }
            found[type_.name] = {
                "type": "object",
                "description": type_.description,
                "properties": {
                    name: {**_json_schema(field.type), "description": field.description}
                    for name, field in fields.items()
                },
                "required": list(fields),
            }
            for field in fields.values():
                self._define(field.type, found)


def _json_schema(type_: Any) -> Json:
    if not isinstance(type_, GraphQLNonNull):
        inner = _json_schema(GraphQLNonNull(type_))
        if isinstance(inner.get("type"), str):
            return {**inner, "type": [inner["type"], "null"]}
        return {"anyOf": [inner, {"type": "null"}]}
    inside = type_.of_type
    if isinstance(inside, GraphQLList):
        return {"type": "array", "items": _json_schema(inside.of_type)}
    return _SCALARS.get(inside.name) or {"$ref": f"#/components/schemas/{inside.name}"}


def _listing(type_: GraphQLEnumType) -> str:
    lines = [f"- `{name}`: {value.description}" for name, value in type_.values.items()]
    return "\n".join([type_.description or "", "", *lines])


def _nullable(write: Write) -> Write:
    return lambda value: None if value is None else write(value)


def _listed(write: Write) -> Write:
    return lambda values: [write(value) for value in values]


def _as_is(value: Any) -> Any:
    return value
