"""Mutations of sources: each asks the service and wraps what it gives."""

from typing import Annotated, Any

import strawberry

from hub.domain.sources import source_from
from schema.context import Info
from schema.sources import (
    PutSourceInput,
    PutSourceResult,
    PutSourceSuccess,
    RemoveSourceInput,
    RemoveSourceResult,
    RemoveSourceSuccess,
)


def _given(description: str) -> Any:
    return strawberry.argument(name="input", description=description)


@strawberry.type(description="What can be done with sources.")
class SourceMutations:
    """What can be done with sources."""

    @strawberry.mutation(
        graphql_type=PutSourceResult,
        description="Add or replace a source. Needs the scope `admin`.",
    )
    async def put_source(
        self, info: Info, given: Annotated[PutSourceInput, _given("The source.")]
    ) -> PutSourceSuccess:
        """Add or replace a source."""
        context = info.context
        source = source_from(given.configuration)
        put = await context.services.sources.put(
            context.principal, source, given.if_version, given.idempotency_key
        )
        return PutSourceSuccess(source=put)

    @strawberry.mutation(
        graphql_type=RemoveSourceResult,
        description="Remove a source. Needs the scope `admin`.",
    )
    async def remove_source(
        self, info: Info, given: Annotated[RemoveSourceInput, _given("Which one.")]
    ) -> RemoveSourceSuccess:
        """Remove a source."""
        context = info.context
        await context.services.sources.remove(
            context.principal, given.name, given.if_version, given.idempotency_key
        )
        return RemoveSourceSuccess(name=given.name)
