"""The one door through which stock changes.

Commands go into lanes. Holds have one of their own, where most are decided ahead of their locks;
the others go by the first item they name: what wants the same item is decided together, and while
one lane waits for the disk another decides. The locks on positions keep lanes, as they keep
processes, from each other's stock.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from hub.domain.commands import (
    Command,
    InTurn,
    PlaceOrder,
    SettleBackorders,
    Together,
)
from hub.domain.decide import Result
from hub.domain.errors import (
    HubError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotApplied,
    Unavailable,
)
from hub.domain.position import PositionKey
from hub.domain.values import Sku
from hub.services.clock import DatabaseClock
from hub.services.hold_limits import HoldLimits
from hub.services.holds_ahead import HoldsAhead
from hub.services.remembered import RememberedPositions
from hub.services.rules import RulesCache
from hub.services.writer_lane import SYSTEM, Lane, Surroundings
from hub.services.writer_queue import Waiting, is_hold

MAX_BATCH = 1_000
MAX_WAITING = 20_000
LANES = 3
"""One for holds; of the others, one decides while the other's transaction is at the database."""
NO_LIMITS = HoldLimits()


class StockWriter:
    """Takes commands from many callers and writes them in batches, one transaction each."""

    def __init__(
        self,
        database_url: str,
        rules: RulesCache,
        clock: DatabaseClock,
        on_commit: Callable[[Iterable[Sku]], None],
        hold_limits: HoldLimits = NO_LIMITS,
        max_batch: int = MAX_BATCH,
        lanes: int = LANES,
    ) -> None:
        self._remembered = RememberedPositions()
        self._on_commit = on_commit
        around = Surroundings(
            database_url,
            rules,
            clock,
            hold_limits,
            HoldsAhead(rules, clock, hold_limits, self._remembered),
            self._remembered,
            max_batch,
            on_commit,
            self._taken,
            self._answered,
            self._settle,
        )
        self._lanes = [Lane(around, f"stock writer {number}") for number in range(lanes)]
        for lane in self._lanes:
            lane.beside(self._lanes)
        self._loop: asyncio.AbstractEventLoop
        """Known once it runs: to ask which loop is running costs a system call."""
        self._in_flight: dict[bytes, bytes] = {}
        self._settling: set[str] = set()
        self._stopping = False

    async def start(self) -> None:
        """Connect and begin to take commands."""
        self._loop = asyncio.get_running_loop()
        for lane in self._lanes:
            await lane.start()

    async def stop(self) -> None:
        """Finish what was submitted, then close."""
        self._stopping = True
        for lane in self._lanes:
            await lane.stop()

    async def submit(self, command: Command) -> Result:
        """The answer to one command once it is durable; raises the `HubError` of a refusal.

        Whoever stops waiting does not undo the command: with the same idempotency key he can ask
        again what became of it.
        """
        result = await self.enqueue(command)
        if isinstance(result, HubError):
            raise result
        return result

    async def submit_together(self, commands: Sequence[Command]) -> list[Result]:
        """Do all of these commands in one transaction, or none; a result for each of them. Where
        one is refused, the others answer `NotApplied`."""
        if not commands:
            return []
        lane = self._lane(commands[0])
        if self._stopping or lane.waiting >= MAX_WAITING:
            raise Unavailable
        refusals = [self._refused(command) for command in commands]
        if any(refusals):
            free = [one for one, no in zip(commands, refusals, strict=True) if no is None]
            self._answered(free)
            return [refusal or NotApplied() for refusal in refusals]
        answer: asyncio.Future[Result] = self._loop.create_future()
        lane.put(Waiting(Together(tuple(commands)), answer))
        results: list[Result] = await answer
        return results

    def enqueue(self, command: Command) -> asyncio.Future[Result]:
        """Hand a command over; the future holds its result, a refusal as a value."""
        lane = self._lane(command)
        if self._stopping or lane.waiting >= MAX_WAITING:
            raise Unavailable
        answer: asyncio.Future[Result] = self._loop.create_future()
        refusal = self._refused(command)
        if refusal is None:
            lane.put(Waiting(command, answer))
        else:
            answer.set_result(refusal)
        return answer

    def enqueue_events(self, commands: Sequence[Command]) -> asyncio.Future[list[Any]]:
        """Hand over commands that work off entries of the inbox, in their order and in one
        transaction. The future holds a result for each: a refusal as a value, an exception where
        the database has refused it, and `Unavailable` from the first on that it could not take.

        One that depends on more than its position (`must_be_alone`) goes with such only.
        """
        lane = self._lane(commands[0])
        if self._stopping or lane.waiting >= MAX_WAITING:
            raise Unavailable
        answer: asyncio.Future[list[Any]] = self._loop.create_future()
        lane.put(Waiting(InTurn(tuple(commands)), answer))
        return answer

    def wrote_beside(self, keys: Collection[PositionKey], to_settle: Iterable[Sku]) -> None:
        """Take notice of what was decided and committed, by the same rules, not through a lane."""
        self._remembered.forget(keys)
        self._on_commit({sku for sku, _ in keys})
        # Should there be no room for more, the job that looks for free units finds these.
        with contextlib.suppress(Unavailable):
            self._settle(to_settle)

    def _refused(self, command: Command) -> HubError | None:
        """A key that is in flight is not taken again: its first use has not been answered yet."""
        key = command.origin.idempotency
        if key is None:
            return None
        asked = self._in_flight.get(key.digest)
        if asked is None:
            self._in_flight[key.digest] = key.request_hash
            return None
        if asked == key.request_hash:
            return IdempotencyInProgress(key=key.key)
        return IdempotencyMismatch(key=key.key)

    def _lane(self, command: Command) -> Lane:
        others = self._lanes[1:]
        if not others or is_hold(command):
            return self._lanes[0]
        if command.origin.inbox is not None:
            # Events of one source may build on one another: they keep their order.
            return others[0]
        named: object = None
        if isinstance(command, PlaceOrder):
            named = command.lines[0].sku
        else:
            named = getattr(command, "sku", None) or getattr(command, "reservation", None)
        return others[hash(named) % len(others)]

    def _taken(self, commands: Sequence[Command]) -> None:
        # What comes in from here on, maybe in the same batch, this settling has not seen.
        for command in commands:
            if isinstance(command, SettleBackorders):
                self._settling.discard(command.sku)

    def _answered(self, commands: Sequence[Command]) -> None:
        for command in commands:
            if command.origin.idempotency is not None:
                self._in_flight.pop(command.origin.idempotency.digest, None)

    def _settle(self, skus: Iterable[str]) -> None:
        for sku in skus:
            if sku not in self._settling and not self._stopping:
                self.enqueue(SettleBackorders(sku, SYSTEM))
                self._settling.add(sku)
