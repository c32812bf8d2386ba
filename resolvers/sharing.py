"""Whether the answer to a query is the same for all without credentials, and for how long."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.caching import PERSONAL, CacheControl


def seconds_to_share(graphql_schema: GraphQLSchema, document: DocumentNode) -> int:
    """For how long answers to the operations of a valid document may be kept by everybody; 0 where
    they may not."""
    type_info = TypeInfo(graphql_schema)
    seen = _Fields(type_info)
    visit(document, TypeInfoVisitor(type_info, seen))
    return min(seen.seconds, default=0)


def names_somebody(variables: object) -> bool:
    """Whether anything in the variables makes the answer one client's own."""
    # Not by recursion: clients nest deeper than Python calls.
    unseen: list[object] = [variables]
    while unseen:
        seen = unseen.pop()
        if isinstance(seen, Mapping):
            if any(name in PERSONAL and value is not None for name, value in seen.items()):
                return True
            unseen.extend(seen.values())
        elif isinstance(seen, list):
            unseen.extend(seen)
    return False


class _Fields(Visitor):
    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self._type_info = type_info
        self.seconds: list[int] = []

    def enter_field(self, _node: FieldNode, *_place: Any) -> None:
        field = self._type_info.get_field_def()
        extensions = field.extensions if field else {}
        definition = extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if definition is None or definition.is_basic_field:
            return
        declared = [one for one in definition.directives if isinstance(one, CacheControl)]
        self.seconds.append(declared[0].max_age if declared else 0)

    def enter_argument(self, node: ArgumentNode, *_place: Any) -> None:
        self._named(node.name.value)

    def enter_object_field(self, node: ObjectFieldNode, *_place: Any) -> None:
        self._named(node.name.value)

    def _named(self, name: str) -> None:
        if name in PERSONAL:
            self.seconds.append(0)
