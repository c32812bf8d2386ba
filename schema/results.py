"""What mutations give back: a success, or a typed error that says what to do about it."""

from typing import Annotated

import strawberry

from hub.domain import position, reservations
from schema.errors import (
    IdempotencyMismatch,
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationNotFound,
    UnknownChannel,
    UnknownLocation,
    UnknownSku,
    VersionConflict,
)
from schema.reservation import Reservation
from schema.stock import Position

ReservationValue = Annotated[
    reservations.Reservation,
    strawberry.field(graphql_type=Reservation, description="The reservation as it is now."),
]
PositionValue = Annotated[
    position.Position,
    strawberry.field(graphql_type=Position, description="The position as it is now."),
]


@strawberry.type(description="All lines are held.")
class ReserveSuccess:
    """All lines are held."""

    reservation: ReservationValue


@strawberry.type(description="The hold lasts at least that long.")
class ExtendReservationSuccess:
    """The hold lasts at least that long."""

    reservation: ReservationValue


@strawberry.type(description="The units are allocated to the order.")
class CommitReservationSuccess:
    """The units are allocated to the order."""

    reservation: ReservationValue


@strawberry.type(description="The units are free again.")
class ReleaseReservationSuccess:
    """The units are free again."""

    reservation: ReservationValue


@strawberry.type(description="The count is in the ledger, or a newer one was there before.")
class SetStockSuccess:
    """The count is in the ledger, or a newer one was there before."""

    position: PositionValue
    applied: bool = strawberry.field(
        description="Whether the count changed the position; false where a newer one stands."
    )
    note: str | None = strawberry.field(description="Why it was not applied, if so.")


@strawberry.type(description="The change is in the ledger.")
class AdjustStockSuccess:
    """The change is in the ledger."""

    position: PositionValue


ReserveResult = Annotated[
    ReserveSuccess
    | InsufficientStock
    | UnknownSku
    | UnknownChannel
    | InvalidInput
    | IdempotencyMismatch,
    strawberry.union("ReserveResult", description="What became of `reserve`."),
]
ExtendReservationResult = Annotated[
    ExtendReservationSuccess
    | ReservationNotFound
    | ReservationEnded
    | InvalidInput
    | IdempotencyMismatch,
    strawberry.union("ExtendReservationResult", description="What became of `extendReservation`."),
]
CommitReservationResult = Annotated[
    CommitReservationSuccess
    | ReservationNotFound
    | ReservationEnded
    | InvalidInput
    | IdempotencyMismatch,
    strawberry.union("CommitReservationResult", description="What became of `commitReservation`."),
]
ReleaseReservationResult = Annotated[
    ReleaseReservationSuccess
    | ReservationNotFound
    | ReservationEnded
    | InvalidInput
    | IdempotencyMismatch,
    strawberry.union(
        "ReleaseReservationResult", description="What became of `releaseReservation`."
    ),
]
SetStockResult = Annotated[
    SetStockSuccess
    | UnknownSku
    | UnknownLocation
    | VersionConflict
    | InvalidInput
    | IdempotencyMismatch,
    strawberry.union("SetStockResult", description="What became of `setStock`."),
]
AdjustStockResult = Annotated[
    AdjustStockSuccess | UnknownSku | UnknownLocation | InvalidInput | IdempotencyMismatch,
    strawberry.union("AdjustStockResult", description="What became of `adjustStock`."),
]
