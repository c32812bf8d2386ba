"""How refusals of the hub look in GraphQL: as members of a mutation's union, or as errors at the
top with the same code in their extensions. Each `HubError` is in one of the two tables below.
"""

from typing import Any, Final, Self

import strawberry
from strawberry import ID

from hub.domain import errors
from schema.enums import ReservationState
from schema.scalars import Quantity


@strawberry.interface(
    description="Why the hub refused: a stable code to act on, and a sentence for developers."
)
class HubError:
    """Why the hub refused."""

    code: str = strawberry.field(description="The stable code; it never changes its meaning.")
    message: str = strawberry.field(description="What is wrong, in English, for developers.")

    @classmethod
    def of(cls, error: errors.HubError) -> Self:
        """The refusal as this type tells it."""
        return cls(code=error.code, message=error.message, **cls.told(error.data))

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The type's own fields from the error's data."""
        return data


@strawberry.type(description="A line that falls short.")
class InsufficientLine:
    """A line that falls short."""

    sku: ID = strawberry.field(description="The item.")
    requested: Quantity = strawberry.field(description="Units that were asked for in all lines.")
    available: Quantity = strawberry.field(description="Units that can be had now.")


@strawberry.type(description="There is less than was asked for. Nothing was reserved, of no line.")
class InsufficientStock(HubError):
    """There is less than was asked for."""

    lines: list[InsufficientLine] = strawberry.field(
        description="Each item that falls short, and how many are left of it."
    )

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The lines, as a type of their own."""
        return {"lines": [InsufficientLine(**line) for line in data["lines"]]}


@strawberry.type(description="No item has this sku. Skus are case-sensitive.")
class UnknownSku(HubError):
    """No item has this sku."""

    skus: list[ID] = strawberry.field(description="The skus that no item has.")


@strawberry.type(description="No location has this id.")
class UnknownLocation(HubError):
    """No location has this id."""

    location: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="No channel has this id.")
class UnknownChannel(HubError):
    """No channel has this id."""

    channel: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="An input field has a value that cannot be taken.")
class InvalidInput(HubError):
    """An input field has a value that cannot be taken."""

    field: str = strawberry.field(description="The field; `message` says what would be right.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The field; the problem is in the message."""
        return {"field": data["field"]}


@strawberry.type(description="The idempotency key was used before with another input.")
class IdempotencyMismatch(HubError):
    """The idempotency key was used before with another input."""

    key: str = strawberry.field(description="The key.")


@strawberry.type(description="No reservation has this id.")
class ReservationNotFound(HubError):
    """No reservation has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="The reservation has gone on or ended, so this can no longer be done.")
class ReservationEnded(HubError):
    """The reservation has gone on or ended."""

    id: ID = strawberry.field(description="The reservation.")
    state: ReservationState = strawberry.field(description="Where it is in its life.")
    ended_reason: str | None = strawberry.field(description="Why it ended, if it did.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """State and reason; what was tried is in the message."""
        return {"id": data["id"], "state": data["state"], "ended_reason": data.get("reason")}


@strawberry.type(description="The position has moved on since it was read.")
class VersionConflict(HubError):
    """The position has moved on since it was read."""

    expected: int = strawberry.field(description="The version that was given as `ifVersion`.")
    actual: int = strawberry.field(description="The version the position is at.")


TYPED_ERRORS: Final[dict[type[errors.HubError], type[HubError]]] = {
    errors.InsufficientStock: InsufficientStock,
    errors.UnknownSku: UnknownSku,
    errors.UnknownLocation: UnknownLocation,
    errors.UnknownChannel: UnknownChannel,
    errors.InvalidInput: InvalidInput,
    errors.IdempotencyMismatch: IdempotencyMismatch,
    errors.ReservationNotFound: ReservationNotFound,
    errors.ReservationEnded: ReservationEnded,
    errors.VersionConflict: VersionConflict,
}
"""Refusals that are an answer: where a field's union has the type, it is returned as data."""

TOP_LEVEL_ERRORS: Final[dict[type[errors.HubError], tuple[str, ...]]] = {
    errors.InvalidInput: ("field", "problem"),
    errors.UnknownSku: ("skus",),
    errors.UnknownLocation: ("location",),
    errors.UnknownChannel: ("channel",),
    errors.UnknownOrder: ("order",),
    errors.OrderLineMismatch: ("order", "sku"),
    errors.EventMismatch: ("source", "event_id"),
    errors.Unauthenticated: (),
    errors.Forbidden: ("scope",),
    errors.LimitExceeded: ("what", "limit", "actual"),
    errors.Unavailable: (),
}
"""Refusals as errors at the top, with the data that goes into their extensions."""
