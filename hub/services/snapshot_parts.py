"""Applying a snapshot in parts: read and decide one while the one before it is written.

A part is decided by the same rules as any count, on positions that nobody has locked, and written
in one short transaction that goes on only where they have not moved. Where one has, the whole part
is decided once more under its locks.
"""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from hub.domain.commands import Origin, SetStock
from hub.domain.decide import decide_counts, to_settle
from hub.domain.errors import HubError
from hub.domain.item import Item
from hub.domain.ledger import Ledger
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.snapshots import LEFT_OUT, RefusedRow, Snapshot
from hub.domain.values import Sku
from hub.services.rules import RulesCache
from hub.services.stock_writer import StockWriter
from hub.store.database import CONNECTION_LOST
from hub.store.ledger_connection import LedgerConnection
from hub.store.ledger_write import OVERTAKEN
from hub.store.snapshot_write import (
    Overtaken,
    Part,
    PartOutcome,
    Row,
    read_part,
    write_part,
)

PART_ROWS: Final = 2_000
"""Rows that are decided and written together while nobody else writes."""
SMALL_PART_ROWS: Final = 250
"""The same while others do: so long they may have to wait for a lock, or for the disk."""
MOST_LINES: Final = 50_000
"""Lines that one statement looks through for rows that change something."""
SLICE_ROWS: Final = 100
"""Rows that are decided before the process turns to others."""
BUSY_PER_SECOND: Final = 10.0
"""From so many transactions of others on, they are given way to."""
GIVE_WAY: Final = 3.0
"""A part is then followed by a pause of so many times as long as it took."""
MOST_PAUSE_SECONDS: Final = 1.0
MAX_ATTEMPTS: Final = 5

log = structlog.get_logger()


class Tried(NamedTuple):
    """A part and what it does."""

    after: int
    part: Part
    done: PartOutcome


