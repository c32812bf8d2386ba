"""What the mutations of reservations give back: a success, or an error that says what to do."""

from typing import Annotated

import strawberry

from hub.domain import reservations
from schema.errors import (
    HoldLimitReached,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationLineMismatch,
    ReservationNotFound,
    UnknownChannel,
    UnknownLocation,
    UnknownSku,
)
from schema.reservation import Reservation

ReservationValue = Annotated[
    reservations.Reservation,
    strawberry.field(graphql_type=Reservation, description="The reservation as it is now."),
]


@strawberry.type(description="All lines are held.")
class ReserveSuccess:
    """All lines are held."""

    reservation: ReservationValue


@strawberry.type(description="The hold has the quantities that were asked for.")
class ChangeReservationSuccess:
    """The hold has the quantities that were asked for."""

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


@strawberry.type(description="The other location serves the units.")
class TransferReservationSuccess:
    """The other location serves the units."""

    reservation: ReservationValue


@strawberry.type(description="The units have left the house.")
class FulfilReservationSuccess:
    """The units have left the house."""

    reservation: ReservationValue


@strawberry.type(description="The units are free again.")
class CancelReservationSuccess:
    """The units are free again."""

    reservation: ReservationValue


@strawberry.type(description="The units are back in sellable stock.")
class ReturnReservationSuccess:
    """The units are back in sellable stock."""

    reservation: ReservationValue


_Refused = InvalidInput | IdempotencyMismatch | IdempotencyInProgress
_OfReservation = ReservationNotFound | ReservationEnded | _Refused
_OfPart = ReservationLineMismatch | UnknownSku | _OfReservation

ReserveResult = Annotated[
    ReserveSuccess | InsufficientStock | UnknownSku | UnknownChannel | HoldLimitReached | _Refused,
    strawberry.union("ReserveResult", description="What became of `reserve`."),
]
ChangeReservationResult = Annotated[
    ChangeReservationSuccess | InsufficientStock | UnknownSku | _OfReservation,
    strawberry.union("ChangeReservationResult", description="What became of `changeReservation`."),
]
ExtendReservationResult = Annotated[
    ExtendReservationSuccess | _OfReservation,
    strawberry.union("ExtendReservationResult", description="What became of `extendReservation`."),
]
CommitReservationResult = Annotated[
    CommitReservationSuccess | _OfPart,
    strawberry.union("CommitReservationResult", description="What became of `commitReservation`."),
]
ReleaseReservationResult = Annotated[
    ReleaseReservationSuccess | _OfPart,
    strawberry.union(
        "ReleaseReservationResult", description="What became of `releaseReservation`."
    ),
]
TransferReservationResult = Annotated[
    TransferReservationSuccess | InsufficientStock | UnknownLocation | _OfPart,
    strawberry.union(
        "TransferReservationResult", description="What became of `transferReservation`."
    ),
]
FulfilReservationResult = Annotated[
    FulfilReservationSuccess | _OfPart,
    strawberry.union("FulfilReservationResult", description="What became of `fulfilReservation`."),
]
CancelReservationResult = Annotated[
    CancelReservationSuccess | _OfPart,
    strawberry.union("CancelReservationResult", description="What became of `cancelReservation`."),
]
ReturnReservationResult = Annotated[
    ReturnReservationSuccess | _OfPart,
    strawberry.union("ReturnReservationResult", description="What became of `returnReservation`."),
]
