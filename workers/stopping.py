"""Ending what goes on for ever, at any point of it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hub.live.ending import end


async def run_until(stop: asyncio.Event, work: Coroutine[Any, Any, None], name: str) -> None:
    """Do some work until `stop` is set, or until it fails. What is under way then is given up: it
    must be something that can be done again."""
    working = asyncio.create_task(work, name=name)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        await end((working, stopping))
