"""Whole snapshots of sources: what came in, why it waits for a person, and what he says."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import guard_rails, snapshots
from schema.costs import assumed
from schema.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
    SnapshotNotFound,
    SnapshotNotQuarantined,
)
from schema.idempotency import idempotency_key
from schema.intake_enums import SnapshotState
from schema.pages import PageInfo
from schema.scalars import Quantity
from schema.shape import derived, shape_of


@shape_of(guard_rails.Tripped, "A limit on what is believed of a snapshot, which it goes beyond.")
class TrippedGuardRail:
    """A limit on what is believed of a snapshot, which it goes beyond."""

    rail: str = strawberry.field(
        description="Which one, as the settings of the source name it, such as `zeroed_share`."
    )
    limit: float = strawberry.field(description="The limit.")
    actual: float = strawberry.field(description="What it would be.")
    problem: str = strawberry.field(description="The same as a sentence in English.")


@shape_of(
    snapshots.Snapshot,
    "What a source says it has of everything (full feed, inventory file), taken in as a whole.",
)
class StockSnapshot:
    """What a source says it has of everything."""

    id: ID = derived(lambda snapshot: str(snapshot.id), "What identifies the snapshot.")
    source: ID = strawberry.field(description="Whose it is.")
    name: str = strawberry.field(description="The source's own name of it.")
    state: SnapshotState = strawberry.field(description="How far it has come.")
    rows: int = strawberry.field(description="Rows that it has.")
    left_out: int = strawberry.field(
        description="Items that it sets to 0 by leaving them out, where its source says so."
    )
    applied: int = strawberry.field(description="Rows that have changed a position.")
    unchanged: int = strawberry.field(
        description="Rows that say what was known, or are older than what is; counted at the end."
    )
    refused: int = strawberry.field(
        description="Rows that change nothing because something is wrong with them."
    )
    as_of: datetime | None = strawberry.field(description="The time of its newest count.")
    report: Annotated[
        tuple[guard_rails.Tripped, ...],
        strawberry.field(
            graphql_type=list[TrippedGuardRail],
            description="Why it is, or was, in quarantine.",
            directives=[assumed(2)],
        ),
    ]
    received_at: datetime = strawberry.field(description="When it came in.")
    decided_at: datetime | None = strawberry.field(
        description="When a person approved or rejected it, if one has."
    )
    decided_by: str | None = strawberry.field(description="Who that was.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    finished_at: datetime | None = strawberry.field(description="When it was done with, if it is.")


@shape_of(snapshots.SnapshotChange, "What a row of a snapshot would do to the units on hand.")
class SnapshotChange:
    """What a row of a snapshot would do to the units on hand."""

    line: int = strawberry.field(
        description="The row, counted from 1; behind the last one where the item is left out."
    )
    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where.")
    before: Quantity | None = strawberry.field(
        description="Units on hand now; null where nothing is known of the item there."
    )
    after: Quantity = strawberry.field(description="Units on hand by the snapshot.")
    item_exists: bool = strawberry.field(
        description="Whether the item exists; where it does not, the row is refused."
    )


SnapshotValue = Annotated[
    snapshots.Snapshot,
    strawberry.field(graphql_type=StockSnapshot, description="The snapshot as it is now."),
]


@strawberry.type(description="A snapshot and its place in the list.")
class StockSnapshotEdge:
    """A snapshot and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        snapshots.Snapshot,
        strawberry.field(graphql_type=StockSnapshot, description="The snapshot."),
    ]


@strawberry.type(description="A page of snapshots, the newest first.")
class StockSnapshotConnection:
    """A page of snapshots."""

    edges: list[StockSnapshotEdge] = strawberry.field(description="The snapshots of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@shape_of(snapshots.RefusedRow, "A row of a snapshot that changes nothing, and why.")
class RefusedSnapshotRow:
    """A row of a snapshot that changes nothing, and why."""

    line: int = strawberry.field(description="Its line, entry or segment, counted from 1.")
    column: str | None = strawberry.field(description="Where in it, if that can be told.")
    sku: ID | None = strawberry.field(
        description="The item; null where it could not be read of which it is."
    )
    location: ID | None = strawberry.field(description="The location, if that can be told.")
    code: str = strawberry.field(description="The stable code of what is wrong.")
    problem: str = strawberry.field(description="What is wrong and what would be right.")


@strawberry.type(description="A refused row and its place in the list.")
class RefusedSnapshotRowEdge:
    """A refused row and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        snapshots.RefusedRow,
        strawberry.field(graphql_type=RefusedSnapshotRow, description="The row."),
    ]


@strawberry.type(description="A page of refused rows, by line.")
class RefusedSnapshotRowConnection:
    """A page of refused rows."""

    edges: list[RefusedSnapshotRowEdge] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@strawberry.input(description="A snapshot that a person has looked at and believes.")
class ApproveSnapshotInput:
    """A snapshot that a person has looked at and believes."""

    id: ID = strawberry.field(description="The snapshot.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A snapshot that a person has looked at and does not believe.")
class RejectSnapshotInput:
    """A snapshot that a person has looked at and does not believe."""

    id: ID = strawberry.field(description="The snapshot.")
    reason: str = strawberry.field(description="Why, in one line, for those who ask later.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What was staged is applied from now on.")
class ApproveSnapshotSuccess:
    """What was staged is applied from now on."""

    snapshot: SnapshotValue


@strawberry.type(description="Nothing of it will be applied.")
class RejectSnapshotSuccess:
    """Nothing of it will be applied."""

    snapshot: SnapshotValue


_Refused = (
    SnapshotNotFound
    | SnapshotNotQuarantined
    | InvalidInput
    | IdempotencyMismatch
    | IdempotencyInProgress
)

ApproveSnapshotResult = Annotated[
    ApproveSnapshotSuccess | _Refused,
    strawberry.union("ApproveSnapshotResult", description="What became of `approveSnapshot`."),
]
RejectSnapshotResult = Annotated[
    RejectSnapshotSuccess | _Refused,
    strawberry.union("RejectSnapshotResult", description="What became of `rejectSnapshot`."),
]
