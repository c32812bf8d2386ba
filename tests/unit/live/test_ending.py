"""Tasks are ended, also where something on their way forgets that they were cancelled."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hub.live.ending import end
from workers.stopping import run_until


async def forgetful(at_work: asyncio.Event) -> None:
    """Works on after it was cancelled once, as one does whose `asyncio.wait_for` has its result in
    that moment."""
    at_work.set()
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        at_work.clear()
    await asyncio.sleep(60)


async def ended(at_work: asyncio.Event) -> None:
    task = asyncio.create_task(forgetful(at_work))
    await at_work.wait()
    await end([task])
    assert task.cancelled()


async def stopped(at_work: asyncio.Event) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(run_until(stop, forgetful(at_work), "forgetful"))
    await at_work.wait()
    stop.set()
    await running


@pytest.mark.parametrize("ending", [ended, stopped])
async def test_who_forgets_that_he_was_cancelled_is_cancelled_again(
    ending: Callable[[asyncio.Event], Awaitable[None]],
) -> None:
    at_work = asyncio.Event()
    async with asyncio.timeout(10):
        await ending(at_work)
    assert not at_work.is_set(), "it was cancelled only once"


async def test_how_a_task_failed_is_not_told() -> None:
    async def failing() -> None:
        raise ValueError

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end([task])
    assert task.done()
