"""Queries of those who look after sales channels."""

import strawberry

from hub.services.channel_sync import TargetReport
from schema.channel_targets import ChannelTarget
from schema.context import Info
from schema.costs import assumed


@strawberry.type(description="What can be asked of sales channels.")
class ChannelQueries:
    """What can be asked of sales channels."""

    @strawberry.field(
        graphql_type=list[ChannelTarget],
        description="The other sides that quantities are pushed to (sales channels), by name; "
        "those that have begun. Needs the scope `admin`.",
        directives=[assumed(3)],
    )
    async def channel_targets(self, info: Info) -> list[TargetReport]:
        """The other sides that quantities are pushed to."""
        context = info.context
        return await context.services.channel_sync.reports(context.principal)
