"""Holds decided ahead of their locks: a batch of them is one statement instead of four.

A batch is decided on positions that this process remembers, and sent without asking: while the
database works at it, the next one is decided. Memory only proposes. The statement takes what the
ledger has, whoever else has moved it meanwhile, or does nothing at all where that is not enough;
then the commands are decided again under locks, as are all that are refused.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple

from hub.domain.commands import Command
from hub.domain.decide import Result, answers
from hub.domain.ledger import Facts, Ledger
from hub.domain.policies import Rules
from hub.domain.position import PositionKey
from hub.domain.touches import Touches, touches_of
from hub.domain.values import Quantity, Sku
from hub.observability import metrics
from hub.services.clock import DatabaseClock
from hub.services.hold_limits import HoldLimits
from hub.services.remembered import RememberedPositions
from hub.services.rules import RulesCache
from hub.store.hold_write import NewHolds, new_holds, write_holds
from hub.store.ledger_connection import LedgerConnection
from hub.store.ledger_write import KEY_USED, OVERTAKEN


class Written(NamedTuple):
    """What a batch has to answer."""

    results: list[Result]
    changed: set[Sku]
    sent_at: float
    """By the monotonic clock."""
    lock_seconds: float
    """How long it took to have the first position locked."""


class _Decided(NamedTuple):
    results: list[Result]
    holds: NewHolds
    touched: list[PositionKey]


class HoldsAhead:
    """The way for batches of `Reserve` alone, shared by the lanes of a process."""

    def __init__(
        self,
        rules: RulesCache,
        clock: DatabaseClock,
        limits: HoldLimits,
        remembered: RememberedPositions,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._limits = limits
        self._remembered = remembered

    async def write(
        self, connection: LedgerConnection, commands: Sequence[Command]
    ) -> Written | None:
        """The answers once they are durable. None where one has to be decided under locks, and
        one of `OVERTAKEN` where memory was wrong or a key is known: nothing is written then."""
        facts = await self._limits.facts(connection, commands, locked=False)
        rules = self._rules.current
        touches = touches_of(commands, rules)
        await self._learn(connection, touches)
        decided = self._decided(commands, touches, rules, facts)
        if decided is None:
            return None
        results, holds, touched = decided
        sent_at = time.monotonic()
        try:
            lock_seconds = await write_holds(connection.connection, holds)
        except BaseException as failure:
            self._remembered.forget(touched)
            if isinstance(failure, OVERTAKEN) and not isinstance(failure, KEY_USED):
                self._remembered.was_wrong()
                metrics.holds_overtaken.inc()
            raise
        self._remembered.was_right()
        return Written(results, {sku for sku, _ in touched}, sent_at, lock_seconds)

    async def _learn(self, connection: LedgerConnection, touches: Touches) -> None:
        """Read what is not remembered, and lock nothing: it is only proposed."""
        if self._remembered.is_short(touches.skus):
            return
        _, missing = self._rules.items(touches.skus)
        if missing:
            revision = self._rules.current.revision
            self._rules.remember(await connection.items(missing), revision)
        unknown = self._remembered.missing(touches.positions)
        if unknown:
            positions, now = await connection.positions(unknown)
            self._clock.observe(now)
            self._remembered.learn(positions)

    def _decided(
        self, commands: Sequence[Command], touches: Touches, rules: Rules, facts: Facts
    ) -> _Decided | None:
        """What to answer and to write. What becomes of the positions is remembered before the
        database has said so: the next batch counts on it."""
        items, _ = self._rules.items(touches.skus)
        positions = self._remembered.recall(touches.positions)
        if positions is None or self._remembered.is_short(touches.skus):
            return None
        now = self._clock.now()
        ledger = Ledger.on(items, positions, facts)
        results = answers(commands, ledger, rules, now)
        must_stay = _must_stay(ledger, rules, len(commands))
        if must_stay is None:
            self._remembered.forget(positions)
            return None
        keys = [command.origin.idempotency for command in commands]
        holds = new_holds(ledger, must_stay, keys, now, rules.revision)
        return _Decided(results, holds, list(ledger.touched))


def _must_stay(ledger: Ledger, rules: Rules, asked: int) -> dict[PositionKey, Quantity] | None:
    """The units that have to stay free at each position, for its safety. None where somebody was
    refused, who must be refused by the ledger itself, or made to wait for what only that knows."""
    if len(ledger.created) < asked:
        return None
    must_stay: dict[PositionKey, Quantity] = {}
    for reservation in ledger.created.values():
        for line in reservation.lines:
            if line.backordered:
                return None
            item = ledger.items[line.sku]
            key = (line.sku, line.location)
            on_hand = ledger.position(*key).on_hand
            safety = rules.withheld(item, line.location, reservation.channel, on_hand).value
            must_stay[key] = max(safety, must_stay.get(key, 0))
    return must_stay
