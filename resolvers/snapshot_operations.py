"""Snapshots in quarantine: asked for, approved and rejected."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import snapshots as domain
from hub.domain.snapshots import Snapshot, SnapshotState
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE, sized_by
from schema.snapshots import (
    ApproveSnapshotInput,
    ApproveSnapshotResult,
    ApproveSnapshotSuccess,
    RefusedSnapshotRowConnection,
    RefusedSnapshotRowEdge,
    RejectSnapshotInput,
    RejectSnapshotResult,
    RejectSnapshotSuccess,
    SnapshotChange,
    StockSnapshot,
    StockSnapshotConnection,
    StockSnapshotEdge,
)

IdArgument = Annotated[ID, strawberry.argument(description="The snapshot.")]


@strawberry.type(description="What can be asked of snapshots.")
class SnapshotQueries:
    """What can be asked of snapshots."""

    @strawberry.field(
        description="Snapshots that look wrong and wait for a person, the newest first: nothing of "
        "them is applied. Needs the scope `stock:write`.",
        directives=[PAGE],
    )
    async def quarantine(
        self, info: Info, first: First = 50, after: After = None
    ) -> StockSnapshotConnection:
        """Snapshots that look wrong and wait for a person."""
        context = info.context
        page = await context.services.snapshots.page(
            context.principal, SnapshotState.QUARANTINED, first, after
        )
        edges = [
            StockSnapshotEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return StockSnapshotConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=list[SnapshotChange],
        description="What a snapshot in quarantine would do to the units on hand if it were "
        "approved now, most units first; nothing of any other snapshot. Needs the scope "
        "`stock:write`.",
        directives=[sized_by("first")],
    )
    async def snapshot_changes(
        self,
        info: Info,
        id: IdArgument,
        first: First = 50,
        rail: Annotated[
            str | None,
            strawberry.argument(
                description="Only what this guard rail looks at, such as `zeroed_share`; of "
                "`days_out_of_order` that is everything."
            ),
        ] = None,
    ) -> list[domain.SnapshotChange]:
        """What a snapshot in quarantine would do to the units on hand."""
        context = info.context
        return await context.services.snapshots.widest_changes(context.principal, id, first, rail)

    @strawberry.field(
        graphql_type=StockSnapshot | None,
        description="The snapshot with this id, whatever became of it; null if there is none. "
        "Needs the scope `stock:write`.",
    )
    async def snapshot(self, info: Info, id: IdArgument) -> Snapshot | None:
        """The snapshot with this id."""
        return await info.context.services.snapshots.find(info.context.principal, id)

    @strawberry.field(
        description="The rows of a snapshot that change nothing because something is wrong with "
        "them, by line; null if there is none with this id. Needs the scope `stock:write`.",
        directives=[PAGE],
    )
    async def snapshot_refusals(
        self, info: Info, snapshot: IdArgument, first: First = 50, after: After = None
    ) -> RefusedSnapshotRowConnection | None:
        """The rows of a snapshot that were refused."""
        context = info.context
        page = await context.services.snapshots.refusal_page(
            context.principal, snapshot, first, after
        )
        if page is None:
            return None
        edges = [
            RefusedSnapshotRowEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return RefusedSnapshotRowConnection(edges=edges, page_info=page_info_of(page, after))


@strawberry.type(description="What can be said to snapshots.")
class SnapshotMutations:
    """What can be said to snapshots."""

    @strawberry.mutation(
        graphql_type=ApproveSnapshotResult,
        description="Let a snapshot in quarantine be applied, as it was sent. Needs the scope "
        "`admin`.",
    )
    async def approve_snapshot(
        self,
        info: Info,
        given: Annotated[
            ApproveSnapshotInput, strawberry.argument(name="input", description="Which one.")
        ],
    ) -> ApproveSnapshotSuccess:
        """Let a snapshot in quarantine be applied."""
        context = info.context
        snapshot = await context.services.snapshots.approve(
            context.principal, given.id, given.idempotency_key
        )
        return ApproveSnapshotSuccess(snapshot=snapshot)

    @strawberry.mutation(
        graphql_type=RejectSnapshotResult,
        description="Let nothing of a snapshot in quarantine be applied. Needs the scope `admin`.",
    )
    async def reject_snapshot(
        self,
        info: Info,
        given: Annotated[
            RejectSnapshotInput,
            strawberry.argument(name="input", description="Which one, and why."),
        ],
    ) -> RejectSnapshotSuccess:
        """Let nothing of a snapshot in quarantine be applied."""
        context = info.context
        snapshot = await context.services.snapshots.reject(
            context.principal, given.id, given.reason, given.idempotency_key
        )
        return RejectSnapshotSuccess(snapshot=snapshot)
