"""Mutations of webhooks: each asks the service and wraps what it gives."""

from typing import Annotated, Any

import strawberry

from hub.domain.errors import InvalidInput
from schema.context import Info
from schema.webhook_inputs import (
    CreateWebhookInput,
    DeleteWebhookInput,
    ReplayWebhookDeliveryInput,
    ReplayWebhookInput,
    RotateWebhookSecretInput,
    TestWebhookInput,
    UpdateWebhookInput,
)
from schema.webhook_results import (
    CreateWebhookResult,
    CreateWebhookSuccess,
    DeleteWebhookResult,
    DeleteWebhookSuccess,
    ReplayWebhookDeliveryResult,
    ReplayWebhookDeliverySuccess,
    ReplayWebhookResult,
    ReplayWebhookSuccess,
    RotateWebhookSecretResult,
    RotateWebhookSecretSuccess,
    TestWebhookResult,
    TestWebhookSuccess,
    UpdateWebhookResult,
    UpdateWebhookSuccess,
)


def _given(description: str) -> Any:
    return strawberry.argument(name="input", description=description)


@strawberry.type(description="What can be done with webhooks.")
class WebhookMutations:
    """What can be done with webhooks."""

    @strawberry.mutation(
        graphql_type=CreateWebhookResult,
        description="Be told by a webhook from now on. Needs the scope `webhooks:write`.",
    )
    async def create_webhook(
        self, info: Info, given: Annotated[CreateWebhookInput, _given("The webhook.")]
    ) -> CreateWebhookSuccess:
        """Be told by a webhook from now on."""
        context = info.context
        made = await context.services.webhooks.create(
            context.principal, given.webhook(), given.idempotency_key
        )
        return CreateWebhookSuccess(webhook=made.webhook, secret=made.secret)

    @strawberry.mutation(
        graphql_type=UpdateWebhookResult,
        description="Change a webhook, disable it, or enable it again.",
    )
    async def update_webhook(
        self, info: Info, given: Annotated[UpdateWebhookInput, _given("What is to be changed.")]
    ) -> UpdateWebhookSuccess:
        """Change a webhook."""
        context = info.context
        changed = await context.services.webhooks.change(
            context.principal, given.id, given.change(), given.idempotency_key
        )
        return UpdateWebhookSuccess(webhook=changed)

    @strawberry.mutation(graphql_type=DeleteWebhookResult, description="Remove a webhook.")
    async def delete_webhook(
        self, info: Info, given: Annotated[DeleteWebhookInput, _given("Which one.")]
    ) -> DeleteWebhookSuccess:
        """Remove a webhook."""
        context = info.context
        await context.services.webhooks.delete(context.principal, given.id, given.idempotency_key)
        return DeleteWebhookSuccess(id=given.id)

    @strawberry.mutation(
        graphql_type=RotateWebhookSecretResult,
        description="Sign with a new secret. The one before signs, too, until its receiver has "
        "been told the new one.",
    )
    async def rotate_webhook_secret(
        self, info: Info, given: Annotated[RotateWebhookSecretInput, _given("Of which webhook.")]
    ) -> RotateWebhookSecretSuccess:
        """Sign with a new secret."""
        context = info.context
        made = await context.services.webhooks.rotate_secret(
            context.principal, given.id, given.overlap_seconds, given.idempotency_key
        )
        return RotateWebhookSecretSuccess(webhook=made.webhook, secret=made.secret)

    @strawberry.mutation(
        graphql_type=TestWebhookResult,
        description="Send a webhook an event that tells nothing, to see whether it arrives.",
    )
    async def test_webhook(
        self, info: Info, given: Annotated[TestWebhookInput, _given("Which one.")]
    ) -> TestWebhookSuccess:
        """Send a webhook an event that tells nothing."""
        context = info.context
        sent = await context.services.webhook_replays.test(
            context.principal, given.id, given.idempotency_key
        )
        return TestWebhookSuccess(delivery=sent)

    @strawberry.mutation(
        graphql_type=ReplayWebhookDeliveryResult,
        description="Send a delivery once more, as it was, under the same id of the event.",
    )
    async def replay_webhook_delivery(
        self, info: Info, given: Annotated[ReplayWebhookDeliveryInput, _given("Which one.")]
    ) -> ReplayWebhookDeliverySuccess:
        """Send a delivery once more."""
        context = info.context
        sent = await context.services.webhook_replays.replay_delivery(
            context.principal, given.id, given.idempotency_key
        )
        return ReplayWebhookDeliverySuccess(delivery=sent)

    @strawberry.mutation(
        graphql_type=ReplayWebhookResult,
        description="Send a webhook what it missed: what has failed, or what has changed since.",
    )
    async def replay_webhook(
        self, info: Info, given: Annotated[ReplayWebhookInput, _given("Which one, and what.")]
    ) -> ReplayWebhookSuccess:
        """Send a webhook what it missed."""
        context = info.context
        replays, what = context.services.webhook_replays, given.what
        if what.failed is False:
            raise InvalidInput(field="failed", problem="must be true, or be left out")
        if what.failed:
            number = await replays.replay_failed(context.principal, given.id, given.idempotency_key)
            return ReplayWebhookSuccess(deliveries=number)
        await replays.replay_since(
            context.principal,
            given.id,
            what.since or None,
            what.after or None,
            given.idempotency_key,
        )
        return ReplayWebhookSuccess(deliveries=None)
