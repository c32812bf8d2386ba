"""What is written on an inbox entry once its command was decided."""

from hub.domain.decide import Result
from hub.domain.errors import HubError, OrderLineMismatch, UnknownOrder, UnknownSupply
from hub.store.inbox import Mark

MAX_ATTEMPTS = 4
FIRST_DELAY_SECONDS = 0.25
DELAY_FACTOR = 4

_MAY_BE_EARLY = (UnknownOrder, OrderLineMismatch, UnknownSupply)
"""Refusals that only say that an event overtook the one before it: those are tried again."""


def mark_of(id: int, result: Result, attempts: int) -> Mark:
    """APPLIED, SUPERSEDED where it changed nothing, PENDING for another try, or DEAD."""
    if isinstance(result, HubError):
        if isinstance(result, _MAY_BE_EARLY) and attempts + 1 < MAX_ATTEMPTS:
            delay = FIRST_DELAY_SECONDS * DELAY_FACTOR**attempts
            return Mark(id, "PENDING", None, result.code, result.message, delay)
        return Mark(id, "DEAD", None, result.code, result.message)
    note = getattr(result, "note", None)
    return Mark(id, "APPLIED" if note is None else "SUPERSEDED", note)
