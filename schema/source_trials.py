"""Trying what a source would send: what it would do, told row by row, and nothing is done."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import guard_rails, source_deliveries
from hub.services import rehearsal, source_trials
from schema.costs import assumed
from schema.errors import InvalidInput, SourceNotFound
from schema.intake_enums import SnapshotState
from schema.scalars import Quantity
from schema.shape import derived, shape_of
from schema.snapshots import TrippedGuardRail
from schema.source_delivery import DeliveryFinding

_FINDINGS = "the first 1,000"


@shape_of(rehearsal.StockMove, "What would become of the units on hand of an item at a location.")
class TriedChange:
    """What would become of the units on hand of an item at a location."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="The location.")
    before: Quantity = strawberry.field(description="Units on hand now.")
    after: Quantity = strawberry.field(description="Units on hand then.")


@shape_of(source_trials.TriedSnapshot, "What would become of a snapshot.")
class TriedSnapshot:
    """What would become of a snapshot."""

    state: SnapshotState = strawberry.field(description="`APPLIED`, `QUARANTINED` or `COMPARED`.")
    left_out: int = strawberry.field(
        description="Items that it would set to 0 by leaving them out."
    )
    report: Annotated[
        tuple[guard_rails.Tripped, ...],
        strawberry.field(
            graphql_type=list[TrippedGuardRail],
            description="The guard rails that it would trip.",
            directives=[assumed(2)],
        ),
    ]


@shape_of(
    source_trials.Trial,
    "What something that a source sends would do (dry run), decided on stock as it is now.",
)
class SourceTrial:
    """What something that a source sends would do."""

    read: int = strawberry.field(description="Rows that it has.")
    mapped: int = strawberry.field(description="Rows that could be read and named.")
    ignored: int = strawberry.field(description="Rows that are none of the hub's business.")
    refused: int = strawberry.field(description="Rows that would be left out.")
    warnings: int = strawberry.field(description="Warnings of rows that are read all the same.")
    unchanged: int = strawberry.field(description="Rows that would change nothing.")
    refused_rows: Annotated[
        tuple[source_deliveries.DeliveryFinding, ...],
        strawberry.field(
            graphql_type=list[DeliveryFinding],
            description=f"Why rows would be left out: {_FINDINGS}.",
            directives=[assumed(2)],
        ),
    ]
    warning_rows: Annotated[
        tuple[source_deliveries.DeliveryFinding, ...],
        strawberry.field(
            graphql_type=list[DeliveryFinding],
            description=f"What a person should know of: {_FINDINGS}.",
            directives=[assumed(2)],
        ),
    ]
    snapshot: Annotated[
        source_trials.TriedSnapshot | None,
        strawberry.field(
            graphql_type=TriedSnapshot | None,
            description="What would become of it as a whole, where it tells all there is.",
        ),
    ]
    positions: int = strawberry.field(description="Positions whose stock would change.")
    before: Quantity = strawberry.field(description="Units that these have now.")
    after: Quantity = strawberry.field(description="Units that they would have.")
    changes: list[TriedChange] = derived(
        lambda trial: trial.moves, f"The changes of stock, by item and location: {_FINDINGS}."
    )


@strawberry.input(description="What is tried, and as whose: by name, or by a configuration.")
class TestSourceInput:
    """What is tried, and as whose."""

    name: ID | None = strawberry.field(
        default=None, description="The source, as it is configured now."
    )
    configuration: JSON | None = strawberry.field(
        default=None, description="A configuration to try, as `putSource` takes it."
    )
    content: str | None = strawberry.field(
        default=None, description="What would be sent, as text: up to 256 KiB in UTF-8."
    )
    content_base64: str | None = strawberry.field(
        default=None, description="The same as bytes, in base64."
    )
    file_name: str | None = strawberry.field(default=None, description="The name of the file.")
    as_of: datetime | None = strawberry.field(
        default=None,
        description="When that was so which tells of no time; now, if that is missing.",
    )


@strawberry.type(description="It was tried; nothing was done.")
class TestSourceSuccess:
    """It was tried; nothing was done."""

    trial: Annotated[
        source_trials.Trial,
        strawberry.field(graphql_type=SourceTrial, description="What it would do."),
    ]


TestSourceResult = Annotated[
    TestSourceSuccess | SourceNotFound | InvalidInput,
    strawberry.union("TestSourceResult", description="What became of `testSource`."),
]
