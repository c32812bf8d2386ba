"""What the mutations of webhooks take."""

from datetime import datetime

import strawberry
from strawberry import ID

from hub.services.webhook_replays import MAX_REPLAYED
from hub.services.webhooks import (
    DEFAULT_OVERLAP_SECONDS,
    MAX_FILTER,
    MAX_OVERLAP_SECONDS,
    WebhookInput,
)
from schema.idempotency import idempotency_key

_URL = (
    "Where to send it to: `https://`, with a certificate that can be verified, on the internet and "
    "not in a private network."
)
_TYPES = (
    "Types of events, or families of them: `availability.changed`, `reservation.held`, "
    "`reservation.*` and so on. Reservations need the scope `reservations:write`, alerts and "
    "notices (`stock.*`) need `alerts:read`."
)


@strawberry.input(description="A webhook to be.")
class CreateWebhookInput:
    """A webhook to be."""

    url: str = strawberry.field(description=_URL)
    types: list[str] = strawberry.field(description=_TYPES)
    channels: list[ID] | None = strawberry.field(
        default=None, description=f"Only of these channels, at most {MAX_FILTER}; of all if none."
    )
    skus: list[ID] | None = strawberry.field(
        default=None, description=f"Only of these items, at most {MAX_FILTER}; of all if none."
    )
    categories: list[str] | None = strawberry.field(
        default=None,
        description=f"Only of items of these categories, at most {MAX_FILTER}; of all if none.",
    )
    description: str | None = strawberry.field(default=None, description="For people.")

    idempotency_key: str | None = idempotency_key()

    def webhook(self) -> WebhookInput:
        """The webhook in the hub's terms."""
        return WebhookInput(
            self.url, self.types, self.channels, self.skus, self.categories, self.description
        )


@strawberry.input(description="What is to be changed of a webhook; what is left out stays.")
class UpdateWebhookInput:
    """What is to be changed of a webhook."""

    id: ID = strawberry.field(description="The webhook.")
    url: str | None = strawberry.field(default=None, description=_URL)
    types: list[str] | None = strawberry.field(default=None, description=_TYPES)
    channels: list[ID] | None = strawberry.field(
        default=None, description="Only of these channels; of all for an empty list."
    )
    skus: list[ID] | None = strawberry.field(
        default=None, description="Only of these items; of all for an empty list."
    )
    categories: list[str] | None = strawberry.field(
        default=None, description="Only of items of these categories; of all for an empty list."
    )
    description: str | None = strawberry.field(
        default=None, description="For people; an empty one takes it away."
    )
    active: bool | None = strawberry.field(
        default=None,
        description="Whether it is sent anything. While it is not, nothing is kept for it; once it "
        "is again, `replayWebhook` brings what it missed.",
    )

    idempotency_key: str | None = idempotency_key()

    def change(self) -> WebhookInput:
        """The change in the hub's terms."""
        return WebhookInput(
            self.url,
            self.types,
            self.channels,
            self.skus,
            self.categories,
            self.description,
            self.active,
        )


@strawberry.input(description="A webhook to be removed.")
class DeleteWebhookInput:
    """A webhook to be removed."""

    id: ID = strawberry.field(description="The webhook.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A webhook that needs a new secret.")
class RotateWebhookSecretInput:
    """A webhook that needs a new secret."""

    id: ID = strawberry.field(description="The webhook.")
    overlap_seconds: int = strawberry.field(
        default=DEFAULT_OVERLAP_SECONDS,
        description="How long the secret before signs, too: 0, where it is known to others, to "
        f"{MAX_OVERLAP_SECONDS}.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A webhook to be tried out.")
class TestWebhookInput:
    """A webhook to be tried out."""

    __test__ = False
    id: ID = strawberry.field(description="The webhook.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A delivery to be sent once more.")
class ReplayWebhookDeliveryInput:
    """A delivery to be sent once more."""

    id: ID = strawberry.field(description="The delivery.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(
    one_of=True, description="What a webhook is to be sent once more; exactly one of these."
)
class WebhookReplay:
    """What a webhook is to be sent once more."""

    failed: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="With true, what has failed, where nothing newer was said of the same: at most "
        f"{MAX_REPLAYED} deliveries.",
    )
    since: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="What has changed since then, as it is now. Where the log does not reach back "
        "so far: a reset, and everything.",
    )
    after: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What has changed behind the cursor of a subscription or a feed, as it is now.",
    )


@strawberry.input(description="A webhook that missed something.")
class ReplayWebhookInput:
    """A webhook that missed something."""

    id: ID = strawberry.field(description="The webhook.")
    what: WebhookReplay = strawberry.field(description="What it is to be sent once more.")
    idempotency_key: str | None = idempotency_key()
