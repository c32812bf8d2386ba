"""The one door through which stock changes: group commit around one pure decision.

Commands that arrive while a transaction runs form the next batch. A batch locks the positions it
touches, decides, writes with set-based SQL and commits once; so the rate grows with the number of
callers where a row lock per request sinks. Nothing is held while nobody waits.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog

from hub.domain.commands import Command, ExpireReservation, Idempotency, Origin
from hub.domain.decide import Outcome, Result, decide
from hub.domain.errors import HubError, IdempotencyMismatch, InsufficientStock, Unavailable
from hub.domain.item import Item
from hub.domain.ledger import Ledger
from hub.domain.touches import touches_of
from hub.observability import metrics
from hub.services.clock import DatabaseClock
from hub.services.inbox_marks import mark_of
from hub.services.outcomes import outcome_from, outcome_text
from hub.services.rules import RulesCache
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY
from hub.store.inbox import claim_events, mark_events
from hub.store.ledger_connection import LedgerConnection
from hub.store.ledger_write import OVERTAKEN, KeyedOutcome, write_outcome

MAX_BATCH = 1_000
MAX_WAITING = 20_000
MAX_ATTEMPTS = 4
SYSTEM = Origin(actor="hub")
WORKED_BEFORE = "WORKED_BEFORE"
"""The result of a command whose inbox entry another worker has worked in the meantime."""

log = structlog.get_logger()


class _Waiting(NamedTuple):
    command: Command
    answer: asyncio.Future[Result]


class _RulesMoved(Exception):
    """The rules this process knows are not the newest."""


class _HoldsLapsed(Exception):
    """A refusal would rest on holds that are past their end."""

    def __init__(self, reservations: list[str]) -> None:
        self.reservations = reservations


class StockWriter:
    """Takes commands from many callers and writes them in batches, one transaction each."""

    def __init__(
        self,
        database_url: str,
        rules: RulesCache,
        clock: DatabaseClock,
        on_commit: Callable[[], None],
        max_batch: int = MAX_BATCH,
    ) -> None:
        self._database_url = database_url
        self._rules = rules
        self._clock = clock
        self._on_commit = on_commit
        self._max_batch = max_batch
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._connection: LedgerConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and begin to take commands."""
        self._connection = await LedgerConnection.open(self._database_url)
        self._task = asyncio.create_task(self._run(), name="stock writer")

    async def stop(self) -> None:
        """Finish what was submitted, then close."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._task
        self._task = None
        await self._disconnect()

    async def submit(self, command: Command) -> Result:
        """The answer to one command once it is durable; raises the `HubError` of a refusal.

        Whoever stops waiting does not undo the command: with the same idempotency key he can ask
        again what became of it.
        """
        result = await self.enqueue(command)
        if isinstance(result, HubError):
            raise result
        return result

    def enqueue(self, command: Command) -> asyncio.Future[Result]:
        """Hand a command over; the future holds its result, a refusal as a value."""
        if self._stopping or len(self._waiting) >= MAX_WAITING:
            raise Unavailable
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(command, answer))
        self._wake.set()
        return answer

    async def _run(self) -> None:
        # Nobody cancels this task, so no batch is ever cut in two: it ends when it is told to and
        # nobody waits any more.
        while self._waiting or not self._stopping:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._write(self._take())

    def _take(self) -> list[_Waiting]:
        """The next batch, in order of arrival; an idempotency key at most once, so that the
        second use of a key finds the first one's answer in the database."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        keys: set[tuple[str, str]] = set()
        for place, waiting in enumerate(self._waiting):
            if len(batch) >= self._max_batch:
                later.extend(self._waiting[place:])
                break
            idempotency = waiting.command.origin.idempotency
            if idempotency is not None:
                key = (idempotency.principal, idempotency.key)
                if key in keys:
                    later.append(waiting)
                    continue
                keys.add(key)
            batch.append(waiting)
        self._waiting = later
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        """Answer every caller of a batch, whatever happens: none may wait for ever."""
        commands = [waiting.command for waiting in batch]
        try:
            results: Sequence[Result] = await self._decided(commands)
        except CONNECTION_LOST as lost:
            log.warning("stock_writer.connection_lost", error=repr(lost), commands=len(batch))
            await self._disconnect()
            results = [Unavailable()] * len(batch)
        except DATABASE_BUSY as busy:
            log.warning("stock_writer.database_busy", error=repr(busy), commands=len(batch))
            results = [Unavailable()] * len(batch)
        except Exception as failure:
            if len(batch) > 1:
                # One command that the database refuses must not take the others with it.
                for waiting in batch:
                    await self._write([waiting])
                return
            log.exception("stock_writer.failed", command=type(commands[0]).__name__)
            metrics.writer_failures.inc()
            _answer(batch[0], failure)
            return
        for waiting, result in zip(batch, results, strict=True):
            _answer(waiting, result)

    async def _decided(self, commands: list[Command]) -> list[Result]:
        expired: list[Command] = []
        for attempt in range(MAX_ATTEMPTS):
            connection = await self._connected()
            await connection.begin()
            try:
                results = await self._transaction(connection, [*expired, *commands], attempt)
                await connection.commit()
            except BaseException as failure:
                with contextlib.suppress(*CONNECTION_LOST):
                    await connection.rollback()
                if isinstance(failure, _RulesMoved):
                    await self._rules.refresh()
                elif isinstance(failure, _HoldsLapsed):
                    expired += [ExpireReservation(id, SYSTEM) for id in failure.reservations]
                elif not isinstance(failure, OVERTAKEN) or attempt + 1 == MAX_ATTEMPTS:
                    raise
                continue
            self._on_commit()
            metrics.batch_size.observe(len(commands))
            metrics.commands.inc(len(commands))
            return results[len(expired) :]
        raise Unavailable

    async def _transaction(
        self, connection: LedgerConnection, commands: list[Command], attempt: int
    ) -> list[Result]:
        rules = self._rules.current
        touches = touches_of(commands, rules)
        stored = touches.reservations or touches.orders
        if stored:
            touches.positions.update(
                await connection.positions_of(touches.reservations, touches.orders)
            )
        locked = await connection.lock(touches.positions)
        if locked.rules_revision != rules.revision:
            raise _RulesMoved
        ledger = Ledger(
            await self._items(connection, touches.skus),
            locked.positions,
            await connection.reservations(touches.reservations, touches.orders) if stored else (),
            await connection.supply_lines(touches.supply) if touches.supply else (),
        )
        places = [place for place, c in enumerate(commands) if c.origin.idempotency is not None]
        keys = [_idempotency(commands[place]) for place in places]
        # Hardly any key was used before: the first try finds that out as it writes, and only if
        # one was, the next try begins with asking what it stands for.
        answered = await _known_answers(connection, places, keys) if attempt and keys else {}
        letters = {c.origin.inbox: place for place, c in enumerate(commands) if c.origin.inbox}
        claimed = await claim_events(connection.connection, letters) if letters else {}
        answered.update({letters[id]: WORKED_BEFORE for id in letters.keys() - claimed.keys()})
        fresh = [c for place, c in enumerate(commands) if place not in answered]
        outcome = decide(fresh, ledger, rules, locked.now)
        if attempt + 1 < MAX_ATTEMPTS:
            await _refuse_only_for_live_holds(connection, outcome, touches.reservations)
        decided = iter(outcome.results)
        results = [
            answered[place] if place in answered else next(decided)
            for place in range(len(commands))
        ]
        keyed = [
            KeyedOutcome(*key, outcome_text(results[place]))
            for place, key in zip(places, keys, strict=True)
            if place not in answered
        ]
        if outcome.movements or outcome.changed or keyed:
            await write_outcome(connection.connection, outcome, keyed, locked.now)
        if claimed:
            marks = [mark_of(id, results[letters[id]], claimed[id]) for id in sorted(claimed)]
            await mark_events(connection.connection, marks, locked.now)
        self._clock.observe(locked.now)
        return results

    async def _items(self, connection: LedgerConnection, skus: set[str]) -> list[Item]:
        known, missing = self._rules.items(skus)
        if missing:
            read = await connection.items(missing)
            self._rules.remember(read)
            known.extend(read)
        return known

    async def _connected(self) -> LedgerConnection:
        if self._connection is None or self._connection.connection.is_closed():
            self._connection = await LedgerConnection.open(self._database_url)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*CONNECTION_LOST):
                await connection.close()


