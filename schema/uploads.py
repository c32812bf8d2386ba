"""Files that were uploaded for sources, and what became of each of their rows."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from hub.domain import snapshots, uploads
from schema.costs import assumed
from schema.intake_enums import CallbackState, UploadRowStatus, UploadState
from schema.pages import PageInfo
from schema.shape import derived, shape_of
from schema.snapshots import StockSnapshot


@shape_of(
    uploads.Upload,
    "A file that was uploaded for a source (import, bulk load): a job takes it in, row by row.",
)
class Upload:
    """A file that was uploaded for a source."""

    id: ID = derived(lambda upload: str(upload.id), "What identifies the upload.")
    source: ID = strawberry.field(description="The source that it is for.")
    actor: str = strawberry.field(description="The name of the principal who sent it.")
    name: str | None = strawberry.field(description="The name of the file, if it was told.")
    state: UploadState = strawberry.field(description="How far it has come.")
    progress: float = strawberry.field(description="Which share of it is done, from 0 to 1.")
    size: int = strawberry.field(description="Of the content, unpacked, in bytes.")
    rows: int | None = strawberry.field(
        description="Rows that it has; null until it was read through once."
    )
    read: int = derived(lambda upload: upload.counts.read, "Rows that are done.")
    accepted: int = derived(
        lambda upload: upload.counts.accepted, "Events that were new to the inbox."
    )
    duplicates: int = derived(
        lambda upload: upload.counts.duplicates,
        "Events that were there before, and have no second effect.",
    )
    superseded: int = derived(
        lambda upload: upload.counts.superseded,
        "Of those accepted, those that changed nothing; counted at the end.",
    )
    dead_letters: int = derived(
        lambda upload: upload.counts.dead_letters,
        "Of those accepted, those that could not be worked; counted at the end.",
    )
    ignored: int = derived(
        lambda upload: upload.counts.ignored, "Rows that are none of the hub's business."
    )
    refused: int = derived(lambda upload: upload.counts.refused, "Rows that were left out.")
    warnings: int = derived(
        lambda upload: upload.counts.warnings, "Warnings of rows that were read all the same."
    )
    snapshot: Annotated[
        snapshots.Snapshot | None,
        strawberry.field(
            graphql_type=StockSnapshot | None,
            description="What is known now of the snapshot that it was, if it was one: its "
            "counts are not events.",
        ),
    ]
    replies: Annotated[
        tuple[str, ...],
        strawberry.field(
            graphql_type=list[str],
            description="What its sender expects in his own format, such as an X12 997.",
            directives=[assumed(1)],
        ),
    ]
    error_code: str | None = strawberry.field(description="The stable code of why it failed.")
    error: str | None = strawberry.field(description="Why it failed, in English.")
    callback_state: CallbackState | None = strawberry.field(
        description="Whether its sender was told of its end; null if he did not ask for that."
    )
    received_at: datetime = strawberry.field(description="When it had come.")
    started_at: datetime | None = strawberry.field(description="When it was begun.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")


@shape_of(uploads.UploadRow, "What became of a row of an upload.")
class UploadRow:
    """What became of a row of an upload."""

    line: int | None = strawberry.field(
        description="The line, entry or segment, counted from 1; null where it is about the whole."
    )
    column: str | None = strawberry.field(
        description="The column, path or element; null where it is about the row."
    )
    status: UploadRowStatus = strawberry.field(description="What became of it.")
    code: str | None = strawberry.field(description="The stable code of what is wrong.")
    reason: str | None = strawberry.field(
        description="What is wrong and what would be right, or why it changed nothing."
    )
    event_id: ID | None = strawberry.field(
        description="The id of its event; null where it became none."
    )


@strawberry.type(description="An upload and its place in the list.")
class UploadEdge:
    """An upload and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        uploads.Upload,
        strawberry.field(graphql_type=Upload, description="The upload."),
    ]


@strawberry.type(description="A page of uploads, the newest first.")
class UploadConnection:
    """A page of uploads."""

    edges: list[UploadEdge] = strawberry.field(description="The uploads of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@strawberry.type(description="A row of an upload and its place in the list.")
class UploadRowEdge:
    """A row of an upload and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        uploads.UploadRow,
        strawberry.field(graphql_type=UploadRow, description="The row."),
    ]


@strawberry.type(description="A page of the rows of an upload, in their order.")
class UploadRowConnection:
    """A page of the rows of an upload."""

    edges: list[UploadRowEdge] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
