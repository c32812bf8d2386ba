"""What the mutations of webhooks give back: a success, or an error that says what to do."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import webhooks
from schema.errors import (
    DeliveryNotFound,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
    WebhookDisabled,
    WebhookNotFound,
)
from schema.webhook import Webhook, WebhookDelivery

WebhookValue = Annotated[
    webhooks.Webhook,
    strawberry.field(graphql_type=Webhook, description="The webhook as it is now."),
]
Secret = Annotated[
    str,
    strawberry.field(
        description="The newest secret, to check signatures with (`whsec_…`). It is told this "
        "once: keep it where nobody else reads it."
    ),
]
DeliveryValue = Annotated[
    webhooks.Delivery,
    strawberry.field(
        graphql_type=WebhookDelivery,
        description="The delivery; a moment later it tells what became of it.",
    ),
]


@strawberry.type(description="The webhook is told from now on.")
class CreateWebhookSuccess:
    """The webhook is told from now on."""

    webhook: WebhookValue
    secret: Secret


@strawberry.type(description="The webhook is as it was asked for.")
class UpdateWebhookSuccess:
    """The webhook is as it was asked for."""

    webhook: WebhookValue


@strawberry.type(description="The webhook is gone, and its log with it.")
class DeleteWebhookSuccess:
    """The webhook is gone."""

    id: ID = strawberry.field(description="What identified it.")


@strawberry.type(description="The new secret signs from now on.")
class RotateWebhookSecretSuccess:
    """The new secret signs from now on."""

    webhook: WebhookValue
    secret: Secret


@strawberry.type(description="An event `webhook.test` is on its way.")
class TestWebhookSuccess:
    """An event `webhook.test` is on its way."""

    __test__ = False
    delivery: DeliveryValue


@strawberry.type(description="The delivery is on its way once more, as one of its own.")
class ReplayWebhookDeliverySuccess:
    """The delivery is on its way once more."""

    delivery: DeliveryValue


@strawberry.type(description="What was missed is on its way.")
class ReplayWebhookSuccess:
    """What was missed is on its way."""

    deliveries: int | None = strawberry.field(
        description="How many failed deliveries are sent again; null where what has changed is "
        "still being gathered."
    )


_Refused = InvalidInput | IdempotencyMismatch | IdempotencyInProgress
_NotSent = WebhookDisabled | _Refused

CreateWebhookResult = Annotated[
    CreateWebhookSuccess | _Refused,
    strawberry.union("CreateWebhookResult", description="What became of `createWebhook`."),
]
UpdateWebhookResult = Annotated[
    UpdateWebhookSuccess | WebhookNotFound | _Refused,
    strawberry.union("UpdateWebhookResult", description="What became of `updateWebhook`."),
]
DeleteWebhookResult = Annotated[
    DeleteWebhookSuccess | WebhookNotFound | _Refused,
    strawberry.union("DeleteWebhookResult", description="What became of `deleteWebhook`."),
]
RotateWebhookSecretResult = Annotated[
    RotateWebhookSecretSuccess | WebhookNotFound | _Refused,
    strawberry.union(
        "RotateWebhookSecretResult", description="What became of `rotateWebhookSecret`."
    ),
]
TestWebhookResult = Annotated[
    TestWebhookSuccess | WebhookNotFound | _NotSent,
    strawberry.union("TestWebhookResult", description="What became of `testWebhook`."),
]
ReplayWebhookDeliveryResult = Annotated[
    ReplayWebhookDeliverySuccess | DeliveryNotFound | _NotSent,
    strawberry.union(
        "ReplayWebhookDeliveryResult", description="What became of `replayWebhookDelivery`."
    ),
]
ReplayWebhookResult = Annotated[
    ReplayWebhookSuccess | WebhookNotFound | _NotSent,
    strawberry.union("ReplayWebhookResult", description="What became of `replayWebhook`."),
]
