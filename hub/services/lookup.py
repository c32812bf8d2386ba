"""Answers: availability and the timeline behind it, always for many items at once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from hub.domain.audience import Bands, told_all
from hub.domain.availability import Availability, availability_in
from hub.domain.movements import RecordedMovement
from hub.domain.principal import AccessScope, Audience, Principal
from hub.domain.values import UNIT, ChannelId, Quantity, Scope
from hub.services.cached_item import CachedItem, Encode, Form
from hub.services.catalogue import Page, check_page_size, cursor_of, pages_of, place_from
from hub.services.clock import DatabaseClock
from hub.services.rules import RulesCache
from hub.services.stock_cache import StockCache, read_by_rules
from hub.store.database import Database
from hub.store.reads import read_movements

MAX_FORMS: Final = 1_000
"""Ways to tell an answer: selections by channels, quantities and audiences."""


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
        self._forms: dict[tuple[Encode, ChannelId, Quantity, Audience], Form] = {}

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
        channel, now = scope.channel if scope else None, self._clock.now()
        answers = {
            sku: found[sku].availability(channel, quantity, now) for sku in skus if sku in found
        }
        return told_all(answers, principal.audience, self._bands)

    def form(
        self, principal: Principal, scope: Scope | None, quantity: Quantity, encode: Encode
    ) -> Form:
        """How answers are told to a principal as `encode` puts them. Raises `UnknownChannel`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        channel = self._rules.current.channel(scope.channel if scope else None)
        key = (encode, channel.id, quantity, principal.audience)
        form = self._forms.get(key)
        if form is None:
            if len(self._forms) >= MAX_FORMS:
                self._forms.clear()
            form = self._forms[key] = Form(*key, self._bands)
        return form

    def sent_at_once(self, skus: Sequence[str], form: Form) -> list[bytes] | None:
        """The availability of items in a form, without a pause; None where one of them has to be
        read, or the form has nothing for it. Raises `UnknownChannel`."""
        kept = self._stock.items()
        try:
            return [kept[sku].encoded[form] for sku in skus]
        except KeyError:
            return self._sent(skus, kept, form)

    async def sent(self, skus: Sequence[str], form: Form) -> list[bytes] | None:
        """The same, of items that may have to be read; None where one is unknown."""
        return self._sent(skus, await self._stock.get(skus), form)

    def _sent(
        self, skus: Sequence[str], found: Mapping[str, CachedItem], form: Form
    ) -> list[bytes] | None:
        now = self._clock.now()
        answers = []
        for sku in skus:
            item = found.get(sku)
            answer = None if item is None else item.send(form, now)
            if answer is None:
                return None
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
