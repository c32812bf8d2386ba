"""Commands that wait for the stock writer, each with whoever waits for its result."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from hub.domain.commands import Command, Reserve, Together
from hub.domain.decide import Result
from hub.domain.errors import HubError, Unavailable


class Waiting(NamedTuple):
    """A command and whoever waits for its result; `Together` has a list of them."""

    command: Command | Together
    answer: asyncio.Future[Result]

    def settle(self, result: Result) -> None:
        """Tell the result to whoever still waits for it."""
        if self.answer.done():
            return
        if isinstance(result, Exception) and not isinstance(result, HubError):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


def is_hold(command: Command | Together) -> bool:
    """Whether it may be decided ahead. Events of an inbox keep their order."""
    return isinstance(command, Reserve) and command.origin.inbox is None


def is_event(waiting: Waiting) -> bool:
    """Whether it works off an entry of the inbox."""
    command = waiting.command
    return not isinstance(command, Together) and command.origin.inbox is not None


def without_events(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Those that are left when events are turned back, which their worker will read anew: none may
    be written while one that came before it could not be."""
    kept = []
    for one in waiting:
        if is_event(one):
            one.settle(Unavailable())
        else:
            kept.append(one)
    return kept
