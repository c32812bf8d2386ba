"""Gives units that are free to those who wait for them, where nobody has done so yet.

The stock writer settles at once what comes in where others wait. This job finds what fell in
between: a process that ended before it settled, or units at another location of the pool.
"""

import asyncio
import contextlib
from typing import Any, NamedTuple

import structlog

from hub.bootstrap import Services
from hub.domain.commands import Origin, SettleBackorders
from hub.domain.errors import Unavailable
from hub.domain.values import Sku
from hub.store.backorders import read_fillable

INTERVAL_SECONDS = 1.0
BATCH = 200

log = structlog.get_logger()


class _Seen(NamedTuple):
    """What decides whether anything can be filled: entries of the item, and the rules."""

    versions: int
    revision: int


class Backorders:
    """Settles items of which units wait while others are free.

    Free units may have to stay where they are: a safety stock, a location of no pool. So an item
    is tried again only after something has changed.
    """

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._writer = services.writer
        self._tried: dict[Sku, _Seen] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; survives the database going away."""
        while not stop.is_set():
            try:
                await self.settle()
            except Unavailable:
                log.warning("backorders.database_away")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), INTERVAL_SECONDS)

    async def settle(self) -> int:
        """Try the items that may be filled, at most one batch of them; how many that were."""
        found = {
            one.sku: _Seen(one.versions, one.revision)
            for one in await read_fillable(self._database)
        }
        self._tried = {sku: seen for sku, seen in self._tried.items() if found.get(sku) == seen}
        due = [sku for sku in found if sku not in self._tried][:BATCH]
        origin = Origin(actor="backorders")
        answers = [self._writer.enqueue(SettleBackorders(sku, origin)) for sku in due]
        results: list[Any] = await asyncio.gather(*answers, return_exceptions=True)
        for sku, result in zip(due, results, strict=True):
            if isinstance(result, Unavailable):
                raise result
            if isinstance(result, BaseException):
                # One item that cannot be settled must not be tried every second, nor stop others.
                log.error("backorders.failed", sku=sku, error=repr(result))
            self._tried[sku] = found[sku]
        return len(due)
