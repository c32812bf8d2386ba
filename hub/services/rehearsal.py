"""What commands would do, decided as the stock writer decides, with nothing locked or written."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from hub.domain.commands import Command
from hub.domain.decide import Result, answers
from hub.domain.ledger import Facts, Ledger
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine
from hub.domain.touches import Touches, touches_of
from hub.domain.values import OrderId, Quantity
from hub.services.clock import DatabaseClock
from hub.services.rules import RulesCache
from hub.store.database import Database
from hub.store.ledger_connection import LedgerConnection


class StockMove(NamedTuple):
    """What would become of the units on hand of an item at a location."""

    sku: str
    location: str
    before: Quantity
    after: Quantity


class Rehearsal:
    """Takes commands one batch after the other; each sees what those before it would have done.

    It remembers every position and order that they touch. Others go on changing stock meanwhile,
    so what it tells is what would have happened at the time, not what will.
    """

    def __init__(
        self, connection: LedgerConnection, rules: RulesCache, clock: DatabaseClock
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._clock = clock
        self._before: dict[PositionKey, Quantity] = {}
        self._after: dict[PositionKey, Position] = {}
        self._supply: dict[tuple[str, str, str], SupplyLine] = {}
        self._reservations: dict[OrderId, dict[str, Reservation]] = {}

    async def take(self, commands: Sequence[Command]) -> list[Result]:
        """The result of each command, as its sender would get it."""
        rules = await self._rules.refresh()
        touches = touches_of(commands, rules)
        ledger = await self._ledger(touches)
        results = answers(commands, ledger, rules, self._clock.now())
        for key, position in ledger.touched.items():
            self._after[key] = position.stored()
        self._supply.update((key, ledger.supply_lines[key]) for key in ledger.changed_supply)
        for id in (*ledger.created, *ledger.changed):
            reservation = ledger.reservations[id]
            if reservation.order is not None:
                self._reservations.setdefault(reservation.order, {})[id] = reservation
        return results

    def moves(self) -> Iterable[StockMove]:
        """The positions whose units on hand would change, by item and location."""
        for key in sorted(self._after):
            before, after = self._before.get(key, 0), self._after[key].on_hand
            if before != after:
                yield StockMove(*key, before, after)

    async def _ledger(self, touches: Touches) -> Ledger:
        reservations = await self._claimed(touches)
        missing = touches.positions - self._after.keys()
        if missing:
            read, now = await self._connection.positions(missing)
            self._clock.observe(now)
            self._before.update((position.key, position.on_hand) for position in read)
            self._after.update((position.key, position) for position in read)
        items = await self._connection.items(touches.skus)
        rules = self._rules.current
        beyond = [item.sku for item in items if rules.may_sell_beyond_stock(item)]
        supply = await self._connection.supply_lines(touches.supply) if touches.supply else []
        if beyond:
            supply += await self._connection.open_supply(beyond)
        lines = {(line.sku, line.location, line.document): line for line in supply}
        lines.update((key, line) for key, line in self._supply.items() if key[0] in touches.skus)
        facts = Facts()
        if touches.watermarks:
            facts = Facts(watermarks=await self._connection.watermarks(touches.watermarks))
        positions = [self._after[key] for key in touches.positions]
        return Ledger(items, positions, reservations, lines.values(), facts)

    async def _claimed(self, touches: Touches) -> list[Reservation]:
        """The reservations of the orders that are touched, whose positions are touched then."""
        if not (touches.reservations or touches.orders):
            return []
        found = await self._connection.reservations(touches.reservations, touches.orders)
        by_id = {reservation.id: reservation for reservation in found}
        for order in touches.orders:
            by_id.update(self._reservations.get(order, {}))
        for reservation in by_id.values():
            for line in reservation.lines:
                touches.positions.add((line.sku, line.location))
                touches.skus.add(line.sku)
        return list(by_id.values())


@asynccontextmanager
async def rehearsing(
    database: Database, rules: RulesCache, clock: DatabaseClock
) -> AsyncIterator[Rehearsal]:
    """A rehearsal on a connection of its own, which only reads."""
    connection = await LedgerConnection.open(database.url)
    try:
        yield Rehearsal(connection, rules, clock)
    finally:
        await connection.close()
