"""How a type declares that its fields are read straight from a value of the hub.

Copying each answer into an object of the API costs as much as computing it, so none is made: a
type names the class it is the shape of, and its plain fields are attributes of that class.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import strawberry
from strawberry.types.base import get_object_definition

Declared = TypeVar("Declared", bound=type)

SOURCE: Final = "__shape_of__"
"""Attribute in which a type keeps the class that its values are instances of."""
READER: Final = "hub.reader"
"""Metadata key under which a field keeps its own reader; see `resolvers.finishing`."""

IS_PURE: Final = "hub.is_pure"
"""Metadata key of a field with arguments whose resolver looks at nothing but them and the value."""


def shape_of(source: type, description: str) -> Callable[[Declared], Declared]:
    """Declare a type whose values are instances of `source`.

    Raises `TypeError` at import when a plain field is no attribute of `source`.
    """

    def declare(declared: Declared) -> Declared:
        made = strawberry.type(declared, description=description)
        for field in get_object_definition(made, strict=True).fields:
            plain = field.is_basic_field and READER not in field.metadata
            if plain and not hasattr(source, field.python_name):
                raise TypeError(f"{source.__name__} has no attribute {field.python_name}")
        setattr(made, SOURCE, source)
        return made

    return declare


def derived(read: Callable[[Any], object], description: str) -> Any:
    """A field that a function reads off the value."""
    return strawberry.field(description=description, metadata={READER: read})
