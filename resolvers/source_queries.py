"""Queries of those who look after suppliers and shops."""

import strawberry

from hub.domain.sources import StoredSource
from schema.context import Info
from schema.costs import assumed
from schema.sources import Source


@strawberry.type(description="What can be asked of sources.")
class SourceQueries:
    """What can be asked of sources."""

    @strawberry.field(
        graphql_type=list[Source],
        description="All sources, by name: who tells the hub of stock. Needs the scope `admin`.",
        directives=[assumed(20)],
    )
    async def sources(self, info: Info) -> list[StoredSource]:
        """All sources."""
        return await info.context.services.sources.all(info.context.principal)
