"""What came in through this process and was understood, so that it need not be read again.

It is only ever a shortcut: the inbox has all of it, and what is missing here is read there.
"""

from collections.abc import Iterable
from typing import Final

from hub.domain.commands import Command

MAX_KEPT: Final = 10_000
"""Events. Beyond it the oldest are forgotten."""


class Arrivals:
    """The commands of events by their ids in the inbox."""

    def __init__(self) -> None:
        self._commands: dict[int, Command] = {}

    def keep(self, commands: Iterable[tuple[int, Command]]) -> None:
        """Keep the commands of events that have just been stored."""
        kept = self._commands
        kept.update(commands)
        for id in list(kept)[: max(len(kept) - MAX_KEPT, 0)]:
            del kept[id]

    def take(self, id: int) -> Command | None:
        """The command of an event, which is forgotten then; its origin is anybody."""
        return self._commands.pop(id, None)
