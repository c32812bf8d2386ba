"""Queries of those who run the stock: why the number is what it is, who claims it, what comes."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import supply
from hub.domain.values import identifier_from
from hub.services.claims import MAX_SUPPLY_LINES
from resolvers.inputs import location_from
from resolvers.pages import After, First, page_info_of
from schema.claims import ClaimConnection, ShortfallConnection, ShortfallEdge
from schema.context import Info
from schema.costs import PAGE, assumed
from schema.stock import LocationArgument, StockMovementConnection, SupplyLine

SkuArgument = Annotated[ID, strawberry.argument(description="The item.")]


@strawberry.type(description="What can be asked of stock.")
class StockQueries:
    """What can be asked of stock."""

    @strawberry.field(
        description="The ledger of an item, the newest movement first: why the number is what "
        "it is.",
        directives=[PAGE],
    )
    async def stock_movements(
        self,
        info: Info,
        sku: SkuArgument,
        location: LocationArgument = None,
        first: First = 50,
        after: After = None,
    ) -> StockMovementConnection:
        """The ledger of an item."""
        context = info.context
        item = identifier_from(sku, "sku")
        pages = await context.services.lookup.movements(
            context.principal, [item], location_from(location), first, after
        )
        return StockMovementConnection.of(pages[item], after)

    @strawberry.field(
        description="Who holds units of an item, has them allocated or waits for them, the oldest "
        "first. Needs the scope `stock:write`, because it names holders and orders.",
        directives=[PAGE],
    )
    async def claims(
        self,
        info: Info,
        sku: SkuArgument,
        location: LocationArgument = None,
        first: First = 50,
        after: After = None,
    ) -> ClaimConnection:
        """Who has a claim on units of an item."""
        context = info.context
        item = identifier_from(sku, "sku")
        pages = await context.services.claims.of_items(
            context.principal, [item], location_from(location), first, after
        )
        return ClaimConnection.of(pages[item], after)

    @strawberry.field(
        description="Where more is promised than there is (oversell), and whom that hits: the "
        "oldest claims are served first, those that stock does not reach are affected. Needs the "
        "scope `stock:write`, because it names holders and orders.",
        directives=[PAGE],
    )
    async def shortfalls(
        self,
        info: Info,
        location: LocationArgument = None,
        first: First = 50,
        after: After = None,
    ) -> ShortfallConnection:
        """Where more is promised than there is."""
        context = info.context
        page = await context.services.claims.shortfalls(
            context.principal, location_from(location), first, after
        )
        edges = [
            ShortfallEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return ShortfallConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=list[SupplyLine],
        description="Receipts of an item that are still expected (incoming, open purchase "
        f"orders), the earliest first; at most {MAX_SUPPLY_LINES}.",
        directives=[assumed(10)],
    )
    async def supply_lines(
        self, info: Info, sku: SkuArgument, location: LocationArgument = None
    ) -> list[supply.SupplyLine]:
        """Receipts of an item that are still expected."""
        context = info.context
        return await context.services.claims.supply_lines(
            context.principal, identifier_from(sku, "sku"), location_from(location)
        )
