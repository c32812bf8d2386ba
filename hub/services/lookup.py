"""Answers: availability and the timeline behind it, always for many items at once."""

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from hub.domain.audience import Bands, told, told_all
from hub.domain.availability import Availability, availability_in
from hub.domain.movements import RecordedMovement
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Quantity, Scope
from hub.services.catalogue import Page, check_page_size, cursor_of, pages_of, place_from
from hub.services.clock import DatabaseClock
from hub.services.rules import RulesCache
from hub.services.stock_cache import StockCache, read_by_rules
from hub.store.database import Database
from hub.store.reads import read_movements

Form = TypeVar("Form", bound=Hashable)


class Lookup:
    """Reads positions and applies the formula."""

    def __init__(
        self,
        database: Database,
        stock: StockCache,
        rules: RulesCache,
        clock: DatabaseClock,
        max_page: int,
        bands: Bands,
    ) -> None:
        self._database = database
        self._stock = stock
        self._rules = rules
        self._clock = clock
        self._max_page = max_page
        self._bands = bands

    async def availability(
        self,
        principal: Principal,
        skus: Sequence[str],
        scope: Scope | None = None,
        quantity: Quantity = UNIT,
        strong: bool = False,
    ) -> dict[str, Availability]:
        """The availability of each item by sku, as the principal's audience may know it; skus
        nobody knows are left out. One statement at most, however many items; with `strong`, by a
        read of the ledger that begins now.

        Raises `UnknownChannel`.
        """
        principal.require(AccessScope.AVAILABILITY_READ)
        if scope is not None and scope.holder is not None:
            own = await self._as_holder(list(skus), scope, quantity)
            return told_all(own, principal.audience, self._bands)
        found = await (self._stock.read(skus) if strong else self._stock.get(skus))
        if not found:
            return {}
        rules, now = self._rules.current, self._clock.now()
        channel = rules.channel(scope.channel if scope else None)
        answers = {
            sku: found[sku].availability(rules, channel, quantity, now)
            for sku in skus
            if sku in found
        }
        return told_all(answers, principal.audience, self._bands)

    def encoded_before(
        self,
        principal: Principal,
        skus: Sequence[str],
        scope: Scope | None,
        quantity: Quantity,
        form: Hashable,
    ) -> list[bytes] | None:
        """What `encoded` has kept, without a pause; None where something of it is missing.

        Raises `UnknownChannel`.
        """
        principal.require(AccessScope.AVAILABILITY_READ)
        channel = self._rules.current.channel(scope.channel if scope else None)
        key = (form, channel.id, quantity, principal.audience)
        kept = self._stock.items()
        try:
            return [kept[sku].encoded[key] for sku in skus]  # type: ignore[union-attr]
        except (KeyError, AttributeError):
            # Something has changed, or was never asked for.
            return None

    async def encoded(
        self,
        principal: Principal,
        skus: Sequence[str],
        scope: Scope | None,
        quantity: Quantity,
        form: Form,
        encode: Callable[[Form, Availability], bytes | None],
    ) -> list[bytes] | None:
        """The availability of items as `encode` puts it, kept with each item by `form`. None where
        an item is unknown, or `encode` has nothing for it.

        Raises `UnknownChannel`.
        """
        principal.require(AccessScope.AVAILABILITY_READ)
        found = await self._stock.get(skus)
        rules, now = self._rules.current, self._clock.now()
        channel = rules.channel(scope.channel if scope else None)
        key = (form, channel.id, quantity, principal.audience)
        answers = []
        for sku in skus:
            item = found.get(sku)
            if item is None:
                return None
            answer = item.encoded.get(key)
            if answer is None:
                exact = item.availability(rules, channel, quantity, now)
                answer = encode(form, told(exact, principal.audience, self._bands))
                if answer is None:
                    return None
                item.keep_encoded(key, answer)
            answers.append(answer)
        return answers

    async def _as_holder(
        self, skus: Sequence[str], scope: Scope, quantity: Quantity
    ) -> dict[str, Availability]:
        """The same for somebody whom his own holds do not block: nothing of it is for others."""
        read, rules = await read_by_rules(self._database, self._rules, skus, scope.holder)
        if read.now is None:
            return {}
        self._clock.observe(read.now)
        channel = rules.channel(scope.channel)
        return {
            sku: availability_in(
                read.items, read.positions, sku, rules, channel, quantity, read.now
            )
            for sku in skus
            if sku in read.items
        }

    async def movements(
        self,
        principal: Principal,
        skus: Sequence[str],
        location: str | None,
        first: int,
        after: str | None,
    ) -> dict[str, Page[RecordedMovement]]:
        """The ledger of each item, newest first: why the number is what it is."""
        principal.require(AccessScope.AVAILABILITY_READ)
        principal.require_exact()
        check_page_size(first, self._max_page)
        before = None
        if after is not None:
            micros, place, version = place_from(after, (int, str, int))
            before = (_EPOCH + _MICROSECOND * micros, place, version)
        found = await read_movements(self._database, skus, location, before, first + 1)
        return pages_of(skus, found, first, lambda entry: entry.movement.sku, _movement_cursor)


def _movement_cursor(entry: RecordedMovement) -> str:
    movement = entry.movement
    micros = (entry.recorded_at - _EPOCH) // _MICROSECOND
    return cursor_of([micros, movement.location, movement.version])


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = datetime.resolution
