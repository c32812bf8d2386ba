"""Applying a snapshot in parts: what is plain of one is booked by the database where it lies, and
what is left is decided by the same rules as any count, under its locks.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from hub.domain.commands import Origin, SetStock
from hub.domain.decide import decide_counts, to_settle
from hub.domain.errors import HubError
from hub.domain.ledger import Ledger
from hub.domain.snapshots import LEFT_OUT, CountedRow, RefusedRow, Snapshot
from hub.services.rules import RulesCache
from hub.services.stock_writer import StockWriter
from hub.store.database import CONNECTION_LOST
from hub.store.ledger_connection import LedgerConnection, Locked
from hub.store.ledger_write import OVERTAKEN
from hub.store.snapshot_jobs import Staged
from hub.store.snapshot_write import (
    LeftOutcome,
    Lines,
    NotInHand,
    Overtaken,
    PlainOutcome,
    lock_part,
    read_left,
    write_left,
    write_plain,
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


class Tried(NamedTuple):
    """A part that is being applied; in the end None where nothing was done."""

    lines: Lines
    outcome: asyncio.Task[PlainOutcome | None]

    @property
    def has_failed(self) -> bool:
        """Whether it is known already that nothing was done."""
        return self.outcome.done() and self.outcome.result() is None


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
        self._all_plain = True

    async def apply(self, staged: Staged, tell: Callable[[int, int], None]) -> None:
        """Apply all lines that are not. Raises `NotInHand` and `Overtaken` where it can not go on,
        and what drivers raise while the database is away."""
        done, until = staged.done_line, staged.last_line
        async with self._connection() as used, self._connection() as spare:
            if staged.left_lines:
                await self._apply_left(used, done, staged.left_lines)
            ahead: Tried | None = None
            try:
                while done < until:
                    began = time.monotonic()
                    tried = ahead or self._try(used, self._next(done, until))
                    ahead, last = None, tried.lines.until
                    # While one is done again under its locks, the next would overtake it.
                    if self._is_steady and last < until and not tried.has_failed:
                        ahead = self._try(spare, self._next(last, until))
                    part = await tried.outcome
                    if part is None:
                        part = await self._under_locks(used, tried.lines)
                    done = part.until
                    if part.left:
                        await self._apply_left(used, done, part.left)
                    tell(done, until)
                    took = time.monotonic() - began
                    if self._others_write(part, took):
                        await asyncio.sleep(min(MOST_PAUSE_SECONDS, GIVE_WAY * took))
                    if ahead:
                        used, spare = spare, used
            finally:
                if ahead:
                    # Whatever ends this: what is on its way to the database is waited for.
                    ahead.outcome.cancel()
                    await asyncio.wait([ahead.outcome])

    @property
    def _is_steady(self) -> bool:
        """Whether the next part can be found while this one is written: nobody is given way to, and
        where it begins is known, for parts have as many lines as they may have rows."""
        return not self._give_way and self._lines <= PART_ROWS and self._all_plain

    def _next(self, after: int, until: int) -> Lines:
        """The next part: as many lines as had about a part's worth of changes the last time."""
        most = SMALL_PART_ROWS if self._give_way else PART_ROWS
        return Lines(after, min(until, after + max(self._lines, most)), most)

    def _try(self, connection: LedgerConnection, lines: Lines) -> Tried:
        return Tried(lines, asyncio.create_task(self._attempt(connection, lines)))

    async def _attempt(self, connection: LedgerConnection, lines: Lines) -> PlainOutcome | None:
        """Apply what is plain of a part; None, and nothing done, where somebody has moved one of
        its positions, or the part before it is not done."""
        try:
            return await self._apply_plain(connection, lines)
        except (NotInHand, Overtaken, *OVERTAKEN):
            return None

    async def _under_locks(self, connection: LedgerConnection, lines: Lines) -> PlainOutcome:
        """The same on what nobody else can move."""
        fewer = lines._replace(until=min(lines.until, lines.after + lines.most))
        for _ in range(MAX_ATTEMPTS - 1):
            with contextlib.suppress(Overtaken, *OVERTAKEN):
                return await self._apply_plain(connection, fewer, is_locked=True)
        return await self._apply_plain(connection, fewer, is_locked=True)

    async def _apply_plain(
        self, connection: LedgerConnection, lines: Lines, is_locked: bool = False
    ) -> PlainOutcome:
        self._own_transactions += 1
        async with _transaction(connection):
            if is_locked:
                await lock_part(connection.connection, self._id, lines)
            part = await write_plain(
                connection.connection, self._id, lines, self._origin, self._last_row
            )
        self._writer.wrote_beside(part.keys, part.landed)
        if part.found < lines.most // 2:
            self._lines = min(MOST_LINES, 4 * max(self._lines, lines.most))
        else:
            self._lines = part.until - lines.after
        self._all_plain = not part.left
        return part

    async def _apply_left(
        self, connection: LedgerConnection, done_line: int, lines: Sequence[int]
    ) -> None:
        """Decide the rows that are not plain on what nobody else can move."""
        for attempt in range(MAX_ATTEMPTS):
            self._own_transactions += 1
            try:
                async with _transaction(connection):
                    rows = await read_left(connection.connection, self._id, lines)
                    locked = await connection.lock({(row.sku, row.location) for row in rows})
                    done = await self._decided(connection, rows, locked)
                    await write_left(
                        connection.connection, self._id, done_line, lines, done, self._origin,
                        locked.rules_revision,
                    )  # fmt: skip
            except (Overtaken, *OVERTAKEN):
                if attempt + 1 == MAX_ATTEMPTS:
                    raise
                await self._rules.refresh()
            else:
                keys = [(position.sku, position.location) for position in done.positions]
                self._writer.wrote_beside(keys, done.to_settle)
                return

    def _others_write(self, part: PlainOutcome, took: float) -> bool:
        """Whether others have written meanwhile, so that they are to be given way to."""
        before, self._transactions = self._transactions, part.next_transaction
        others = part.next_transaction - before - self._own_transactions
        self._own_transactions = 0
        self._give_way = before > 0 and others > max(1.0, BUSY_PER_SECOND * took)
        return self._give_way

    async def _decided(
        self, connection: LedgerConnection, rows: Sequence[CountedRow], locked: Locked
    ) -> LeftOutcome:
        if locked.rules_revision != self._rules.current.revision:
            await self._rules.refresh()
        rules = self._rules.current
        items, missing = self._rules.items({row.sku for row in rows})
        if missing:
            read = await connection.items(missing)
            self._rules.remember(read, rules.revision)
            items.extend(read)
        ledger = Ledger(items, locked.positions)
        refused: list[RefusedRow] = []
        for first in range(0, len(rows), SLICE_ROWS):
            part = rows[first : first + SLICE_ROWS]
            counts = [self._count(row) for row in part]
            for place, refusal in decide_counts(counts, ledger, rules, locked.now):
                refused.append(_refused(part[place], refusal))
            await asyncio.sleep(0)
        positions = list(ledger.touched.values())
        return LeftOutcome(positions, ledger.movements, refused, to_settle(ledger, rules))

    def _count(self, row: CountedRow) -> SetStock:
        return SetStock(
            row.sku, row.location, row.on_hand, self._origin, row.as_of, row.unavailable,
            reason=LEFT_OUT if row.line > self._last_row else None,
        )  # fmt: skip

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[LedgerConnection]:
        connection = await LedgerConnection.open(self._url)
        try:
            yield connection
        finally:
            with contextlib.suppress(*CONNECTION_LOST):
                await connection.close()


def _refused(row: CountedRow, refusal: HubError) -> RefusedRow:
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
