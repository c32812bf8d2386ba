"""Documents are parsed, measured and validated once, not with every request."""

import re
from collections.abc import Container
from typing import Final, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.specified_rules import recommended_rules

from hub.domain.errors import HubError, LimitExceeded, UntrustedDocument
from resolvers.limits import DocumentLimits, check_size
from resolvers.plans import Plan
from resolvers.refusals import error_of

MAX_REMEMBERED: Final = 200
"""More than the documents of several front ends; a bound, because anyone may send new ones."""

MAX_ERRORS: Final = 10

_CAUSE: Final = re.compile(r", but encountered error '.*'(?=; found)", re.DOTALL)


class Prepared(NamedTuple):
    """A document that may be executed, or what is wrong with it."""

    document: DocumentNode | None
    errors: list[GraphQLError]
    plans: dict[str | None, Plan]
    """By the name of the operation as it was asked for, once it was."""


class Documents:
    """The documents that were sent last, ready to execute. Where trusted ones are given, no others
    ever are."""

    def __init__(
        self,
        graphql_schema: GraphQLSchema,
        limits: DocumentLimits,
        development: bool,
        trusted: Container[str] | None = None,
    ) -> None:
        self._schema = graphql_schema
        self._limits = limits
        self._development = development
        self._trusted = trusted
        self._rules = [
            *specified_rules,
            *recommended_rules,
            *(() if development else (NoSchemaIntrospectionCustomRule,)),
        ]
        self._remembered: dict[str, Prepared] = {}

    def prepare(self, text: str) -> Prepared:
        """The document of a text. Only those that may be executed are remembered."""
        prepared = self._remembered.pop(text, None) or self._prepared(text)
        if not prepared.errors:
            # Taken out and put in again, so that the first in the dict is the longest unused.
            self._remembered[text] = prepared
            if len(self._remembered) > MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return prepared

    def _prepared(self, text: str) -> Prepared:
        try:
            document = self._parsed(text)
            # Measured first: validation compares fields with each other, so its time grows with
            # the square of what it is given.
            check_size(document, self._limits)
        except HubError as refusal:
            return Prepared(None, [error_of(refusal)], {})
        except GraphQLSyntaxError as error:
            # A plain error: Strawberry closes a whole WebSocket for a syntax error of one
            # subscription.
            return Prepared(
                None,
                [GraphQLError(error.message, source=error.source, positions=error.positions)],
                {},
            )
        except GraphQLError as error:
            return Prepared(None, [error], {})
        errors = validate(
            self._schema,
            document,
            self._rules,
            max_errors=MAX_ERRORS,
            hide_suggestions=not self._development,
        )
        return Prepared(document, [_without_cause(error) for error in errors], {})

    def _parsed(self, text: str) -> DocumentNode:
        if self._trusted is not None and text not in self._trusted:
            raise UntrustedDocument
        most = self._limits.characters
        if len(text) > most:
            raise LimitExceeded(
                what="The number of characters of a document", limit=most, actual=len(text)
            )
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            # The parser has no other word for it.
            if f"more than {self._limits.tokens} tokens" not in error.message:
                raise
            raise LimitExceeded(
                what="The number of tokens of a document", limit=self._limits.tokens, actual="more"
            ) from None
        except RecursionError:
            raise LimitExceeded(
                what="The depth of an operation", limit=self._limits.depth, actual="far more"
            ) from None


def _without_cause(error: GraphQLError) -> GraphQLError:
    """What is wrong with a value, without what Python says of it."""
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return error
    message = _CAUSE.sub("", error.message)
    return GraphQLError(message, error.nodes)
