"""Comparisons of the hub with sources and sales channels, and each item that differs."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import guard_rails
from hub.domain import reconciliations as domain
from hub.domain.plain_table import plain_duration
from hub.domain.source_reconciliation import ReconciliationStanding
from hub.services.catalogue import Page
from schema.context import Info
from schema.costs import PAGE, assumed
from schema.pages import After, First, PageInfo, page_info_of
from schema.reconciliation_enums import (
    DriftCause,
    DriftState,
    DueState,
    ReconciliationKind,
    ReconciliationPolicy,
    ReconciliationState,
)
from schema.scalars import Quantity
from schema.shape import derived, shape_of
from schema.snapshots import TrippedGuardRail


@shape_of(domain.DriftOfCause, "All items of a comparison that differ by one cause.")
class DriftOfCause:
    """All items of a comparison that differ by one cause."""

    cause: DriftCause = strawberry.field(description="The cause.")
    items: int = strawberry.field(description="How many items differ by it.")
    units: Quantity = strawberry.field(description="By how many units they differ, whichever way.")
    correction: Quantity = strawberry.field(
        description="By how much the hub's stock would change if all of it was booked."
    )


@shape_of(domain.DriftItem, "An item of which two sides have different quantities (discrepancy).")
class DriftItem:
    """An item of which two sides have different quantities."""

    sku: ID = strawberry.field(description="The item, by the hub's name.")
    location: ID | None = derived(
        lambda item: item.location or None, "Where it is; null of a sales channel."
    )
    hub: Quantity = strawberry.field(
        description="Units on hand when it was compared; of a sales channel, what it is to have."
    )
    source: Quantity | None = strawberry.field(
        description="Units that the other side has; null where it leaves the item out."
    )
    difference: Quantity = strawberry.field(
        description="By how much the other side differs from the hub."
    )
    correction: Quantity = strawberry.field(
        description="What would be booked: the difference at the time of the count, so that what "
        "has moved since stays as it is. 0 where there is nothing to book."
    )
    cause: DriftCause = strawberry.field(description="The most likely cause.")
    evidence: JSON = strawberry.field(
        description="What the cause was told by, such as `asOf`, `countedAt`, `movedSince`, "
        "`allocated`, `waiting`, `dead`; what there is none of is left out."
    )
    state: DriftState = strawberry.field(description="What becomes of it.")
    decided_at: datetime | None = strawberry.field(description="When that was decided, if it was.")
    decided_by: str | None = strawberry.field(
        description="Who had it booked; `policy` where that was a rule of the source."
    )
    reason: str | None = strawberry.field(description="The reason that was given.")
    note: str | None = strawberry.field(description="Why it was overtaken or refused.")


@strawberry.type(description="An item that differs and its place in the list.")
class DriftItemEdge:
    """An item that differs and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        domain.DriftItem, strawberry.field(graphql_type=DriftItem, description="The item.")
    ]


@strawberry.type(description="A page of items that differ, the furthest off first.")
class DriftItemConnection:
    """A page of items that differ."""

    edges: list[DriftItemEdge] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")

    @classmethod
    def of(cls, page: Page[domain.DriftItem], after: str | None) -> Self:
        """The page that begins behind `after`."""
        edges = [
            DriftItemEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return cls(edges=edges, page_info=page_info_of(page, after))


CausesArgument = Annotated[
    list[DriftCause] | None, strawberry.argument(description="Only by one of these causes.")
]
StatesArgument = Annotated[
    list[DriftState] | None, strawberry.argument(description="Only in one of these states.")
]


@shape_of(
    domain.Reconciliation,
    "A full comparison of the hub with a source or a sales channel (reconciliation, stocktake).",
)
class Reconciliation:
    """A full comparison of the hub with a source or a sales channel."""

    id: ID = derived(lambda one: str(one.id), "What identifies the comparison.")
    kind: ReconciliationKind = strawberry.field(description="Which two sides were compared.")
    source: ID = strawberry.field(description="The source, or the target of the sales channel.")
    name: str = strawberry.field(description="What was compared: the file, or the pass.")
    state: ReconciliationState = strawberry.field(description="How far it has come.")
    policy: ReconciliationPolicy = strawberry.field(
        description="What becomes of what it has found."
    )
    actor: str = strawberry.field(description="Who has brought what was compared.")
    as_of: datetime | None = strawberry.field(description="The time of its newest count.")
    compared_at: datetime = strawberry.field(description="When it was compared.")
    compared: int = strawberry.field(description="Items that were compared.")
    drifted: int = strawberry.field(description="Items that differ.")
    units: Quantity = strawberry.field(description="By how many units they differ, whichever way.")
    refused_rows: int = strawberry.field(
        description="Rows of the other side that were not compared: nobody could understand them, "
        "or the hub does not know them."
    )
    open: int = strawberry.field(description="Corrections that wait for a person.")
    asked: int = strawberry.field(description="Corrections that are to be booked.")
    booked: int = strawberry.field(description="Corrections that are booked.")
    overtaken: int = strawberry.field(
        description="Corrections that were not booked, as what has come since says otherwise."
    )
    refused: int = strawberry.field(description="Corrections that the ledger refused.")
    note: str | None = strawberry.field(
        description="Why the policy, which is to correct, has left all to a person, if it has: "
        "more is to be corrected than its share."
    )
    causes: Annotated[
        tuple[domain.DriftOfCause, ...],
        strawberry.field(
            graphql_type=list[DriftOfCause],
            description="What differs, by cause.",
            directives=[assumed(5)],
        ),
    ]
    report: Annotated[
        tuple[guard_rails.Tripped, ...],
        strawberry.field(
            graphql_type=list[TrippedGuardRail],
            description="Why it is not to be believed; then nothing is booked by the policy.",
            directives=[assumed(2)],
        ),
    ]

    @strawberry.field(
        description="Items that differ, the furthest off first; at most 100,000 are kept.",
        directives=[PAGE],
    )
    @staticmethod
    async def items(
        root: strawberry.Parent[domain.Reconciliation],
        info: Info,
        first: First = 50,
        after: After = None,
        causes: CausesArgument = None,
        states: StatesArgument = None,
    ) -> DriftItemConnection:
        """Items that differ."""
        context = info.context
        page = await context.services.reconciliations.items(
            context.principal, root.id, causes, states, first, after
        )
        return DriftItemConnection.of(page, after)


@strawberry.type(description="A comparison and its place in the list.")
class ReconciliationEdge:
    """A comparison and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        domain.Reconciliation,
        strawberry.field(graphql_type=Reconciliation, description="The comparison."),
    ]


@strawberry.type(description="A page of comparisons, the newest first.")
class ReconciliationConnection:
    """A page of comparisons."""

    edges: list[ReconciliationEdge] = strawberry.field(description="The comparisons of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@shape_of(
    ReconciliationStanding, "When a source was compared with the hub, and when it is to be again."
)
class SourceReconciliation:
    """When a source was compared with the hub, and when it is to be again."""

    source: ID = strawberry.field(description="The source.")
    every: str = derived(
        lambda one: plain_duration(one.every), "How often it is to be compared, such as `7d`."
    )
    policy: ReconciliationPolicy = strawberry.field(description="What becomes of what is found.")
    compared_at: datetime | None = derived(
        lambda one: one.last,
        "When it was compared last in a way that is to be believed, if it was.",
    )
    due_at: datetime = strawberry.field(
        description="From when on its next whole snapshot is compared."
    )
    state: DueState = strawberry.field(description="Whether it was compared often enough.")
