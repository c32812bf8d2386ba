"""Alerts: what is the matter with stock, for those who run it."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import alerts, messages
from hub.services import alert_watch
from hub.services.catalogue import Page
from schema.availability import Message
from schema.enums import AlertKind, AlertState, EventKind
from schema.idempotency import idempotency_key
from schema.pages import PageInfo, page_info_of
from schema.shape import shape_of


@shape_of(
    alerts.Alert,
    "Something is the matter with stock. There is one for as long as it is: it opens once, may be "
    "acknowledged, and is resolved once its cause has been gone for a while, so that it does not "
    "flap.",
)
class Alert:
    """Something is the matter with stock."""

    id: ID = strawberry.field(description="What identifies the alert.")
    kind: AlertKind = strawberry.field(name="condition", description="What is the matter.")
    state: AlertState = strawberry.field(description="How far one has come with it.")
    sku: ID | None = strawberry.field(
        description="The item; null where a whole location or a source is the matter."
    )
    channel: ID | None = strawberry.field(description="The channel, where it is one's.")
    location: ID | None = strawberry.field(description="The location, where it is one's.")
    document: ID | None = strawberry.field(description="The supply document that is late.")
    source: ID | None = strawberry.field(
        description="The supplier or shop, where it is one's that is not heard as it should be."
    )
    facts: JSON = strawberry.field(
        description="What it rested on when it opened, such as the units that were left, and the "
        "mark with its rule."
    )
    message: Annotated[
        messages.Message,
        strawberry.field(graphql_type=Message, description="The same in words."),
    ]
    opened_at: datetime = strawberry.field(description="When it began.")
    acknowledged_at: datetime | None = strawberry.field(
        description="When somebody said that he has seen it."
    )
    acknowledged_by: ID | None = strawberry.field(description="Who that was: the name of a token.")
    resolved_at: datetime | None = strawberry.field(description="When it was over.")


@strawberry.input(description="Which alerts: all that is given must hold.")
class AlertFilter:
    """Which alerts."""

    condition: list[AlertKind] | None = strawberry.field(
        default=None, description="What is the matter: one of these."
    )
    sku: ID | None = strawberry.field(default=None, description="Of this item.")
    channel: ID | None = strawberry.field(default=None, description="In this channel.")
    location: ID | None = strawberry.field(default=None, description="At this location.")


@strawberry.type(description="An alert and its place in the list.")
class AlertEdge:
    """An alert and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[alerts.Alert, strawberry.field(graphql_type=Alert, description="The alert.")]


@strawberry.type(description="A page of alerts, the newest first.")
class AlertConnection:
    """A page of alerts."""

    edges: list[AlertEdge] = strawberry.field(description="The alerts of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")

    @classmethod
    def of(cls, page: Page[alerts.Alert], after: str | None) -> Self:
        """The page that begins behind `after`."""
        return cls(
            edges=[
                AlertEdge(cursor=cursor, node=node)
                for cursor, node in zip(page.cursors, page.nodes, strict=True)
            ],
            page_info=page_info_of(page, after),
        )


@shape_of(
    alert_watch.AlertEvent,
    "The state of some alerts. A slow reader gets the newest state of each, not every one in "
    "between.",
)
class AlertEvent:
    """The state of some alerts."""

    kind: EventKind = strawberry.field(description="What this event stands for.")
    cursor: str = strawberry.field(description="The place of this event in the change log.")
    alerts: list[Alert] = strawberry.field(
        description="At first those that are not resolved, in pieces; then each that changed."
    )


@strawberry.input(description="An alert that somebody has seen.")
class AcknowledgeAlertInput:
    """An alert that somebody has seen."""

    id: ID = strawberry.field(description="The alert.")
    idempotency_key: str | None = idempotency_key()
