"""Commands that wait for the stock writer, each with whoever waits for its result."""

import asyncio
from typing import NamedTuple

from hub.domain.commands import Command, InTurn, Reserve, Together
from hub.domain.decide import Result
from hub.domain.errors import HubError


class Waiting(NamedTuple):
    """A command and whoever waits for its result; `Together` and `InTurn` have a list of them."""

    command: Command | Together | InTurn
    answer: asyncio.Future[Result]

    @property
    def commands(self) -> tuple[Command, ...]:
        """One, or several."""
        command = self.command
        return command.commands if isinstance(command, Together | InTurn) else (command,)

    @property
    def is_alone(self) -> bool:
        """Whether it is a transaction of its own, however many commands it has."""
        return isinstance(self.command, Together | InTurn)

    def settle(self, result: Result) -> None:
        """Tell the result to whoever still waits for it."""
        if self.answer.done():
            return
        if isinstance(result, Exception) and not isinstance(result, HubError):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


def is_hold(command: Command | Together | InTurn) -> bool:
    """Whether it may be decided ahead. Events of an inbox keep their order."""
    return isinstance(command, Reserve) and command.origin.inbox is None
