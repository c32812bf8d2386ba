"""How large a document may be, measured in one walk that visits each fragment once.

Counting a fragment anew at each spread takes time that doubles with each link of a chain of
fragments, which makes the limit itself the attack.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
)

from hub.domain.errors import LimitExceeded


class DocumentLimits(NamedTuple):
    """How large a document may be, with its fragments written out."""

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 8
    aliases: int = 15
    directives: int = 20
    fields: int = 500
    root_mutation_fields: int = 5


class Size(NamedTuple):
    """What a selection amounts to. `width` is its fields at the top."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    width: int = 0


_INTROSPECTION: Final = ("__schema", "__type")
"""Types of types nest deeper than any answer does. They are bounded by `fields`, by a rule of
graphql-core, and by being switched off outside development."""


def check_size(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raise `LimitExceeded` for the first limit that an operation exceeds."""
    walk = _Walk(document)
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        size = walk.selection(operation.selection_set.selections)
        directives = size.directives + len(operation.directives or ())
        for what, limit, actual in (
            ("The depth of an operation", limits.depth, size.depth),
            ("The number of aliases", limits.aliases, size.aliases),
            ("The number of directives", limits.directives, directives),
            ("The number of fields", limits.fields, size.fields),
        ):
            if actual > limit:
                raise LimitExceeded(what=what, limit=limit, actual=actual)
        most = limits.root_mutation_fields
        if operation.operation is OperationType.MUTATION and size.width > most:
            raise LimitExceeded(
                what="The number of mutations in one operation", limit=most, actual=size.width
            )


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def selection(self, nodes: Iterable[SelectionNode]) -> Size:
        """The size of a selection."""
        depth = aliases = directives = fields = width = 0
        for node in nodes:
            directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                below = self._below(node)
                size = Size(below.depth + 1, below.aliases, below.directives, below.fields + 1, 1)
                aliases += node.alias is not None
            elif isinstance(node, InlineFragmentNode):
                size = self.selection(node.selection_set.selections)
            else:
                assert isinstance(node, FragmentSpreadNode)
                size = self._fragment(node.name.value)
            depth = max(depth, size.depth)
            aliases += size.aliases
            directives += size.directives
            fields += size.fields
            width += size.width
        return Size(depth, aliases, directives, fields, width)

    def _below(self, node: FieldNode) -> Size:
        if node.selection_set is None:
            return Size()
        size = self.selection(node.selection_set.selections)
        return size._replace(depth=0) if node.name.value in _INTROSPECTION else size

    def _fragment(self, name: str) -> Size:
        known = self._known.get(name)
        if known is None:
            # A fragment that leads back to itself counts nothing here; validation names it.
            self._known[name] = Size()
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.selection(fragment.selection_set.selections)
            known = self._known[name]
        return known
