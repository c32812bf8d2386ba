"""How an operation is run: prepared once, executed by graphql-core, its errors made presentable.

Strawberry builds the schema from types; its own way of running one goes through a chain of
extensions for each request, which costs more than a small query. `execute` and `stream` are the
entry points of all its transports, so running operations differently here serves them all.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, Final, cast

import strawberry
from graphql import ExecutionResult as CoreResult
from graphql import GraphQLError, GraphQLNamedType, get_operation_ast, subscribe
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from resolvers.calling import call_directly, make_inputs
from resolvers.documents import Documents
from resolvers.finishing import drop_null_defaults, read_directly
from resolvers.limits import DocumentLimits
from resolvers.plans import Plan, PlannedExecutor
from resolvers.refusals import presentable
from schema.context import Context

Results = AsyncGenerator[ExecutionResult, None]

_NEEDS_A_STREAM: Final = (
    "A subscription needs a stream: a WebSocket, or a request with Accept: text/event-stream."
)


class HubSchema(strawberry.Schema):
    """The API, and how its operations are run."""

    def __init__(self, limits: DocumentLimits, development: bool, **parts: Any) -> None:
        super().__init__(**parts)
        drop_null_defaults(self._schema)
        read_directly(self._schema)
        make_inputs(self._schema)
        call_directly(self._schema, parts["exception_handlers"])
        self._documents = Documents(self._schema, limits, development)
        self._hide_suggestions = not development

    @property
    def types(self) -> Mapping[str, GraphQLNamedType]:
        """The types of the API by name, as graphql-core has them."""
        return self._schema.type_map

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The result of a query or mutation.

        Raises what Strawberry's transports expect: `MissingQueryError`,
        `CannotGetOperationTypeError`, `InvalidOperationTypeError`.
        """
        plan = self._plan_of(query, operation_name, allowed_operation_types)
        if not isinstance(plan, Plan):
            return PreExecutionError(data=None, errors=plan)
        if plan.kind is OperationType.SUBSCRIPTION:
            return PreExecutionError(data=None, errors=[GraphQLError(_NEEDS_A_STREAM)])
        variables = plan.variables.values(variable_values or {}, self._hide_suggestions)
        if isinstance(variables, list):
            return ExecutionResult(None, presentable(variables))
        executor = PlannedExecutor(
            plan,
            root_value,
            context_value,
            variables,
            self._hide_suggestions,
            operation_extensions,
        )
        return _result_of(await executor.run())

    async def answer_kept(
        self,
        query: str,
        variable_values: dict[str, Any] | None,
        context: Context,
        operation_name: str | None,
    ) -> bytes | None:
        """The encoded answer to a query, where what is kept with each item is all that it takes;
        None, and nothing was executed, where `execute` has to tell it."""
        plan = self._plan_of(query, operation_name, None)
        if not isinstance(plan, Plan) or plan.kept_answers is None:
            return None
        variables = plan.variables.values(variable_values or {}, self._hide_suggestions)
        if isinstance(variables, list):
            return None
        data = await plan.kept_answers.answer(context, variables)
        return None if data is None else b'{"data":' + data + b"}"

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> Results:
        """The results of an operation of any kind: many of a subscription, else one."""
        return self._results(
            query,
            variable_values,
            # A WebSocket has one context for all its operations.
            cast("Context", context_value).fork(),
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )

    def is_subscription(self, query: str | None, operation_name: str | None) -> bool:
        """Whether an operation is a subscription that may be executed."""
        try:
            plan = self._plan_of(query, operation_name, allowed=None)
        except (MissingQueryError, CannotGetOperationTypeError):
            return False
        return isinstance(plan, Plan) and plan.kind is OperationType.SUBSCRIPTION

    async def _results(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None,
        context: Context,
        root_value: Any | None,
        operation_name: str | None,
        allowed: Iterable[OperationType] | None,
        operation_extensions: dict[str, Any] | None,
    ) -> Results:
        started = False
        try:
            plan = self._plan_of(query, operation_name, allowed)
            if not isinstance(plan, Plan):
                yield PreExecutionError(data=None, errors=plan)
            elif plan.kind is not OperationType.SUBSCRIPTION:
                yield await self.execute(
                    query, variable_values, context, root_value, operation_name
                )
            else:
                opening = subscribe(
                    self._schema,
                    plan.document,
                    root_value,
                    context,
                    variable_values,
                    operation_name,
                    executor_class=self.execution_context_class,
                    hide_suggestions=self._hide_suggestions,
                    operation_extensions=operation_extensions,
                )
                source = await opening if isawaitable(opening) else opening
                if isinstance(source, CoreResult):
                    yield PreExecutionError(None, presentable(source.errors or ()))
                    return
                async with aclosing(cast("AsyncGenerator[CoreResult, None]", source)) as events:
                    async for event in events:
                        started = True
                        yield _result_of(event)
                        # What loaders remember of this event is stale for the next.
                        context.renew()
        except Exception as failure:  # noqa: BLE001 - the subscriber is told, masked if need be
            told = presentable([_error_of(failure)])
            # Before the first event it is the operation that failed, after it an event.
            yield (ExecutionResult if started else PreExecutionError)(None, told)

    def _plan_of(
        self,
        query: str | None,
        operation_name: str | None,
        allowed: Iterable[OperationType] | None,
    ) -> Plan | list[GraphQLError]:
        """The plan of the operation that is meant, or why it can not be executed."""
        if not query:
            raise MissingQueryError
        prepared = self._documents.prepare(query)
        plan = prepared.plans.get(operation_name)
        if plan is None:
            if prepared.document is None:
                return prepared.errors
            operation = get_operation_ast(prepared.document, operation_name)
            if operation is None:
                if prepared.errors:
                    return prepared.errors
                if operation_name is None:
                    return [GraphQLError("The document has several operations: name one of them.")]
                raise CannotGetOperationTypeError(operation_name)
            kind = OperationType(operation.operation.value)
            if allowed is not None and kind not in allowed:
                raise InvalidOperationTypeError(kind)
            if prepared.errors:
                return prepared.errors
            plan = Plan(self._schema, prepared.document, operation)
            prepared.plans[operation_name] = plan
        elif allowed is not None and plan.kind not in allowed:
            raise InvalidOperationTypeError(plan.kind)
        return plan


def _result_of(result: CoreResult) -> ExecutionResult:
    return ExecutionResult(result.data, presentable(result.errors) if result.errors else None)


def _error_of(failure: Exception) -> GraphQLError:
    if isinstance(failure, GraphQLError):
        return failure
    if isinstance(failure, CannotGetOperationTypeError):
        return GraphQLError(failure.as_http_error_reason(), original_error=failure)
    if isinstance(failure, InvalidOperationTypeError):
        kind = failure.operation_type.value
        return GraphQLError(f"A {kind} is not possible here.", original_error=failure)
    return GraphQLError(str(failure), original_error=failure)
