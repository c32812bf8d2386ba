"""How refusals of the hub look in GraphQL: as members of a mutation's union, or as errors at the
top with the same code in their extensions. Each `HubError` is in one of the two tables below.
"""

from typing import Any, Final, Self

import strawberry
from strawberry import ID

from hub.domain import errors
from hub.domain.values import quantity_from
from schema.enums import EndReason, ReservationState
from schema.intake_enums import LetterState, SnapshotState
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
    available: Quantity | None = strawberry.field(
        description="Units that can be had now; null for an audience that is told bands."
    )
    band: str | None = strawberry.field(
        default=None,
        description='The same as a band such as "5-9", for an audience that is told bands.',
    )


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


@strawberry.type(description="A request with this idempotency key is under way: ask again soon.")
class IdempotencyInProgress(HubError):
    """A request with this idempotency key is under way."""

    key: str = strawberry.field(description="The key.")


@strawberry.type(description="One may have only so many live holds: release one first.")
class HoldLimitReached(HubError):
    """One may have only so many live holds."""

    what: str = strawberry.field(description="Whose holds were counted: `holder` or `address`.")
    limit: int = strawberry.field(description="As many live holds as one may have.")


@strawberry.type(description="No snapshot has this id.")
class SnapshotNotFound(HubError):
    """No snapshot has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="Only a snapshot in quarantine can be approved or rejected.")
class SnapshotNotQuarantined(HubError):
    """Only a snapshot in quarantine can be approved or rejected."""

    id: ID = strawberry.field(description="The snapshot.")
    state: SnapshotState = strawberry.field(description="How far it has come.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The state as a value of its type."""
        return {**data, "state": SnapshotState(data["state"])}


@strawberry.type(description="No comparison has this id.")
class ReconciliationNotFound(HubError):
    """No comparison has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="No alert has this id.")
class AlertNotFound(HubError):
    """No alert has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="No dead letter has this id.")
class DeadLetterNotFound(HubError):
    """No dead letter has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="The event was put back, applied or discarded in the meantime.")
class DeadLetterSettled(HubError):
    """The event was put back, applied or discarded in the meantime."""

    id: ID = strawberry.field(description="The id that was given.")
    letter_state: LetterState = strawberry.field(description="Where the event stands now.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The state, under a name that is no other error's."""
        return {"id": data["id"], "letter_state": LetterState(data["state"])}


@strawberry.type(description="No notice has this id.")
class NoticeNotFound(HubError):
    """No notice has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="One may wait for only so many notices: cancel one first.")
class NoticeLimitReached(HubError):
    """One may wait for only so many notices."""

    what: str = strawberry.field(description="Whose were counted: `holder` or `address`.")
    limit: int = strawberry.field(description="As many notices as one may wait for.")


@strawberry.type(description="No reservation has this id.")
class ReservationNotFound(HubError):
    """No reservation has this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="You have no webhook with this id.")
class WebhookNotFound(HubError):
    """You have no webhook with this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="None of your webhooks has a delivery with this id.")
class DeliveryNotFound(HubError):
    """None of your webhooks has a delivery with this id."""

    id: ID = strawberry.field(description="The id that was given.")


@strawberry.type(description="The webhook is disabled, so nothing is sent to it.")
class WebhookDisabled(HubError):
    """The webhook is disabled."""

    id: ID = strawberry.field(description="The webhook.")


@strawberry.type(description="The reservation has gone on or ended, so this can no longer be done.")
class ReservationEnded(HubError):
    """The reservation has gone on or ended."""

    id: ID = strawberry.field(description="The reservation.")
    state: ReservationState = strawberry.field(description="Where it is in its life.")
    ended_reason: EndReason | None = strawberry.field(description="Why it ended, if it did.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """State and reason; what was tried is in the message."""
        return {"id": data["id"], "state": data["state"], "ended_reason": data.get("reason")}


@strawberry.type(
    description="The reservation has fewer units than were named. Nothing was changed."
)
class ReservationLineMismatch(HubError):
    """The reservation has fewer units than were named."""

    id: ID = strawberry.field(description="The reservation.")
    sku: ID = strawberry.field(description="The item that there are too few of.")
    asked: Quantity = strawberry.field(description="Units that were named.")
    possible: Quantity = strawberry.field(description="Units that it can be done with.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The quantities as such; what was tried is in the message."""
        asked, possible = quantity_from(data["asked"]), quantity_from(data["possible"])
        return {"id": data["id"], "sku": data["sku"], "asked": asked, "possible": possible}


