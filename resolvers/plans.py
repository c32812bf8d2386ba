"""What is the same each time an operation of a document runs, worked out once.

A document without directives selects the same whatever its variables are, so what it selects, and
how the values there are completed, is kept with it. The rest stays graphql-core's.
"""

from functools import cached_property
from inspect import isawaitable
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableValues,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.pyutils import Path
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.graphql import OperationType as Kind

from resolvers.compiled_answers import Complete, Place
from resolvers.compiled_inputs import Variables
from resolvers.cost import OperationCost
from resolvers.kept_answers import KeptAnswers
from resolvers.shared_events import SharedEvents
from resolvers.sharing import seconds_to_share

_NO_VARIABLES: Final = VariableValues({}, {})


class Plan:
    """One operation of a valid document."""

    def __init__(
        self,
        graphql_schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
    ) -> None:
        self.graphql_schema = graphql_schema
        self.document = document
        self.operation = operation
        self.kind = Kind(operation.operation.value)
        self.variables = Variables(graphql_schema, operation)
        self.cost = OperationCost(graphql_schema, document, operation)
        self.definitions = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self.fragments = {
            name: FragmentDetails(node, None) for name, node in self.definitions.items()
        }
        self.is_static = not operation.directives and not any(
            _has_directives(node.selection_set) for node in (operation, *self.definitions.values())
        )
        self.root_type = cast(
            "GraphQLObjectType", graphql_schema.get_root_type(operation.operation)
        )
        self.root_fields = (
            collect_fields(
                graphql_schema, self.fragments, _NO_VARIABLES, self.root_type, operation
            ).grouped_field_set
            if self.is_static
            else {}
        )
        self._collected: dict[tuple[str, int], CollectedFields] = {}
        """What is selected at a place of the document. Places are identities of lists, all of
        which are kept alive here and in `root_fields`."""
        self._places: dict[tuple[int, int], Place] = {}
        """By place, and identity of the type."""
        self.kept_answers = KeptAnswers.of(self) if self.is_static else None
        self.shared_events = SharedEvents.of(self) if self.is_static else None

    def collected(
        self, return_type: GraphQLObjectType, details: FieldDetailsList
    ) -> CollectedFields:
        """What is selected of an object at one place of a static document."""
        place = (return_type.name, id(details))
        found = self._collected.get(place)
        if found is None:
            found = self._collected[place] = collect_subfields(
                self.graphql_schema,
                self.fragments,
                _NO_VARIABLES,
                self.operation,
                return_type,
                details,
            )
        return found

    def completion(
        self, type_: GraphQLOutputType, details: FieldDetailsList, variables: VariableValues
    ) -> Complete | None:
        """What completes a value of a type at one place of a static document, if it is plain."""
        key = (id(details), id(type_))
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = Place(self.graphql_schema, self._selected)
        return place.complete(type_, details, variables)

    def _selected(
        self, return_type: GraphQLObjectType, details: FieldDetailsList
    ) -> dict[str, FieldDetailsList]:
        return self.collected(return_type, details).grouped_field_set

    @cached_property
    def seconds_to_share(self) -> int:
        """For how long everybody may keep the answer, unless the variables name somebody."""
        return seconds_to_share(self.graphql_schema, self.document)


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation, and takes from its plan what needs not be done again."""

    def __init__(
        self,
        plan: Plan,
        root_value: Any,
        context_value: Any,
        variables: VariableValues,
        hide_suggestions: bool,
        operation_extensions: dict[str, Any] | None,
    ) -> None:
        super().__init__(
            plan.graphql_schema,
            plan.definitions,
            plan.fragments,
            root_value,
            context_value,
            plan.operation,
            variables,
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=optimized_is_awaitable,
            hide_suggestions=hide_suggestions,
            operation_extensions=operation_extensions,
        )
        self._plan = plan

    async def run(self) -> ExecutionResult:
        """The result of a query or mutation; to be called once."""
        try:
            return await self._result()
        finally:
            if not self.background_futures:
                # They lead back to the executor: what a request made would wait for the cycle
                # collector.
                del self.async_helpers

    async def _result(self) -> ExecutionResult:
        plan = self._plan
        if not plan.is_static:
            running = self.execute_operation()
            return cast("ExecutionResult", await running if isawaitable(running) else running)
        serially = plan.operation.operation is OperationType.MUTATION
        try:
            answer = self.execute_root_grouped_field_set(
                plan.root_type, self.root_value, plan.root_fields, serially, None
            )
            data = await answer if isawaitable(answer) else answer
        except GraphQLError as error:
            self.collected_errors.add(error, None)
            data = None
        return ExecutionResult(data, self.collected_errors.errors or None)

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        """What is selected of an object at one place of the document."""
        if not self._plan.is_static:
            return super().collect_subfields(return_type, field_details_list)
        return self._plan.collected(return_type, field_details_list)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The part of the answer that a value becomes."""
        plan = self._plan
        if plan.is_static and (
            complete := plan.completion(return_type, field_details_list, self.variable_values)
        ):
            try:
                return complete(result)
            except Exception:  # noqa: BLE001, S110 - what is wrong, and where, is found below
                pass
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )


def _has_directives(selected: SelectionSetNode) -> bool:
    return any(
        node.directives
        or ((below := getattr(node, "selection_set", None)) and _has_directives(below))
        for node in selected.selections
    )
