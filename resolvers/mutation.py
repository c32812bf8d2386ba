"""Mutations: each asks one service and wraps what it gives in the success of its union.

A refusal is raised by the service; `resolvers.refusals` makes it a member of the union, or an
error at the top where the union has no such member.
"""

from typing import Annotated

import strawberry

from hub.domain.values import Line
from schema.context import Info
from schema.inputs import (
    AdjustStockInput,
    CommitReservationInput,
    ExtendReservationInput,
    ReleaseReservationInput,
    ReserveInput,
    SetStockInput,
)
from schema.results import (
    AdjustStockResult,
    AdjustStockSuccess,
    CommitReservationResult,
    CommitReservationSuccess,
    ExtendReservationResult,
    ExtendReservationSuccess,
    ReleaseReservationResult,
    ReleaseReservationSuccess,
    ReserveResult,
    ReserveSuccess,
    SetStockResult,
    SetStockSuccess,
)


@strawberry.type(description="What can be changed.")
class Mutation:
    """What can be changed."""

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
        """Hold units of several items."""
        context = info.context
        reservation = await context.services.reservations.reserve(
            context.principal,
            [Line(line.sku, line.quantity) for line in given.lines],
            given.channel,
            given.holder,
            given.ttl_seconds,
            given.idempotency_key,
        )
        return ReserveSuccess(reservation=reservation)

    @strawberry.mutation(graphql_type=ExtendReservationResult, description="Give a hold more time.")
    async def extend_reservation(
        self,
        info: Info,
        given: Annotated[
            ExtendReservationInput,
            strawberry.argument(name="input", description="Which hold, and how long."),
        ],
    ) -> ExtendReservationSuccess:
        """Give a hold more time."""
        context = info.context
        reservation = await context.services.reservations.extend(
            context.principal, given.id, given.ttl_seconds, given.idempotency_key
        )
        return ExtendReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=CommitReservationResult,
        description="Allocate the units of a hold to an order.",
    )
    async def commit_reservation(
        self,
        info: Info,
        given: Annotated[
            CommitReservationInput,
            strawberry.argument(name="input", description="Which hold, and for which order."),
        ],
    ) -> CommitReservationSuccess:
        """Allocate the units of a hold to an order."""
        context = info.context
        reservation = await context.services.reservations.commit(
            context.principal, given.id, given.order, given.idempotency_key
        )
        return CommitReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=ReleaseReservationResult, description="Give the units of a hold back."
    )
    async def release_reservation(
        self,
        info: Info,
        given: Annotated[
            ReleaseReservationInput, strawberry.argument(name="input", description="Which hold.")
        ],
    ) -> ReleaseReservationSuccess:
        """Give the units of a hold back."""
        context = info.context
        reservation = await context.services.reservations.release(
            context.principal, given.id, given.reason, given.idempotency_key
        )
        return ReleaseReservationSuccess(reservation=reservation)

    @strawberry.mutation(
        graphql_type=SetStockResult,
        description="Set the units on hand of an item at a location to a count. What is reserved "
        "or allocated stays so: if the count no longer covers it, a shortfall opens.",
    )
    async def set_stock(
        self,
        info: Info,
        given: Annotated[
            SetStockInput, strawberry.argument(name="input", description="The count.")
        ],
    ) -> SetStockSuccess:
        """Set the units on hand to a count."""
        context = info.context
        change = await context.services.stock.set_stock(
            context.principal,
            given.sku,
            given.location,
            given.on_hand,
            as_of=given.as_of,
            if_version=given.if_version,
            reason=given.reason,
            idempotency_key=given.idempotency_key,
        )
        return SetStockSuccess(position=change.position, applied=change.applied, note=change.note)

    @strawberry.mutation(
        graphql_type=AdjustStockResult, description="Add to or take from the units on hand."
    )
    async def adjust_stock(
        self,
        info: Info,
        given: Annotated[
            AdjustStockInput, strawberry.argument(name="input", description="The change.")
        ],
    ) -> AdjustStockSuccess:
        """Add to or take from the units on hand."""
        context = info.context
        change = await context.services.stock.adjust_stock(
            context.principal,
            given.sku,
            given.location,
            given.delta,
            given.reason,
            given.idempotency_key,
        )
        return AdjustStockSuccess(position=change.position)
