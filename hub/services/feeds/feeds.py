"""The feeds of this process: one for all who read the same."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple, Protocol

from hub.domain.audience import Bands
from hub.domain.errors import FeedLimitReached
from hub.domain.principal import Principal
from hub.observability import metrics
from hub.services.feeds.feed import Feed
from hub.services.feeds.form import FeedFollower, Form
from hub.services.feeds.position import Position
from hub.services.feeds.reader import Reader
from hub.services.feeds.snapshot import Snapshot, begin_snapshot
from hub.services.feeds.source import Source
from hub.services.rules import RulesCache
from hub.store.catalogue import read_items
from hub.store.change_log import Changes
from hub.store.database import Database
from hub.store.log_cursor import LogCursor
from hub.store.moments import Moments

MAX_FAR_MOMENTS: Final = 2
"""Connections, besides those of the others, by which those who are far behind are told."""


class FeedParts(NamedTuple):
    """What feeds are made of."""

    database: Database
    rules: RulesCache
    bands: Bands
    max_items: int
    """Items that a feed may be asked for by name."""

    async def known_skus(self, skus: Sequence[str]) -> list[str]:
        """Those of `skus` that are of an item."""
        return [row["sku"] for row in await read_items(self.database, skus)]


class Wanted(Hashable, Protocol):
    """What somebody may read; those who want the same share a feed."""

    def source(self, parts: FeedParts) -> Source:
        """What tells it."""


class Feeds:
    """Opens feeds, and tells them what has come into the log."""

    def __init__(self, parts: FeedParts, max_feeds: int) -> None:
        """`max_feeds` is how many one principal may read at once."""
        self.parts = parts
        self._moments = Moments(parts.database)
        self._far_moments = Moments(parts.database, MAX_FAR_MOMENTS)
        self._max_feeds = max_feeds
        self._feeds: dict[Wanted, Feed] = {}
        self._open: Counter[tuple[str, str | None]] = Counter()
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_read(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self._feeds)

    def open(
        self,
        principal: Principal,
        wanted: Wanted,
        form: Form,
        position: Position,
        to: FeedFollower,
    ) -> Reader:
        """A reader of what is wanted, from a position on; he is told of it once he begins, until he
        is closed. Raises `FeedLimitReached`."""
        leave = self._admit(principal)
        feed = self._feeds.get(wanted) or self._start(wanted)

        def closed(reader: Reader) -> None:
            leave()
            feed.leave(reader)

        reader = Reader(feed, form, feed.checked(position), to, closed)
        feed.join(reader)
        return reader

    @asynccontextmanager
    async def snapshot(self, principal: Principal, wanted: Wanted) -> AsyncIterator[Snapshot]:
        """All of what is wanted, as it is; until it is left, it counts as an open feed. Raises
        `FeedLimitReached` and `Unavailable`."""
        leave = self._admit(principal)
        try:
            source = wanted.source(self.parts)
            yield await begin_snapshot(source, self._moments)
        finally:
            leave()

    def tell(self, changes: Changes) -> None:
        """Let the feeds look at what has changed."""
        cursor = LogCursor.parse(changes.cursor)
        assert cursor is not None, "the log gives no other cursors"
        for feed in self._feeds.values():
            feed.note(changes, cursor)

    async def stop(self) -> None:
        """End all feeds, and wait for what they read."""
        for feed in self._feeds.values():
            feed.end()
        await asyncio.gather(*self._running)
        await self._moments.stop()
        await self._far_moments.stop()

    def _admit(self, principal: Principal) -> Callable[[], None]:
        who = (principal.name, principal.address)
        if self._open[who] >= self._max_feeds:
            raise FeedLimitReached(limit=self._max_feeds)
        self._open[who] += 1
        metrics.feed_readers.inc()

        def leave() -> None:
            self._open -= Counter([who])
            metrics.feed_readers.dec()

        return leave

    def _start(self, wanted: Wanted) -> Feed:
        def forget() -> None:
            self._feeds.pop(wanted).end()

        feed = Feed(wanted.source(self.parts), self._moments, self._far_moments, forget)
        self._feeds[wanted] = feed
        task = asyncio.create_task(feed.run(), name="feed")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return feed
