"""`python -m benchmarks.changer_process`: another process of the hub, through which stock changes.

It is led line by line over standard input: `start seconds` lets changes come from that moment of
the machine's monotonic clock on, and is answered with the changes per second that were written.
"""

import asyncio
import logging
import random
import time
from typing import Final

import uvloop

from benchmarks.assortment import LOCATIONS
from benchmarks.led_process import next_line
from benchmarks.open_loop import send_paced
from hub.bootstrap import Services, calm_garbage_collector, services_on
from hub.domain.errors import HubError
from hub.domain.principal import trusted
from hub.domain.values import UNIT
from hub.observability.logs import configure_logs
from hub.services.stock import Adjustment
from hub.settings import Settings
from hub.store.reads import read_skus

CHANGES_A_SECOND: Final = 500
BATCH: Final = 10
"""Changes that come together, as a feed sends them."""
PRINCIPAL: Final = trusted("benchmark")


async def _change(services: Services, skus: list[str]) -> None:
    rows = [
        Adjustment(sku, random.choice(LOCATIONS), UNIT, "found")
        for sku in random.sample(skus, BATCH)
    ]
    for result in await services.stock.change_many(PRINCIPAL, rows):
        if isinstance(result, HubError):
            raise result


async def _run() -> None:
    settings = Settings()
    assert settings.database_url is not None
    async with services_on(settings, settings.database_url) as services:
        skus = await read_skus(services.database)
        calm_garbage_collector()
        while line := await next_line():
            start, seconds = map(float, line.split())
            await asyncio.sleep(max(0.0, start - time.monotonic()))
            batches = await send_paced(
                CHANGES_A_SECOND / BATCH, seconds, lambda: _change(services, skus)
            )
            print(batches * BATCH, flush=True)


if __name__ == "__main__":
    configure_logs(logging.WARNING)
    uvloop.run(_run())
