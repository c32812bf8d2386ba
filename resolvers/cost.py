"""What an operation costs: the objects that the hub has to find or compute for it, at most.

Worked out once for each operation, as a sum of products: what costs the same whatever the variables
are is added up beforehand, and a list that a variable sizes remains a factor. Each selection is
worked out once, however often fragments lead to it, so a chain of fragments that doubles at each
link is a number like any other. Directives that leave a field out are not looked at.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.costs import ASSUMED_SIZE, Cost, ListSize

MUTATION_POINTS: Final = 10
_PARTS: Final = 1000
"""Weights are counted in thousandths of a point, so that sums are exact."""


class Size(NamedTuple):
    """The length of the list, or the number, that a variable gives."""

    variable: str
    path: tuple[str, ...]
    """Where in the variable it stands: names of attributes of inputs."""
    otherwise: int
    """Where nothing is given."""

    def of(self, variables: Mapping[str, Any]) -> int:
        """The size under coerced variables; never below 0."""
        value = variables.get(self.variable)
        for name in self.path:
            value = getattr(value, name, None)
        if isinstance(value, int):
            return max(value, 0)
        return len(value) if isinstance(value, list) else self.otherwise


Sum = dict[tuple[Size, ...], int]
"""What each product of sizes is multiplied with; the empty product is the constant part."""


class OperationCost:
    """What one operation costs, under whatever variables."""

    def __init__(
        self,
        graphql_schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
    ) -> None:
        root = graphql_schema.get_root_type(operation.operation)
        assert root is not None
        total = _Walk(graphql_schema, document).selection([operation.selection_set], root)
        self._constant = total.pop((), 0)
        self._products = list(total.items())

    def points(self, variables: Mapping[str, Any]) -> int:
        """The cost in points, under coerced variables."""
        total = self._constant
        for sizes, product in self._products:
            for size in sizes:
                product *= size.of(variables)
            total += product
        return -(-total // _PARTS)


class _Walk:
    def __init__(self, graphql_schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = graphql_schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[tuple[tuple[str, ...], tuple[tuple[str, int], ...]], Sum] = {}

    def selection(
        self, selected: Iterable[SelectionSetNode], on: Any, sized: tuple[str, ...] = ()
    ) -> Sum:
        """The cost of selections that are merged, of one object of a type. The fields in `sized`
        are lists that were counted with the field that returned the object."""
        fields: dict[tuple[str, str], list[FieldNode]] = {}
        for one in selected:
            self._collect(one, on, fields, set())
        place = sized, tuple((on, id(node)) for (on, _), nodes in fields.items() for node in nodes)
        known = self._known.get(place)
        if known is None:
            known = {}
            for (type_name, _), nodes in fields.items():
                owner = self._schema.get_type(type_name)
                assert isinstance(owner, GraphQLObjectType | GraphQLInterfaceType)
                _add(known, self._field(owner, nodes, nodes[0].name.value in sized))
            self._known[place] = known
        return dict(known)

    def _collect(
        self,
        selected: SelectionSetNode,
        on: Any,
        fields: dict[tuple[str, str], list[FieldNode]],
        visited: set[str],
    ) -> None:
        """The fields by their type and their name in the answer, fragments written out once."""
        for node in selected.selections:
            if isinstance(node, FieldNode):
                if not node.name.value.startswith("__"):
                    name = (node.alias or node.name).value
                    fields.setdefault((on.name, name), []).append(node)
                continue
            fragment: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in visited:
                    continue
                visited.add(node.name.value)
                fragment = self._fragments[node.name.value]
            assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
            condition = fragment.type_condition
            below = self._schema.get_type(condition.name.value) if condition else on
            self._collect(fragment.selection_set, below, fields, visited)

    def _field(
        self,
        owner: GraphQLObjectType | GraphQLInterfaceType,
        nodes: list[FieldNode],
        counted: bool,
    ) -> Sum:
        node = nodes[0]
        field = owner.fields[node.name.value]
        weight = _weight_of(owner, field)
        total: Sum = {(): weight} if weight else {}
        below = [one.selection_set for one in nodes if one.selection_set is not None]
        declared = _declared(field, ListSize)
        if below:
            sized = tuple((declared and declared.sized_fields) or ())
            _add(total, self.selection(below, get_named_type(field.type), sized))
        if not counted:
            total = _product(total, _size_of(field, declared, node))
        for name, argument in field.args.items():
            given = _given(node, name)
            taken = get_named_type(argument.type)
            if isinstance(taken, GraphQLInputObjectType) and given is not None:
                _add(total, _input_cost(taken, given))
        return total


def _add(total: Sum, other: Sum) -> None:
    for sizes, product in other.items():
        total[sizes] = total.get(sizes, 0) + product


def _product(total: Sum, size: Size | int) -> Sum:
    if isinstance(size, int):
        return {sizes: product * size for sizes, product in total.items()}
    return {tuple(sorted((*sizes, size))): product for sizes, product in total.items()}


def _weight_of(owner: GraphQLObjectType | GraphQLInterfaceType, field: GraphQLField) -> int:
    declared = _declared(field, Cost)
    if declared is not None:
        return _parts(declared.weight)
    definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    if definition.is_basic_field or not is_composite_type(get_named_type(field.type)):
        return 0
    return MUTATION_POINTS * _PARTS if owner.name == "Mutation" else _PARTS


def _size_of(field: GraphQLField, declared: ListSize | None, node: FieldNode) -> Size | int:
    for name in (declared and declared.slicing_arguments) or ():
        argument = field.args[name]
        default = argument.default_value
        otherwise = default if isinstance(default, int) else ASSUMED_SIZE
        given = _given(node, name)
        if isinstance(given, IntValueNode) and is_list_type(get_nullable_type(argument.type)):
            # One that stands for a list of one.
            return 1
        return _size_given(given, (), otherwise)
    if declared is not None and declared.assumed_size:
        return int(declared.assumed_size)
    return ASSUMED_SIZE if is_list_type(get_nullable_type(field.type)) else 1


def _input_cost(declared: GraphQLInputObjectType, given: ValueNode) -> Sum:
    """What the lists of an input cost that have a weight."""
    total: Sum = {}
    for name, field in declared.fields.items():
        weight = _declared(field, Cost)
        if weight is None:
            continue
        if isinstance(given, ObjectValueNode):
            values = {one.name.value: one.value for one in given.fields}
            size = _size_given(values.get(name), (), 0)
        else:
            size = _size_given(given, (field.out_name or name,), 0)
        _add(total, _product({(): _parts(weight.weight)}, size))
    return total


def _size_given(given: ValueNode | None, path: tuple[str, ...], otherwise: int) -> Size | int:
    if isinstance(given, VariableNode):
        return Size(given.name.value, path, otherwise)
    if given is None or isinstance(given, NullValueNode):
        return otherwise
    if isinstance(given, IntValueNode) and not path:
        return max(int(given.value), 0)
    return len(given.values) if isinstance(given, ListValueNode) else 1


def _given(node: FieldNode, name: str) -> ValueNode | None:
    return next((one.value for one in node.arguments or () if one.name.value == name), None)


def _declared(field: GraphQLField | GraphQLInputField, kind: type) -> Any:
    definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    return next((one for one in definition.directives if isinstance(one, kind)), None)


def _parts(weight: str) -> int:
    return int(Decimal(weight) * _PARTS)
