"""Comparisons of the hub with sources and sales channels: what they found, and what is booked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hub.domain.drift_causes import DriftTotals, channel_item_of
from hub.domain.errors import InvalidInput, ReconciliationNotFound
from hub.domain.guard_rails import Tripped
from hub.domain.principal import AccessScope, Principal
from hub.domain.reconciliations import (
    BOOKED_BY_CHOICE,
    BOOKED_BY_RULE,
    DriftCause,
    DriftItem,
    DriftState,
    Reconciliation,
    ReconciliationKind,
    ReconciliationPolicy,
)
from hub.domain.source_reconciliation import ReconciliationStanding, standing_of
from hub.domain.values import identifier_from, text_from
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.clock import DatabaseClock
from hub.services.comparison import MAX_ITEMS
from hub.services.drift_booking import DriftBooking
from hub.services.ids import number_from
from hub.services.once import Outcome, done_once
from hub.services.sources import Sources
from hub.store import reconciliations as rows
from hub.store.database import Database
from hub.store.reconciliation_write import Begun, put_run
from hub.store.transactions import Transaction

MAX_NAMED: Final = 250
"""Items that one request may name."""

ItemKey = tuple[str, str]
"""An item of a comparison, by its sku and location."""


class Chosen(NamedTuple):
    """Which corrections of a comparison are to be booked; without a choice, all that nothing else
    mends."""

    causes: Sequence[DriftCause] | None = None
    items: Sequence[ItemKey] | None = None


class Reconciliations:
    """Shows what comparisons have found, and has corrections booked."""

    def __init__(
        self,
        database: Database,
        clock: DatabaseClock,
        sources: Sources,
        booking: DriftBooking,
        max_page: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
        self.booking = booking
        self._max_page = max_page

    async def page(
        self,
        principal: Principal,
        source: str | None,
        kind: ReconciliationKind | None,
        first: int,
        after: str | None,
    ) -> Page[Reconciliation]:
        """The next comparisons behind the cursor `after`, the newest first. Raises
        `InvalidInput`."""
        principal.require(AccessScope.STOCK_WRITE)
        check_page_size(first, self._max_page)
        if source is not None:
            identifier_from(source, "source")
        before = None if after is None else place_from(after, (int,))[0]
        found = await rows.read_page(self._database, source, kind, before, first + 1)
        cursors = [cursor_of([one.id]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def by_id(self, principal: Principal, id: str) -> Reconciliation:
        """A comparison. Raises `ReconciliationNotFound`."""
        principal.require(AccessScope.STOCK_WRITE)
        found = await rows.read_one(self._database, number_from(id))
        if found is None:
            raise ReconciliationNotFound(id=id)
        return found

    async def items(
        self,
        principal: Principal,
        run: int,
        causes: Sequence[DriftCause] | None,
        states: Sequence[DriftState] | None,
        first: int,
        after: str | None,
    ) -> Page[DriftItem]:
        """The next items of a comparison behind the cursor `after`, the furthest off first. Raises
        `InvalidInput`."""
        principal.require(AccessScope.STOCK_WRITE)
        check_page_size(first, self._max_page)
        number = 0 if after is None else place_from(after, (int,))[0]
        found = await rows.read_items(self._database, run, causes, states, number, first + 1)
        cursors = [cursor_of([one.number]) for one in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def standings(self, principal: Principal) -> list[ReconciliationStanding]:
        """How each source stands that is to be compared from time to time, by name."""
        principal.require(AccessScope.ADMIN)
        stored = await self._sources.all(principal)
        last = await rows.read_last(self._database, [one.source.name for one in stored])
        now = self._clock.now()
        found = [
            standing_of(
                one.source.name,
                one.source.reconciliation,
                one.updated_at,
                last.get(one.source.name),
                now,
            )
            for one in stored
        ]
        return [one for one in found if one is not None]

    async def newest(self) -> list[Reconciliation]:
        """The newest comparison of each source and each target."""
        return await rows.read_newest(self._database)

    async def book(
        self,
        principal: Principal,
        id: str,
        chosen: Chosen,
        reason: str,
        idempotency_key: str | None = None,
    ) -> int:
        """Have corrections booked that are still open, at most 20,000 at a time: how many. They are
        booked by `booking`, here or by the job of any process; what has been asked for already is
        not asked again.

        Raises `ReconciliationNotFound`, `InvalidInput` for what can not be booked, and the
        idempotency errors.
        """
        principal.require(AccessScope.ADMIN)
        text_from(reason, "reason")
        number = number_from(id)
        causes = _causes_of(chosen)
        keys = list(dict.fromkeys(chosen.items or ()))
        if len(keys) > MAX_NAMED:
            raise InvalidInput(field="items", problem=f"must be at most {MAX_NAMED}")
        for place, (sku, location) in enumerate(keys):
            identifier_from(sku, f"items[{place}].sku")
            identifier_from(location, f"items[{place}].location")

        async def work(client: Transaction) -> Outcome:
            if not await rows.lock(client, number):
                raise ReconciliationNotFound(id=id)
            numbers = None
            if chosen.items is not None:
                named = await rows.read_named(client, number, keys)
                _check_named(keys, named)
                numbers = [one.number for one in named]
            asked = await rows.ask(client, number, principal.name, reason, causes, numbers)
            return {"asked": asked}

        plain = [list(chosen.causes or ()), keys]
        request = ("book_reconciliation", id, *plain, reason)
        outcome = await done_once(self._database, principal, idempotency_key, request, work)
        return int(outcome["asked"])

    async def note_channel(
        self,
        principal: Principal,
        target: str,
        began: datetime,
        compared: int,
        unknown_here: int,
        report: Sequence[Tripped],
    ) -> None:
        """Put down how what the other side of a channel has differs from what it was told, after
        all that it lists was gone through; so many items of that are unknown here."""
        found = await rows.read_channel_drift(self._database, target, MAX_ITEMS)
        items = [channel_item_of(number, one) for number, one in enumerate(found, 1)]
        totals = DriftTotals()
        totals.add(items)
        begun = Begun(
            ReconciliationKind.CHANNEL,
            target,
            began.isoformat(),
            ReconciliationPolicy.REPORT,
            principal.name,
            began,
            compared,
            unknown_here,
            report,
        )
        await put_run(self._database.url, begun, items, totals.causes)

    async def forget(self, older: timedelta) -> int:
        """Remove comparisons that are so old; how many those were."""
        return await rows.forget(self._database, older)


def _causes_of(chosen: Chosen) -> list[DriftCause] | None:
    """The causes that are asked for. Who names items has looked at them: any cause that can be
    booked will do."""
    if chosen.causes is None:
        return list(BOOKED_BY_RULE if chosen.items is None else BOOKED_BY_CHOICE)
    for place, cause in enumerate(chosen.causes):
        if cause not in BOOKED_BY_CHOICE:
            known = ", ".join(sorted(BOOKED_BY_CHOICE))
            problem = f"{cause} leaves nothing to be booked; there are {known}"
            raise InvalidInput(field=f"causes[{place}]", problem=problem)
    return list(chosen.causes)


def _check_named(keys: Sequence[ItemKey], named: Sequence[DriftItem]) -> None:
    by_key = {(one.sku, one.location): one for one in named}
    for place, key in enumerate(keys):
        item = by_key.get(key)
        if item is None:
            problem = f"{key[0]} at {key[1]} does not differ by this comparison"
            raise InvalidInput(field=f"items[{place}]", problem=problem)
        if item.state is DriftState.TOLD:
            problem = f"{key[0]} at {key[1]} differs by {item.cause}: there is nothing to be booked"
            raise InvalidInput(field=f"items[{place}]", problem=problem)