class SnapshotParts:
    """Goes through the rows of one snapshot."""

    def __init__(
        self,
        database_url: str,
        rules: RulesCache,
        writer: StockWriter,
        snapshot: Snapshot,
        last_row: int,
    ) -> None:
        self._url = database_url
        self._rules = rules
        self._writer = writer
        self._id = snapshot.id
        self._origin = Origin(snapshot.source, f"{snapshot.source}/{snapshot.name}")
        self._last_row = last_row
        self._own_transactions = 0
        self._transactions = 0
        self._give_way = False
        self._lines = PART_ROWS

    async def apply(self, after: int, until: int, tell: Callable[[int, int], None]) -> None:
        """Apply all lines behind `after` up to `until`. Raises `NotInHand` and `Overtaken` where
        it can not go on, and what drivers raise while the database is away."""
        async with self._connection() as reading, self._connection() as writing:
            under_way: asyncio.Task[None] | None = None
            try:
                while after < until:
                    began = time.monotonic()
                    part = await self._read(reading, after, until)
                    tried = Tried(after, part, await self._decided(reading, part))
                    if under_way is not None:
                        await under_way
                    under_way = asyncio.create_task(self._write(writing, tried))
                    tell(part.until, until)
                    if self._others_write(part, time.monotonic() - began):
                        await under_way
                        took = time.monotonic() - began
                        await asyncio.sleep(min(MOST_PAUSE_SECONDS, GIVE_WAY * took))
                    after = part.until
                if under_way is not None:
                    await under_way
            finally:
                # Whatever ends this: what is on its way to the database is waited for.
                if under_way is not None and not under_way.done():
                    await asyncio.wait([under_way])

    async def _read(self, connection: LedgerConnection, after: int, until: int) -> Part:
        """The next part: as many lines as had about a part's worth of changes the last time."""
        most = SMALL_PART_ROWS if self._give_way else PART_ROWS
        last = min(until, after + max(self._lines, most))
        part = await read_part(connection.connection, self._id, after, last, most)
        if len(part.rows) < most // 2:
            self._lines = min(MOST_LINES, 4 * max(self._lines, most))
        else:
            self._lines = part.until - after
        return part

    def _others_write(self, part: Part, took: float) -> bool:
        """Whether others have written meanwhile, so that they are to be given way to."""
        before, self._transactions = self._transactions, part.next_transaction
        others = part.next_transaction - before - self._own_transactions
        self._own_transactions = 0
        self._give_way = before > 0 and others > max(1.0, BUSY_PER_SECOND * took)
        return self._give_way

    async def _write(self, connection: LedgerConnection, tried: Tried) -> None:
        for attempt in range(MAX_ATTEMPTS):
            self._own_transactions += 1
            try:
                async with _transaction(connection):
                    if attempt:
                        tried = await self._locked(connection, tried)
                    await write_part(connection.connection, self._id, *tried, self._origin)
            except (Overtaken, *OVERTAKEN):
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
                await self._rules.refresh()
            else:
                done = tried.done
                keys = [(position.sku, position.location) for position in done.positions]
                self._writer.wrote_beside(keys, done.to_settle)
                return

    async def _locked(self, connection: LedgerConnection, tried: Tried) -> Tried:
        """The same part, decided on what nobody else can move."""
        rows = tried.part.rows
        locked = await connection.lock({row.position.key for row in rows})
        found = {position.key: position for position in locked.positions}
        part = tried.part._replace(
            rows=[
                row._replace(place=None, position=found.get(key, Position(*key)))
                for row in rows
                for key in (row.position.key,)
            ],
            now=locked.now,
            rules_revision=locked.rules_revision,
        )
        return tried._replace(part=part, done=await self._decided(connection, part))

    async def _decided(self, connection: LedgerConnection, part: Part) -> PartOutcome:
        if part.rules_revision != self._rules.current.revision:
            await self._rules.refresh()
        rules = self._rules.current
        items, missing = self._rules.items({row.sku for row in part.rows})
        if missing:
            read = await connection.items(missing)
            self._rules.remember(read, rules.revision)
            items.extend(read)
        known = {item.sku: item for item in items}
        done = PartOutcome([], [], [], [], [])
        for first in range(0, len(part.rows), SLICE_ROWS):
            with _no_collector():
                rows = part.rows[first : first + SLICE_ROWS]
                self._decide(rows, known, rules, part.now, done)
            await asyncio.sleep(0)
        return done

    def _decide(
        self,
        rows: Sequence[Row],
        items: Mapping[Sku, Item],
        rules: Rules,
        now: datetime,
        done: PartOutcome,
    ) -> None:
        """Decide rows as the stock writer decides counts, and add what they do."""
        origin, last = self._origin, self._last_row
        counts = [
            SetStock(
                row.sku, row.location, row.on_hand, origin, row.as_of, row.unavailable,
                reason=LEFT_OUT if row.line > last else None,
            )
            for row in rows
        ]  # fmt: skip
        known = [items[row.sku] for row in rows if row.sku in items]
        ledger = Ledger(known, [row.position for row in rows])
        for place, refusal in decide_counts(counts, ledger, rules, now):
            done.refused.append(_refused(rows[place], refusal))
        places = {(row.sku, row.location): row.place for row in rows}
        done.positions.extend(ledger.touched.values())
        done.places.extend(places[key] for key in ledger.touched)
        done.movements.extend(ledger.movements)
        done.to_settle.extend(to_settle(ledger, rules))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[LedgerConnection]:
        connection = await LedgerConnection.open(self._url)
        try:
            yield connection
        finally:
            with contextlib.suppress(*CONNECTION_LOST):
                await connection.close()


def _refused(row: Row, refusal: HubError) -> RefusedRow:
    column = refusal.data.get("field")
    return RefusedRow(row.line, column, row.sku, row.location, refusal.code, refusal.message)


@asynccontextmanager
async def _transaction(connection: LedgerConnection) -> AsyncIterator[None]:
    await connection.begin()
    try:
        yield
        await connection.commit()
    except BaseException:
        with contextlib.suppress(*CONNECTION_LOST):
            await connection.rollback()
        raise


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Without looks for cycles: nothing that is made in here has any, and all of it lives on."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
