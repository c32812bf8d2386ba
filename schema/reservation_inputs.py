"""What the mutations of reservations take."""

from collections.abc import Iterable

import strawberry
from strawberry import ID

from hub.domain.values import Line
from schema.costs import weighs
from schema.enums import HoldStage
from schema.idempotency import idempotency_key
from schema.scalars import Quantity


@strawberry.input(description="So many units of one item.")
class ReserveLineInput:
    """So many units of one item."""

    sku: ID = strawberry.field(description="The item; of a kit (bundle) all components are held.")
    quantity: Quantity = strawberry.field(description="Units to hold, above 0.")


@strawberry.input(description="So many units of one item of a reservation.")
class ReservationLineInput:
    """So many units of one item of a reservation."""

    sku: ID = strawberry.field(description="The item, or the kit, as it was asked for.")
    quantity: Quantity = strawberry.field(description="Units.")


def lines_of(given: Iterable[ReserveLineInput | ReservationLineInput]) -> list[Line]:
    """The lines in the hub's terms."""
    return [Line(line.sku, line.quantity) for line in given]


def part_of(given: Iterable[ReservationLineInput] | None) -> list[Line] | None:
    """The part that is meant; None is all."""
    return None if given is None else lines_of(given)


@strawberry.input(description="A hold on all lines together, or on none.")
class ReserveInput:
    """A hold on all lines together, or on none."""

    lines: list[ReserveLineInput] = strawberry.field(
        directives=[weighs("1")], description="What to hold: 1 to 100 lines."
    )
    channel: ID | None = strawberry.field(
        default=None, description="The channel whose pool serves it; the default one if missing."
    )
    holder: ID | None = strawberry.field(
        default=None,
        description="Whose cart or checkout it is for. Where stock does not reach, units that the "
        "same holder holds already are taken over.",
    )
    stage: HoldStage = strawberry.field(
        default=HoldStage.CART, description="How far the shopper has come."
    )
    destination: str | None = strawberry.field(
        default=None,
        description="Where the goods shall go: an ISO 3166 country code, or `latitude,longitude` "
        "in degrees. A channel that sources from the nearest location asks for it.",
    )
    address: str | None = strawberry.field(
        default=None,
        description="The network address of the shopper, as your shop sees it: one address may "
        "have only so many live holds. It is never shown again. For callers without a token, the "
        "one they ask from counts, and not this.",
    )
    ttl_seconds: int | None = strawberry.field(
        default=None,
        description="Seconds until the hold ends by itself; what the rules say for its stage if "
        "missing.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Other quantities for a hold.")
class ChangeReservationInput:
    """Other quantities for a hold."""

    id: ID = strawberry.field(description="The reservation.")
    lines: list[ReservationLineInput] = strawberry.field(
        directives=[weighs("1")],
        description="How many units of each named item it shall hold, 0 for none; items that are "
        "not named stay as they are. 1 to 100 lines.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="More time for a hold.")
class ExtendReservationInput:
    """More time for a hold."""

    id: ID = strawberry.field(description="The reservation.")
    ttl_seconds: int | None = strawberry.field(
        default=None,
        description="Seconds from now until the hold ends; it never ends earlier than it would "
        "have. What the rules say for its stage if missing.",
    )
    stage: HoldStage | None = strawberry.field(
        default=None, description="How far the shopper has come by now; as before if missing."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A hold that became an order.")
class CommitReservationInput:
    """A hold that became an order."""

    id: ID = strawberry.field(description="The reservation.")
    order: ID = strawberry.field(description="The order that its units are allocated to.")
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")],
        default=None,
        description="Only these units; all if missing. What else is held stays held until it "
        "expires or is released.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A hold that is no longer wanted.")
class ReleaseReservationInput:
    """A hold that is no longer wanted."""

    id: ID = strawberry.field(description="The reservation.")
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")], default=None, description="Only these units; all if missing."
    )
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another location for what one location holds or has allocated.")
class TransferReservationInput:
    """Another location for what one location holds or has allocated."""

    id: ID = strawberry.field(description="The reservation.")
    from_location: ID = strawberry.field(description="The location that serves it now.")
    to_location: ID = strawberry.field(
        description="The location that shall; one of the pool of the reservation's channel."
    )
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")],
        default=None,
        description="Only these units; all that `fromLocation` serves if missing.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Allocated units that left the house.")
class FulfilReservationInput:
    """Allocated units that left the house."""

    id: ID = strawberry.field(description="The reservation.")
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")], default=None, description="Only these units; all if missing."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Allocated units that are no longer wanted.")
class CancelReservationInput:
    """Allocated units that are no longer wanted."""

    id: ID = strawberry.field(description="The reservation.")
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")], default=None, description="Only these units; all if missing."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Fulfilled units that came back and can be sold again.")
class ReturnReservationInput:
    """Fulfilled units that came back and can be sold again."""

    id: ID = strawberry.field(description="The reservation.")
    lines: list[ReservationLineInput] | None = strawberry.field(
        directives=[weighs("1")], default=None, description="Only these units; all if missing."
    )
    idempotency_key: str | None = idempotency_key()
