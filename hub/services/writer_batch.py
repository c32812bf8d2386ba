"""One transaction of the stock writer: read and lock what a batch touches, decide, write.

Nothing here waits for callers and nothing commits: the lane does both, and tries again with what
a transaction that cannot go on has found out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.commands import Command, CorrectPosition, Idempotency, Reserve, SetStock
from hub.domain.decide import Outcome, Result, decide
from hub.domain.errors import HubError, IdempotencyMismatch, InsufficientStock, UnknownChannel
from hub.domain.event_order import EventOrder, heeds
from hub.domain.item import Item
from hub.domain.ledger import Facts, Ledger
from hub.domain.policies import Rules
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine
from hub.domain.touches import Touches, touches_of
from hub.domain.values import Sku
from hub.services.hold_limits import HoldLimits
from hub.services.inbox_marks import attempts_of, marks_of, tried_again_at
from hub.services.outcomes import first_answer, outcome_from, outcome_text
from hub.services.remembered import RememberedPositions
from hub.services.rules import RulesCache
from hub.store.inbox import Claim, claim_events, mark_events, read_waiting
from hub.store.inbox_history import note_attempts
from hub.store.ledger_connection import LedgerConnection, Locked
from hub.store.ledger_write import KeyedOutcome, write_outcome

WORKED_BEFORE = "WORKED_BEFORE"
"""The result of a command whose inbox entry another worker has worked in the meantime."""


class RulesMoved(Exception):
    """The rules this process knows are not the newest."""


class PositionsMissing(Exception):
    """What was read under the locks names positions that are not locked."""


class HoldsLapsed(Exception):
    """A refusal would rest on holds that are past their end."""

    def __init__(self, reservations: list[str]) -> None:
        self.reservations = reservations


class OwnHoldsInTheWay(Exception):
    """A refusal would rest on holds of the very holder who asks."""

    def __init__(self, reservations: list[str]) -> None:
        self.reservations = reservations


class Worked(NamedTuple):
    """The answers of a batch, and the clock it was decided by."""

    results: list[Result]
    locked: Locked
    positions: list[Position]
    """All that was locked, as it is once this is committed."""
    changed: set[Sku]
    short: set[Sku]
    """Items of which there was not enough."""
    to_settle: list[Sku]


class Batch:
    """Commands that are decided and written together."""

    def __init__(
        self,
        commands: Sequence[Command],
        rules: RulesCache,
        hold_limits: HoldLimits,
        remembered: RememberedPositions,
        own_holds: Iterable[str],
        ask_for_keys: bool,
        last_try: bool,
    ) -> None:
        self._commands = commands
        self._rules = rules
        self._hold_limits = hold_limits
        self._own_holds = set(own_holds)
        self._ask_for_keys = ask_for_keys
        self._last_try = last_try
        self._remembered = remembered

    async def work(self, connection: LedgerConnection) -> Worked:
        """Do all of it inside the transaction that is open on `connection`."""
        commands, rules = self._commands, self._rules.current
        touches = touches_of(commands, rules)
        touches.reservations |= self._own_holds
        locked = await self._lock(connection, touches, rules)
        ledger = await self._ledger(connection, touches, locked, rules)
        places = [place for place, c in enumerate(commands) if c.origin.idempotency is not None]
        keys = [_idempotency(commands[place]) for place in places]
        # Hardly any key was used before: the first try finds that out as it writes, and only if
        # one was, the next try begins with asking what it stands for.
        answered: dict[int, Result] = {}
        if self._ask_for_keys and keys:
            answered = await _known_answers(connection, places, keys)
        letters = {c.origin.inbox: place for place, c in enumerate(commands) if c.origin.inbox}
        claimed = await claim_events(connection.connection, letters) if letters else {}
        answered.update({letters[id]: WORKED_BEFORE for id in letters.keys() - claimed.keys()})
        fresh = [c for place, c in enumerate(commands) if place not in answered]
        order = await _order(connection, fresh, claimed, locked) if claimed else None
        outcome = decide(fresh, ledger, rules, locked.now, order)
        if not self._last_try:
            await self._refuse_only_for_good(connection, fresh, outcome, touches.reservations)
        decided = iter(outcome.results)
        results = [
            answered[place] if place in answered else next(decided)
            for place in range(len(commands))
        ]
        written = await self._write(connection, outcome, results, places, answered.keys(), locked)
        if claimed:
            await _mark(
                connection,
                {id: commands[letters[id]] for id in claimed},
                {id: results[letters[id]] for id in claimed},
                claimed,
                locked.now,
            )
        left = self._positions_after(touches, locked, written)
        changed = {position.sku for position in written}
        short = _skus_short(results, rules)
        return Worked(results, locked, left, changed, short, outcome.to_settle)

    def _positions_after(
        self, touches: Touches, locked: Locked, written: Iterable[Position]
    ) -> list[Position]:
        if not any(isinstance(command, Reserve) for command in self._commands):
            return []
        positions = {key: Position(*key) for key in touches.positions}
        positions.update((position.key, position) for position in locked.positions)
        positions.update((position.key, position) for position in written)
        return list(positions.values())

    async def _lock(self, connection: LedgerConnection, touches: Touches, rules: Rules) -> Locked:
        if touches.waiting:
            touches.reservations.update(await connection.waiting(touches.waiting))
        if touches.reservations or touches.orders:
            await _add_claimed(connection, touches, rules)
        # Somebody else may be deciding on what is about to change.
        self._remembered.forget(touches.positions)
        locked = await connection.lock(touches.positions)
        if locked.rules_revision != rules.revision:
            raise RulesMoved
        return locked

    async def _ledger(
        self, connection: LedgerConnection, touches: Touches, locked: Locked, rules: Rules
    ) -> Ledger:
        items = await self._items(connection, touches.skus, rules)
        reservations: list[Reservation] = []
        if touches.reservations or touches.orders:
            reservations = await connection.reservations(touches.reservations, touches.orders)
            _check_locked(reservations, touches.positions)
        supply: list[SupplyLine] = []
        if touches.supply:
            supply += await connection.supply_lines(touches.supply)
        beyond = touches.waiting | {item.sku for item in items if rules.may_sell_beyond_stock(item)}
        if beyond:
            supply += await connection.open_supply(beyond)
        facts = await self._facts(connection, touches)
        return Ledger(items, locked.positions, reservations, supply, facts)

    async def _facts(self, connection: LedgerConnection, touches: Touches) -> Facts:
        facts = await self._hold_limits.facts(connection, self._commands, locked=True)
        if not (touches.watermarks or touches.books):
            return facts
        return facts._replace(
            watermarks=await connection.watermarks(touches.watermarks)
            if touches.watermarks
            else {},
            books=await connection.books(touches.books) if touches.books else {},
        )

    async def _items(
        self, connection: LedgerConnection, skus: set[str], rules: Rules
    ) -> list[Item]:
        known, missing = self._rules.items(skus)
        if missing:
            read = await connection.items(missing)
            self._rules.remember(read, rules.revision)
            known.extend(read)
        return known

    async def _refuse_only_for_good(
        self,
        connection: LedgerConnection,
        commands: Sequence[Command],
        outcome: Outcome,
        known: set[str],
    ) -> None:
        """A hold that is past its end blocks nobody, even before the sweeper comes, and one's own
        hold does not block oneself: raise what to look after first."""
        refused = _skus_short(outcome.results, self._rules.current)
        holders: set[str] = set()
        for command, result in zip(commands, outcome.results, strict=True):
            if isinstance(result, InsufficientStock):
                if isinstance(command, Reserve) and command.holder is not None:
                    holders.add(command.holder)
            elif isinstance(command, Reserve) and isinstance(result, Reservation):
                # Nobody is made to wait for supply by a hold that is past its end, either.
                refused.update(line.sku for line in result.lines if line.backordered)
        if not refused:
            return
        lapsed = await connection.lapsed(refused, known)
        if lapsed:
            raise HoldsLapsed(lapsed)
        own = await connection.own_holds(holders, known, refused) if holders else []
        if own:
            raise OwnHoldsInTheWay(own)

    async def _write(
        self,
        connection: LedgerConnection,
        outcome: Outcome,
        results: Sequence[Result],
        places: Sequence[int],
        answered: Iterable[int],
        locked: Locked,
    ) -> list[Position]:
        known = set(answered)
        keys: dict[str, Idempotency] = {}
        keyed: list[KeyedOutcome] = []
        for place in places:
            if place in known:
                continue
            command, result = self._commands[place], results[place]
            key = _idempotency(command)
            if (
                isinstance(command, Reserve)
                and isinstance(result, Reservation)
                and all(line.held for line in result.lines)
            ):
                keys[result.id] = key
            else:
                keyed.append(KeyedOutcome(key.digest, key.request_hash, outcome_text(result)))
        if outcome.movements or outcome.changed or outcome.supply_lines or keyed:
            return await write_outcome(connection.connection, outcome, keys, keyed, locked.now)
        return []


def must_be_alone(command: Command) -> PositionKey | None:
    """The position of a command that depends on what the database says of it beyond the position:
    nothing of the same batch may change that before."""
    if isinstance(command, SetStock) and command.has_watermark:
        return (command.sku, command.location)
    if isinstance(command, CorrectPosition):
        return (command.sku, command.location)
    return None


async def write_answers(
    connection: LedgerConnection, commands: Sequence[Command], results: Sequence[Result], at: Locked
) -> None:
    """Keep the answers to commands that changed nothing."""
    keyed = [
        KeyedOutcome(key.digest, key.request_hash, outcome_text(result))
        for command, result in zip(commands, results, strict=True)
        if (key := command.origin.idempotency) is not None
    ]
    if keyed:
        nothing = Outcome([], [], [], [], [], [], [])
        await write_outcome(connection.connection, nothing, {}, keyed, at.now)


async def _order(
    connection: LedgerConnection,
    commands: Sequence[Command],
    claimed: Mapping[int, Claim],
    locked: Locked,
) -> EventOrder | None:
    """Who waits of the events that some of these must not overtake; None where all may."""
    keys = {key for command in commands for key in heeds(command)}
    if not keys:
        return None

    def until(inbox: int, refusal: HubError) -> datetime | None:
        claim = claimed[inbox]
        return tried_again_at(refusal, claim.attempts - claim.before, locked.now)

    return EventOrder(await read_waiting(connection.connection, keys, claimed), until)


async def _mark(
    connection: LedgerConnection,
    commands: Mapping[int, Command],
    results: Mapping[int, Result],
    claimed: Mapping[int, Claim],
    now: datetime,
) -> None:
    """Note on inbox entries what became of them; all by the entry's id."""
    since = {id: claim.attempts - claim.before for id, claim in claimed.items()}
    marks = marks_of(commands, results, since, now)
    await mark_events(connection.connection, marks, now)
    attempts = attempts_of(marks, {id: claim.attempts for id, claim in claimed.items()})
    if attempts:
        await note_attempts(connection.connection, attempts, now)


