"""Queries of nothing but availability, answered as bytes that are kept with each item.

What an item's answer looks like under a selection changes only with the item and the rules, so it
is put together and encoded once, and then joined to those of its neighbours. Whatever is not as
plain as that is left to the ordinary way, which answers the same.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple, Protocol, cast

import orjson
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableValues,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetailsList

from hub.domain.availability import Availability
from hub.services.cached_item import Encode, Form
from resolvers.compiled_answers import MAX_VALUES, Complete
from resolvers.compiled_inputs import Arguments
from resolvers.inputs import asked_quantity, check_number, skus_from
from schema.context import Context
from schema.enums import Consistency
from schema.scope import scope_of

FIELD: Final = "availability"


class OfPlan(Protocol):
    """What is asked of the plan of an operation."""

    graphql_schema: GraphQLSchema
    operation: OperationDefinitionNode
    root_type: GraphQLObjectType
    root_fields: dict[str, FieldDetailsList]

    def completion(
        self, type_: GraphQLOutputType, details: FieldDetailsList, variables: VariableValues
    ) -> Complete | None:
        """What completes a value of a type at one place of the document, if it is plain."""


class _Asked(NamedTuple):
    """One field of the query."""

    start: bytes
    """What stands before its value."""
    arguments: Arguments
    details: FieldDetailsList


class KeptAnswers:
    """The way of one query."""

    def __init__(self, plan: OfPlan, field: GraphQLField, asked: list[_Asked]) -> None:
        self._plan = plan
        self._type = cast("GraphQLObjectType", get_named_type(field.type))
        self._asked = asked
        self._encoders: dict[Complete, Encode] = {}

    @classmethod
    def of(cls, plan: OfPlan) -> "KeptAnswers | None":
        """The way of a query without directives, if this one has such a way."""
        if plan.operation.operation is not OperationType.QUERY:
            return None
        asked = []
        field = plan.root_type.fields[FIELD]
        for name, details in plan.root_fields.items():
            node = details[0].node
            if node.name.value != FIELD:
                return None
            asked.append(_Asked(orjson.dumps(name) + b":[", Arguments(field, node), details))
        return cls(plan, field, asked) if asked else None

    async def answer(
        self, context: Context, variables: VariableValues, max_seconds: float
    ) -> bytes | None:
        """The data of the answer; None where the ordinary way has to tell it. Raises
        `TimeoutError`."""
        try:
            wanted = []
            for asked in self._asked:
                one = self._wanted(asked, context, variables)
                if one is None:
                    return None
                wanted.append(one)
            lookup = context.services.lookup
            told = [lookup.sent_at_once(skus, form) for skus, form in wanted]
            if None in told:
                async with asyncio.timeout(max_seconds):
                    # Together, so that they share what has to be read.
                    told = await asyncio.gather(
                        *(lookup.sent(skus_from(context, skus), form) for skus, form in wanted)
                    )
            return _joined(self._asked, told)
        except TimeoutError:
            raise
        except Exception:  # noqa: BLE001 - the ordinary way says what is wrong
            return None

    def _wanted(
        self, asked: _Asked, context: Context, variables: VariableValues
    ) -> tuple[list[str], Form] | None:
        complete = self._plan.completion(self._type, asked.details, variables)
        if complete is None:
            return None
        given = asked.arguments.values(variables)
        if given.get("consistency") is Consistency.STRONG:
            return None
        skus: list[str] = given["skus"]
        scope = scope_of(given.get("scope"), context)
        if scope is not None and scope.holder is not None:
            # What is told to a holder is for him alone.
            return None
        quantity = asked_quantity(given["quantity"])
        check_number(context, skus)
        encode = self._encoder(complete)
        return skus, context.services.lookup.form(context.principal, scope, quantity, encode)

    def _encoder(self, complete: Complete) -> Encode:
        """The same for the same completion: what is kept is found by it."""
        encoder = self._encoders.get(complete)
        if encoder is None:
            if len(self._encoders) >= MAX_VALUES:
                self._encoders.clear()
            encoder = self._encoders[complete] = partial(_encoded, complete)
        return encoder


def _joined(asked: list[_Asked], told: Iterable[list[bytes] | None]) -> bytes | None:
    parts = []
    for one, items in zip(asked, told, strict=True):
        if items is None:
            return None
        parts.append(one.start + b",".join(items) + b"]")
    return b"{" + b",".join(parts) + b"}"


def _encoded(complete: Complete, availability: Availability) -> bytes | None:
    try:
        return orjson.dumps(complete(availability))
    except Exception:  # noqa: BLE001 - the ordinary way says what is wrong
        return None
