"""Queries of those who send files, and of those who look after sources."""

from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import uploads as domain
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE
from schema.intake_enums import UploadRowStatus
from schema.uploads import (
    Upload,
    UploadConnection,
    UploadEdge,
    UploadRowConnection,
    UploadRowEdge,
)

IdArgument = Annotated[ID, strawberry.argument(description="The upload.")]


@strawberry.type(description="What can be asked of uploads.")
class UploadQueries:
    """What can be asked of uploads."""

    @strawberry.field(
        graphql_type=Upload | None,
        description="Your upload with this id; null if there is none. An admin sees all. Needs the "
        "scope `events:ingest`.",
    )
    async def upload(self, info: Info, id: IdArgument) -> domain.Upload | None:
        """The upload with this id."""
        return await info.context.services.uploads.find(info.context.principal, id)

    @strawberry.field(
        description="Your uploads, or all for an admin, the newest first. Needs the scope "
        "`events:ingest`.",
        directives=[PAGE],
    )
    async def uploads(
        self,
        info: Info,
        source: Annotated[
            ID | None, strawberry.argument(description="Only those for this source.")
        ] = None,
        first: First = 50,
        after: After = None,
    ) -> UploadConnection:
        """One's uploads."""
        context = info.context
        page = await context.services.uploads.page(context.principal, source, first, after)
        edges = [
            UploadEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return UploadConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        description="What became of the rows of your upload, in their order; null if you have none "
        "with this id. Needs the scope `events:ingest`.",
        directives=[PAGE],
    )
    async def upload_rows(
        self,
        info: Info,
        upload: IdArgument,
        status: Annotated[
            list[UploadRowStatus] | None,
            strawberry.argument(description="Only those of which this became, such as REFUSED."),
        ] = None,
        first: First = 50,
        after: After = None,
    ) -> UploadRowConnection | None:
        """What became of the rows of an upload."""
        context = info.context
        page = await context.services.uploads.rows(context.principal, upload, status, first, after)
        if page is None:
            return None
        edges = [
            UploadRowEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return UploadRowConnection(edges=edges, page_info=page_info_of(page, after))
