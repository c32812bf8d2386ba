"""Holding on to a consumer of the events while what it is for takes its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.domain.errors import Unavailable
from hub.services.event_consumer import HELD_SECONDS, EventConsumer
from hub.store.event_consumers import Overtaken


@asynccontextmanager
async def held(consumer: EventConsumer) -> AsyncIterator[None]:
    """No other process has the consumer meanwhile. Whoever loses it is stopped in what he does, and
    it ends with `Overtaken`."""
    doing = asyncio.current_task()
    assert doing is not None
    lost = False

    async def hold_on() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(HELD_SECONDS / 4)
            if not await _still_ours(consumer):
                break
        lost = True
        doing.cancel()

    holding = asyncio.create_task(hold_on())
    try:
        yield
    except asyncio.CancelledError:
        if not lost or doing.uncancel() > 0:
            raise
        raise Overtaken from None
    finally:
        holding.cancel()


async def _still_ours(consumer: EventConsumer) -> bool:
    try:
        return await consumer.hold()
    except Unavailable:
        # Nobody else can take it now; once the database is back, somebody may.
        return False
