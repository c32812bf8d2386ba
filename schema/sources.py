"""Sources: who tells the hub of stock, and what the mutations of them take and give back."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain.sources import StoredSource
from hub.services.source_health import SourceReport
from schema.context import Info
from schema.enums import SourceState
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
    "`skus`, `counts`, `events`, `signing` and `freshness`. Secrets are named by the variables of "
    "the environment that hold them."
)
_IF_VERSION = "Only if the source is at this version"


@shape_of(
    SourceReport,
    "How a source is doing: whether it is heard as often as is expected of it, and what it sends "
    "can be used.",
)
class SourceHealth:
    """How a source is doing."""

    state: SourceState = strawberry.field(description="How it is doing.")
    since: datetime = strawberry.field(description="Since when it is in this state.")
    last_heard_at: datetime | None = strawberry.field(
        description="When something came last that was understood, be it that nothing had changed."
    )
    last_failed_at: datetime | None = strawberry.field(
        description="When what it sent could not be used last, or it did not answer."
    )
    failures: int = strawberry.field(description="Failures in a row, since it was heard.")
    problem: str | None = strawberry.field(
        description="What was wrong with the last of these; null once it was heard again."
    )
    not_before: datetime | None = strawberry.field(
        description="It is not asked before this: it wants to be left alone (Retry-After), or its "
        "circuit is open; null where it may be asked now."
    )
    circuit_opened_at: datetime | None = strawberry.field(
        description="Since when its circuit is open: it failed too often, and is asked seldom."
    )
    late_at: datetime | None = strawberry.field(
        description="When it is late if nothing is heard of it, or since when it is; null where "
        "nothing says how often it is to be heard."
    )
    stale_at: datetime | None = strawberry.field(
        description="When it is stale if nothing is heard of it, or since when it is."
    )
    withhold: str | None = strawberry.field(
        description="What its locations withhold of each item while it is `STALE`, `DOUBTFUL` or "
        "`CIRCUIT_OPEN`: units such as `2`, or a part such as `25%`; null where the promise stays."
    )
    locations: list[ID] = strawberry.field(
        description="The locations that it tells of, whose answers say so while it is not believed."
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
        graphql_type=SourceHealth | None,
        description="How it is doing; null where it has been removed meanwhile.",
    )
    @staticmethod
    def health(root: strawberry.Parent[StoredSource], info: Info) -> Awaitable[SourceReport | None]:
        """How it is doing."""
        return info.context.loaders.source_health(root.source.name)


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
