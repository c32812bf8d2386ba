"""Dead letters: events that could not be worked, what became of them, and who did it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class LetterState(StrEnum):
    """Where an event stands that was a dead letter once."""

    DEAD = "DEAD"
    PENDING = "PENDING"
    APPLIED = "APPLIED"
    SUPERSEDED = "SUPERSEDED"
    DISCARDED = "DISCARDED"


class LetterStep(StrEnum):
    """What happened to an event."""

    RETRIED = "RETRIED"
    """It was tried and came too early, so it is tried again."""
    HELD = "HELD"
    """It had to wait behind another event of its key, so it was not tried."""
    FAILED = "FAILED"
    """It was tried and became a dead letter."""
    APPLIED = "APPLIED"
    SUPERSEDED = "SUPERSEDED"
    """It was tried and changed nothing, as what is newer was known."""
    REQUEUED = "REQUEUED"
    EDITED = "EDITED"
    DISCARDED = "DISCARDED"
    REPLAYED = "REPLAYED"


class HistoryEntry(NamedTuple):
    """One thing that happened to an event."""

    step: LetterStep
    at: datetime
    actor: str
    """Who did it; the hub itself for attempts."""
    attempt: int | None
    """Which one it was, if it was one."""
    error_code: str | None
    error: str | None
    reason: str | None
    """Why it was discarded."""
    payload: Any
    """What it was edited to."""


class DeadLetter(NamedTuple):
    """An event that could not be worked, with all that is needed to see why."""

    source: str
    event_id: str
    type: str
    payload: Any
    error_code: str
    error: str
    attempts: int
    received_at: datetime
    failed_at: datetime
    id: str
    state: LetterState
    edited_payload: Any
    """What is worked in place of the payload; None where nobody edited it."""
    history: tuple[HistoryEntry, ...]
    """The oldest first."""


class SoughtLetters(NamedTuple):
    """Which dead letters are sought: those that are like all that is given."""

    source: str | None = None
    error_code: str | None = None
    type: str | None = None
    failed_from: datetime | None = None
    failed_to: datetime | None = None
    """Those that failed before it."""
