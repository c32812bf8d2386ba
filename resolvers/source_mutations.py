"""Mutations of sources: each asks the service and wraps what it gives."""

import base64
from typing import Annotated, Any

import strawberry

from hub.domain.errors import InvalidInput
from hub.domain.sources import source_from
from hub.services.source_trials import Tried
from schema.context import Info
from schema.source_trials import TestSourceInput, TestSourceResult, TestSourceSuccess
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

    @strawberry.mutation(
        graphql_type=TestSourceResult,
        description="Try what a source would send: what would become of each row, and the change "
        "of stock. Nothing is done. Needs the scope `admin`.",
    )
    async def test_source(
        self, info: Info, given: Annotated[TestSourceInput, _given("What is tried.")]
    ) -> TestSourceSuccess:
        """Try what a source would send."""
        context = info.context
        services = context.services
        if (given.name is None) is (given.configuration is None):
            problem = "is needed, or a configuration, and not both"
            raise InvalidInput(field="name", problem=problem)
        if given.name is not None:
            source = (await services.sources.get(context.principal, given.name)).source
        else:
            source = source_from(given.configuration)
        tried = Tried(source, _content(given), given.file_name, given.as_of)
        trial = await services.try_source(services, context.principal, tried)
        return TestSourceSuccess(trial=trial)


def _content(given: TestSourceInput) -> bytes:
    """What is tried, as bytes. Raises `InvalidInput`."""
    if (given.content is None) is (given.content_base64 is None):
        problem = "is needed, or contentBase64, and not both"
        raise InvalidInput(field="content", problem=problem)
    if given.content is not None:
        return given.content.encode(errors="replace")
    try:
        return base64.b64decode(given.content_base64 or "", validate=True)
    except ValueError:
        raise InvalidInput(field="contentBase64", problem="is not base64") from None
