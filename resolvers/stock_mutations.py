"""Mutations of stock and of expected receipts: each asks the service and wraps what it gives."""

from typing import Annotated

import strawberry

from hub.domain.decide import Result
from hub.domain.errors import HubError
from hub.services.stock import Receipt
from resolvers.refusals import as_data
from schema import errors as told
from schema.context import Info
from schema.stock_inputs import (
    AdjustStockInput,
    CancelSupplyInput,
    ChangeStockInput,
    ChangeSupplyInput,
    MarkStockUnavailableInput,
    ReceiveSupplyInput,
    ScheduleSupplyInput,
    SetStockInput,
    TransferStockInput,
)
from schema.stock_results import (
    AdjustStockResult,
    AdjustStockSuccess,
    CancelSupplyResult,
    CancelSupplySuccess,
    ChangeStockResult,
    ChangeStockSuccess,
    ChangeSupplyResult,
    ChangeSupplySuccess,
    MarkStockUnavailableResult,
    MarkStockUnavailableSuccess,
    ReceiveSupplyResult,
    ReceiveSupplySuccess,
    ScheduleSupplyResult,
    ScheduleSupplySuccess,
    SetStockResult,
    SetStockSuccess,
    StockRowSuccess,
    TransferStockResult,
    TransferStockSuccess,
)


@strawberry.type(description="What can be done with stock.")
class StockMutations:
    """What can be done with stock."""

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
        """Set the units on hand of an item at a location to a count."""
        context = info.context
        change = await context.services.stock.set_stock(
            context.principal, given.count(), given.idempotency_key
        )
        return SetStockSuccess(position=change.position, applied=change.applied, note=change.note)

    @strawberry.mutation(
        graphql_type=AdjustStockResult,
        description="Add to or take from the units on hand.",
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
            context.principal, given.adjustment(), given.idempotency_key
        )
        return AdjustStockSuccess(position=change.position)

    @strawberry.mutation(
        graphql_type=ChangeStockResult,
        description="Take up to 5,000 counts and adjustments: each for itself, or all or none.",
    )
    async def change_stock(
        self,
        info: Info,
        given: Annotated[
            ChangeStockInput, strawberry.argument(name="input", description="The changes.")
        ],
    ) -> ChangeStockSuccess:
        """Take up to 5,000 counts and adjustments."""
        context = info.context
        results = await context.services.stock.change_many(
            context.principal,
            [row.row() for row in given.rows],
            given.all_or_nothing,
            given.idempotency_key,
        )
        return ChangeStockSuccess(
            rows=[_row(result) for result in results],
            refused=sum(isinstance(result, HubError) for result in results),
        )

    @strawberry.mutation(
        graphql_type=MarkStockUnavailableResult,
        description="Take units on hand out of sale, or back into it. If all were promised, a "
        "shortfall opens.",
    )
    async def mark_stock_unavailable(
        self,
        info: Info,
        given: Annotated[
            MarkStockUnavailableInput,
            strawberry.argument(name="input", description="Which units, and why."),
        ],
    ) -> MarkStockUnavailableSuccess:
        """Take units on hand out of sale, or back into it."""
        context = info.context
        change = await context.services.stock.mark_unavailable(
            context.principal,
            given.sku,
            given.location,
            given.quantity,
            given.condition,
            given.reason,
            given.idempotency_key,
        )
        return MarkStockUnavailableSuccess(position=change.position)

    @strawberry.mutation(
        graphql_type=TransferStockResult,
        description="Move units that nobody has a claim on to another location.",
    )
    async def transfer_stock(
        self,
        info: Info,
        given: Annotated[
            TransferStockInput,
            strawberry.argument(name="input", description="Which units, and where."),
        ],
    ) -> TransferStockSuccess:
        """Move units that nobody has a claim on to another location."""
        context = info.context
        change = await context.services.stock.transfer_stock(
            context.principal,
            given.sku,
            given.from_location,
            given.to_location,
            given.quantity,
            given.reason,
            given.idempotency_key,
        )
        return TransferStockSuccess(position=change.position)

    @strawberry.mutation(
        graphql_type=ScheduleSupplyResult,
        description="Expect a receipt at a date: promises of backorders rest on it.",
    )
    async def schedule_supply(
        self,
        info: Info,
        given: Annotated[
            ScheduleSupplyInput,
            strawberry.argument(name="input", description="What is expected, and when."),
        ],
    ) -> ScheduleSupplySuccess:
        """Expect a receipt at a date: promises of backorders rest on it."""
        context = info.context
        change = await context.services.stock.schedule_supply(
            context.principal,
            Receipt(given.sku, given.location, given.quantity, given.document, given.eta),
            given.idempotency_key,
        )
        return ScheduleSupplySuccess(
            position=change.position, applied=change.applied, note=change.note
        )

    @strawberry.mutation(
        graphql_type=ChangeSupplyResult,
        description="Expect another quantity, or at another date. Those who wait for it are "
        "promised anew.",
    )
    async def change_supply(
        self,
        info: Info,
        given: Annotated[
            ChangeSupplyInput, strawberry.argument(name="input", description="What has changed.")
        ],
    ) -> ChangeSupplySuccess:
        """Expect another quantity, or at another date."""
        context = info.context
        change = await context.services.stock.change_supply(
            context.principal,
            given.sku,
            given.location,
            given.document,
            given.quantity,
            given.eta,
            given.idempotency_key,
        )
        return ChangeSupplySuccess(
            position=change.position, applied=change.applied, note=change.note
        )

    @strawberry.mutation(
        graphql_type=CancelSupplyResult,
        description="Expect nothing more of a document.",
    )
    async def cancel_supply(
        self,
        info: Info,
        given: Annotated[
            CancelSupplyInput, strawberry.argument(name="input", description="What will not come.")
        ],
    ) -> CancelSupplySuccess:
        """Expect nothing more of a document."""
        context = info.context
        change = await context.services.stock.cancel_supply(
            context.principal, given.sku, given.location, given.document, given.idempotency_key
        )
        return CancelSupplySuccess(
            position=change.position, applied=change.applied, note=change.note
        )

    @strawberry.mutation(
        graphql_type=ReceiveSupplyResult,
        description="Put units that arrived on hand. Those who wait for them get them in the "
        "order they came.",
    )
    async def receive_supply(
        self,
        info: Info,
        given: Annotated[
            ReceiveSupplyInput, strawberry.argument(name="input", description="What arrived.")
        ],
    ) -> ReceiveSupplySuccess:
        """Put units that arrived on hand."""
        context = info.context
        change = await context.services.stock.receive_supply(
            context.principal,
            Receipt(given.sku, given.location, given.quantity, given.document),
            given.idempotency_key,
        )
        return ReceiveSupplySuccess(position=change.position)


def _row(result: Result) -> StockRowSuccess | told.HubError:
    if isinstance(result, HubError):
        return as_data(result)
    return StockRowSuccess(position=result.position, applied=result.applied, note=result.note)
