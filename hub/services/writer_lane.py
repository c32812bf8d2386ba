"""A lane of the stock writer: group commit, up to two transactions at a time.

Commands that arrive while a transaction runs form the next batch, which is written by set-based SQL
and committed once; so the rate grows with the number of callers where a row lock per request
sinks. Nothing is held while nobody waits.

Holds fly: a batch of them is decided ahead of its locks, and the next one is decided while the
database writes it. Whatever else there is waits until none flies, locks what it touches, and is
alone on its lane until it has committed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import structlog

from hub.domain.commands import Command, ExpireReservation, InTurn, Origin, Together
from hub.domain.decide import Result
from hub.domain.errors import HubError, NotApplied, Unavailable
from hub.domain.values import Sku
from hub.observability import metrics
from hub.services.clock import DatabaseClock
from hub.services.flights import Flights
from hub.services.hold_limits import HoldLimits
from hub.services.holds_ahead import HoldsAhead
from hub.services.remembered import RememberedPositions
from hub.services.rules import RulesCache
from hub.services.writer_batch import (
    Batch,
    HoldsLapsed,
    OwnHoldsInTheWay,
    PositionsMissing,
    RulesMoved,
    Worked,
    must_be_alone,
    write_answers,
)
from hub.services.writer_queue import Waiting, is_hold
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY
from hub.store.ledger_connection import LedgerConnection
from hub.store.ledger_write import KEY_USED, OVERTAKEN

MAX_ATTEMPTS = 5
SMALL_LOAD = 128
"""Up to so many commands are better written by one lane."""
SYSTEM = Origin(actor="hub")

log = structlog.get_logger()


class Surroundings(NamedTuple):
    """What all lanes of a process share."""

    database_url: str
    rules: RulesCache
    clock: DatabaseClock
    hold_limits: HoldLimits
    ahead: HoldsAhead
    remembered: RememberedPositions
    max_batch: int
    on_commit: Callable[[Iterable[Sku]], None]
    """Called with the items that a transaction has changed, before its callers are answered."""
    on_taken: Callable[[Sequence[Command]], None]
    """Called with the commands of a batch before they are decided."""
    on_answered: Callable[[Sequence[Command]], None]
    """Called with the commands of a batch before their callers are."""
    settle: Callable[[Iterable[str]], None]
    """Called with the items of which something has come in that others wait for."""


class _Refused(Exception):
    """One of the commands that must be done together cannot be done."""

    def __init__(self, worked: Worked) -> None:
        self.worked = worked


class Lane:
    """Takes commands in their order and writes them in batches, one transaction each."""

    def __init__(self, around: Surroundings, name: str) -> None:
        self._around = around
        self._name = name
        self._neighbours: list[Lane] = []
        self._waiting: list[Waiting] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._writing = False
        self._flights = Flights()
        self._idle: list[LedgerConnection] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Commands that have not been taken into a batch."""
        return len(self._waiting)

    def beside(self, lanes: Iterable["Lane"]) -> None:
        """Tell it of the other lanes of its writer."""
        self._neighbours = [lane for lane in lanes if lane is not self]

    async def start(self) -> None:
        """Connect and begin to take commands."""
        self._idle.append(await LedgerConnection.open(self._around.database_url))
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Finish what was submitted, then close."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._task
        self._task = None
        await self._disconnect()

    def put(self, waiting: Waiting) -> None:
        """Let a command wait for its batch."""
        self._waiting.append(waiting)
        self._wake.set()

    def hand_over(self, at_most: int) -> list[Waiting]:
        """What waits here, if nothing is being written meanwhile, it is no more than that, and it
        can be written together with others."""
        if self._writing or self._flights or len(self._waiting) > at_most:
            return []
        if any(waiting.is_alone for waiting in self._waiting):
            return []
        handed, self._waiting = self._waiting, []
        return handed

    async def _run(self) -> None:
        # Nobody cancels this task, so no batch is ever cut in two: it ends when it is told to and
        # nobody waits any more.
        while self._waiting or self._flights or not self._stopping:
            if not self._may_begin():
                self._wake.clear()
                await self._wake.wait()
                continue
            if self._next_may_fly():
                self._launch(self._take_holds())
            else:
                self._join_small_loads()
                self._writing = True
                await self._write(self._take(), ahead=False)
                self._writing = False
            # Those who were just answered speak first: what they ask for next comes along.
            await asyncio.sleep(0)

    def _may_begin(self) -> bool:
        if not self._waiting or not self._flights.may_launch(len(self._waiting)):
            return False
        return not self._flights or self._next_may_fly()

    def _next_may_fly(self) -> bool:
        return is_hold(self._waiting[0].command) and not self._around.remembered.silent

    def _launch(self, holds: list[Waiting]) -> None:
        flight = asyncio.create_task(self._write(holds, ahead=True), name=f"{self._name}, ahead")
        self._flights.launched(flight, len(holds))
        flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.landed(flight)
        self._wake.set()

    def _join_small_loads(self) -> None:
        """Take over what waits in idle lanes, as long as it is little: two small transactions cost
        more than one. A neighbour who wakes up and finds nothing goes to sleep again.

        Nothing is taken over to wait behind a transaction that it cannot be a part of, such as a
        long run of events."""
        if len(self._waiting) > SMALL_LOAD or any(waiting.is_alone for waiting in self._waiting):
            return
        for lane in self._neighbours:
            self._waiting += lane.hand_over(at_most=SMALL_LOAD - len(self._waiting))

    def _take_holds(self) -> list[Waiting]:
        most = self._flights.size(min(len(self._waiting), self._around.max_batch))
        taken: list[Waiting] = []
        left: list[Waiting] = []
        for waiting in self._waiting:
            takes = len(taken) < most and is_hold(waiting.command)
            (taken if takes else left).append(waiting)
        self._waiting = left
        return taken

    def _take(self) -> list[Waiting]:
        """The next batch, in order of arrival. What must be done together, and what depends on
        more than its position, is not mixed with anything else."""
        first = self._waiting[0].command
        if isinstance(first, Together | InTurn):
            return [self._waiting.pop(0)]
        alone = must_be_alone(first)
        seen = set()
        size = 0
        for waiting in self._waiting[: self._around.max_batch]:
            command = waiting.command
            if isinstance(command, Together | InTurn):
                break
            key = must_be_alone(command)
            if (key is None) != (alone is None) or key in seen:
                break
            if key is not None:
                seen.add(key)
            size += 1
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        return batch

    async def _write(self, batch: list[Waiting], ahead: bool) -> None:
        """Answer every caller of a batch, whatever happens: none may wait for ever."""
        commands = [command for waiting in batch for command in waiting.commands]
        together = isinstance(batch[0].command, Together)
        self._around.on_taken(commands)
        try:
            results: Sequence[Result] = await self._written(commands, together, ahead)
        except CONNECTION_LOST as lost:
            log.warning("stock_writer.connection_lost", error=repr(lost), commands=len(commands))
            results = [Unavailable()] * len(commands)
        except DATABASE_BUSY as busy:
            log.warning("stock_writer.database_busy", error=repr(busy), commands=len(commands))
            results = [Unavailable()] * len(commands)
        except Exception as failure:
            if len(batch) > 1:
                # One command that the database refuses must not take the others with it.
                for waiting in batch:
                    await self._write([waiting], ahead=False)
                return
            if len(commands) > 1 and not together:
                batch[0].settle(await self._in_halves(commands))
                return
            log.exception("stock_writer.failed", command=type(commands[0]).__name__)
            metrics.writer_failures.inc()
            self._around.on_answered(commands)
            in_turn = isinstance(batch[0].command, InTurn)
            batch[0].settle([failure] if in_turn else failure)
            return
        self._around.on_answered(commands)
        if isinstance(batch[0].command, Together | InTurn):
            batch[0].settle(results)
            return
        for waiting, result in zip(batch, results, strict=True):
            waiting.settle(result)

    async def _in_halves(self, commands: Sequence[Command]) -> list[Result]:
        """The answers to commands of which the database has refused one, who must not take the
        others with it: so it is found in few steps, and all keep their order."""
        middle = len(commands) // 2
        results: list[Result] = []
        for half in (commands[:middle], commands[middle:]):
            one = Waiting(InTurn(tuple(half)), asyncio.get_running_loop().create_future())
            await self._write([one], ahead=False)
            results += one.answer.result()
            if isinstance(results[-1], Unavailable):
                break
        return results + [Unavailable()] * (len(commands) - len(results))

    async def _written(
        self, commands: Sequence[Command], together: bool, ahead: bool
    ) -> Sequence[Result]:
        """The answers to commands, on a connection that nobody else uses meanwhile."""
        connection = await self._borrow()
        try:
            results: Sequence[Result] | None = None
            changed: Iterable[Sku] = ()
            ask_for_keys = together
            if ahead:
                try:
                    written = await self._around.ahead.write(connection, commands)
                    if written is not None:
                        self._flights.written(written.sent_at, written.lock_seconds)
                        results, changed = written.results, written.changed
                except OVERTAKEN as overtaken:
                    ask_for_keys = isinstance(overtaken, KEY_USED)
            if results is None:
                results, changed = await self._decided(connection, commands, together, ask_for_keys)
        except CONNECTION_LOST:
            await _close(connection)
            raise
        finally:
            self._idle.append(connection)
        self._around.on_commit(changed)
        metrics.batch_size.observe(len(commands))
        metrics.commands.inc(len(commands))
        return results

    async def _decided(
        self,
        connection: LedgerConnection,
        commands: Sequence[Command],
        together: bool,
        ask_for_keys: bool,
    ) -> tuple[list[Result], Iterable[Sku]]:
        """The answers, and the items that are not what they were."""
        expired: list[Command] = []
        own_holds: list[str] = []
        for attempt in range(MAX_ATTEMPTS):
            batch = Batch(
                [*expired, *commands],
                self._around.rules,
                self._around.hold_limits,
                self._around.remembered,
                own_holds,
                ask_for_keys,
                last_try=attempt + 1 == MAX_ATTEMPTS,
            )
            try:
                together_from = len(expired) if together else None
                worked = await _transaction(connection, batch, together_from)
            except RulesMoved:
                await self._around.rules.refresh()
            except HoldsLapsed as lapsed:
                expired += [ExpireReservation(id, SYSTEM) for id in lapsed.reservations]
            except OwnHoldsInTheWay as own:
                own_holds += own.reservations
            except PositionsMissing:
                pass
            except _Refused as refused:
                return await _refuse_all(connection, commands, refused.worked, len(expired)), ()
            except OVERTAKEN:
                ask_for_keys = True
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
            else:
                self._around.clock.observe(worked.locked.now)
                self._around.remembered.remember(worked.positions, worked.short)
                if worked.to_settle:
                    self._around.settle(worked.to_settle)
                return worked.results[len(expired) :], worked.changed
        raise Unavailable

    async def _borrow(self) -> LedgerConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.connection.is_closed():
                return connection
        return await LedgerConnection.open(self._around.database_url)

    async def _disconnect(self) -> None:
        while self._idle:
            await _close(self._idle.pop())


async def _transaction(
    connection: LedgerConnection, batch: Batch, together_from: int | None
) -> Worked:
    await connection.begin()
    try:
        worked = await batch.work(connection)
        if together_from is not None:
            _check_together(worked, together_from)
        await connection.commit()
    except BaseException:
        with contextlib.suppress(*CONNECTION_LOST):
            await connection.rollback()
        raise
    return worked


async def _refuse_all(
    connection: LedgerConnection, commands: Sequence[Command], worked: Worked, skip: int
) -> list[Result]:
    """The answers to commands of which one was refused, kept for their keys."""
    results = [
        result if isinstance(result, HubError) else NotApplied() for result in worked.results[skip:]
    ]
    with contextlib.suppress(*OVERTAKEN):
        await write_answers(connection, commands, results, worked.locked)
    return results


async def _close(connection: LedgerConnection) -> None:
    with contextlib.suppress(*CONNECTION_LOST):
        await connection.close()


def _check_together(worked: Worked, first: int) -> None:
    if any(isinstance(result, HubError) for result in worked.results[first:]):
        raise _Refused(worked)
