"""How errors leave: those of the hub with code and data, all others masked.

Refusals that are an answer become members of the result union of a mutation; the rest become
errors at the top. Both tables are in `schema.errors`.
"""

import secrets
from collections.abc import Iterable

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.utils.str_converters import to_camel_case

from hub.domain import errors
from schema.errors import TOP_LEVEL_ERRORS, TYPED_ERRORS, HubError

log = structlog.get_logger()

INTERNAL = "INTERNAL"


class ReturnedAsData:
    """Turns one class of refusals into its type, in the fields whose union has that type."""

    def __init__(self, refusal: type[errors.HubError], told_as: type[HubError]) -> None:
        self.exception_type = refusal
        self.error_type = told_as

    def handle(self, exception: errors.HubError, *, field: object, info: object) -> HubError:
        """The refusal as data."""
        return self.error_type.of(exception)


def returned_as_data() -> list[ReturnedAsData]:
    """A handler for each refusal that is an answer."""
    return [ReturnedAsData(refusal, told_as) for refusal, told_as in TYPED_ERRORS.items()]


def as_data(refusal: errors.HubError) -> HubError:
    """A refusal that is one answer among several. Raises it where it is not an answer."""
    told_as = TYPED_ERRORS.get(type(refusal))
    if told_as is None:
        raise refusal
    return told_as.of(refusal)


def error_of(refusal: errors.HubError, at: GraphQLError | None = None) -> GraphQLError:
    """A refusal as an error at the top, at the place in the query where it happened."""
    told = next(
        (TOP_LEVEL_ERRORS[one] for one in type(refusal).mro() if one in TOP_LEVEL_ERRORS), ()
    )
    return GraphQLError(
        refusal.message,
        nodes=at.nodes if at else None,
        path=at.path if at else None,
        extensions={
            "code": refusal.code,
            **{to_camel_case(name): refusal.data[name] for name in told},
        },
    )


def presentable(found: Iterable[GraphQLError]) -> list[GraphQLError]:
    """The errors as clients may see them; what nobody foresaw is logged and masked."""
    return [_presentable(error) for error in found]


def presentable_failure(failure: Exception) -> list[GraphQLError]:
    """The same of what was raised outside of an execution."""
    return presentable([GraphQLError(str(failure), original_error=failure)])


def _presentable(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if original is None:
        return error
    if isinstance(original, errors.HubError):
        return error_of(original, at=error)
    if isinstance(
        original, MissingQueryError | CannotGetOperationTypeError | InvalidOperationTypeError
    ):
        return GraphQLError(error.message)
    reference = secrets.token_hex(6)
    log.error("graphql.internal_error", reference=reference, path=error.path, exc_info=original)
    return masked(reference, error)


def masked(reference: str, at: GraphQLError | None = None) -> GraphQLError:
    """What clients see of an error that nobody foresaw, and that was logged."""
    return GraphQLError(
        f"Internal error. Name the reference {reference} when you report it.",
        nodes=at.nodes if at else None,
        path=at.path if at else None,
        extensions={"code": INTERNAL, "reference": reference},
    )
