"""The stock of a test: it keeps between batches what the database keeps.

A batch is decided on exactly what the stock writer would have read and locked for it, and what it
decides must pass the walls that the tables have. So a test says what happens and looks at the rest.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hub.domain.availability import Availability, availability_in
from hub.domain.commands import Command, ExpireReservation
from hub.domain.decide import Outcome, decide
from hub.domain.errors import HubError, InsufficientStock
from hub.domain.item import Item
from hub.domain.ledger import Ledger
from hub.domain.movements import Movement, MovementKind
from hub.domain.policies import Rules
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.supply import SupplyLine, in_order
from hub.domain.touches import touches_of
from hub.domain.values import UNIT, ChannelId, LocationId, Quantity, Sku
from tests.unit.builders import NOW, Amount, item, rules, set_stock, settle
from tests.unit.domain.walls import check_walls
from tests.unit.domain.writer_reads import (
    NO_LIMITS,
    Limits,
    facts_for,
    reservations_for,
    supply_for,
)
from tests.unit.holds import expire

NOTHING: tuple[list[Any], ...] = ([], [], [], [], [], [])


class Prepared(NamedTuple):
    """A batch that was decided but not stored yet."""

    commands: list[Command]
    """Expiries of holds that stood in the way, then what was asked for."""
    known: frozenset[str]
    """The reservations that were read for it."""
    outcome: Outcome


class Stockroom:
    """Items, rules and a clock one moves; positions, reservations and movements as they become."""

    def __init__(
        self, *items: Item, rules_: Rules | None = None, limits: Limits = NO_LIMITS
    ) -> None:
        self.items = {one.sku: one for one in items or (item("MUG"), item("LAMP"))}
        self.rules = rules_ or rules()
        self.limits = limits
        self.now: datetime = NOW
        self.positions: dict[PositionKey, Position] = {}
        self.reservations: dict[str, Reservation] = {}
        self.supply_lines: dict[tuple[Sku, LocationId, str], SupplyLine] = {}
        self.movements: list[Movement] = []
        self.to_settle: dict[Sku, None] = {}

    def stock(self, **on_hand: Amount) -> "Stockroom":
        """Count so many MUGs at each location: `stock(BER=3, HAM=1)`."""
        for location, amount in on_hand.items():
            self.do(set_stock(amount, location))
        return self

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def do(self, command: Command) -> Any:
        """The result of a command that must not be refused."""
        result = self.decide(command).results[0]
        if isinstance(result, HubError):
            raise result
        return result

    def refusal(self, command: Command) -> HubError:
        """The refusal of a command, which must have moved nothing."""
        outcome = self.decide(command)
        (result,) = outcome.results
        assert isinstance(result, HubError), f"{command} was not refused: {result}"
        assert outcome == Outcome([result], *NOTHING)
        return result

    def decide(self, *commands: Command) -> Outcome:
        """Decide a batch and keep its outcome."""
        outcome = self.would(*commands)
        self.keep(outcome)
        return outcome

    def settle(self) -> list[Reservation]:
        """Work off what the last batches left to be settled; the reservations that changed."""
        changed: list[Reservation] = []
        while self.to_settle:
            commands = [settle(sku) for sku in self.to_settle]
            self.to_settle = {}
            for result in self.decide(*commands).results:
                changed += result
        return changed

    def would(self, *commands: Command) -> Outcome:
        """What a batch would do."""
        prepared = self.prepare(*commands)
        swept = len(prepared.commands) - len(commands)
        return prepared.outcome._replace(results=prepared.outcome.results[swept:])

    def prepare(self, *commands: Command) -> Prepared:
        """A batch, decided. As in the stock writer, nobody is refused for the sake of a hold that
        is past its end, or of one that is his own."""
        own: frozenset[str] = frozenset()
        swept: list[ExpireReservation] = []
        while True:
            prepared = self.decided([*swept, *commands], own)
            refused = [
                line["sku"]
                for result in prepared.outcome.results
                if isinstance(result, InsufficientStock)
                for line in result.data["lines"]
            ]
            if not refused:
                return prepared
            refused += [part.sku for sku in refused for part in self.rules.kits.get(sku, ())]
            named = {one.reservation for one in swept} | prepared.known
            due = [id for id in self.due() if id not in named and self._on(id, refused)]
            mine = self._of_holders({getattr(one, "holder", None) for one in commands})
            if due:
                swept += [expire(id) for id in due]
            elif mine - prepared.known:
                own |= mine
            else:
                return prepared

    def decided(self, commands: Sequence[Command], known: Collection[str]) -> Prepared:
        """A batch as it is decided with these reservations read besides those that it names."""
        touches = touches_of(commands, self.rules)
        touches.reservations |= set(known)
        stored = reservations_for(touches, self.reservations.values(), self.rules)
        facts = facts_for(commands, touches, stored=self.reservations.values(),
                          limits=self.limits, now=self.now)  # fmt: skip
        items = [one for sku, one in self.items.items() if sku in touches.skus]
        ledger = Ledger(
            items,
            [one for key, one in self.positions.items() if key in touches.positions],
            stored,
            supply_for(touches, items, self.supply_lines.values(), self.rules),
            facts,
        )
        outcome = decide(commands, ledger, self.rules, self.now)
        written = {one.key for one, _ in outcome.positions}
        assert written <= touches.positions, "wrote what was not locked"
        return Prepared(list(commands), frozenset(one.id for one in stored), outcome)

    def fork(self) -> "Stockroom":
        """Another room with the same in it."""
        other = Stockroom(*self.items.values(), rules_=self.rules, limits=self.limits)
        other.now = self.now
        other.positions = dict(self.positions)
        other.reservations = dict(self.reservations)
        other.supply_lines = dict(self.supply_lines)
        return other

    def at(self, location: LocationId = "BER", sku: Sku = "MUG") -> Position:
        """A position as it is stored; an empty one where nothing has moved yet."""
        return self.positions.get((sku, location)) or Position(sku, location)

    def kinds(self, location: LocationId = "BER", sku: Sku = "MUG") -> list[MovementKind]:
        """What has happened at a position, in order."""
        return [one.kind for one in self.movements if (one.sku, one.location) == (sku, location)]

    def availability(
        self,
        sku: Sku = "MUG",
        quantity: Quantity = UNIT,
        channel: ChannelId = "web",
        holder: str | None = None,
    ) -> Availability:
        """The answer, from positions as a reader reads them: with lapsed holds, those of the
        holder himself and what is expected."""
        parts = [part.sku for part in self.rules.kits.get(sku, ())] or [sku]
        read = {
            part: [self._as_read(one, holder) for one in self.positions.values() if one.sku == part]
            for part in parts
        }
        known = self.rules.channel(channel)
        return availability_in(self.items, read, sku, self.rules, known, quantity, self.now)

    def due(self) -> list[str]:
        """Holds that are past their end and not yet swept."""
        return [one.id for one in self.reservations.values() if one.lapsed(self.now)]

    def keep(self, outcome: Outcome) -> None:
        """Store what a batch decided, if the walls of the tables let it through."""
        check_walls(self.positions, self.reservations, outcome)
        for position, _ in outcome.positions:
            self.positions[position.key] = position
        self.movements.extend(outcome.movements)
        for reservation in (*outcome.created, *outcome.changed):
            self.reservations[reservation.id] = reservation
        for line in outcome.supply_lines:
            self.supply_lines[(line.sku, line.location, line.document)] = line
        self.to_settle.update(dict.fromkeys(outcome.to_settle))

    def _of_holders(self, holders: Collection[str | None]) -> frozenset[str]:
        return frozenset(
            one.id
            for one in self.reservations.values()
            if one.holder is not None
            and one.holder in holders
            and one.state is ReservationState.HELD
            and not one.lapsed(self.now)
        )

    def _on(self, id: str, skus: Iterable[Sku]) -> bool:
        return any(line.sku in skus for line in self.reservations[id].lines)

    def _as_read(self, position: Position, holder: str | None) -> Position:
        lapsed = own = waiting = 0
        for one in self.reservations.values():
            for line in one.lines:
                if (line.sku, line.location) != position.key:
                    continue
                held = one.state is ReservationState.HELD
                if one.lapsed(self.now):
                    lapsed += line.held
                    waiting += line.backordered if held else 0
                elif held and holder is not None and one.holder == holder:
                    own += line.held
        expected = [
            one
            for one in in_order(self.supply_lines.values())
            if (one.sku, one.location) == position.key
        ]
        return position._replace(
            lapsed=lapsed,
            own=own,
            lapsed_waiting=waiting,
            next_supply_at=self._next(position, expected),
            supply=tuple(expected),
        )

    def _next(self, position: Position, expected: Iterable[SupplyLine]) -> datetime | None:
        """The first supply line to come that those who wait leave something of."""
        reached = 0
        for line in expected:
            reached += line.open
            if reached > position.backordered and line.eta > self.now:
                return line.eta
        return None
