"""Comparisons with sources and sales channels: asked for, and their corrections booked."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import reconciliations as domain
from hub.domain.errors import ReconciliationNotFound
from hub.domain.source_reconciliation import ReconciliationStanding
from hub.services.reconciliations import Chosen
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE, assumed
from schema.reconciliation_enums import ReconciliationKind
from schema.reconciliation_mutations import (
    BookReconciliationInput,
    BookReconciliationResult,
    BookReconciliationSuccess,
)
from schema.reconciliations import (
    Reconciliation,
    ReconciliationConnection,
    ReconciliationEdge,
    SourceReconciliation,
)


@strawberry.type(description="What can be asked of comparisons.")
class ReconciliationQueries:
    """What can be asked of comparisons."""

    @strawberry.field(
        description="Full comparisons of the hub with sources and sales channels, the newest "
        "first. Needs the scope `stock:write`.",
        directives=[PAGE],
    )
    async def reconciliations(
        self,
        info: Info,
        source: Annotated[
            ID | None, strawberry.argument(description="Only of this source or target.")
        ] = None,
        kind: Annotated[
            ReconciliationKind | None, strawberry.argument(description="Only of these two sides.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> ReconciliationConnection:
        """Full comparisons."""
        context = info.context
        page = await context.services.reconciliations.page(
            context.principal, source, kind, first, after
        )
        edges = [
            ReconciliationEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return ReconciliationConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=Reconciliation | None,
        description="The comparison with this id; null if there is none. Needs the scope "
        "`stock:write`.",
    )
    async def reconciliation(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The comparison.")]
    ) -> domain.Reconciliation | None:
        """The comparison with this id."""
        context = info.context
        try:
            return await context.services.reconciliations.by_id(context.principal, id)
        except ReconciliationNotFound:
            return None

    @strawberry.field(
        graphql_type=list[SourceReconciliation],
        description="When each source that is to be compared from time to time was compared, by "
        "name. Needs the scope `admin`.",
        directives=[assumed(20)],
    )
    async def source_reconciliations(self, info: Info) -> list[ReconciliationStanding]:
        """When each source was compared."""
        context = info.context
        return await context.services.reconciliations.standings(context.principal)


@strawberry.type(description="What can be done with comparisons.")
class ReconciliationMutations:
    """What can be done with comparisons."""

    @strawberry.mutation(
        graphql_type=BookReconciliationResult,
        description="Book corrections that a comparison has found, as movements that name it and "
        "the cause. Each is booked once, however often it is asked for. Needs the scope `admin`.",
    )
    async def book_reconciliation(
        self,
        info: Info,
        given: Annotated[
            BookReconciliationInput,
            strawberry.argument(name="input", description="Which corrections, and why."),
        ],
    ) -> BookReconciliationSuccess:
        """Book corrections that a comparison has found."""
        context = info.context
        service = context.services.reconciliations
        keys = None if given.items is None else [(one.sku, one.location) for one in given.items]
        asked = await service.book(
            context.principal,
            given.id,
            Chosen(given.causes, keys),
            given.reason,
            given.idempotency_key,
        )
        run = await service.by_id(context.principal, given.id)
        await service.booking.book(run.id)
        return BookReconciliationSuccess(
            reconciliation=await service.by_id(context.principal, given.id), asked=asked
        )
