"""`python -m benchmarks.writer_process`: callers of a stock writer in a process of its own.

It is led line by line over standard input: `callers` opens the services and is answered `ready`;
`start seconds` lets the callers call from that moment of the machine's monotonic clock on, and is
answered with the reservations per second.
"""

import asyncio
import logging
import time
from typing import Final

import uvloop

from benchmarks.baskets import baskets
from benchmarks.led_process import next_line
from benchmarks.reservations import WARM_UP_SECONDS
from benchmarks.rounds import rate_of
from hub.bootstrap import calm_garbage_collector, services_on
from hub.observability.logs import configure_logs
from hub.settings import Settings

SKU: Final = "ITEM-0000"
READY: Final = "ready"


async def _run() -> None:
    settings = Settings()
    assert settings.database_url is not None
    while callers := await next_line():
        # Closed in between: a process that waits for its turn must not read the change log.
        async with services_on(settings, settings.database_url) as services:
            calm_garbage_collector()
            reserve = baskets(services, [SKU], 1)
            await rate_of(int(callers), WARM_UP_SECONDS, reserve)
            print(READY, flush=True)
            start, seconds = map(float, (await next_line()).split())
            await asyncio.sleep(max(0.0, start - time.monotonic()))
            print(await rate_of(int(callers), seconds, reserve), flush=True)


if __name__ == "__main__":
    configure_logs(logging.WARNING)
    uvloop.run(_run())
