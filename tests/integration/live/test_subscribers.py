"""Many subscribers, slow ones and those that leave: the hub keeps no more than it must."""

import asyncio
import contextlib
import gc
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import UnknownSku
from hub.domain.values import UNIT
from hub.live.groups import Group
from hub.live.mailbox import Mailbox
from hub.observability import metrics
from hub.services.stock import Adjustment
from hub.services.watch import EventKind
from tests.integration.shop import BUYER, CLERK, SKUS, count, reserve
from tests.integration.watcher import watching
from tests.waiting import eventually


def members(services: Services) -> list[Mailbox[str, Any]]:
    """Every mailbox that the process keeps."""
    groups: list[Group[Any, Any]] = [
        *services.watch._by_channel.values(),
        services.watch._by_reservation,
    ]
    return [
        mailbox
        for group in groups
        for boxes in (*group._by_key.values(), group._all)
        for mailbox in boxes
        if isinstance(mailbox, Mailbox)
    ]


def subscribers() -> float:
    """What the metrics say."""
    return float(metrics.subscribers._value.get())


async def test_a_subscriber_that_never_reads_keeps_one_value_an_item(services: Services) -> None:
    events = services.watch.availability(BUYER, ["A-1", "A-2"])
    await anext(events)
    async with watching(services, "A-1", "A-2") as reader:
        for units in range(1, 101):
            await count(services, "A-1", units)
            await count(services, "A-2", units)
            if units % 20 == 0:
                await reader.sees(units, "A-1")
                await reader.sees(units, "A-2")
        sizes = [len(mailbox._slots) for mailbox in members(services)]
        assert max(sizes) <= 2

    newest = await anext(events)
    assert newest.kind is EventKind.CHANGE
    told = {
        answer.sku: answer.breakdown.available_to_order // UNIT for answer in newest.availability
    }
    assert told == {"A-1": 100, "A-2": 100}
    await events.aclose()
    assert members(services) == []


async def test_a_subscriber_that_never_reads_slows_nobody_else(services: Services) -> None:
    idle = [services.watch.availability(BUYER, None) for _ in range(100)]
    for events in idle:
        await anext(events)
    async with watching(services, "A-1") as reader:
        for units in range(1, 21):
            await count(services, "A-1", units)
            await reader.sees(units, within_seconds=1)
    for events in idle:
        await events.aclose()
    assert members(services) == []


async def test_a_closed_subscription_leaves_nothing_behind(services: Services) -> None:
    before = subscribers()
    async with AsyncExitStack() as stack:
        for turn in range(200):
            skus = SKUS[: turn % 4 + 1] if turn % 5 else ()
            channel = "store" if turn % 2 else None
            await stack.enter_async_context(watching(services, *skus, channel=channel))
        assert subscribers() == before + 200
        await count(services, "A-1", 5)
    assert members(services) == []
    assert services.watch._by_channel == {}
    assert subscribers() == before


async def test_leaving_at_any_moment_leaves_nothing_behind(services: Services) -> None:
    before = subscribers()
    await count(services, "A-1", 5)
    held = await reserve(services)

    async def watch_availability() -> None:
        async for _ in services.watch.availability(BUYER, ["A-1", "A-2"]):
            pass

    async def watch_reservation() -> None:
        async for _ in services.watch.reservation(BUYER, held.id):
            pass

    for step in range(30):
        tasks = [
            asyncio.create_task(watch_availability()),
            asyncio.create_task(watch_reservation()),
        ]
        for _ in range(step):
            await asyncio.sleep(0)
        if step % 3 == 0:
            await services.stock.adjust_stock(CLERK, Adjustment("A-1", "BER", UNIT, "found"))
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    # A generator that nobody closed is closed by the loop once it is collected.
    gc.collect()
    await eventually(lambda: not members(services))
    assert subscribers() == before


async def test_a_refused_subscription_leaves_nothing_behind(services: Services) -> None:
    before = subscribers()
    with pytest.raises(UnknownSku):
        await anext(services.watch.availability(BUYER, ["A-1", "NONE"]))
    assert members(services) == []
    assert subscribers() == before
