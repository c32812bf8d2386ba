"""What the mutations of dead letters take, and what they give back."""

from typing import Annotated

import strawberry
from strawberry import ID
from strawberry.scalars import JSON

from hub.domain import dead_letters
from hub.services.dead_letters import MAX_AT_ONCE
from schema.dead_letters import DeadLetter, DeadLetterFilter
from schema.errors import (
    DeadLetterNotFound,
    DeadLetterSettled,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InvalidInput,
)
from schema.idempotency import idempotency_key

_FILTER = "Which ones; all of them for an empty filter."
_MOST = f"How many at most, the oldest first: 1 to {MAX_AT_ONCE}."
_REASON = "Why, for whoever looks at it later: one line."

LetterValue = Annotated[
    dead_letters.DeadLetter,
    strawberry.field(graphql_type=DeadLetter, description="The event as it stands now."),
]


@strawberry.input(description="A dead letter to be worked again as it is.")
class RequeueDeadLetterInput:
    """A dead letter to be worked again as it is."""

    id: ID = strawberry.field(description="The dead letter.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A dead letter to be worked by another payload.")
class EditDeadLetterInput:
    """A dead letter to be worked by another payload."""

    id: ID = strawberry.field(description="The dead letter.")
    payload: JSON = strawberry.field(
        description="The whole event as it should have been, with the id that it has. The one that "
        "came is kept beside it, and is still a duplicate when its sender sends it again."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A dead letter that is never to be worked.")
class DiscardDeadLetterInput:
    """A dead letter that is never to be worked."""

    id: ID = strawberry.field(description="The dead letter.")
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Dead letters to be worked again as they are.")
class RequeueDeadLettersInput:
    """Dead letters to be worked again as they are."""

    filter: DeadLetterFilter = strawberry.field(description=_FILTER)
    most: int = strawberry.field(default=1_000, description=_MOST)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Dead letters that are never to be worked.")
class DiscardDeadLettersInput:
    """Dead letters that are never to be worked."""

    filter: DeadLetterFilter = strawberry.field(description=_FILTER)
    reason: str = strawberry.field(description=_REASON)
    most: int = strawberry.field(default=1_000, description=_MOST)
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="The event is worked again; it takes effect once.")
class RequeueDeadLetterSuccess:
    """The event is worked again."""

    dead_letter: LetterValue


@strawberry.type(description="The event is worked by its new payload; it takes effect once.")
class EditDeadLetterSuccess:
    """The event is worked by its new payload."""

    dead_letter: LetterValue


@strawberry.type(description="The event is never worked. `requeueDeadLetter` undoes it.")
class DiscardDeadLetterSuccess:
    """The event is never worked."""

    dead_letter: LetterValue


@strawberry.type(description="The events are worked again, in the order in which they came.")
class RequeueDeadLettersSuccess:
    """The events are worked again."""

    count: int = strawberry.field(description="How many were put back.")
    left: int = strawberry.field(description="How many more the filter finds.")


@strawberry.type(description="The events are never worked.")
class DiscardDeadLettersSuccess:
    """The events are never worked."""

    count: int = strawberry.field(description="How many were discarded.")
    left: int = strawberry.field(description="How many more the filter finds.")


_Refused = InvalidInput | IdempotencyMismatch | IdempotencyInProgress
_NotThere = DeadLetterNotFound | DeadLetterSettled | _Refused

RequeueDeadLetterResult = Annotated[
    RequeueDeadLetterSuccess | _NotThere,
    strawberry.union("RequeueDeadLetterResult", description="What became of `requeueDeadLetter`."),
]
EditDeadLetterResult = Annotated[
    EditDeadLetterSuccess | _NotThere,
    strawberry.union("EditDeadLetterResult", description="What became of `editDeadLetter`."),
]
DiscardDeadLetterResult = Annotated[
    DiscardDeadLetterSuccess | _NotThere,
    strawberry.union("DiscardDeadLetterResult", description="What became of `discardDeadLetter`."),
]
RequeueDeadLettersResult = Annotated[
    RequeueDeadLettersSuccess | _Refused,
    strawberry.union(
        "RequeueDeadLettersResult", description="What became of `requeueDeadLetters`."
    ),
]
DiscardDeadLettersResult = Annotated[
    DiscardDeadLettersSuccess | _Refused,
    strawberry.union(
        "DiscardDeadLettersResult", description="What became of `discardDeadLetters`."
    ),
]
