"""How an operation is run: prepared once, executed by graphql-core, its errors made presentable.

Strawberry builds the schema from types; its own way of running one goes through a chain of
extensions for each request, which costs more than a small query. `execute` and `stream` are the
entry points of all its transports, so running operations differently here serves them all.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from copy import copy
from inspect import isawaitable
from typing import Any, Final, cast

import orjson
import strawberry
from graphql import ExecutionResult as CoreResult
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableValues,
    get_operation_ast,
    subscribe,
)
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from hub.domain.errors import HubError, LimitExceeded, OperationTimedOut
from hub.services.broadcast import Wanted
from resolvers.calling import call_directly, make_inputs
from resolvers.documents import Documents
from resolvers.finishing import (
    describe_directive_arguments,
    drop_null_defaults,
    read_directly,
)
from resolvers.known_documents import KnownDocuments, NamedDocument
from resolvers.limits import DocumentLimits
from resolvers.plans import Plan, PlannedExecutor
from resolvers.refusals import ReturnedAsData, error_of, presentable
from resolvers.shared_events import AskedLately
from resolvers.sharing import names_somebody
from schema.context import Context

Results = AsyncGenerator[ExecutionResult, None]

_NEEDS_A_STREAM: Final = (
    "A subscription needs a stream: a WebSocket, or a request with Accept: text/event-stream."
)


class HubSchema(strawberry.Schema):
    """The API, and how its operations are run."""

    def __init__(
        self,
        limits: DocumentLimits,
        development: bool,
        known: KnownDocuments | None = None,
        *,
        exception_handlers: Iterable[ReturnedAsData],
        **parts: Any,
    ) -> None:
        # Strawberry is not told of the handlers: to look for them in every field takes it longer
        # than all else, and resolvers are called without it.
        super().__init__(**parts)
        drop_null_defaults(self._schema)
        describe_directive_arguments(self._schema)
        read_directly(self._schema)
        make_inputs(self._schema)
        call_directly(self._schema, exception_handlers)
        self._run_under(limits, development, known)

    def under(
        self, limits: DocumentLimits, development: bool, known: KnownDocuments | None
    ) -> "HubSchema":
        """The same API under other limits. The types are shared, and nothing else."""
        other = copy(self)
        HubSchema._run_under(other, limits, development, known)
        return other

    def _run_under(
        self, limits: DocumentLimits, development: bool, known: KnownDocuments | None
    ) -> None:
        self._limits = limits
        self._known = known or KnownDocuments()
        self._documents = Documents(self._schema, limits, development, self._known.texts)
        self._hide_suggestions = not development
        self._asked = AskedLately()

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
        """The result of a query or mutation. `query` is a document, or a `NamedDocument`.

        Raises what Strawberry's transports expect: `MissingQueryError`,
        `CannotGetOperationTypeError`, `InvalidOperationTypeError`.
        """
        try:
            plan = self._plan_of(query, operation_name, allowed_operation_types)
        except HubError as refusal:
            return PreExecutionError(None, [error_of(refusal)])
        if not isinstance(plan, Plan):
            return PreExecutionError(data=None, errors=plan)
        if plan.kind is OperationType.SUBSCRIPTION:
            return PreExecutionError(data=None, errors=[GraphQLError(_NEEDS_A_STREAM)])
        variables = plan.variables.values(variable_values or {}, self._hide_suggestions)
        if isinstance(variables, list):
            return ExecutionResult(None, presentable(variables))
        try:
            extensions = self._priced(plan, variables)
        except LimitExceeded as refusal:
            return PreExecutionError(None, [error_of(refusal)])
        executor = PlannedExecutor(
            plan,
            root_value,
            context_value,
            variables,
            self._hide_suggestions,
            operation_extensions,
        )
        try:
            async with asyncio.timeout(self._limits.seconds):
                return _result_of(await executor.run(), extensions)
        except TimeoutError:
            return ExecutionResult(None, self._timed_out(plan), extensions)

    async def answer_kept(
        self,
        query: str,
        variable_values: dict[str, Any] | None,
        context: Context,
        operation_name: str | None,
    ) -> bytes | None:
        """The encoded answer to a query, where what is kept with each item is all that it takes;
        None, and nothing was executed, where `execute` has to tell it."""
        try:
            plan = self._plan_of(query, operation_name, None)
        except HubError:
            return None
        if not isinstance(plan, Plan) or plan.kept_answers is None:
            return None
        variables = plan.variables.values(variable_values or {}, self._hide_suggestions)
        if isinstance(variables, list):
            return None
        points, limit = plan.cost.points(variables.coerced), self._limits.points
        if points > limit:
            return None
        extensions = b',"extensions":{"cost":{"points":%d,"limit":%d}}}' % (points, limit)
        try:
            data = await plan.kept_answers.answer(context, variables, self._limits.seconds)
        except TimeoutError:
            told = orjson.dumps([error.formatted for error in self._timed_out(plan)])
            return b'{"data":null,"errors":' + told + extensions
        return None if data is None else b'{"data":' + data + extensions

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

    def shared_events(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None,
        context: Context,
        operation_name: str | None,
    ) -> Wanted | None:
        """What a subscription asks to be told, if all who ask that are told the same; None where
        `stream` has to tell it, be it a refusal."""
        try:
            plan = self._plan_of(query, operation_name, None)
            if not isinstance(plan, Plan) or plan.shared_events is None:
                return None
            given = variable_values or {}
            key = self._asked.key(plan.shared_events, given, context)
            wanted = self._asked.wanted(key)
            if wanted is not None:
                return wanted
            variables = plan.variables.values(given, self._hide_suggestions)
            if isinstance(variables, list):
                return None
            extensions = self._priced(plan, variables)
        except (HubError, MissingQueryError, CannotGetOperationTypeError):
            return None
        wanted = plan.shared_events.asked(context, variables, extensions)
        if wanted is not None:
            self._asked.keep(key, wanted)
        return wanted

    def is_subscription(self, query: str | None, operation_name: str | None) -> bool:
        """Whether an operation is a subscription that may be executed."""
        try:
            plan = self._plan_of(query, operation_name, allowed=None)
        except (HubError, MissingQueryError, CannotGetOperationTypeError):
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
                variables = plan.variables.values(variable_values or {}, self._hide_suggestions)
                # What is wrong with them is told where they are made again.
                extensions = {} if isinstance(variables, list) else self._priced(plan, variables)
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
                        yield _result_of(event, extensions)
                        # What loaders remember of this event is stale for the next.
                        context.renew()
        except Exception as failure:  # noqa: BLE001 - the subscriber is told, masked if need be
            told = presentable([_error_of(failure)])
            # Before the first event it is the operation that failed, after it an event.
            yield (ExecutionResult if started else PreExecutionError)(None, told)

    def seconds_to_share(
        self, query: str, operation_name: str | None, variables: dict[str, Any] | None
    ) -> int:
        """For how long everybody may keep the answer to an operation that was executed; 0 if
        nobody may."""
        plan = self._plan_of(query, operation_name, allowed=None)
        assert isinstance(plan, Plan)
        return 0 if names_somebody(variables) else plan.seconds_to_share

    def _priced(self, plan: Plan, variables: VariableValues) -> dict[str, Any]:
        """What the answer tells of the operation's cost; raises `LimitExceeded`."""
        points, limit = plan.cost.points(variables.coerced), self._limits.points
        if points > limit:
            raise LimitExceeded(
                what="The cost of an operation in points", limit=limit, actual=points
            )
        return {"cost": {"points": points, "limit": limit}}

    def _timed_out(self, plan: Plan) -> list[GraphQLError]:
        refusal = OperationTimedOut(
            what="The time of an operation in seconds", limit=self._limits.seconds, actual="more"
        )
        # At its fields, because what is at none was not executed at all.
        names = dict.fromkeys(_names_in(plan, plan.operation.selection_set))
        return [error_of(refusal, GraphQLError("", path=[name])) for name in names]

    def _plan_of(
        self,
        query: str | None,
        operation_name: str | None,
        allowed: Iterable[OperationType] | None,
    ) -> Plan | list[GraphQLError]:
        """The plan of the operation that is meant, or why it can not be executed."""
        if not query:
            raise MissingQueryError
        if isinstance(query, NamedDocument):
            query = self._known.text_of(query)
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


def _names_in(plan: Plan, selection: SelectionSetNode) -> Iterator[str]:
    """The names in the answer of the fields that are selected, wherever they are written."""
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield (node.alias or node.name).value
        elif isinstance(node, FragmentSpreadNode):
            yield from _names_in(plan, plan.definitions[node.name.value].selection_set)
        else:
            assert isinstance(node, InlineFragmentNode)
            yield from _names_in(plan, node.selection_set)


def _result_of(result: CoreResult, extensions: dict[str, Any]) -> ExecutionResult:
    errors = presentable(result.errors) if result.errors else None
    return ExecutionResult(result.data, errors, extensions)


def _error_of(failure: Exception) -> GraphQLError:
    if isinstance(failure, GraphQLError):
        return failure
    if isinstance(failure, CannotGetOperationTypeError):
        return GraphQLError(failure.as_http_error_reason(), original_error=failure)
    if isinstance(failure, InvalidOperationTypeError):
        kind = failure.operation_type.value
        return GraphQLError(f"A {kind} is not possible here.", original_error=failure)
    return GraphQLError(str(failure), original_error=failure)