def _answer(waiting: _Waiting, result: Result) -> None:
    if waiting.answer.done():
        return
    if isinstance(result, Exception) and not isinstance(result, HubError):
        waiting.answer.set_exception(result)
    else:
        waiting.answer.set_result(result)


def _idempotency(command: Command) -> Idempotency:
    idempotency = command.origin.idempotency
    assert idempotency is not None
    return idempotency


async def _known_answers(
    connection: LedgerConnection, places: list[int], keys: list[Idempotency]
) -> dict[int, Result]:
    answers: dict[int, Result] = {}
    known = await connection.known_outcomes([(key.principal, key.key) for key in keys])
    for ordinal, before in known.items():
        key = keys[ordinal]
        answers[places[ordinal]] = (
            outcome_from(before.outcome)
            if before.request_hash == key.request_hash
            else IdempotencyMismatch(key=key.key)
        )
    return answers


async def _refuse_only_for_live_holds(
    connection: LedgerConnection, outcome: Outcome, ending: set[str]
) -> None:
    """A hold that is past its end blocks nobody, even before the sweeper comes: end it first.
    `ending` are those that this batch looks after already."""
    refused = {
        line["sku"]
        for result in outcome.results
        if isinstance(result, InsufficientStock)
        for line in result.data["lines"]
    }
    if refused:
        lapsed = await connection.lapsed(refused, ending)
        if lapsed:
            raise _HoldsLapsed(lapsed)
