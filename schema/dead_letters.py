"""Dead letters: events that could not be worked, kept with the reason."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.services import intake
from schema.pages import PageInfo
from schema.shape import shape_of


@shape_of(
    intake.DeadLetter,
    "An event from the inbox that could not be worked. It holds back no other event.",
)
class DeadLetter:
    """An event that could not be worked."""

    source: ID = strawberry.field(description="Who sent the event.")
    event_id: ID = strawberry.field(description="The sender's id of the event.")
    type: str = strawberry.field(description="The type of the event, such as `order.placed`.")
    payload: JSON = strawberry.field(description="The event as it came.")
    error_code: str = strawberry.field(description="The stable code of what went wrong.")
    error: str = strawberry.field(description="What went wrong, as a sentence for developers.")
    attempts: int = strawberry.field(description="How often it was tried.")
    received_at: datetime = strawberry.field(description="When it came in.")
    failed_at: datetime = strawberry.field(description="When it failed for the last time.")


@strawberry.type(description="A dead letter and its place in the list.")
class DeadLetterEdge:
    """A dead letter and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        intake.DeadLetter,
        strawberry.field(graphql_type=DeadLetter, description="The dead letter."),
    ]


@strawberry.type(description="A page of dead letters, the newest first.")
class DeadLetterConnection:
    """A page of dead letters."""

    edges: list[DeadLetterEdge] = strawberry.field(description="The dead letters of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")
