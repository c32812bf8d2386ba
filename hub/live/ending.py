"""Ending tasks that go on for ever."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_AGAIN_SECONDS: Final = 1.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they are done; how they ended is not told.

    Once is not enough: in Python 3.11, `asyncio.wait_for` gives a result that comes in the moment
    of the cancellation and forgets the cancellation (python/cpython#86296). redis-py and the other
    brokers' clients send by it, and whoever waited for the task would wait for ever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        done, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
        for task in done:
            if not task.cancelled():
                task.exception()  # asked for, so that asyncio does not complain of it
