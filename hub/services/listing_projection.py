"""Keeps the projections that pages of items are filtered by, a step at a time, and with them alerts
and notices, which follow from the same answers.

The formula decides what is in them, and the change log says of which items: nothing about
availability is written twice. Everything a step does can be done again without harm, so what is
kept between steps in memory may be lost.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple

import orjson

from hub.domain.listing import NEVER_COUNTED
from hub.domain.policies import Rules
from hub.services.followed_items import Following, looked_at
from hub.services.rules import RulesCache
from hub.services.stock_cache import near_marks
from hub.store.alerts import clear_other_channels
from hub.store.database import Database
from hub.store.listing import (
    Progress,
    forget_channels,
    read_news,
    read_progress,
    read_skus_behind,
    write_listing,
)
from hub.store.stock_reads import read_stock

BATCH_ITEMS = 250
MAX_CHANGES = 50_000
"""Rows of the change log read at once; where there are more, going through all items is no more
work than following them."""

_EDITION = 2
"""Of what is followed: a new one has all items gone through again."""


class Step(NamedTuple):
    """What a step did."""

    items: int
    rows: int
    lag_seconds: float
    """Age of the oldest change that was not yet in the projections; 0 where all are."""
    sweeping: bool
    """Whether all items are being gone through, because rules have changed."""
    idle: bool
    """Whether there is nothing left to do now."""
    overtaken: bool = False
    """Whether somebody else keeps the projections; then nothing was written."""


class ListingProjection:
    """Follows the change log, and goes through all items when the rules have changed."""

    def __init__(self, database: Database, rules: RulesCache, following: Following) -> None:
        self._database = database
        self._rules = rules
        self._following = following
        self._turn: int | None = None
        self._cursor = ""
        self._released_until = NEVER_COUNTED
        self._pending: dict[str, None] = {}
        """Items that changed or were released up to there, and are not yet written."""
        self._oldest: datetime | None = None

    async def step(self) -> Step:
        """Take in what is new, and write at most one batch of changed items and one of all."""
        progress = await read_progress(self._database)
        if progress.turn != self._turn:
            # Somebody else went on: what is remembered here is the past.
            self._turn, self._cursor = progress.turn, progress.cursor
            self._released_until = progress.released_until
            self._pending, self._oldest = {}, None
        try:
            return await self._advance(progress)
        except BaseException:
            # What was taken in may be known from here alone, such as that all items are to be gone
            # through: the next step goes on from what is stored.
            self._turn = None
            raise

    async def _advance(self, progress: Progress) -> Step:
        taken = await self._take_in(progress)
        changed = list(islice(self._pending, BATCH_ITEMS))
        moved, swept = await self._sweep(taken)
        all_written = len(changed) == len(self._pending)
        if not all_written:
            # After a restart the rest is found again behind the old place in the log.
            moved = moved._replace(cursor=progress.cursor, released_until=progress.released_until)
        if not changed and moved._replace(released_until=progress.released_until) == progress:
            return Step(0, 0, 0.0, sweeping=False, idle=True)
        rows = await self._write(moved, list(dict.fromkeys([*changed, *swept])))
        if rows is None:
            self._turn = None
            return Step(0, 0, 0.0, sweeping=False, idle=False, overtaken=True)
        for sku in changed:
            del self._pending[sku]
        lag = (self._released_until - (self._oldest or self._released_until)).total_seconds()
        if all_written:
            self._oldest = None
        sweeping = moved.sweep_after is not None
        if taken.sweep_after is not None and not sweeping:
            await forget_channels(self._database, self._rules.current.channels)
            await clear_other_channels(self._database, self._rules.current.channels)
        idle = all_written and not sweeping
        return Step(len(changed) + len(swept), rows, max(0.0, lag), sweeping, idle)

    async def _sweep(self, progress: Progress) -> tuple[Progress, list[str]]:
        """The next items, while all of them are gone through, and how far that brings us."""
        if progress.sweep_after is None:
            return progress, []
        skus = await read_skus_behind(self._database, progress.sweep_after, BATCH_ITEMS)
        last = skus[-1] if len(skus) == BATCH_ITEMS else None
        return progress._replace(sweep_after=last), skus

    async def _take_in(self, progress: Progress) -> Progress:
        """The items that are new are pending from here on. Where the projections will have come to
        once these are written."""
        news = await read_news(self._database, self._cursor, self._released_until, MAX_CHANGES)
        if news.revision != self._rules.current.revision:
            await self._rules.refresh()
        digest = digest_of(self._rules.current)
        sweep_after = progress.sweep_after if digest == progress.rules else ""
        if not news.is_complete:
            sweep_after = ""
            self._pending.clear()
        else:
            self._pending |= dict.fromkeys(
                sorted(self._rules.with_kits([*news.changed, *news.released]))
            )
        if self._oldest is None:
            self._oldest = news.oldest
        if news.rows or not news.is_complete:
            self._cursor = news.cursor
        self._released_until = news.now
        return Progress(self._cursor, digest, news.now, sweep_after, progress.turn)

    async def _write(self, progress: Progress, skus: Sequence[str]) -> int | None:
        rules, wanted = self._rules.current, self._rules.with_components(skus)
        read = await near_marks(self._database, await read_stock(self._database, wanted), rules)
        looked = await looked_at(skus, read, rules)
        rows = await write_listing(
            self._database,
            progress.turn,
            progress,
            looked.listed,
            looked.positions,
            partial(self._following.write, looked=looked),
        )
        if rows is not None:
            self._turn = progress.turn + 1
        return rows


def digest_of(rules: Rules) -> bytes:
    """What tells rules apart by which the projections would be different. Items, their own rules
    and kits are not in it: the change log names them."""
    content = [
        _EDITION,
        sorted((channel.id, list(channel.pool)) for channel in rules.channels.values()),
        sorted(
            [*key, *policy[:4], policy.low_stock_margin] for key, policy in rules.policies.items()
        ),
    ]
    return hashlib.sha256(orjson.dumps(content)).digest()
