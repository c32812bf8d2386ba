"""How large a document may be, measured in one walk that visits each fragment once.

Counting a fragment anew at each spread takes time that doubles with each link of a chain of
fragments, which makes the limit itself the attack.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from hub.domain.errors import LimitExceeded


class DocumentLimits(NamedTuple):
    """How large a document may be, with its fragments written out, and what running it may take.

    `comparisons`: validation compares each field with each other that would stand at the same
    place of the answer, below fields that do so themselves.
    """

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 8
    aliases: int = 15
    directives: int = 20
    fields: int = 500
    root_mutation_fields: int = 5
    comparisons: int = 10_000
    points: int = 1_000
    seconds: float = 5.0


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

_SPREAD_WEIGHT: Final = 4
"""Validation also compares fragments with each other, which takes this many times as long."""


def check_size(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raise `LimitExceeded` for the first limit that an operation exceeds, or `GraphQLError` for
    fragments that have no size because they lead back to themselves or do not exist."""
    walk = _Walk(document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            size = walk.selection(definition.selection_set.selections)
            _check("The depth of an operation", limits.depth, size.depth)
            if definition.operation is OperationType.MUTATION:
                _check("The number of mutations", limits.root_mutation_fields, size.width)
        elif isinstance(definition, FragmentDefinitionNode):
            # Validation goes through fragments that no operation uses, too.
            size = walk.selection(definition.selection_set.selections)
        else:
            continue
        directives = size.directives + len(definition.directives or ())
        _check("The number of aliases", limits.aliases, size.aliases)
        _check("The number of directives", limits.directives, directives)
        _check("The number of fields", limits.fields, size.fields)
        # Only now: with the number of fields known to be small, they may be written out.
        comparisons = walk.comparisons([definition.selection_set])
        _check("The number of repeated fields, squared", limits.comparisons, comparisons)


def _check(what: str, limit: int, actual: int) -> None:
    if actual > limit:
        raise LimitExceeded(what=what, limit=limit, actual=actual)


class _Walk:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}
        self._open: set[str] = set()

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
                size = self._fragment(node)
            depth = max(depth, size.depth)
            aliases += size.aliases
            directives += size.directives
            fields += size.fields
            width += size.width
        return Size(depth, aliases, directives, fields, width)

    def comparisons(self, selections: Iterable[SelectionSetNode]) -> int:
        """How often validation compares two fields of selections that are merged."""
        together: dict[str, list[FieldNode]] = {}
        spreads = 0
        for selection in selections:
            for node in self._written_out(selection):
                if isinstance(node, FieldNode):
                    key = node.alias or node.name
                    together.setdefault(key.value, []).append(node)
                else:
                    spreads += 1
        return _SPREAD_WEIGHT * spreads**2 + sum(
            len(fields) ** 2
            + self.comparisons(
                [field.selection_set for field in fields if field.selection_set is not None]
            )
            for fields in together.values()
        )

    def _written_out(self, selection: SelectionSetNode) -> Iterator[FieldNode | FragmentSpreadNode]:
        """The fields of a selection, and the spreads that led to some of them."""
        for node in selection.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._written_out(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield node
                yield from self._written_out(self._fragments[node.name.value].selection_set)

    def _below(self, node: FieldNode) -> Size:
        if node.selection_set is None:
            return Size()
        size = self.selection(node.selection_set.selections)
        return size._replace(depth=0) if node.name.value in _INTROSPECTION else size

    def _fragment(self, spread: FragmentSpreadNode) -> Size:
        name = spread.name.value
        known = self._known.get(name)
        if known is None:
            if name in self._open:
                raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", spread)
            fragment = self._fragments.get(name)
            if fragment is None:
                # Its size is unknown, and so what it would take to write it out.
                raise GraphQLError(f"Unknown fragment '{name}'.", spread)
            self._open.add(name)
            known = self.selection(fragment.selection_set.selections)
            self._open.discard(name)
            self._known[name] = known
        return known
