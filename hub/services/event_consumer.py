"""Events out: what other systems are told, read off the change log behind a cursor that is saved.

State, not history: of an item that changed a hundred times since, the newest answer is told, and
only if it says something else than what was told last. An event has the same id however often it
is told: who takes it and dies before he saves tells it once more, under that id.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple
from uuid import uuid4

from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.values import Sku
from hub.services.clock import DatabaseClock
from hub.services.listing_projection import digest_of
from hub.services.news import Found, News, Tellable, Touch, short_digest
from hub.services.rules import RulesCache
from hub.store.change_log import (
    is_cursor_of_this_log,
    read_cursor,
    read_skus_since,
    rules_changed_since,
)
from hub.store.database import Database
from hub.store.event_consumers import (
    Entry,
    Place,
    ToldDigest,
    begin_consumer,
    drop_consumer,
    end_consumer,
    forget_consumer,
    has_begun,
    hold_consumer,
    let_go_of_consumer,
    read_entries,
    save_consumer,
)
from hub.store.listing import read_skus_behind
from hub.store.transactions import Transaction

MAX_ENTRIES: Final = 1_000
"""Items and reservations of the log that are taken in at a time."""
MAX_SWEPT: Final = 250
"""Items at a time, where all are gone through."""
HELD_SECONDS: Final = 10.0
"""A consumer whose process has died is taken over after so long."""


class EventBatch(NamedTuple):
    """The next events of a consumer, and where it will be once they are taken."""

    events: list[CloudEvent]
    place: Place
    told: list[ToldDigest]
    is_last: bool
    """Whether nothing more is to be told now."""
    is_new: bool
    """Whether there is anything to save."""
    touched: frozenset[Sku] = frozenset()
    """Items that the log names, also where they say what was told last: for whoever has asked what
    they say meanwhile, and may have been told something that is over already."""


class Manner(Enum):
    """What a consumer is told."""

    CHANGES = auto()
    """What has changed since it began."""
    EVERYTHING = auto()
    """The state of all items, and from there on what changes."""
    AGAIN = auto()
    """What has changed since a cursor, also if it was told before."""


class EventConsumer:
    """One reader of the events, known by its name.

    Of the processes that have it, one reads at a time; if that dies, another goes on. Take a batch,
    do what is to be done with its events, save; what is not saved comes again.
    """

    def __init__(
        self,
        database: Database,
        rules: RulesCache,
        news: News,
        clock: DatabaseClock,
        name: str,
        manner: Manner,
    ) -> None:
        self._database = database
        self._rules = rules
        self._news = news
        self._clock = clock
        self.name = name
        self._manner = manner
        self._holder = str(uuid4())
        self._turn: int | None = None

    async def begin(self, cursor: str | None = None, client: Transaction | None = None) -> None:
        """Begin behind a cursor, or at the present end of the log, unless it has begun before; in a
        transaction, if one is given."""
        if await has_begun(client or self._database, self.name):
            return
        cursor = cursor or await read_cursor(self._database)
        if self._manner is Manner.AGAIN:
            place = Place(self.name, cursor, None, 0, 0, b"", None, 0, False, 0)
        else:
            # All items are gone through once, be it to know what they say now.
            rules = digest_of(await self._rules.refresh())
            tells_all = self._manner is Manner.EVERYTHING
            place = Place(self.name, cursor, None, 0, 0, rules, "", 0, tells_all, 0)
        await begin_consumer(client or self._database, place)

    async def begin_anew(self, cursor: str, client: Transaction) -> None:
        """Begin behind a cursor, in a transaction, wherever it was before. Of one that is told
        what was told before."""
        await drop_consumer(client, self.name)
        await self.begin(cursor, client)

    async def forget(self, unless: Callable[[Transaction], Awaitable[bool]] | None = None) -> bool:
        """Be as if it had never begun, `unless` something in the same transaction says otherwise;
        whether it is."""
        return await forget_consumer(self._database, self.name, unless)

    async def end(self) -> None:
        """Be as if it had never begun; where it was forgotten and has begun anew since, that
        goes on."""
        await end_consumer(self._database, self.name, self._holder)
        self._turn = None

    async def next(self, most: int | None = None) -> EventBatch | None:
        """What is to be told next, of so many items and reservations at most; None where another
        process holds the consumer, or where it has not begun."""
        place = await hold_consumer(self._database, self.name, self._holder, HELD_SECONDS)
        if place is None:
            self._turn = None
            return None
        if place.turn != self._turn:
            # It was another's before, or the database is another one.
            if not await is_cursor_of_this_log(self._database, place.cursor):
                return await self._reset(place)
            # What is in a kit: this process may be behind the one that had it before.
            await self._rules.refresh()
            self._turn = place.turn
        return await self._batch(place, min(most or MAX_ENTRIES, MAX_ENTRIES))

    async def save(
        self,
        batch: EventBatch,
        also: Callable[[Transaction], Awaitable[None]] | None = None,
    ) -> None:
        """Save that the events of a batch are taken, and do what else belongs into the same
        transaction. Raises `Overtaken` where another process has taken the consumer over; then
        nothing was done."""
        if batch.is_new:
            told = [] if self._manner is Manner.AGAIN else batch.told
            self._turn = await save_consumer(self._database, batch.place, self._holder, told, also)

    async def hold(self) -> bool:
        """Hold it for longer, while it takes its time to do what events ask for; False where
        another process has it by now."""
        held = await hold_consumer(self._database, self.name, self._holder, HELD_SECONDS)
        return held is not None

    async def let_go(self) -> None:
        """Let another process hold it, at once."""
        await let_go_of_consumer(self._database, self.name, self._holder)
        self._turn = None

    async def _reset(self, place: Place) -> EventBatch:
        """The log is not the one that the cursor is of, or no longer has what is behind it."""
        cursor = await read_cursor(self._database)
        rules = digest_of(await self._rules.refresh())
        now = self._clock.now()
        # The same copy may be restored twice: what is told then has other ids than the first time,
        # or who passes over those that he knows would keep what he was told between.
        number = round(now.timestamp() * 10**6)
        event = CloudEvent(
            id=f"reset-{short_digest(self.name, place.cursor, cursor, str(number))}",
            type=EventType.SYNC_RESET,
            subject="log",
            time=now,
            channel=None,
            data={},
        )
        begun = Place(self.name, cursor, None, 0, 0, rules, "", number, True, place.turn)
        return EventBatch([event], begun, [], is_last=False, is_new=True)

    async def _batch(self, place: Place, most: int) -> EventBatch:
        target = place.target or await read_cursor(self._database)
        entries: list[Entry] = []
        if target != place.cursor:
            entries = await read_entries(self._database, place, target, most)
        is_end = len(entries) < most
        moved = await self._by_rules(_behind(place, target, entries, is_end=is_end), entries)
        items = self._touched_items(entries)
        # The sweep leaves out what was touched: where all is told, that is, too.
        tellable = Tellable(unknown=True, same=moved.sweep_tells_all)
        found = await self._news.of_items(self.name, items, tellable)
        events = [*found.events, *await self._of_others(entries)]
        # As they were touched; what comes of one transaction, as that touched it.
        events.sort(key=lambda one: one[0])
        moved, swept = await self._sweep(place.cursor, moved, items, min(most, MAX_SWEPT))
        told = [*found.told, *swept.told, *swept.untold]
        events += swept.events
        is_last = moved.target is None and moved.sweep_after is None
        return EventBatch(
            [event for _, event in events], moved, told, is_last, moved != place, frozenset(items)
        )

    def _touched_items(self, entries: Sequence[Entry]) -> dict[Sku, Touch]:
        """The items, by their last touch; a kit is touched with its components."""
        return {
            sku: _touch(entry)
            for entry in entries
            if entry.sku is not None
            for sku in self._rules.with_kits([entry.sku])
        }

    async def _of_others(self, entries: Sequence[Entry]) -> list[tuple[Touch, CloudEvent]]:
        """What there is to tell of all else that was touched."""
        reservations = {one.reservation: _touch(one) for one in entries if one.reservation}
        alerts = {one.alert: _touch(one) for one in entries if one.alert is not None}
        notices = {one.notice: _touch(one) for one in entries if one.notice}
        return [
            *await self._news.of_reservations(reservations),
            *await self._news.of_alerts(alerts),
            *await self._news.of_notices(notices),
        ]

    async def _by_rules(self, place: Place, entries: Sequence[Entry]) -> Place:
        """Where rules have changed, all items are gone through from here on. Items, their own rules
        and kits are named by the log: they are none of these rules."""
        changes = [entry for entry in entries if entry.rules]
        if not changes:
            return place
        digest = digest_of(await self._rules.refresh())
        if digest == place.rules:
            return place
        # Of what it has not gone through for the first time, nobody knows what it said before.
        is_first = place.sweep_after is not None and place.sweep_xid == 0
        return place._replace(
            rules=digest,
            sweep_after="",
            sweep_xid=changes[-1].xid,
            sweep_tells_all=place.sweep_tells_all or is_first,
        )

    async def _sweep(
        self, since: str, place: Place, told: Mapping[Sku, Touch], most: int
    ) -> tuple[Place, Found]:
        """The next items, while all of them are gone through, and how far that brings us. What is
        told in the same batch is left out."""
        if place.sweep_after is None:
            return place, Found([], [], [])
        skus = await read_skus_behind(self._database, place.sweep_after, most)
        touch = Touch(place.sweep_xid, 0, self._clock.now())
        same = place.sweep_tells_all or self._manner is Manner.AGAIN
        found = await self._news.of_items(
            self.name,
            {sku: touch for sku in skus if sku not in told},
            Tellable(unknown=same or self._manner is Manner.EVERYTHING, same=same),
        )
        if found.untold:
            # What has changed since, as the log will tell, is news and was read already as it is.
            if await rules_changed_since(self._database, since):
                return place, found._replace(untold=[])
            parts = self._rules.with_components({one.sku for one in found.untold})
            changed = await read_skus_since(self._database, since, parts)
            news = self._rules.with_kits(changed)
            found = found._replace(untold=[one for one in found.untold if one.sku not in news])
        if len(skus) < most:
            return place._replace(sweep_after=None, sweep_tells_all=False), found
        return place._replace(sweep_after=skus[-1]), found


def _touch(entry: Entry) -> Touch:
    return Touch(entry.xid, entry.place, entry.recorded_at)


def _behind(place: Place, target: str, entries: Sequence[Entry], *, is_end: bool) -> Place:
    """Where a consumer is once it has taken these entries of a pass."""
    if is_end:
        return place._replace(cursor=target, target=None, after_xid=0, after_place=0)
    last = entries[-1]
    return place._replace(target=target, after_xid=last.xid, after_place=last.place)
