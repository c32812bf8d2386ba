"""Items with their positions, kept in the process as long as nothing has changed them.

What is kept here is void as soon as this process writes to it, as soon as the change log tells of
another's write, when a hold on it lapses or a date passes, and altogether when the rules change or
when the log has not been read for a while. Losing all of it loses nothing but time.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final, NamedTuple

import structlog

from hub.domain.errors import HubError, Unavailable
from hub.domain.lowness import is_near_mark
from hub.domain.policies import Rules
from hub.domain.values import Sku
from hub.observability import metrics
from hub.services.cached_item import CachedItem, Form, ReadOf
from hub.services.clock import DatabaseClock
from hub.services.rules import RulesCache
from hub.store.database import Database, ReadConnection, Reader
from hub.store.reads import read_lapsed_since
from hub.store.stock_reads import StockRead, read_positions, read_stock, with_past

READ_ITEMS: Final = 1_000
"""Items that are read by one statement when many are asked for at once."""
TRUSTED_SECONDS: Final = 3.0
"""Without the change log for so long, nothing here is believed any more."""
LOOK_SECONDS: Final = 0.5
"""How often it is looked for what time alone has changed."""
RENEW_SECONDS: Final = 0.025
"""Changes are collected for so long before what they changed is read anew."""
RENEW_ITEMS: Final = 250
"""Items that are renewed at a time: others wait for that read."""
RESTS: Final = 3
"""After each of these it is waited for so many times as long as it took."""
RENEWALS: Final = 2
"""Renewals of an item that nobody asks for meanwhile. A write of this process may need both: it is
told of twice."""
MAX_TRIES: Final = 3
"""Reads of the same items while the rules change again and again."""
_FIRST_LOOK: Final = timedelta(seconds=2 * LOOK_SECONDS)

log = structlog.get_logger()


async def read_by_rules(
    reader: Reader, cache: RulesCache, skus: Sequence[Sku], holder: str | None = None
) -> tuple[StockRead, Rules]:
    """Items with their positions and components, and the rules as they were meanwhile. What is
    known of the items themselves under the present rules is not read again."""
    read, rules = await _read_by_rules(reader, cache, skus, holder)
    return await near_marks(reader, read, rules), rules


async def near_marks(reader: Reader, read: StockRead, rules: Rules) -> StockRead:
    """The same with the past of those that are near their low-stock mark: whether they are low
    depends on it."""
    near = [
        sku for sku, held in read.positions.items() if is_near_mark(read.items[sku], held, rules)
    ]
    return await with_past(reader, read, near)


async def _read_by_rules(
    reader: Reader, cache: RulesCache, skus: Sequence[Sku], holder: str | None
) -> tuple[StockRead, Rules]:
    tries = 0
    while True:
        rules = cache.current
        wanted = cache.with_components(skus)
        known, missing = cache.items(wanted)
        if missing or holder is not None:
            read = await read_stock(reader, wanted, holder)
        else:
            read = await read_positions(reader, {item.sku: item for item in known})
            if read.revision is None:
                # There are no positions to tell the time by.
                read = await read_stock(reader, wanted)
        tries += 1
        # What is known of items, and what is in a kit, may be what has changed meanwhile.
        if read.revision is None or read.revision == rules.revision == cache.current.revision:
            cache.remember(read.items.values(), rules.revision)
            return read, rules
        if tries == MAX_TRIES:
            return read, rules
        if read.revision != cache.current.revision:
            await cache.refresh()


class _Wanted(NamedTuple):
    """An item that changed, and that somebody may ask for again."""

    forms: tuple[Form, ...]
    """In which it was told."""
    renewals: int
    """How often it is made ready, this time included, if nobody asks."""
    since: float = 0.0
    """When it was written, by the monotonic clock, if this process did it."""


class _Read:
    """A read that is under way, or waits for the one before it."""

    __slots__ = ("found", "overtaken", "revision", "skus")

    def __init__(self) -> None:
        self.skus: dict[Sku, bool] = {}
        """What to read, and whether to keep it."""
        self.found: asyncio.Future[Mapping[Sku, CachedItem]] = asyncio.Future()
        # A failure that nobody waits for any more is no news.
        self.found.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.overtaken: set[Sku] = set()
        """What has changed since it began: it may be read as it was before."""
        self.revision = -1
        """Of the rules, when it began."""

    def keeps(self, sku: Sku) -> bool:
        """Whether an item is to be kept as it was read."""
        return self.skus[sku] and sku not in self.overtaken

    def is_right_for(self, skus: Iterable[Sku], revision: int) -> bool:
        """Whether these are read, and nothing has happened to them or to the rules meanwhile."""
        return self.revision == revision and all(
            sku in self.skus and sku not in self.overtaken for sku in skus
        )


class StockCache:
    """The items that this process was asked for last."""

    def __init__(
        self, database: Database, rules: RulesCache, clock: DatabaseClock, max_items: int
    ) -> None:
        self._database = database
        self._reader = ReadConnection(database.url)
        self._rules = rules
        self._clock = clock
        self._max_items = max_items
        self._items: dict[Sku, CachedItem] = {}
        self._written: dict[Sku, _Wanted] = {}
        """What was asked for before this process wrote to it; until the change log tells of it."""
        self._due: dict[Sku, _Wanted] = {}
        """What was asked for and has changed since."""
        self._renewing: dict[Sku, _Wanted] = {}
        """What of it is being read."""
        self._something_due = asyncio.Event()
        self._dated: dict[Sku, datetime] = {}
        self._revision_kept = rules.current.revision
        self._believed_until = 0.0
        self._reading: _Read | None = None
        self._next: _Read | None = None
        self._reads = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def empty(self) -> bool:
        """Whether nobody has asked for anything. What is being read counts already: what lapses
        meanwhile is to be noticed."""
        under_way = self._reading or self._next
        return not (self._items or self._written or self._due or under_way)

    def items(self) -> dict[Sku, CachedItem]:
        """What is kept and right. To be asked for anew after each pause."""
        revision = self._rules.current.revision
        if self._revision_kept != revision or time.monotonic() > self._believed_until:
            self._revision_kept = revision
            self._items.clear()
            self._dated.clear()
        return self._items

    def believe(self, since: float) -> None:
        """The change log was read to its end, beginning at `since` by the monotonic clock. What
        this process wrote before is in it, though it may have come by before the write was told."""
        self._believed_until = since + TRUSTED_SECONDS
        for sku in [*takewhile(lambda sku: self._written[sku].since < since, self._written)]:
            self._due[sku] = self._written.pop(sku)
            self._something_due.set()

    def changed(self, skus: Iterable[Sku], for_the_last_time: bool = True) -> None:
        """These are not what they were; what is asked for from here on is read anew. This process
        tells of its own writes twice: at once, and when they come by in the change log. Only then
        is it worth while to read them before somebody asks."""
        now = time.monotonic()
        for sku in self._rules.with_kits(skus):
            item = self._items.pop(sku, None)
            self._dated.pop(sku, None)
            if self._reading is not None:
                self._reading.overtaken.add(sku)
            before = self._written.pop(sku, None) or self._renewing.pop(sku, None)
            # One that was just read knows nothing yet of who wanted it.
            wanted = (item and _wanted(item)) or before
            if wanted is None:
                continue
            if for_the_last_time:
                self._due[sku] = wanted
                self._something_due.set()
            else:
                self._written[sku] = wanted._replace(since=now)

    def forget(self) -> None:
        """The database is not what it was: nothing that was read before is right."""
        self._items.clear()
        self._dated.clear()
        if self._reading is not None:
            self._reading.overtaken.update(self._reading.skus)

    async def get(self, skus: Sequence[Sku]) -> Mapping[Sku, CachedItem]:
        """The items that exist among these, read where they are not kept."""
        kept = self.items()
        found = {sku: kept[sku] for sku in skus if sku in kept}
        missing = [sku for sku in skus if sku not in found]
        if missing:
            reading, revision = self._reading, self._rules.current.revision
            if reading is not None and reading.is_right_for(missing, revision):
                found.update(await asyncio.shield(reading.found))
            else:
                found.update(await self.read(missing))
            if len({item.read.rules.revision for item in found.values()}) > 1:
                # What was kept is of the rules from before.
                found.update(await self.read(skus))
        for sku in skus:
            if sku in found:
                found[sku].asked = True
        return found

    async def read(self, skus: Iterable[Sku], keep: bool = True) -> Mapping[Sku, CachedItem]:
        """The items that exist among these, as the ledger has them now, by a read that begins after
        this call. Who comes while another read runs shares the next one."""
        if self._next is None:
            self._next = _Read()
            if self._reading is None:
                task = asyncio.create_task(self._run_reads(), name="stock reads")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        mine = self._next
        for sku in skus:
            mine.skus[sku] = keep or mine.skus.get(sku, False)
        # Whoever goes away does not end the read of the others.
        return await asyncio.shield(mine.found)

    async def stop(self) -> None:
        """Wait for what is being read, and disconnect."""
        await asyncio.gather(*self._tasks)
        self._reader.close()

    async def run(self) -> None:
        """Keep up with what changes, until cancelled."""
        await asyncio.gather(self._look_at_the_time(), self._renew())

    async def _renew(self) -> None:
        """Read anew what was asked for and has changed, and put it as it was told: many items by
        one statement, before the next one asks. What nobody asks for again is soon left alone, and
        at most a quarter of the time goes into it."""
        while True:
            await self._something_due.wait()
            await asyncio.sleep(RENEW_SECONDS)
            self._something_due.clear()
            try:
                while self._due:
                    began = time.monotonic()
                    await self._renew_some([*islice(self._due, RENEW_ITEMS)])
                    await asyncio.sleep(RESTS * (time.monotonic() - began))
            except HubError:
                # The database is away, or a channel is gone: whoever asks will hear of it.
                self._due.clear()
            except Exception:
                log.exception("stock_cache.renewal_failed")
                self._due.clear()

    async def _renew_some(self, skus: Sequence[Sku]) -> None:
        due = {sku: self._due.pop(sku) for sku in skus}
        # Others may have asked before this turn.
        self._renewing = {sku: wanted for sku, wanted in due.items() if sku not in self._items}
        try:
            found = await self.read(self._renewing) if self._renewing else {}
        finally:
            renewed, self._renewing = self._renewing, {}
        now = self._clock.now()
        for sku, item in found.items():
            wanted = renewed.get(sku)
            if wanted is not None and self._items.get(sku) is item:
                item.prepare(wanted.forms, now)
                item.renewals = wanted.renewals

    async def _look_at_the_time(self) -> None:
        """Forget what has changed by the passing of time: holds that lapse change what is free, and
        no writer has told of it before they are swept."""
        since: datetime | None = None
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.empty:
                since = None
                continue
            # What lapsed before the last look at an empty cache is not in what was read since.
            since = since or self._clock.now() - _FIRST_LOOK
            try:
                lapsed, since = await read_lapsed_since(self._database, since)
            except Unavailable:
                continue
            except Exception:
                log.exception("stock_cache.look_failed")
                continue
            now = since
            self.changed([*lapsed, *(sku for sku, date in self._dated.items() if date <= now)])

    async def _run_reads(self) -> None:
        while self._next is not None:
            reading = self._reading = self._next
            self._next = None
            reading.revision = self._rules.current.revision
            try:
                found = await self._read(reading)
            except Exception as failure:  # noqa: BLE001 - whoever waits is told
                reading.found.set_exception(failure)
            else:
                reading.found.set_result(found)
            self._reading = None

    async def _read(self, reading: _Read) -> Mapping[Sku, CachedItem]:
        skus = list(reading.skus)
        found: dict[Sku, CachedItem] = {}
        for start in range(0, len(skus), READ_ITEMS):
            chunk = skus[start : start + READ_ITEMS]
            read, rules = await read_by_rules(self._reader, self._rules, chunk)
            if read.now is None:
                continue
            self._clock.observe(read.now)
            self._reads += 1
            of = ReadOf(self._reads, rules, read.now)
            items = {sku: item_of(sku, read, of) for sku in chunk if sku in read.items}
            found.update(items)
            if rules.revision == self._rules.current.revision:
                self._keep([items[sku] for sku in items if reading.keeps(sku)])
        metrics.stock_items_read.inc(len(found))
        return found

    def _keep(self, items: Collection[CachedItem]) -> None:
        kept = self.items()
        room = self._max_items - len(kept)
        if room < len(items):
            # Many at once: to look for the first of a dict takes the longer, the more of those
            # before it are gone.
            oldest = [*islice(kept, max(len(items) - room, self._max_items // 8))]
            for sku in oldest:
                del kept[sku]
                self._dated.pop(sku, None)
        for item in islice(items, self._max_items):
            kept[item.sku] = item
            date = item.next_date()
            if date is not None:
                self._dated[item.sku] = date
        metrics.stock_items_kept.set(len(kept))


def _wanted(item: CachedItem) -> _Wanted | None:
    if item.asked:
        return _Wanted(tuple(item.encoded), RENEWALS)
    if item.renewals > 1:
        return _Wanted(tuple(item.prepared), item.renewals - 1)
    return None


def item_of(sku: Sku, read: StockRead, of: ReadOf) -> CachedItem:
    """An item of a read, with its components if it is a kit."""
    components = of.rules.kits.get(sku)
    if components is None:
        return CachedItem(of, read.items[sku], read.positions[sku])
    return CachedItem(
        of,
        read.items[sku],
        (),
        {part.sku: (read.items[part.sku], read.positions[part.sku]) for part in components},
    )