@strawberry.type(description="No order with this id is known to the ledger.")
class UnknownOrder(HubError):
    """No order with this id is known to the ledger."""

    order: ID = strawberry.field(description="The id that was given.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The order; what was tried is in the message."""
        return {"order": data["order"]}


@strawberry.type(description="Nothing is expected of the item at the location on this document.")
class UnknownSupply(HubError):
    """Nothing is expected on this document."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it was said to arrive.")
    document: ID = strawberry.field(description="The document that was given.")


@strawberry.type(description="A kit has no stock of its own: change that of its components.")
class IsKit(HubError):
    """A kit has no stock of its own."""

    sku: ID = strawberry.field(description="The kit.")
    components: list[ID] = strawberry.field(description="What it is made of.")


@strawberry.type(description="The units on hand are not those that were expected.")
class StockConflict(HubError):
    """The units on hand are not those that were expected."""

    # Named apart from those of `VersionConflict`: both are asked for in one selection, and fields
    # of the same name would have to have the same type.
    expected_on_hand: Quantity = strawberry.field(description="What was given as `ifOnHand`.")
    actual_on_hand: Quantity = strawberry.field(description="Units on hand.")

    @classmethod
    def told(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The quantities as such."""
        return {f"{name}_on_hand": quantity_from(data[name]) for name in ("expected", "actual")}


@strawberry.type(
    description="Another row of the same all-or-nothing request was refused, so this one was not "
    "applied."
)
class NotApplied(HubError):
    """Another row of the same request was refused."""


@strawberry.type(
    description="The database did not answer for this row: nothing is known of it, so try again "
    "with the same idempotency key."
)
class Unavailable(HubError):
    """The database did not answer for this row."""


@strawberry.type(description="The position has moved on since it was read.")
class VersionConflict(HubError):
    """The position has moved on since it was read."""

    expected: int = strawberry.field(description="The version that was given as `ifVersion`.")
    actual: int = strawberry.field(description="The version the position is at.")


@strawberry.type(description="No source has this name.")
class SourceNotFound(HubError):
    """No source has this name."""

    name: ID = strawberry.field(description="The name that was given.")


@strawberry.type(description="The source has been put anew since it was read.")
class SourceChanged(HubError):
    """The source has been put anew since it was read."""

    name: ID = strawberry.field(description="The source.")
    expected: int = strawberry.field(description="The version that was given as `ifVersion`.")
    actual: int = strawberry.field(description="The version the source is at.")


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
    errors.IdempotencyInProgress: IdempotencyInProgress,
    errors.HoldLimitReached: HoldLimitReached,
    errors.ReservationLineMismatch: ReservationLineMismatch,
    errors.UnknownOrder: UnknownOrder,
    errors.UnknownSupply: UnknownSupply,
    errors.IsKit: IsKit,
    errors.StockConflict: StockConflict,
    errors.NotApplied: NotApplied,
    errors.AlertNotFound: AlertNotFound,
    errors.DeadLetterNotFound: DeadLetterNotFound,
    errors.DeadLetterSettled: DeadLetterSettled,
    errors.SnapshotNotFound: SnapshotNotFound,
    errors.SnapshotNotQuarantined: SnapshotNotQuarantined,
    errors.ReconciliationNotFound: ReconciliationNotFound,
    errors.NoticeNotFound: NoticeNotFound,
    errors.NoticeLimitReached: NoticeLimitReached,
    errors.WebhookNotFound: WebhookNotFound,
    errors.DeliveryNotFound: DeliveryNotFound,
    errors.WebhookDisabled: WebhookDisabled,
    errors.SourceNotFound: SourceNotFound,
    errors.SourceChanged: SourceChanged,
    errors.Unavailable: Unavailable,
}
"""Refusals that are an answer: where a field's union has the type, it is returned as data."""

TOP_LEVEL_ERRORS: Final[dict[type[errors.HubError], tuple[str, ...]]] = {
    errors.InvalidInput: ("field", "problem"),
    errors.UnknownSku: ("skus",),
    errors.UnknownLocation: ("location",),
    errors.UnknownChannel: ("channel",),
    errors.UnknownOrder: ("order",),
    errors.OrderLineMismatch: ("order", "sku"),
    errors.ReservationChanged: ("id", "expected", "actual"),
    errors.SnapshotInProgress: ("source", "name"),
    errors.EventMismatch: ("source", "event_id"),
    errors.UploadNotFound: ("id",),
    errors.SenderUnproven: ("source",),
    errors.DeliveryRefused: ("delivery", "problem"),
    errors.Unauthenticated: (),
    errors.Forbidden: ("scope",),
    errors.LimitExceeded: ("what", "limit", "actual"),
    errors.FeedLimitReached: ("limit",),
    errors.UnknownDocument: ("id",),
    errors.UntrustedDocument: (),
    errors.PersistedQueryNotFound: (),
    errors.PersistedQueryMismatch: (),
    errors.Unavailable: (),
}
"""Refusals as errors at the top, with the data that goes into their extensions."""
