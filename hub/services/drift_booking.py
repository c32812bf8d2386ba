"""Booking the corrections of comparisons: what somebody asked for is booked once, or not at all."""

import asyncio
from typing import Final

import structlog

from hub.domain.commands import CorrectDrift, Origin
from hub.domain.drift_causes import still_to_book
from hub.domain.errors import HubError, Unavailable, VersionConflict
from hub.domain.reconciliations import EVENT_PREFIX, DriftState
from hub.domain.values import MAX_TEXT_LENGTH
from hub.services.stock_writer import StockWriter
from hub.store.database import Database
from hub.store.reconciliations import Settled, ToBook, read_to_book, settle

AT_ONCE: Final = 250
"""Corrections that go to the stock writer together."""

log = structlog.get_logger()


class DriftBooking:
    """Books what is asked for.

    Each position is looked at anew, and its correction holds for just the version that was seen.
    So what has happened since the comparison is neither overwritten nor overlooked, a correction
    that the ledger has is not booked again, and a process may die anywhere.
    """

    def __init__(self, database: Database, writer: StockWriter) -> None:
        self._database = database
        self._writer = writer

    async def book(self, run: int | None = None, most: int = AT_ONCE) -> int:
        """Look at up to so many of the corrections that are asked for, of one comparison or of all,
        and book them; how many those were. One whose position moved meanwhile is left to the next
        time. Raises `Unavailable`."""
        found = await read_to_book(self._database, run, min(most, AT_ONCE))
        decided: list[Settled] = []
        wanted: list[ToBook] = []
        for one in found:
            state, note = still_to_book(one.correction, one.since)
            if state is DriftState.ASKED:
                wanted.append(one)
            else:
                decided.append(Settled(one.run, one.number, state, note))
        decided += await self._booked(wanted)
        await settle(self._database, decided)
        return len(found)

    async def _booked(self, wanted: list[ToBook]) -> list[Settled]:
        """What has become of corrections; those whose position has moved meanwhile are left."""
        answers = [self._writer.enqueue(_command(one)) for one in wanted]
        results = await asyncio.gather(*answers, return_exceptions=True)
        decided = []
        for one, result in zip(wanted, results, strict=True):
            if isinstance(result, Unavailable):
                raise result
            if isinstance(result, VersionConflict):
                continue
            state, note = DriftState.BOOKED, None
            if isinstance(result, BaseException):
                # One that the database refuses must not keep the others from being booked.
                refused = isinstance(result, HubError)
                state, note = DriftState.REFUSED, str(result) if refused else "INTERNAL"
                if not refused:
                    log.error("reconciliation.not_booked", run=one.run, sku=one.sku, error=result)
            decided.append(Settled(one.run, one.number, state, note))
        return decided


def _command(one: ToBook) -> CorrectDrift:
    reason = f"{one.cause}: {one.reason}"[:MAX_TEXT_LENGTH]
    origin = Origin(one.by, f"{EVENT_PREFIX}{one.run}")
    return CorrectDrift(one.sku, one.location, one.correction, reason, origin, one.since.version)