async def _add_claimed(connection: LedgerConnection, touches: Touches, rules: Rules) -> None:
    """The positions of stored reservations, and of the pools they may take more from."""
    for claimed in await connection.lines_of(touches.reservations, touches.orders):
        touches.positions.add((claimed.sku, claimed.location))
        touches.skus.add(claimed.sku)
        more = touches.pools.get(claimed.reservation)
        if more is None and not touches.waiting:
            continue
        try:
            pool = rules.channel(claimed.channel).pool
        except UnknownChannel:
            continue
        for sku in (claimed.sku, *(more or ())):
            touches.positions.update((sku, location) for location in pool)


def _check_locked(reservations: Iterable[Reservation], positions: set[PositionKey]) -> None:
    """A reservation may have got lines elsewhere between the look at it and the locks."""
    for reservation in reservations:
        for line in reservation.lines:
            if (line.sku, line.location) not in positions:
                raise PositionsMissing


def _skus_short(results: Iterable[Result], rules: Rules) -> set[str]:
    """The items that refusals were for, and the parts of kits among them."""
    skus: set[str] = set()
    for result in results:
        if isinstance(result, InsufficientStock):
            for line in result.data["lines"]:
                skus.update(part.sku for part in rules.kits.get(line["sku"], ()))
                skus.add(line["sku"])
    return skus


def _idempotency(command: Command) -> Idempotency:
    idempotency = command.origin.idempotency
    assert idempotency is not None
    return idempotency


async def _known_answers(
    connection: LedgerConnection, places: list[int], keys: list[Idempotency]
) -> dict[int, Result]:
    known = await connection.known_outcomes([key.digest for key in keys])
    made = [before.reservation for before in known.values() if before.reservation is not None]
    reservations = {one.id: one for one in await connection.reservations(made, ())} if made else {}
    answers: dict[int, Result] = {}
    for ordinal, before in known.items():
        key = keys[ordinal]
        if before.request_hash != key.request_hash:
            answers[places[ordinal]] = IdempotencyMismatch(key=key.key)
        elif before.outcome is not None:
            answers[places[ordinal]] = outcome_from(before.outcome)
        elif before.reservation is not None:
            made_then = reservations[before.reservation]
            answers[places[ordinal]] = first_answer(made_then, before.first_stage or "")
    return answers
