"""What is written on an inbox entry once its command was decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub.domain.commands import Command
from hub.domain.dead_letters import LetterStep
from hub.domain.decide import Result
from hub.domain.errors import HubError, OrderLineMismatch, UnknownOrder, UnknownSupply
from hub.domain.event_order import HeldBack, holds_back
from hub.store.inbox import Mark
from hub.store.inbox_history import Attempt

MAX_ATTEMPTS = 4
FIRST_DELAY_SECONDS = 0.25
DELAY_FACTOR = 4
MIN_HOLD_SECONDS = 0.05
"""Who waits behind an event that is being tried right now looks again after that."""

_MAY_BE_EARLY = (UnknownOrder, OrderLineMismatch, UnknownSupply)
"""Refusals that only say that an event overtook the one before it: those are tried again."""

_STEPS = {
    "PENDING": LetterStep.RETRIED,
    "DEAD": LetterStep.FAILED,
    "APPLIED": LetterStep.APPLIED,
    "SUPERSEDED": LetterStep.SUPERSEDED,
}


def mark_of(id: int, result: Result, attempts: int) -> Mark:
    """APPLIED, SUPERSEDED where it changed nothing, PENDING for another try, or DEAD."""
    if isinstance(result, HubError):
        delay = _delay(result, attempts)
        if delay is not None:
            return Mark(id, "PENDING", None, result.code, result.message, delay)
        return Mark(id, "DEAD", None, result.code, result.message)
    note = getattr(result, "note", None)
    return Mark(id, "APPLIED" if note is None else "SUPERSEDED", note)


def held_mark(id: int, held: HeldBack, now: datetime) -> Mark:
    """PENDING until that is tried behind which it waits."""
    delay = max((held.until - now).total_seconds(), MIN_HOLD_SECONDS)
    return Mark(id, "PENDING", delay_seconds=delay)


def tried_again_at(refusal: HubError, attempts: int, now: datetime) -> datetime | None:
    """When an event that was refused is tried again; None if it is not."""
    delay = _delay(refusal, attempts)
    return None if delay is None else now + timedelta(seconds=delay)


def marks_of(
    commands: Mapping[int, Command],
    results: Mapping[int, Result],
    attempts: Mapping[int, int],
    now: datetime,
) -> list[Mark]:
    """The marks of the entries in `attempts`, in the order of their ids."""
    marks = []
    for id in sorted(attempts):
        result = results[id]
        if isinstance(result, HeldBack):
            mark = held_mark(id, result, now)
        else:
            mark = mark_of(id, result, attempts[id])
        if mark.state == "PENDING":
            mark = mark._replace(holds_back=holds_back(commands[id]))
        marks.append(mark)
    return marks


def attempts_of(marks: Sequence[Mark], made: Mapping[int, int]) -> list[Attempt]:
    """What goes into the history of entries that were tried so often before: all but first tries
    that took effect, of which the entry itself says everything."""
    return [
        Attempt(mark.id, _step(mark), made[mark.id] + 1, mark.error_code, mark.error)
        for mark in marks
        if mark.state in ("PENDING", "DEAD") or made[mark.id]
    ]


def _step(mark: Mark) -> LetterStep:
    if mark.state == "PENDING" and mark.error_code is None:
        return LetterStep.HELD
    return _STEPS[mark.state]


def _delay(refusal: HubError, attempts: int) -> float | None:
    if isinstance(refusal, _MAY_BE_EARLY) and attempts + 1 < MAX_ATTEMPTS:
        return float(FIRST_DELAY_SECONDS * DELAY_FACTOR**attempts)
    return None
