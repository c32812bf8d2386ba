"""Deliveries of sources: what came from outside, as it came, and what became of it."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import source_deliveries as domain
from schema.costs import assumed
from schema.intake_enums import SourceDeliveryState
from schema.pages import PageInfo
from schema.shape import derived, shape_of


@shape_of(domain.DeliveryFinding, "Something that a person should know of a delivery.")
class DeliveryFinding:
    """Something that a person should know of a delivery."""

    severity: str = strawberry.field(
        description="`ERROR`: the row was left out; `WARNING`: it was read all the same."
    )
    code: str = strawberry.field(description="The stable code of what is wrong.")
    problem: str = strawberry.field(description="What is wrong and what would be right.")
    line: int | None = strawberry.field(
        description="The line, entry or segment, counted from 1; null where it is about the whole."
    )
    column: str | None = strawberry.field(
        description="The column, path or element; null where it is about the row."
    )


@shape_of(domain.DeliveryReport, "What became of the rows of a delivery.")
class DeliveryReport:
    """What became of the rows of a delivery."""

    accepted: int = strawberry.field(description="Events that were new to the inbox.")
    duplicates: int = strawberry.field(
        description="Events that were there before, and have no second effect."
    )
    refused: int = strawberry.field(description="Rows that were left out.")
    snapshot: ID | None = derived(
        lambda report: None if report.snapshot is None else str(report.snapshot),
        "The snapshot that was taken in, where it told all there is; see `snapshot`.",
    )
    findings: Annotated[
        tuple[domain.DeliveryFinding, ...],
        strawberry.field(
            graphql_type=list[DeliveryFinding],
            description="Why rows were left out, and what else is wrong: the first 1,000.",
            directives=[assumed(2)],
        ),
    ]


@shape_of(
    domain.SourceDelivery,
    "One request, file or message that came from a source (inbound webhook), kept as it came.",
)
class SourceDelivery:
    """One thing that came from a source."""

    id: ID = derived(lambda delivery: str(delivery.id), "What identifies the delivery.")
    source: ID = derived(lambda delivery: delivery.received.source, "Who sent it.")
    sender_id: ID | None = derived(
        lambda delivery: delivery.received.sender_id,
        "The sender's own id of it, such as `webhook-id`; null if he gave none.",
    )
    received_at: datetime = derived(
        lambda delivery: delivery.received.received_at, "When it came for the first time."
    )
    headers: JSON = derived(
        lambda delivery: dict(delivery.received.headers),
        "The headers that say something of the content, never a secret.",
    )
    media_type: str = derived(
        lambda delivery: delivery.received.media_type, "What its sender calls its format."
    )
    size: int = strawberry.field(description="Of the payload, in bytes.")
    payload: str = derived(
        lambda delivery: delivery.received.body.decode(errors="replace"),
        "The payload as text: of a long one the first 64 KiB.",
    )
    state: SourceDeliveryState = strawberry.field(description="What became of it as a whole.")
    report: Annotated[
        domain.DeliveryReport,
        strawberry.field(
            graphql_type=DeliveryReport, description="What became of its rows the last time."
        ),
    ]


@strawberry.type(description="A delivery of a source and its place in the list.")
class SourceDeliveryEdge:
    """A delivery and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        domain.SourceDelivery,
        strawberry.field(graphql_type=SourceDelivery, description="The delivery."),
    ]


@strawberry.type(description="A page of deliveries of sources, the newest first.")
class SourceDeliveryConnection:
    """A page of deliveries."""

    edges: list[SourceDeliveryEdge] = strawberry.field(description="The deliveries of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
