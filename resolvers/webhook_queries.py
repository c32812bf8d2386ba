"""Queries of partners: their webhooks, and what was sent to them."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import webhooks as domain
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE
from schema.enums import DeliveryState
from schema.webhook import (
    Webhook,
    WebhookConnection,
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    WebhookEdge,
)

IdArgument = Annotated[ID, strawberry.argument(description="The webhook.")]


@strawberry.type(description="What can be asked of webhooks.")
class WebhookQueries:
    """What can be asked of webhooks."""

    @strawberry.field(
        description="Your webhooks; all webhooks for an admin. Needs the scope `webhooks:write`.",
        directives=[PAGE],
    )
    async def webhooks(
        self, info: Info, first: First = 50, after: After = None
    ) -> WebhookConnection:
        """One's webhooks."""
        context = info.context
        page = await context.services.webhooks.page(context.principal, first, after)
        edges = [
            WebhookEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return WebhookConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=Webhook | None,
        description="Your webhook with this id; null if there is none.",
    )
    async def webhook(self, info: Info, id: IdArgument) -> domain.Webhook | None:
        """The webhook with this id."""
        return await info.context.services.webhooks.by_id(info.context.principal, id)

    @strawberry.field(
        description="What was and is to be sent to your webhook, the newest first; null if you "
        "have none with this id.",
        directives=[PAGE],
    )
    async def webhook_deliveries(
        self,
        info: Info,
        webhook: IdArgument,
        state: Annotated[
            list[DeliveryState] | None,
            strawberry.argument(description="Only those in one of these states."),
        ] = None,
        first: First = 50,
        after: After = None,
    ) -> WebhookDeliveryConnection | None:
        """What was and is to be sent to a webhook."""
        context = info.context
        page = await context.services.webhooks.deliveries(
            context.principal, webhook, state, first, after
        )
        if page is None:
            return None
        edges = [
            WebhookDeliveryEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return WebhookDeliveryConnection(edges=edges, page_info=page_info_of(page, after))
