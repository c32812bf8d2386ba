"""Dead letters: events that could not be worked, kept with the reason and their history."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import dead_letters
from schema.intake_enums import LetterState, LetterStep
from schema.pages import PageInfo
from schema.shape import shape_of


@shape_of(dead_letters.HistoryEntry, "One thing that happened to an event.")
class DeadLetterHistoryEntry:
    """One thing that happened to an event."""

    step: LetterStep = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    actor: ID = strawberry.field(description="Who did it; `hub` for its own attempts.")
    attempt: int | None = strawberry.field(description="Which attempt it was, if it was one.")
    error_code: str | None = strawberry.field(description="The code of what went wrong.")
    error: str | None = strawberry.field(description="What went wrong, for developers.")
    reason: str | None = strawberry.field(description="Why it was discarded.")
    payload: JSON | None = strawberry.field(description="What it was edited to.")


@shape_of(
    dead_letters.DeadLetter,
    "An event from the inbox that could not be worked. It holds back no other event.",
)
class DeadLetter:
    """An event that could not be worked."""

    id: ID = strawberry.field(description="What identifies it in the hub.")
    source: ID = strawberry.field(description="Who sent the event.")
    event_id: ID = strawberry.field(description="The sender's id of the event.")
    type: str = strawberry.field(description="The type of the event, such as `order.placed`.")
    payload: JSON = strawberry.field(description="The event as it came.")
    edited_payload: JSON | None = strawberry.field(
        description="What is worked in its place; null where nobody has edited it."
    )
    state: LetterState = strawberry.field(description="Where it stands now.")
    error_code: str = strawberry.field(description="The stable code of what went wrong.")
    error: str = strawberry.field(description="What went wrong, as a sentence for developers.")
    attempts: int = strawberry.field(description="How often it was taken up.")
    received_at: datetime = strawberry.field(description="When it came in.")
    failed_at: datetime = strawberry.field(description="When it was tried for the last time.")
    history: Annotated[
        list[dead_letters.HistoryEntry],
        strawberry.field(
            graphql_type=list[DeadLetterHistoryEntry],
            description="What happened to it, the oldest first. A first try that took effect is "
            "not told: there is nothing to tell of it.",
        ),
    ]


@strawberry.type(description="A dead letter and its place in the list.")
class DeadLetterEdge:
    """A dead letter and its place in the list."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        dead_letters.DeadLetter,
        strawberry.field(graphql_type=DeadLetter, description="The dead letter."),
    ]


@strawberry.type(description="A page of dead letters, the newest first.")
class DeadLetterConnection:
    """A page of dead letters."""

    edges: list[DeadLetterEdge] = strawberry.field(description="The dead letters of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the list goes on.")


@strawberry.input(description="Which dead letters: all that is given must hold.")
class DeadLetterFilter:
    """Which dead letters."""

    source: ID | None = strawberry.field(default=None, description="Of this sender.")
    error_code: str | None = strawberry.field(default=None, description="That failed so.")
    type: str | None = strawberry.field(default=None, description="Events of this type.")
    failed_from: datetime | None = strawberry.field(
        default=None, description="That failed at this time or later."
    )
    failed_to: datetime | None = strawberry.field(
        default=None, description="That failed before this time."
    )

    def sought(self) -> dead_letters.SoughtLetters:
        """The filter in the hub's terms."""
        return dead_letters.SoughtLetters(
            self.source, self.error_code, self.type, self.failed_from, self.failed_to
        )
