"""Whole snapshots: taken in as sets, judged before anything of them is applied, then applied in
parts; what looks wrong waits for a person.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from hub.domain.errors import (
    SnapshotInProgress,
    SnapshotNotFound,
    SnapshotNotQuarantined,
    Unavailable,
)
from hub.domain.guard_rails import Evidence, Tripped, tripped_by
from hub.domain.principal import AccessScope, Principal
from hub.domain.snapshots import (
    CountedRow,
    Missing,
    RefusedRow,
    Snapshot,
    SnapshotState,
    Whole,
)
from hub.domain.values import identifier_from, text_from
from hub.services.comparison import compare_whole
from hub.services.ids import number_from
from hub.services.known_snapshots import KnownSnapshots
from hub.services.once import Outcome, done_once
from hub.services.rules import RulesCache
from hub.services.snapshot_parts import SnapshotParts
from hub.services.source_health import SourceHealth
from hub.services.stock_writer import StockWriter
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY, Database
from hub.store.ledger_write import OVERTAKEN
from hub.store.reconciliations import is_due
from hub.store.snapshot_jobs import (
    begin_again,
    decide_quarantined,
    keep_refusals,
    open_snapshot,
    read_newest,
    read_overdue,
    read_snapshot,
    read_snapshots,
    read_staged,
)
from hub.store.snapshot_staging import Look, Staging, forget_rows
from hub.store.snapshot_write import NotInHand, Overtaken
from hub.store.transactions import Transaction

STAGED_AT_ONCE: Final = 5_000
"""Rows that go to the database together."""
READ_AT_ONCE: Final = 500
"""Rows that are read before the process turns to others."""

Tell = Callable[[int, int], None]
"""Told how many lines are done, and of how many; 0 while that is not known."""

_DONE: Final = (
    SnapshotState.APPLIED,
    SnapshotState.REJECTED,
    SnapshotState.QUARANTINED,
    SnapshotState.COMPARED,
)
_LOST: Final = (*CONNECTION_LOST, *DATABASE_BUSY)


def _tell_nobody(done: int, total: int) -> None:
    pass


class Judged(NamedTuple):
    """What is to become of a snapshot, and why."""

    state: SnapshotState
    look: Look
    left_out: int
    """Items that it sets to 0 by leaving them out."""
    tripped: list[Tripped]


class Rehearsed(NamedTuple):
    """What would become of a snapshot."""

    judged: Judged
    left_out: list[CountedRow]
    """Its counts of 0 of what it leaves out."""


class Snapshots(KnownSnapshots):
    """Takes in what sources say they have of everything."""

    def __init__(
        self,
        database: Database,
        rules: RulesCache,
        writer: StockWriter,
        health: SourceHealth,
        max_page: int,
        quarantine_days: int,
    ) -> None:
        super().__init__(database, max_page)
        self._rules = rules
        self._writer = writer
        self._health = health
        self._quarantine_days = quarantine_days

    async def take(
        self,
        principal: Principal,
        whole: Whole,
        rows: Iterable[CountedRow | RefusedRow],
        tell: Tell = _tell_nobody,
    ) -> Snapshot:
        """Take a snapshot in, and what became of it: APPLIED, or with nothing applied QUARANTINED
        or, where it is time for that, COMPARED. Rows come in the order of their lines.

        The same again, by source and name, goes on where it was left, and changes nothing where it
        is done. Raises `InvalidInput`, `SnapshotInProgress` and `Unavailable`.
        """
        principal.require(AccessScope.EVENTS_INGEST)
        identifier_from(whole.source, "source")
        text_from(whole.name, "name")
        taken = await self._take(principal, whole, rows, tell)
        if whole.is_news:
            await self._note(taken)
        else:
            await self._health.looked_at(whole.source)
        return taken

    async def _take(
        self,
        principal: Principal,
        whole: Whole,
        rows: Iterable[CountedRow | RefusedRow],
        tell: Tell,
    ) -> Snapshot:
        known = await open_snapshot(self._database, whole, principal.name)
        if known.state in _DONE:
            return known
        async with self._in_hand(known) as staging:
            # It may have been somebody else's until now.
            known = await self._snapshot(known.id)
            if known.state in _DONE:
                return known
            if known.state is not SnapshotState.APPLYING or not await self._is_whole(staging):
                await self._stage(staging, whole, rows, principal, tell)
                judged = await self._judge(staging, whole)
                if judged.state is SnapshotState.COMPARED:
                    await compare_whole(staging, whole, *judged[1:], principal)
                    return await self._snapshot(known.id)
                await staging.judged(*judged)
                if judged.state is not SnapshotState.APPLYING:
                    return await self._snapshot(known.id)
            await self._apply(staging, tell)
        return await self._snapshot(known.id)

    async def rehearse(
        self, principal: Principal, whole: Whole, rows: Iterable[CountedRow | RefusedRow]
    ) -> Rehearsed:
        """What would become of a snapshot if it were taken in now, and nothing does. Raises
        `InvalidInput` and `Unavailable`."""
        principal.require(AccessScope.EVENTS_INGEST)
        try:
            async with Staging.rolled_back(self._database.url) as staging:
                await self._fill(staging, rows, _tell_nobody)
                judged = await self._judge(staging, whole)
                first = judged.look.last_line - judged.left_out
                return Rehearsed(judged, await staging.behind(first))
        except _LOST as lost:
            raise Unavailable from lost

    async def resume(self, id: int, tell: Tell = _tell_nobody) -> Snapshot:
        """Go on with a snapshot that is APPLYING: it was approved, or its process has ended. Raises
        `SnapshotInProgress` and `Unavailable`."""
        async with self._in_hand(await self._snapshot(id)) as staging:
            snapshot = await self._snapshot(id)
            if snapshot.state is SnapshotState.APPLYING:
                if await self._is_whole(staging):
                    await self._apply(staging, tell)
                else:
                    await self._finish(staging, SnapshotState.LOST)
        resumed = await self._snapshot(id)
        await self._note(resumed, resumed.received_at)
        return resumed

    async def forget_overdue(self) -> list[int]:
        """Let those expire that nobody has decided on in time; which these are."""
        expired = []
        for id in await read_overdue(self._database, self._quarantine_days):
            try:
                async with self._in_hand(await self._snapshot(id)) as staging:
                    # It may have been sent again until now, and be judged anew.
                    overdue = id in await read_overdue(self._database, self._quarantine_days)
                    if overdue and await self._finish(staging, SnapshotState.EXPIRED):
                        expired.append(id)
                        await self._health.looked_at((await self._snapshot(id)).source)
            except SnapshotInProgress:
                continue
        return expired

    async def approve(
        self, principal: Principal, id: str, idempotency_key: str | None = None
    ) -> Snapshot:
        """Let a quarantined snapshot be applied: by the job, or by `resume`. Raises
        `SnapshotNotFound`, `SnapshotNotQuarantined` and the idempotency errors."""
        return await self._decide(principal, id, SnapshotState.APPLYING, None, idempotency_key)

    async def reject(
        self, principal: Principal, id: str, reason: str, idempotency_key: str | None = None
    ) -> Snapshot:
        """Let nothing of a quarantined snapshot be applied. Raises as `approve` does, and
        `InvalidInput`."""
        text_from(reason, "reason")
        return await self._decide(principal, id, SnapshotState.REJECTED, reason, idempotency_key)

    async def applying(self) -> list[Snapshot]:
        """Snapshots that somebody has to go on with, or does."""
        return await read_snapshots(self._database, SnapshotState.APPLYING, None, self._max_page)

    async def _decide(
        self,
        principal: Principal,
        id: str,
        state: SnapshotState,
        reason: str | None,
        idempotency_key: str | None,
    ) -> Snapshot:
        principal.require(AccessScope.ADMIN)
        number = number_from(id)

        async def work(transaction: Transaction) -> Outcome:
            known = await read_snapshot(transaction, number)
            if known is None:
                raise SnapshotNotFound(id=id)
            values = (number, state, principal.name, reason)
            if await decide_quarantined(transaction, *values) is None:
                raise SnapshotNotQuarantined(id=id, state=known.state.value)
            if state is SnapshotState.REJECTED:
                await forget_rows(transaction, number)
            return {}

        request = ("decide_snapshot", id, state.value, reason)
        await done_once(self._database, principal, idempotency_key, request, work)
        decided = await self._snapshot(number)
        await self._health.looked_at(decided.source)
        return decided

    async def _note(self, snapshot: Snapshot, at: datetime | None = None) -> None:
        """What a snapshot says of how its source is doing, which sent it at a time or now."""
        health, source = self._health, snapshot.source
        understood = snapshot.applied + snapshot.unchanged
        compared = snapshot.state is SnapshotState.COMPARED and not snapshot.report
        if compared:
            understood = snapshot.rows - snapshot.refused
        if not compared and snapshot.state is not SnapshotState.APPLIED:
            await health.looked_at(source)
        elif snapshot.refused and not understood:
            await health.failed(source, f"all {snapshot.refused} rows of a snapshot were refused")
        else:
            await health.heard(source, at)

    async def _snapshot(self, id: int) -> Snapshot:
        return await self._named(str(id))

    @asynccontextmanager
    async def _in_hand(self, snapshot: Snapshot) -> AsyncIterator[Staging]:
        """Keep all other processes from a snapshot. What drivers raise becomes `Unavailable`."""
        try:
            staging = await Staging.open(self._database.url, snapshot.id)
            if staging is None:
                raise SnapshotInProgress(source=snapshot.source, name=snapshot.name)
            try:
                yield staging
            finally:
                await staging.close()
        except (*_LOST, Overtaken, NotInHand, *OVERTAKEN) as lost:
            raise Unavailable from lost

    async def _stage(
        self,
        staging: Staging,
        whole: Whole,
        rows: Iterable[CountedRow | RefusedRow],
        principal: Principal,
        tell: Tell,
    ) -> None:
        await begin_again(self._database, staging.id, whole, principal.name)
        await staging.create()
        await self._fill(staging, rows, tell)

    async def _fill(
        self, staging: Staging, rows: Iterable[CountedRow | RefusedRow], tell: Tell
    ) -> None:
        counted: list[CountedRow] = []
        reading = iter(rows)
        while block := list(islice(reading, READ_AT_ONCE)):
            refused = [row for row in block if isinstance(row, RefusedRow)]
            if refused:
                await keep_refusals(staging.connection, staging.id, refused)
                counted += [row for row in block if isinstance(row, CountedRow)]
            else:
                counted += block  # type: ignore[arg-type]
            if len(counted) >= STAGED_AT_ONCE:
                await staging.put(counted)
                counted.clear()
            tell(block[-1].line, 0)
            await asyncio.sleep(0)
        await staging.put(counted)

    async def _judge(self, staging: Staging, whole: Whole) -> Judged:
        """What is to become of a snapshot whose rows are there."""
        look = await staging.look()
        left_out = 0
        if whole.missing is Missing.ZERO:
            left_out = await staging.add_left_out(whole.source, whole.locations, look)
        newest = await read_newest(self._database, whole.source)
        evidence = Evidence(as_of=look.as_of, newest_before=newest)
        every = whole.reconciling.every
        compared = every is not None and await is_due(self._database, whole.source, every)
        if look.changes or left_out or compared:
            repeated = await staging.leave_out_repeated()
            evidence = await staging.evidence(whole.rails, evidence, look.last_line)
            # Lines of what is left out are behind those of the rows.
            look = Look(
                look.rows - repeated + left_out,
                look.changes + left_out,
                look.last_line + left_out,
                look.as_of,
            )
        tripped = tripped_by(evidence, whole.rails)
        state = SnapshotState.QUARANTINED if tripped else SnapshotState.APPLYING
        return Judged(SnapshotState.COMPARED if compared else state, look, left_out, tripped)

    async def _is_whole(self, staging: Staging) -> bool:
        """Whether the rows of a snapshot that is APPLYING are all there."""
        staged = await read_staged(self._database, staging.id)
        return await staging.count() == staged.rows

    async def _apply(self, staging: Staging, tell: Tell) -> None:
        staged = await read_staged(self._database, staging.id)
        snapshot = await self._snapshot(staging.id)
        if staged.last_line > staged.done_line or staged.left_lines:
            parts = SnapshotParts(
                self._database.url, self._rules, self._writer, snapshot, staged.last_row
            )
            await parts.apply(staged, tell)
        await self._finish(staging, SnapshotState.APPLIED)

    async def _finish(self, staging: Staging, state: SnapshotState) -> bool:
        staged = await read_staged(self._database, staging.id)
        snapshot = await self._snapshot(staging.id)
        return await staging.finish(state, snapshot.source, snapshot.missing, staged.last_row)
