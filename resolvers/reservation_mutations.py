"""Mutations of reservations: each asks the service and wraps what it gives in its success."""

from typing import Annotated

import strawberry

from schema.context import Info
from schema.reservation_inputs import (
    CancelReservationInput,
    ChangeReservationInput,
    CommitReservationInput,
    ExtendReservationInput,
    FulfilReservationInput,
    ReleaseReservationInput,
    ReserveInput,
    ReturnReservationInput,
    TransferReservationInput,
    lines_of,
    part_of,
)
from schema.reservation_results import (
    CancelReservationResult,
    CancelReservationSuccess,
    ChangeReservationResult,
    ChangeReservationSuccess,
    CommitReservationResult,
    CommitReservationSuccess,
    ExtendReservationResult,
    ExtendReservationSuccess,
    FulfilReservationResult,
    FulfilReservationSuccess,
    ReleaseReservationResult,
    ReleaseReservationSuccess,
    ReserveResult,
    ReserveSuccess,
    ReturnReservationResult,
    ReturnReservationSuccess,
    TransferReservationResult,
    TransferReservationSuccess,
)


@strawberry.type(description="What can be done with reservations.")
class ReservationMutations:
    """What can be done with reservations."""

    @strawberry.mutation(
        graphql_type=ReserveResult,
        description="Hold units of several items for a limited time: all lines or none.",
    )
    async def reserve(
        self,
        info: Info,
        given: Annotated[
            ReserveInput, strawberry.argument(name="input", description="What to hold.")
        ],
    ) -> ReserveSuccess:
        """Hold units of several items for a limited time: all lines or none."""
        context = info.context
        reservation = await context.services.reservations.reserve(
            context.principal,
            lines_of(given.lines),
            given.channel,
            given.holder,
            given.ttl_seconds,
            given.idempotency_key,
            given.stage,
            given.address,
            given.destination,
        )
        return ReserveSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=ChangeReservationResult,
        description="Let a hold hold other quantities: all of them, or it stays as it is.",
    )
    async def change_reservation(
        self,
        info: Info,
        given: Annotated[
            ChangeReservationInput,
            strawberry.argument(name="input", description="Which hold, and what."),
        ],
    ) -> ChangeReservationSuccess:
        """Let a hold hold other quantities: all of them, or it stays as it is."""
        context = info.context
        reservation = await context.services.reservations.change(
            context.principal, given.id, lines_of(given.lines), given.idempotency_key
        )
        return ChangeReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=ExtendReservationResult,
        description="Give a hold more time, or let it enter another stage.",
    )
    async def extend_reservation(
        self,
        info: Info,
        given: Annotated[
            ExtendReservationInput,
            strawberry.argument(name="input", description="Which hold, and how long."),
        ],
    ) -> ExtendReservationSuccess:
        """Give a hold more time, or let it enter another stage."""
        context = info.context
        reservation = await context.services.reservations.extend(
            context.principal, given.id, given.ttl_seconds, given.idempotency_key, given.stage
        )
        return ExtendReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=CommitReservationResult,
        description="Allocate the units of a hold, or a part of them, to an order.",
    )
    async def commit_reservation(
        self,
        info: Info,
        given: Annotated[
            CommitReservationInput,
            strawberry.argument(name="input", description="Which hold, and for which order."),
        ],
    ) -> CommitReservationSuccess:
        """Allocate the units of a hold, or a part of them, to an order."""
        context = info.context
        reservation = await context.services.reservations.commit(
            context.principal, given.id, given.order, given.idempotency_key, part_of(given.lines)
        )
        return CommitReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=ReleaseReservationResult,
        description="Give the units of a hold, or a part of them, back.",
    )
    async def release_reservation(
        self,
        info: Info,
        given: Annotated[
            ReleaseReservationInput, strawberry.argument(name="input", description="Which hold.")
        ],
    ) -> ReleaseReservationSuccess:
        """Give the units of a hold, or a part of them, back."""
        context = info.context
        reservation = await context.services.reservations.release(
            context.principal, given.id, given.reason, given.idempotency_key, part_of(given.lines)
        )
        return ReleaseReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=TransferReservationResult,
        description="Let another location of the pool serve what one location holds or has "
        "allocated.",
    )
    async def transfer_reservation(
        self,
        info: Info,
        given: Annotated[
            TransferReservationInput,
            strawberry.argument(name="input", description="Which reservation, and where."),
        ],
    ) -> TransferReservationSuccess:
        """Let another location of the pool serve what one location holds or has allocated."""
        context = info.context
        reservation = await context.services.reservations.transfer(
            context.principal,
            given.id,
            given.from_location,
            given.to_location,
            part_of(given.lines),
            given.idempotency_key,
        )
        return TransferReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=FulfilReservationResult,
        description="Say that allocated units have left the house.",
    )
    async def fulfil_reservation(
        self,
        info: Info,
        given: Annotated[
            FulfilReservationInput,
            strawberry.argument(name="input", description="Which reservation."),
        ],
    ) -> FulfilReservationSuccess:
        """Say that allocated units have left the house."""
        context = info.context
        reservation = await context.services.reservations.fulfil(
            context.principal, given.id, part_of(given.lines), given.idempotency_key
        )
        return FulfilReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=CancelReservationResult,
        description="Give the allocated units of an order, or a part of them, back.",
    )
    async def cancel_reservation(
        self,
        info: Info,
        given: Annotated[
            CancelReservationInput,
            strawberry.argument(name="input", description="Which reservation."),
        ],
    ) -> CancelReservationSuccess:
        """Give the allocated units of an order, or a part of them, back."""
        context = info.context
        reservation = await context.services.reservations.cancel(
            context.principal, given.id, part_of(given.lines), given.idempotency_key
        )
        return CancelReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=ReturnReservationResult,
        description="Say that fulfilled units came back and can be sold again.",
    )
    async def return_reservation(
        self,
        info: Info,
        given: Annotated[
            ReturnReservationInput,
            strawberry.argument(name="input", description="Which reservation."),
        ],
    ) -> ReturnReservationSuccess:
        """Say that fulfilled units came back and can be sold again."""
        context = info.context
        reservation = await context.services.reservations.give_back(
            context.principal, given.id, part_of(given.lines), given.idempotency_key
        )
        return ReturnReservationSuccess(reservation=reservation)
