"""Applying a snapshot in parts: read and decide one while the one before it is written.

A part is decided by the same rules as any count, on positions that nobody has locked, and written
in one short transaction that goes on only where they have not moved. Where one has, the whole part
is decided once more under its locks.
"""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import structlog

from hub.domain.commands import Origin, SetStock
from hub.domain.decide import decide
from hub.domain.errors import HubError
from hub.domain.ledger import Ledger
from hub.domain.position import Position
from hub.domain.snapshots import LEFT_OUT, RefusedRow, Snapshot
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

    async def apply(self, after: int, until: int, tell: Callable[[int, int], None]) -> None:
        """Apply all lines behind `after` up to `until`. Raises `NotInHand` and `Overtaken` where
        it can not go on, and what drivers raise while the database is away."""
        async with self._connection() as reading, self._connection() as writing:
            written: asyncio.Task[None] | None = None
            most, lines = PART_ROWS, PART_ROWS
            began, transactions = time.monotonic(), 0
            try:
                while after < until:
                    part = await read_part(
                        reading.connection, self._id, after, min(until, after + lines), most
                    )
                    tried = Tried(after, part, await self._decided(part))
                    if written is not None:
                        await written
                    written = asyncio.create_task(self._write(writing, tried))
                    tell(part.until, until)
                    lines = _next_lines(part, after, lines)
                    after = part.until
                    took = time.monotonic() - began
                    others = part.next_transaction - transactions - self._own_transactions
                    began, transactions = time.monotonic(), part.next_transaction
                    self._own_transactions = 0
                    most = PART_ROWS
                    if transactions and others > BUSY_PER_SECOND * took and others < 1_000_000:
                        most = lines = SMALL_PART_ROWS
                        await written
                        await asyncio.sleep(min(MOST_PAUSE_SECONDS, GIVE_WAY * took))
                if written is not None:
                    await written
            finally:
                # Whatever ends this: what is on its way to the database is waited for.
                if written is not None and not written.done():
                    await asyncio.wait([written])

    async def _write(self, connection: LedgerConnection, tried: Tried) -> None:
        for attempt in range(MAX_ATTEMPTS):
            try:
                async with _transaction(connection):
                    if attempt:
                        tried = await self._locked(connection, tried)
                    await write_part(
                        connection.connection, self._id, tried.after, tried.part, tried.done
                    )
            except (Overtaken, *OVERTAKEN):
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
                await self._rules.refresh()
            else:
                self._own_transactions += 1
                outcome = tried.done.outcome
                keys = [position.key for position, _ in outcome.positions]
                self._writer.wrote_beside(keys, outcome.to_settle)
                return

    async def _locked(self, connection: LedgerConnection, tried: Tried) -> Tried:
        """The same part, decided on what nobody else can move."""
        rows = tried.part.rows
        keys = {row.position.key for row in rows}
        locked = await connection.lock(keys)
        now_there = {position.key: position for position in locked.positions}
        part = tried.part._replace(
            rows=[
                row._replace(position=now_there.get(row.position.key, Position(*row.position.key)))
                for row in rows
            ],
            now=locked.now,
            rules_revision=locked.rules_revision,
        )
        return tried._replace(part=part, done=await self._decided(part))

    async def _decided(self, part: Part) -> PartOutcome:
        if part.rules_revision != self._rules.current.revision:
            await self._rules.refresh()
        done = PartOutcome(decide((), Ledger(), self._rules.current, part.now), [], self._origin)
        for first in range(0, len(part.rows), SLICE_ROWS):
            with _no_collector():
                self._decide(part.rows[first : first + SLICE_ROWS], part, done)
            await asyncio.sleep(0)
        return done

    def _decide(self, rows: Sequence[Row], part: Part, done: PartOutcome) -> None:
        """Decide rows as the stock writer decides counts, and add what they do."""
        commands = [self._command(row) for row in rows]
        items = [row.item for row in rows if row.item is not None]
        ledger = Ledger(items, [row.position for row in rows])
        found = decide(commands, ledger, self._rules.current, part.now)
        done.outcome.positions.extend(found.positions)
        done.outcome.movements.extend(found.movements)
        done.outcome.to_settle.extend(found.to_settle)
        for row, result in zip(rows, found.results, strict=True):
            if isinstance(result, HubError):
                done.refused.append(_refused(row, result))

    def _command(self, row: Row) -> SetStock:
        line, sku, location, on_hand, unavailable, as_of = row.counted
        reason = LEFT_OUT if line > self._last_row else None
        return SetStock(sku, location, on_hand, self._origin, as_of, unavailable, reason=reason)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[LedgerConnection]:
        connection = await LedgerConnection.open(self._url)
        try:
            yield connection
        finally:
            with contextlib.suppress(*CONNECTION_LOST):
                await connection.close()


def _refused(row: Row, refusal: HubError) -> RefusedRow:
    counted = row.counted
    column = refusal.data.get("field")
    return RefusedRow(
        counted.line, column, counted.sku, counted.location, refusal.code, refusal.message
    )


def _next_lines(part: Part, after: int, lines: int) -> int:
    """How many lines to look through next, so that about a part's worth of them changes."""
    if len(part.rows) >= PART_ROWS // 2:
        return max(PART_ROWS, part.until - after)
    return min(MOST_LINES, lines * 4)


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
