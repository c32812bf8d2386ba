"""Sources: who tells the hub of stock, and what the mutations of them take and give back."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain.polling import Polling
from hub.domain.sources import StoredSource
from schema.context import Info
from schema.enums import PollOutcome
from schema.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
    SourceChanged,
    SourceNotFound,
)
from schema.idempotency import idempotency_key
from schema.shape import derived, shape_of

_CONFIGURATION = (
    "As in a TOML file: `name`, `format`, `options` of the format, `locations`, `channels`, "
    "`skus`, `counts`, `events`, `signing` and `fetch`. Secrets are named by the variables of the "
    "environment that hold them."
)
_IF_VERSION = "Only if the source is at this version"


@shape_of(Polling, "How the hub goes on asking a source (polling, fetching).")
class SourcePolling:
    """How the hub goes on asking a source."""

    next_at: datetime = strawberry.field(description="When it is asked next.")
    last_at: datetime | None = strawberry.field(
        description="When it was last asked; null before the first time."
    )
    outcome: PollOutcome | None = strawberry.field(description="What became of that.")
    problem: str | None = strawberry.field(description="Why, where it was refused or failed.")
    report: JSON = strawberry.field(
        description="What became of the rows when something came the last time: `files`, `read`, "
        "`accepted`, `duplicates`, `refused`, the first of `refusedRows`, `snapshots` and more."
    )


@shape_of(
    StoredSource,
    "Who tells the hub of stock, a supplier or a shop, and how that is understood (integration, "
    "connector).",
)
class Source:
    """Who tells the hub of stock, and how that is understood."""

    name: ID = derived(lambda one: one.source.name, "Its name, which events of it carry.")
    format: str = derived(lambda one: one.source.format, "What it sends, such as `csv`.")
    version: int = strawberry.field(description="Grows whenever the source is put anew.")
    updated_at: datetime = strawberry.field(description="When it was put.")
    updated_by: str = strawberry.field(description="Who has put it.")
    configuration: JSON = derived(lambda one: one.source.as_plain(), _CONFIGURATION)

    @strawberry.field(
        graphql_type=SourcePolling | None,
        description="How the hub goes on asking it; null for a source that tells by itself, and "
        "until the jobs have seen it.",
    )
    @staticmethod
    async def polling(root: strawberry.Parent[StoredSource], info: Info) -> Polling | None:
        """How the hub goes on asking it."""
        return await info.context.loaders.polling(root.source.name)


@strawberry.input(description="A source to be added or replaced.")
class PutSourceInput:
    """A source to be added or replaced."""

    configuration: JSON = strawberry.field(description=_CONFIGURATION)
    if_version: int | None = strawberry.field(
        default=None, description=f"{_IF_VERSION}; with 0, only if there is none of that name."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A source to be removed.")
class RemoveSourceInput:
    """A source to be removed."""

    name: ID = strawberry.field(description="The source.")
    if_version: int | None = strawberry.field(default=None, description=f"{_IF_VERSION}.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The source is as it was asked for.")
class PutSourceSuccess:
    """The source is as it was asked for."""

    source: Annotated[
        StoredSource,
        strawberry.field(graphql_type=Source, description="The source as it is now."),
    ]


@strawberry.type(description="The source is gone. What it has told stays.")
class RemoveSourceSuccess:
    """The source is gone."""

    name: ID = strawberry.field(description="What it was called.")


_Refused = (
    SourceNotFound | SourceChanged | InvalidInput | IdempotencyMismatch | IdempotencyInProgress
)

PutSourceResult = Annotated[
    PutSourceSuccess | _Refused,
    strawberry.union("PutSourceResult", description="What became of `putSource`."),
]
RemoveSourceResult = Annotated[
    RemoveSourceSuccess | _Refused,
    strawberry.union("RemoveSourceResult", description="What became of `removeSource`."),
]
