"""Subscriptions that all who ask the same are told the same: executed once for each change.

What is told depends on the items, the rules and the audience alone where all that is selected is
read off the values; whatever is not as plain as that is left to the ordinary way, for each
subscriber by himself.
"""

from typing import Any, Final, TypeAlias

import orjson
from graphql import GraphQLError, GraphQLField, OperationType, VariableValues

from hub.domain.errors import HubError
from hub.services.broadcast import Put, Wanted
from hub.services.watch import AvailabilityEvent
from resolvers.compiled_answers import MAX_VALUES, Complete
from resolvers.compiled_inputs import Arguments
from resolvers.inputs import skus_from
from resolvers.kept_answers import OfPlan
from schema.context import Context
from schema.scope import scope_of

_Asked: TypeAlias = "tuple[SharedEvents, bytes, str | None]"

FIELD: Final = "availability"
_MAX_KEPT: Final = 1_000
_MAX_KEPT_CHARACTERS: Final = 4_096


class AskedLately:
    """What was asked, by the text of its variables: one page is open in many places, and to read
    them takes as long as to send what is wanted."""

    def __init__(self) -> None:
        self._kept: dict[_Asked, Wanted] = {}

    def key(
        self, events: "SharedEvents", variables: dict[str, Any], context: Context
    ) -> "_Asked | None":
        """What is asked, as it came; None where that is nested too deep to be put as a text. Where
        no channel is named, the default one is meant."""
        default = context.services.catalogue.default_channel()
        try:
            return events, orjson.dumps(variables), default
        except orjson.JSONEncodeError:
            return None

    def wanted(self, key: "_Asked | None") -> Wanted | None:
        """What it comes to, if that is known."""
        return None if key is None else self._kept.get(key)

    def keep(self, key: "_Asked | None", wanted: Wanted) -> None:
        """Know it from here on."""
        if key is None or len(key[1]) > _MAX_KEPT_CHARACTERS:
            return
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[key] = wanted


class SharedEvents:
    """The events of one subscription, without directives."""

    def __init__(self, plan: OfPlan, field: GraphQLField) -> None:
        ((self._name, self._details),) = plan.root_fields.items()
        self._plan = plan
        self._type = field.type
        self._arguments = Arguments(field, self._details[0].node)
        self._puts: dict[tuple[Complete, bytes], Put] = {}

    @classmethod
    def of(cls, plan: OfPlan) -> "SharedEvents | None":
        """The events of a subscription, if these can be shared at all."""
        if plan.operation.operation is not OperationType.SUBSCRIPTION:
            return None
        ((_, details),) = plan.root_fields.items()
        if details[0].node.name.value != FIELD:
            return None
        return cls(plan, plan.root_type.fields[FIELD])

    def asked(
        self, context: Context, variables: VariableValues, extensions: dict[str, Any]
    ) -> Wanted | None:
        """What is asked with these variables; None where the ordinary way has to tell it."""
        complete = self._plan.completion(self._type, self._details, variables)
        if complete is None:
            return None
        try:
            given = self._arguments.values(variables)
            skus = tuple(dict.fromkeys(skus_from(context, given["skus"])))
            scope = scope_of(given.get("scope"), context)
        except (HubError, GraphQLError):
            return None
        end = b',"extensions":' + orjson.dumps(extensions) + b"}"
        return Wanted(skus, scope, given.get("after"), self._put(complete, end))

    def _put(self, complete: Complete, end: bytes) -> Put:
        put = self._puts.get((complete, end))
        if put is None:
            if len(self._puts) >= MAX_VALUES:
                self._puts.clear()
            start = b'{"data":{' + orjson.dumps(self._name) + b":"

            def put(event: AvailabilityEvent) -> bytes:
                return start + orjson.dumps(complete(event)) + b"}" + end

            self._puts[complete, end] = put
        return put
