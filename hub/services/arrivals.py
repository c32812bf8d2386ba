"""What came in through this process and was understood, so that it need not be read again.

It is only ever a shortcut: the inbox has all of it, and what is missing here is read there.
"""

from collections.abc import Iterable
from itertools import islice, takewhile
from typing import Final

from hub.domain.commands import Command

MAX_KEPT: Final = 30_000
"""Events. Beyond it those that come are not kept: the oldest are worked next."""


class Arrivals:
    """The commands of events by their ids in the inbox, for the worker of this process if it has
    one."""

    def __init__(self) -> None:
        self._commands: dict[int, Command] = {}
        self._is_read = False

    def begin(self) -> None:
        """Somebody takes what is kept from now on."""
        self._is_read = True

    def keep(self, commands: Iterable[tuple[int, Command]]) -> None:
        """Keep the commands of events that have just been stored."""
        if self._is_read:
            self._commands.update(islice(commands, max(MAX_KEPT - len(self._commands), 0)))

    def take(self, id: int) -> Command | None:
        """The command of an event, which is forgotten then; its origin is anybody."""
        return self._commands.pop(id, None)

    def forget(self, last: int) -> None:
        """Forget what came in up to this id: others have worked it."""
        for id in list(takewhile(lambda id: id <= last, self._commands)):
            del self._commands[id]
