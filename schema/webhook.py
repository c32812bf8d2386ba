"""Webhooks of partners, and what they were sent."""

from datetime import datetime
from typing import Annotated

import orjson
import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import webhooks
from schema.costs import assumed
from schema.enums import DeliveryState, DisabledReason, WebhookState
from schema.pages import PageInfo
from schema.shape import derived, shape_of


@shape_of(
    webhooks.SecretPeriod, "How long a secret signs. What it is was told when it was made, only."
)
class WebhookSecret:
    """How long a secret signs."""

    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When it no longer signs; null for the newest one."
    )


@shape_of(
    webhooks.Webhook,
    "Where a partner's server is told what happens (callback, push), and of what. What it is sent "
    "is signed as Standard Webhooks has it.",
)
class Webhook:
    """Where a partner's server is told what happens."""

    id: ID = strawberry.field(description="What identifies the webhook.")
    owner: str = strawberry.field(description="The name of the principal whose it is.")
    url: str = strawberry.field(description="Where it is sent to.")
    description: str | None = strawberry.field(description="What its owner says of it.")
    types: list[str] = derived(
        lambda webhook: sorted(webhook.wanted.types),
        "Types of events that it is told, or families of them, such as `reservation.*`.",
    )
    channels: list[ID] = derived(
        lambda webhook: sorted(webhook.wanted.channels),
        "Only of these channels; of all, if there are none here.",
    )
    skus: list[ID] = derived(
        lambda webhook: sorted(webhook.wanted.skus),
        "Only of these items; of all, if there are none here.",
    )
    categories: list[str] = derived(
        lambda webhook: sorted(webhook.wanted.categories),
        "Only of items of these categories; of all, if there are none here.",
    )
    state: WebhookState = strawberry.field(description="Whether it is sent anything.")
    disabled_reason: DisabledReason | None = strawberry.field(
        description="Why it is disabled, if it is."
    )
    failing_since: datetime | None = strawberry.field(
        description="Since when its receiver takes nothing; null where it took the last one."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    secrets: Annotated[
        tuple[webhooks.SecretPeriod, ...],
        strawberry.field(
            graphql_type=list[WebhookSecret],
            description="The secrets that sign, the newest last: two, while one replaces the "
            "other.",
            directives=[assumed(2)],
        ),
    ]


@shape_of(webhooks.Try, "One time that a delivery was sent.")
class WebhookTry:
    """One time that a delivery was sent."""

    number: int = strawberry.field(description="Which time it was, from 1.")
    tried_at: datetime = strawberry.field(description="When it was sent.")
    seconds: float | None = strawberry.field(
        description="How long it took; null where the hub ended meanwhile."
    )
    status: int | None = strawberry.field(
        description="The HTTP status of the answer; null where there was none."
    )
    error: str | None = strawberry.field(
        description="What went wrong, in English, where there was no answer."
    )
    excerpt: str | None = strawberry.field(description="The beginning of the answer's body.")


@shape_of(webhooks.Delivery, "An event for a webhook, and what became of it.")
class WebhookDelivery:
    """An event for a webhook, and what became of it."""

    id: ID = derived(lambda delivery: str(delivery.id), "What identifies the delivery.")
    webhook: ID = strawberry.field(description="The webhook.")
    event_id: ID = strawberry.field(
        description="The id of the event, the same each time it is sent: the header `webhook-id`."
    )
    type: str = strawberry.field(description="The type of the event.")
    subject: ID = strawberry.field(description="What it is about: an item, a reservation.")
    channel: ID | None = strawberry.field(description="The channel that it holds for, if for one.")
    payload: JSON = derived(
        lambda delivery: orjson.loads(delivery.payload), "The event as it is sent."
    )
    state: DeliveryState = strawberry.field(description="What became of it.")
    created_at: datetime = strawberry.field(description="When it was put down.")
    next_try_at: datetime | None = strawberry.field(
        description="When it is sent next; null unless it is PENDING."
    )
    ended_at: datetime | None = strawberry.field(description="When it was settled, if it is.")
    tries: Annotated[
        tuple[webhooks.Try, ...],
        strawberry.field(
            graphql_type=list[WebhookTry],
            description="Each time it was sent, the first one first.",
            directives=[assumed(2)],
        ),
    ]


@strawberry.type(description="A webhook and its place in the list.")
class WebhookEdge:
    """A webhook and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        webhooks.Webhook, strawberry.field(graphql_type=Webhook, description="The webhook.")
    ]


@strawberry.type(description="A page of webhooks, the oldest first.")
class WebhookConnection:
    """A page of webhooks."""

    edges: list[WebhookEdge] = strawberry.field(description="The webhooks of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@strawberry.type(description="A delivery and its place in the list.")
class WebhookDeliveryEdge:
    """A delivery and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        webhooks.Delivery,
        strawberry.field(graphql_type=WebhookDelivery, description="The delivery."),
    ]


@strawberry.type(description="A page of deliveries, the newest first.")
class WebhookDeliveryConnection:
    """A page of deliveries."""

    edges: list[WebhookDeliveryEdge] = strawberry.field(description="The deliveries of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
