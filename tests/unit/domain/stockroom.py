"""The stock of a test: it keeps between batches what the database keeps.

A batch is decided on exactly what the stock writer would have read and locked for it, and what it
decides must pass the walls that the tables have. So a test says what happens and looks at the rest.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from hub.domain.availability import Availability, availability_of
from hub.domain.commands import Command
from hub.domain.decide import Outcome, decide
from hub.domain.errors import HubError
from hub.domain.item import Item
from hub.domain.ledger import Ledger, SupplyLine
from hub.domain.movements import Movement, MovementKind
from hub.domain.policies import Rules
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.touches import touches_of
from hub.domain.values import UNIT, ChannelId, LocationId, Quantity, Sku
from tests.unit.builders import NOW, Amount, item, rules, set_stock


class Stockroom:
    """Items, rules and a clock one moves; positions, reservations and movements as they become."""

    def __init__(self, *items: Item, rules_: Rules | None = None) -> None:
        self.items = {one.sku: one for one in items or (item("MUG"), item("LAMP"))}
        self.rules = rules_ or rules()
        self.now: datetime = NOW
        self.positions: dict[PositionKey, Position] = {}
        self.reservations: dict[str, Reservation] = {}
        self.supply_lines: dict[tuple[Sku, LocationId, str], SupplyLine] = {}
        self.movements: list[Movement] = []

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
        assert outcome == Outcome([result], [], [], [], [], [])
        return result

    def decide(self, *commands: Command) -> Outcome:
        """Decide a batch and keep its outcome."""
        outcome = self.would(*commands)
        self._keep(outcome)
        return outcome

    def would(self, *commands: Command) -> Outcome:
        """What a batch would do, on what the stock writer reads for it."""
        touches = touches_of(commands, self.rules)
        stored = sorted(
            (
                one
                for one in self.reservations.values()
                if one.id in touches.reservations or one.order in touches.orders
            ),
            key=lambda one: (one.created_at, one.id),
        )
        locked = touches.positions | {(li.sku, li.location) for one in stored for li in one.lines}
        ledger = Ledger(
            [one for sku, one in self.items.items() if sku in touches.skus],
            [one for key, one in self.positions.items() if key in locked],
            stored,
            [one for key, one in self.supply_lines.items() if key in touches.supply],
        )
        outcome = decide(commands, ledger, self.rules, self.now)
        assert {one.key for one, _ in outcome.positions} <= locked, "wrote what was not locked"
        return outcome

    def at(self, location: LocationId = "BER", sku: Sku = "MUG") -> Position:
        """A position as it is stored; an empty one where nothing has moved yet."""
        return self.positions.get((sku, location)) or Position(sku, location)

    def kinds(self, location: LocationId = "BER", sku: Sku = "MUG") -> list[MovementKind]:
        """What has happened at a position, in order."""
        return [one.kind for one in self.movements if (one.sku, one.location) == (sku, location)]

    def availability(
        self, sku: Sku = "MUG", quantity: Quantity = UNIT, channel: ChannelId = "web"
    ) -> Availability:
        """The answer, from positions as a reader reads them: with lapsed holds and next supply."""
        read = [self._as_read(one) for one in self.positions.values() if one.sku == sku]
        known = self.rules.channel(channel)
        return availability_of(self.items[sku], read, self.rules, known, quantity, self.now)

    def due(self) -> list[str]:
        """Holds that are past their end and not yet swept."""
        return [one.id for one in self.reservations.values() if one.lapsed(self.now)]

    def _as_read(self, position: Position) -> Position:
        lapsed = sum(
            line.held
            for id in self.due()
            for line in self.reservations[id].lines
            if (line.sku, line.location) == position.key
        )
        etas = [
            one.eta
            for one in self.supply_lines.values()
            if (one.sku, one.location) == position.key and one.open and one.eta > self.now
        ]
        return position._replace(lapsed=lapsed, next_supply_at=min(etas, default=None))

    def _keep(self, outcome: Outcome) -> None:
        moved = Counter((one.sku, one.location) for one in outcome.movements)
        assert moved.keys() == {one.key for one, _ in outcome.positions}
        for position, version_read in outcome.positions:
            assert self.at(position.location, position.sku).version == version_read
            assert position.version == version_read + moved[position.key]
            _check_position(position)
            self.positions[position.key] = position
        _check_movements(outcome.movements)
        self.movements.extend(outcome.movements)
        assert not {one.id for one in outcome.created} & self.reservations.keys()
        assert {one.id for one in outcome.changed} <= self.reservations.keys()
        for reservation in (*outcome.created, *outcome.changed):
            _check_reservation(reservation)
            self.reservations[reservation.id] = reservation
        for line in outcome.supply_lines:
            assert line.quantity >= 0 <= line.received
            self.supply_lines[(line.sku, line.location, line.document)] = line


def _check_position(one: Position) -> None:
    parts = (one.unavailable, one.allocated, one.reserved, one.incoming, one.shortfall)
    assert min(parts) >= 0, f"a part of {one} is negative"
    assert one.free >= -one.shortfall, f"{one} is oversold"


def _check_movements(movements: Iterable[Movement]) -> None:
    for one in movements:
        assert one.kind is not MovementKind.RESERVED or one.available_after >= 0, one


def _check_reservation(one: Reservation) -> None:
    assert one.lines
    for line in one.lines:
        parts = (line.held, line.allocated, line.fulfilled, line.released)
        assert line.quantity > 0 <= min(parts), f"a part of {line} is negative"
        assert line.quantity == sum(parts), f"{line} does not add up"
        assert 0 <= line.returned <= line.fulfilled
