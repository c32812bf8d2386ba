"""Answers: availability and the timeline behind it, always for many items at once."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hub.domain.availability import Availability, availability_in
from hub.domain.movements import RecordedMovement
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Quantity, Scope
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.clock import DatabaseClock
from hub.services.rules import RulesCache
from hub.store.database import Database
from hub.store.reads import read_movements, read_stock


class Lookup:
    """Reads positions and applies the formula."""

    def __init__(
        self, database: Database, rules: RulesCache, clock: DatabaseClock, max_page: int
    ) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock
        self._max_page = max_page

    async def availability(
        self,
        principal: Principal,
        skus: Sequence[str],
        scope: Scope | None = None,
        quantity: Quantity = UNIT,
    ) -> dict[str, Availability]:
        """The availability of each item by sku; skus nobody knows are left out. Raises
        `UnknownChannel`. One statement, however many items."""
        principal.require(AccessScope.AVAILABILITY_READ)
        wanted = list(skus)
        holder = scope.holder if scope else None
        read = await read_stock(self._database, self._rules.with_components(wanted), holder)
        if read.now is None:
            return {}
        self._clock.observe(read.now)
        if read.revision != self._rules.current.revision:
            await self._rules.refresh()
            # What is in a kit may be what has changed.
            read = await read_stock(self._database, self._rules.with_components(wanted), holder)
        rules, now = self._rules.current, read.now
        channel = rules.channel(scope.channel if scope else None)
        return {
            sku: availability_in(
                read.items, read.positions, sku, rules, channel, quantity, now or self._clock.now()
            )
            for sku in wanted
            if sku in read.items
        }

    async def movements(
        self, principal: Principal, sku: str, location: str | None, first: int, after: str | None
    ) -> Page[RecordedMovement]:
        """The ledger of an item, newest first: why the number is what it is."""
        principal.require(AccessScope.AVAILABILITY_READ)
        check_page_size(first, self._max_page)
        before = None
        if after is not None:
            micros, place, version = place_from(after, (int, str, int))
            before = (_EPOCH + _MICROSECOND * micros, place, version)
        found = await read_movements(self._database, sku, location, before, first + 1)
        cursors = [
            cursor_of(
                [
                    (entry.recorded_at - _EPOCH) // _MICROSECOND,
                    entry.movement.location,
                    entry.movement.version,
                ]
            )
            for entry in found[:first]
        ]
        return Page(found[:first], cursors, len(found) > first)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = datetime.resolution
