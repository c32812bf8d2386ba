"""What came in through this process and was understood, so that it need not be read again.

It is only ever a shortcut: the inbox has all of it, and what is missing here is read there.
"""

from collections.abc import Iterable
from itertools import islice, takewhile
from typing import Final, NamedTuple

from hub.domain.commands import Command

MAX_KEPT: Final = 30_000
"""Events. Beyond it those that come are not kept: the oldest are worked next."""
MAX_LINES: Final = 10
"""Orders of more lines are not kept, so that what is kept stays small."""


class Arrival(NamedTuple):
    """An event that has just been stored, and what it asks for."""

    source: str
    event_id: str
    command: Command


class Arrivals:
    """The commands of events by their ids in the inbox, for the worker of this process if it has
    one."""

    def __init__(self) -> None:
        self._kept: dict[int, Arrival] = {}
        self._is_read = False

    def begin(self) -> None:
        """Somebody takes what is kept from now on."""
        self._is_read = True

    def keep(self, arrivals: Iterable[tuple[int, Arrival]]) -> None:
        """Keep the commands of events that have just been stored."""
        if self._is_read:
            small = ((id, one) for id, one in arrivals if _lines(one.command) <= MAX_LINES)
            self._kept.update(islice(small, max(MAX_KEPT - len(self._kept), 0)))

    def take(self, id: int, source: str, event_id: str) -> Command | None:
        """The command of an event, which is forgotten then; its origin is anybody. A database that
        was put back gives the ids of what it has lost to other events."""
        kept = self._kept.pop(id, None)
        if kept is None or kept.source != source or kept.event_id != event_id:
            return None
        return kept.command

    def forget(self, last: int) -> None:
        """Forget what came in up to this id: others have worked it."""
        for id in list(takewhile(lambda id: id <= last, self._kept)):
            del self._kept[id]


def _lines(command: Command) -> int:
    return len(getattr(command, "lines", None) or ())
