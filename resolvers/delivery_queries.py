"""Queries of operations people: what came from sources, and what became of it."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import source_deliveries as domain
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE
from schema.intake_enums import SourceDeliveryState
from schema.source_delivery import (
    SourceDelivery,
    SourceDeliveryConnection,
    SourceDeliveryEdge,
)


@strawberry.type(description="What can be asked of deliveries.")
class DeliveryQueries:
    """What can be asked of deliveries."""

    @strawberry.field(
        description="What came from configured sources, as it came and with what became of it, the "
        "newest first. Needs the scope `events:ingest`.",
        directives=[PAGE],
    )
    async def deliveries(
        self,
        info: Info,
        source: Annotated[
            ID | None, strawberry.argument(description="Only those of this source.")
        ] = None,
        state: Annotated[
            list[SourceDeliveryState] | None,
            strawberry.argument(description="Only those in one of these states."),
        ] = None,
        first: First = 50,
        after: After = None,
    ) -> SourceDeliveryConnection:
        """What came from sources."""
        context = info.context
        page = await context.services.source_deliveries.page(
            context.principal, source, state, first, after
        )
        edges = [
            SourceDeliveryEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return SourceDeliveryConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=SourceDelivery | None,
        description="What came from a configured source under this id; null if there is none, or "
        "no longer. Needs the scope `events:ingest`.",
    )
    async def delivery(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The delivery.")]
    ) -> domain.SourceDelivery | None:
        """What came from a configured source."""
        context = info.context
        return await context.services.source_deliveries.by_id(context.principal, id)
