"""What comes next for those who have much to catch up with.

To find what was touched behind a place, and where last, takes a look at all of the log behind it.
So it is found for many pieces at once, and renewed by what has come into the log since.
"""

from collections.abc import Iterable
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple, Protocol

from hub.services.feeds.position import Position
from hub.store.log_cursor import LogCursor
from hub.store.log_window import Touch, Window
from hub.store.moments import Moment

MAX_PLANNED: Final = 5_000
"""Touches that are found at once."""
MAX_PLANS: Final = 16
"""Places of which it is remembered what comes next; the oldest go first."""


class Touched(Protocol):
    """What knows what was touched."""

    async def touched(self, moment: Moment, window: Window) -> list[Touch]:
        """What was touched within a window of the log, in its order."""


class Coming(NamedTuple):
    """What comes next, in its order."""

    touches: list[Touch]
    is_all: bool
    """Whether nothing comes behind these."""


class _Plan(NamedTuple):
    cursor: LogCursor
    """What it was made by."""
    coming: Coming


class Plans:
    """What comes next, by place."""

    def __init__(self) -> None:
        self._plans: dict[Position, _Plan] = {}

    async def coming(
        self, source: Touched, moment: Moment, position: Position, window: Window
    ) -> Coming:
        """What comes at a moment behind a position, within the window that this stands for."""
        plan = self._plans.pop(position, None)
        if plan is not None:
            renewed = await _renewed(plan, source, moment, position, window)
            if renewed is not None:
                return renewed
        touches = await source.touched(moment, window._replace(limit=MAX_PLANNED))
        return Coming(touches, len(touches) < MAX_PLANNED)

    def keep(self, position: Position, cursor: LogCursor, coming: Coming) -> None:
        """Remember what comes behind a position, by a cursor."""
        self._plans[position] = _Plan(cursor, coming)
        for old in [*islice(self._plans, max(0, len(self._plans) - MAX_PLANS))]:
            del self._plans[old]


async def _renewed(
    plan: _Plan, source: Touched, moment: Moment, position: Position, window: Window
) -> Coming | None:
    """The plan as it is now; None where too much has come, or nothing is left of it."""
    known = Window(plan.cursor, None, "", window.until_key, MAX_PLANNED)
    news = await source.touched(moment, known)
    again = {touch.key for touch in news}
    left = [touch for touch in plan.coming.touches if touch.key not in again]
    if len(news) == MAX_PLANNED or not left:
        return None
    seen: Iterable[Touch] = news
    if not plan.coming.is_all:
        # What comes behind the end of the plan is found when that is reached.
        end = plan.coming.touches[-1].xid
        seen = (touch for touch in news if touch.xid < end)
    # Of the transaction in the midst of which the place is, the rest comes first.
    touches = merge(left, seen, key=lambda touch: (touch.xid != position.xid, touch.xid))
    return Coming(list(touches), plan.coming.is_all)
