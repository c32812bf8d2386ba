"""What comes from sources is kept as it came, together with the events that were read of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog

from hub.domain.commands import Command
from hub.domain.errors import EventMismatch, HubError, Unavailable
from hub.domain.principal import AccessScope, Principal
from hub.domain.source_deliveries import (
    MAX_FINDINGS,
    DeliveryFinding,
    DeliveryReport,
    Received,
    SourceDelivery,
    SourceDeliveryState,
    delivery_finding,
)
from hub.domain.values import identifier_from
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.ids import number_from
from hub.services.intake import Intake
from hub.store.database import Database
from hub.store.inbox import NewEvent, StoredEvent, put_events
from hub.store.source_deliveries import (
    Reported,
    StillClaimed,
    add_deliveries,
    add_delivery,
    claim_delivery,
    forget_source_deliveries,
    read_delivery,
    read_delivery_page,
    read_delivery_range,
    read_kept,
    read_same_delivery,
    report_delivery,
)
from hub.store.transactions import Transaction, run_tx

_REPLAYED_AT_A_TIME: Final = 10
"""Deliveries; each may have a mebibyte."""

log = structlog.get_logger()


class Rows(NamedTuple):
    """What was read of a delivery."""

    events: Sequence[NewEvent]
    """In the order they stand in it; the same id twice is a duplicate."""
    refused: int = 0
    """Rows that were left out."""
    findings: tuple[DeliveryFinding, ...] = ()
    is_snapshot: bool = False
    """Whether it tells all there is, which is taken in once it is kept."""


class Sifted(NamedTuple):
    """What came, without what is kept already."""

    new: list[Received]
    """Each once, in their order."""
    of_others: list[Received]
    """Those of them that have the id of another, which is kept, or came before them."""
    is_known: bool
    """Whether something came again that was accepted before."""


class ManyRows(NamedTuple):
    """A delivery among many, and what was read of it."""

    received: Received
    rows: Rows


class Kept(NamedTuple):
    """What became of a delivery that is stored for good."""

    delivery: int
    state: SourceDeliveryState
    report: DeliveryReport
    stored: Sequence[StoredEvent]


class SourceDeliveries:
    """Keeps deliveries of sources, and shows them."""

    def __init__(self, database: Database, intake: Intake, max_page: int) -> None:
        self._database = database
        self._intake = intake
        self._max_page = max_page

    async def same(self, received: Received) -> SourceDelivery | None:
        """The delivery that is kept of the same bytes under the same id: whoever reads it again
        does so as of when it came first, so that it says the same."""
        return await read_same_delivery(self._database, received)

    async def keep(
        self, received: Received, rows: Rows, known: SourceDelivery | None = None
    ) -> Kept | None:
        """Store what came and its events, in one transaction: they are durable when this returns.

        `EventMismatch` where an id is known with another payload; then it is kept as refused. Only
        of a delivery that was accepted before such events are told as refused, for there it is the
        settings that have changed. None where the same has come at the same time, or others are
        still at it: look for it by `same`.
        """
        try:
            kept = await run_tx(self._database, lambda tx: _keep(tx, received, rows, known))
        except StillClaimed:
            return None
        except EventMismatch as mismatch:
            event_id = mismatch.data["event_id"]
            log.warning("intake.mismatch", source=received.source, event_id=event_id)
            await self.refuse(received, mismatch, known)
            raise
        if kept is not None:
            self._intake.tell_stored(received.source, kept.stored)
        return kept

    async def sift(self, source: str, received: Sequence[Received]) -> Sifted:
        """What of it a source has not sent before."""
        kept = await read_kept(self._database, source, received)
        new: list[Received] = []
        of_others: list[Received] = []
        ids = {id for id in kept if id is not None}
        for one in {(one.sender_id, one.digest): one for one in received}.values():
            if one.digest in kept.get(one.sender_id, ()):
                continue
            new.append(one)
            if one.sender_id in ids:
                of_others.append(one)
            elif one.sender_id is not None:
                ids.add(one.sender_id)
        accepted = SourceDeliveryState.ACCEPTED
        known = (kept.get(one.sender_id, {}).get(one.digest) is accepted for one in received)
        return Sifted(new, of_others, any(known))

    async def keep_many(
        self, source: str, read: Sequence[ManyRows], commands: Mapping[str, Command]
    ) -> Sequence[Reported]:
        """Store many deliveries of a source and their events, in one transaction, in their order;
        what became of each. `commands` are what the events ask for, by their ids.

        `EventMismatch` where an id is known with another payload; then nothing is stored.
        """
        stored, kept = await run_tx(self._database, lambda tx: _keep_many(tx, source, read))
        self._intake.tell_stored(source, stored, commands)
        return kept

    async def refuse(
        self, received: Received, why: HubError, known: SourceDelivery | None = None
    ) -> None:
        """Keep a delivery of which nothing can be read, with the reason. One that was accepted
        before stays so."""
        finding = delivery_finding("ERROR", why.code, why.message)
        report = DeliveryReport(refused=1, findings=(finding,))
        refused = SourceDeliveryState.REFUSED

        async def work(tx: Transaction) -> None:
            claim = await claim_delivery(tx, received)
            if claim.same is None:
                await add_delivery(tx, received, refused, report)
            elif known is not None and claim.same is refused:
                await report_delivery(tx, known.id, refused, report)

        try:
            await run_tx(self._database, work)
        except StillClaimed as claimed:
            raise Unavailable from claimed

    async def note_snapshot(
        self, kept: Kept, snapshot: int, refused: int, findings: Sequence[DeliveryFinding]
    ) -> Kept:
        """Put down the snapshot that a delivery was, and what was refused of it."""
        report = kept.report._replace(
            refused=kept.report.refused + refused,
            findings=(*findings, *kept.report.findings)[:MAX_FINDINGS],
            snapshot=snapshot,
        )
        await run_tx(
            self._database, lambda tx: report_delivery(tx, kept.delivery, kept.state, report)
        )
        return kept._replace(report=report)

    async def page(
        self,
        principal: Principal,
        source: str | None,
        states: Sequence[SourceDeliveryState] | None,
        first: int,
        after: str | None,
    ) -> Page[SourceDelivery]:
        """Deliveries of a source, or of all, the newest first; of bodies the beginning."""
        principal.require(AccessScope.EVENTS_INGEST)
        check_page_size(first, self._max_page)
        if source is not None:
            identifier_from(source, "source")
        before = None if after is None else place_from(after, (int,))[0]
        found = await read_delivery_page(self._database, source, states, before, first + 1)
        return Page(
            found[:first], [cursor_of([one.id]) for one in found[:first]], len(found) > first
        )

    async def by_id(self, principal: Principal, id: str) -> SourceDelivery | None:
        """A delivery; of its body the beginning."""
        principal.require(AccessScope.EVENTS_INGEST)
        return await read_delivery(self._database, number_from(id))

    async def between(
        self, principal: Principal, source: str, begin: datetime | None, end: datetime
    ) -> AsyncIterator[SourceDelivery]:
        """Deliveries of a source that came between two times, the end not included, the oldest
        first. Without a beginning, all until then."""
        principal.require(AccessScope.ADMIN)
        after = 0
        while found := await read_delivery_range(
            self._database, source, begin, end, after, _REPLAYED_AT_A_TIME
        ):
            for one in found:
                yield one
            after = found[-1].id

    async def forget(self, kept: timedelta) -> int:
        """Remove deliveries that are older than that; how many they were."""
        return await forget_source_deliveries(self._database, kept)


async def _keep(
    tx: Transaction, received: Received, rows: Rows, known: SourceDelivery | None
) -> Kept | None:
    claim = await claim_delivery(tx, received)
    if known is None and claim.same is not None:
        return None
    # Not as it was read: somebody else may have had it accepted since, by other settings.
    was_accepted = claim.same is SourceDeliveryState.ACCEPTED
    if claim.other and not was_accepted:
        raise EventMismatch(source=received.source, event_id=received.sender_id)
    events: dict[str, NewEvent] = {}
    differing = [
        event.event_id
        for event in rows.events
        if events.setdefault(event.event_id, event).payload_hash != event.payload_hash
    ]
    stored = await put_events(tx, received.source, list(events.values())) if events else []
    differing += [one.event_id for one in stored if one.differs]
    if differing and not was_accepted:
        raise EventMismatch(source=received.source, event_id=differing[0])
    report = _report(rows, stored, differing)
    state = _state_of(report, rows.is_snapshot)
    if known is None or claim.same is None:
        id = await add_delivery(tx, received, state, report)
        assert id is not None
    else:
        id = known.id
        # What of it is in the inbox stays there.
        state = SourceDeliveryState.ACCEPTED if was_accepted else state
        await report_delivery(tx, id, state, report)
    return Kept(id, state, report, stored)


async def _keep_many(
    tx: Transaction, source: str, read: Sequence[ManyRows]
) -> tuple[Sequence[StoredEvent], Sequence[Reported]]:
    first: dict[str, NewEvent] = {}
    for event in (event for one in read for event in one.rows.events):
        if first.setdefault(event.event_id, event).payload_hash != event.payload_hash:
            raise EventMismatch(source=source, event_id=event.event_id)
    stored = await put_events(tx, source, list(first.values())) if first else []
    for one in stored:
        if one.differs:
            raise EventMismatch(source=source, event_id=one.event_id)
    # Of an event that several tell, the first one has told it.
    left = {one.event_id: one for one in stored}
    reported = []
    for received, rows in read:
        told = {event.event_id for event in rows.events}
        mine = [left.pop(event_id) for event_id in told if event_id in left]
        report = _report(rows, mine, ())
        reported.append(Reported(received, _state_of(report), report))
    await add_deliveries(tx, source, reported)
    return stored, reported


def _state_of(report: DeliveryReport, is_snapshot: bool = False) -> SourceDeliveryState:
    took = is_snapshot or report.accepted + report.duplicates > 0
    is_refused = report.refused > 0 and not took
    return SourceDeliveryState.REFUSED if is_refused else SourceDeliveryState.ACCEPTED


def _report(rows: Rows, stored: Sequence[StoredEvent], differing: Sequence[str]) -> DeliveryReport:
    accepted = sum(one.fresh for one in stored)
    findings = rows.findings + tuple(
        delivery_finding(
            "ERROR",
            EventMismatch.code,
            f"event {event_id} is in the inbox as it was read before, which is how it stays",
        )
        for event_id in differing
    )
    return DeliveryReport(
        accepted=accepted,
        duplicates=len(rows.events) - accepted - len(differing),
        refused=rows.refused + len(differing),
        findings=findings[:MAX_FINDINGS],
    )
