"""Watching: the present state first, then every newer one, for as many items as one likes.

Order matters: the mailbox is opened before the snapshot is read, so nothing falls between them;
whatever the mailbox got that is not newer than the snapshot is not shown.
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from enum import StrEnum
from typing import NamedTuple

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability
from hub.domain.errors import InvalidInput, LimitExceeded, ReservationNotFound, UnknownSku
from hub.domain.policies import Channel
from hub.domain.principal import AccessScope, Audience, Principal
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT, Scope
from hub.live.groups import Group, Receiver
from hub.live.mailbox import Mailbox
from hub.live.place import Place
from hub.observability import metrics
from hub.services.cached_item import CachedItem
from hub.services.clock import DatabaseClock
from hub.services.reservations import Reservations, canonical_id
from hub.services.rules import RulesCache
from hub.services.stock_cache import StockCache
from hub.store.change_log import (
    Changes,
    can_be_resumed,
    read_cursor,
    read_skus_since,
    rules_changed_since,
)
from hub.store.database import Database
from hub.store.reads import read_skus

MAX_CURSOR_LENGTH = 2_000
PIECE_ITEMS = 1_000
"""Items that are read at a time for those who watch."""
SLICE_ITEMS = 100
"""So many answers are computed before others of the process have their turn."""
NO_CURSOR = "0"
"""Where there is nothing to resume from."""


class EventKind(StrEnum):
    """Why a subscriber is told something."""

    SNAPSHOT = "SNAPSHOT"
    CHANGE = "CHANGE"
    RECOVERED = "RECOVERED"
    RESET = "RESET"


class AvailabilityEvent(NamedTuple):
    """Values of one or more items. `cursor` is where to resume from once they are applied."""

    kind: EventKind
    cursor: str
    availability: tuple[Availability, ...]


class Told(NamedTuple):
    """An answer as it is told to those who watch it."""

    availability: Availability
    read: int
    """The number of the read that it was made of."""
    flush: int
    cursor: str
    """Behind every change that had been told when this value was offered."""
    by_audience: dict[Audience, Availability]
    """The same as each audience may know it, made when the first of its subscribers is told."""
    forecast_flush: int = 0
    """The flush that tells of it because its forecast has changed, if it was that."""


class _ToldReservation(NamedTuple):
    """A reservation as it is told. In a database that was restored it may be an earlier one."""

    log: int
    """How many logs have been followed."""
    reservation: Reservation


class Watch:
    """The subscribers of this process, by channel, and the values they are told."""

    def __init__(
        self,
        database: Database,
        stock: StockCache,
        rules: RulesCache,
        clock: DatabaseClock,
        reservations: Reservations,
        max_items: int,
        bands: Bands,
        place: Place,
    ) -> None:
        self._database = database
        self._stock = stock
        self._rules = rules
        self._clock = clock
        self._reservations = reservations
        self._max_items = max_items
        self._bands = bands
        self._by_channel: dict[str, Group[str, Told]] = {}
        self._by_reservation: Group[str, _ToldReservation] = Group()
        self._flushes = 0
        self._logs = 0
        self.place = place

    async def availability(
        self,
        principal: Principal,
        skus: Sequence[str] | None,
        scope: Scope | None = None,
        after: str | None = None,
    ) -> AsyncGenerator[AvailabilityEvent, None]:
        """The state of some items (with None: of all), then each newer one, until closed.

        With `after`, the cursor of an event seen before, the first event is RECOVERED and holds
        only what has changed since (with new rules that may be everything), or RESET and holds
        everything where that can't be told.
        Raises `UnknownSku`, `UnknownChannel`, `InvalidInput` and `LimitExceeded`.
        """
        wanted = None if skus is None else tuple(dict.fromkeys(skus))
        channel = self.channel_for(principal, wanted, scope, after)
        await self.place.reach(after)
        mailbox: Mailbox[str, Told] = Mailbox(_newer_with_forecast)
        self.join(channel.id, mailbox, wanted)
        metrics.subscribers.inc()
        try:
            audience = principal.audience
            async for event in self.first(channel, wanted, after, mailbox.mark_seen, audience):
                yield event
            while True:
                changed = await mailbox.take()
                newest = max(changed, key=lambda one: one.flush)
                yield AvailabilityEvent(
                    EventKind.CHANGE, newest.cursor, self.as_told(changed, audience)
                )
        finally:
            metrics.subscribers.dec()
            self.leave(channel.id, mailbox, wanted)

    def channel_for(
        self,
        principal: Principal,
        skus: tuple[str, ...] | None,
        scope: Scope | None,
        after: str | None,
    ) -> Channel:
        """The channel to watch these in; raises what `availability` raises but for `UnknownSku`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        channel = self._rules.current.channel(scope.channel if scope else None)
        self._check(skus)
        if after is not None and len(after) > MAX_CURSOR_LENGTH:
            raise InvalidInput(field="after", problem="is not the cursor of an event")
        return channel

    def join(
        self, channel: str, receiver: Receiver[str, Told], skus: tuple[str, ...] | None
    ) -> None:
        """Offer whatever changes of these items, or of all, to a receiver."""
        self._by_channel.setdefault(channel, Group()).join(receiver, skus)

    def leave(
        self, channel: str, receiver: Receiver[str, Told], skus: tuple[str, ...] | None
    ) -> None:
        """Offer it nothing more."""
        group = self._by_channel[channel]
        group.leave(receiver, skus)
        if group.empty:
            del self._by_channel[channel]

    def kept(self, channel: Channel, skus: Sequence[str]) -> list[Told] | None:
        """How things are, where all of it is kept in this process."""
        kept = self._stock.items()
        if not all(sku in kept for sku in skus):
            return None
        for sku in skus:
            kept[sku].asked = True
        return self._told(channel.id, skus, kept, self.place.cursor)

    async def reservation(self, principal: Principal, id: str) -> AsyncGenerator[Reservation, None]:
        """A reservation as it is, then after each of its changes; ends with its last one. Raises
        `ReservationNotFound`."""
        principal.require(AccessScope.AVAILABILITY_READ)
        id = canonical_id(id)
        mailbox: Mailbox[str, _ToldReservation] = Mailbox(
            lambda new, old: (
                (new.log, new.reservation.version) > (old.log, old.reservation.version)
                and new.reservation != old.reservation
            )
        )
        self._by_reservation.join(mailbox, [id])
        metrics.subscribers.inc()
        try:
            log = self._logs
            now = (await self._reservations.by_ids(principal, [id])).get(id)
            if now is None:
                raise ReservationNotFound(id=id)
            mailbox.mark_seen(id, _ToldReservation(log, now))
            yield now
            while not now.state.ended:
                for _, now in await mailbox.take():
                    yield now
        finally:
            metrics.subscribers.dec()
            self._by_reservation.leave(mailbox, [id])

    def has_subscribers(self) -> bool:
        """Whether there is anybody to be told of a change."""
        is_watched = bool(self._by_channel) or not self._by_reservation.empty
        return is_watched or self.place.is_awaited

    async def note(self, changes: Changes) -> None:
        """Know that what these have changed is not what it was."""
        if changes.reset:
            self._logs += 1
            self._stock.forget()
            self._rules.forget_items()
        self._stock.changed(changes.skus)
        if changes.rules:
            await self._rules.refresh()

    async def tell(self, changes: Changes) -> None:
        """Compute what has changed and is watched, once each, and offer it to the mailboxes."""
        watched = await self._watched(changes)
        if any(watched.values()):
            self._flushes += 1
            answers = await self._answers(watched, changes.cursor)
            # All at once, without a pause: whoever sees the cursor of these changes has them all.
            for channel, values in answers.items():
                self._offer(channel, values, changes.forecasts)
            if changes.oldest is not None:
                delay = (self._clock.now() - changes.oldest).total_seconds()
                metrics.update_delay_seconds.observe(max(0.0, delay))
        of_all, of_some = self._by_reservation.keys(), changes.reservations
        watched_ids = of_all if changes.reset else self._by_reservation.watched(of_some)
        await self._offer_reservations(watched_ids)
        self.place.move(changes.cursor)

    async def _watched(self, changes: Changes) -> dict[str, set[str]]:
        """What may be other than before and is watched, by channel."""
        watched: dict[str, set[str]] = {}
        changed = self._rules.with_kits(changes.skus) | changes.forecasts
        for channel, group in list(self._by_channel.items()):
            if not changes.rules:
                watched[channel] = set(group.watched(changed))
            elif group.watches_all:
                # A change of rules may change every answer.
                watched[channel] = set(await read_skus(self._database))
            else:
                watched[channel] = set(group.keys())
        return watched

    async def _answers(self, watched: Mapping[str, set[str]], cursor: str) -> dict[str, list[Told]]:
        """The present answers, by channel. Others read and are answered between the pieces; many
        items do not drive out of the cache what is asked for."""
        everything = sorted({sku for skus in watched.values() for sku in skus})
        answers: dict[str, list[Told]] = {channel: [] for channel in watched}
        for start in range(0, len(everything), PIECE_ITEMS):
            piece = everything[start : start + PIECE_ITEMS]
            found = await self._stock.read(piece, keep=len(everything) <= PIECE_ITEMS)
            for channel, skus in watched.items():
                known = [
                    sku
                    for sku in piece
                    if sku in skus and sku in found and channel in found[sku].read.rules.channels
                ]
                for first in range(0, len(known), SLICE_ITEMS):
                    part = known[first : first + SLICE_ITEMS]
                    answers[channel] += self._told(channel, part, found, cursor)
                    if len(known) > SLICE_ITEMS:
                        await asyncio.sleep(0)
        return answers

    def as_told(self, values: Iterable[Told], audience: Audience) -> tuple[Availability, ...]:
        answers = []
        for one in values:
            answer = one.by_audience.get(audience)
            if answer is None:
                answer = told(one.availability, audience, self._bands)
                one.by_audience[audience] = answer
            answers.append(answer)
        return tuple(answers)

    def _check(self, skus: tuple[str, ...] | None) -> None:
        if skus is None:
            return
        if not skus:
            raise InvalidInput(field="skus", problem="must name at least one item")
        if len(skus) > self._max_items:
            raise LimitExceeded(what="skus", limit=self._max_items, actual=len(skus))

    async def first(
        self,
        channel: Channel,
        skus: tuple[str, ...] | None,
        after: str | None,
        mark_seen: Callable[[str, Told], None],
        audience: Audience,
    ) -> AsyncIterator[AvailabilityEvent]:
        """What a new subscriber must know, in pieces of a bounded size. Raises `UnknownSku`."""
        kind, wanted = EventKind.SNAPSHOT, skus
        # Before anything is looked for: what comes after it is told to who resumes from it.
        # Others who are told one of these values know no more than what was told to all.
        complete, reached = await read_cursor(self._database), self.place.cursor
        # Until all pieces are through, resuming must begin anew.
        incomplete = NO_CURSOR
        if after is not None:
            if await can_be_resumed(self._database, after):
                kind, incomplete = EventKind.RECOVERED, after
                if not await rules_changed_since(self._database, after):
                    wanted = tuple(await self._changed_since(after, skus))
            else:
                kind = EventKind.RESET
        if wanted is None:
            wanted = tuple(await read_skus(self._database))
        pieces = [
            wanted[start : start + self._max_items]
            for start in range(0, len(wanted), self._max_items)
        ] or [()]
        for place, piece in enumerate(pieces, 1):
            found = await self._stock.read(piece, keep=skus is not None)
            missing = [sku for sku in piece if sku not in found]
            if missing and kind is EventKind.SNAPSHOT:
                raise UnknownSku(skus=missing)
            current = self._told(channel.id, piece, found, reached)
            for one in current:
                mark_seen(one.availability.sku, one)
            last = place == len(pieces)
            yield AvailabilityEvent(
                kind, complete if last else incomplete, self.as_told(current, audience)
            )

    async def _changed_since(self, cursor: str, skus: Sequence[str] | None) -> Iterable[str]:
        if skus is None:
            return self._rules.with_kits(await read_skus_since(self._database, cursor, None))
        parts = self._rules.with_components(skus)
        changed = self._rules.with_kits(await read_skus_since(self._database, cursor, parts))
        return [sku for sku in skus if sku in changed]

    def _offer(self, channel: str, values: Iterable[Told], forecasts: frozenset[str]) -> None:
        group = self._by_channel.get(channel)
        if group is None:
            return
        for one in values:
            sku = one.availability.sku
            told = one._replace(forecast_flush=one.flush) if sku in forecasts else one
            metrics.updates_offered.inc(group.offer(sku, told))

    def _told(
        self, channel: str, skus: Iterable[str], found: Mapping[str, CachedItem], cursor: str
    ) -> list[Told]:
        now = self._clock.now()
        return [
            Told(
                found[sku].availability(channel, UNIT, now),
                found[sku].read.number,
                self._flushes,
                cursor,
                {},
            )
            for sku in skus
            if sku in found
        ]

    async def _offer_reservations(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        reader = Principal("watch", frozenset({AccessScope.AVAILABILITY_READ}))
        log = self._logs
        for id, reservation in (await self._reservations.by_ids(reader, ids)).items():
            self._by_reservation.offer(id, _ToldReservation(log, reservation))


def _newer_with_forecast(new: Told, old: Told) -> bool:
    """The same for those who may have asked for more than the answer holds."""
    return new.forecast_flush > old.forecast_flush or newer(new, old)


def newer(new: Told, old: Told) -> bool:
    """The later read is right, whatever its version and its time are: a rule or a hold past its end
    moves no version, and a database that was restored has lower ones. One that says the same is no
    news."""
    now, before = new.availability, old.availability
    return (
        new.read > old.read and now._replace(as_of=before.as_of, message=before.message) != before
    )
