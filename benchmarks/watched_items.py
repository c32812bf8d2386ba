"""What a change costs where many items are watched, of which one changes."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

import psutil

from benchmarks.assortment import sku_of
from benchmarks.crowds import Crowds, adjusting, crowds, subscribing
from benchmarks.fan_out import live_servers
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.rounds import alternate
from benchmarks.served import Server
from benchmarks.stage import Stage

MANY: Final = 10_000
FEW: Final = 100
OF_ONE_SUBSCRIBER: Final = 250
CHANGES: Final = 100
ROUNDS: Final = 9

WATCHED_ITEMS: Final = "watched_items_10000"
FEW_WATCHED: Final = "100 items watched"


async def watched_items(stage: Stage) -> list[Figure]:
    """Processor time of the hub for a change of one item, from the request until its one subscriber
    has heard, with 10,000 items watched by 40 sockets against 100 watched by one."""
    async with AsyncExitStack() as stack:
        many = (await stack.enter_async_context(live_servers(stage, MANY))).hub
        few = (await stack.enter_async_context(live_servers(stage, MANY))).hub
        sockets = await stack.enter_async_context(crowds())
        groups = [
            [sku_of(number) for number in range(first, first + OF_ONE_SUBSCRIBER)]
            for first in range(0, MANY, OF_ONE_SUBSCRIBER)
        ]
        await sockets.open("many", many, [subscribing(skus) for skus in groups], len(groups))
        first_hundred = [sku_of(number) for number in range(FEW)]
        await sockets.open("few", few, [subscribing(first_hundred)], 1)
        sides = {
            OURS: _costs(sockets, "many", many),
            FEW_WATCHED: _costs(sockets, "few", few),
        }
        await alternate(1, sides, stage.tell)
        runs = await alternate(ROUNDS, sides, stage.tell)
    figure = ratio_to(WATCHED_ITEMS, runs, FEW_WATCHED, "µs", Bound("≤", 1.1))
    return [replace(figure, note="processor time of the serving process, its write included")]


def _costs(sockets: Crowds, name: str, server: Server) -> Callable[[], Awaitable[float]]:
    change = sockets.rounds(name, adjusting(server, sku_of(2)))
    process = psutil.Process(server.process_id)

    async def cost() -> float:
        before = process.cpu_times()
        for _ in range(CHANGES):
            await change()
        after = process.cpu_times()
        spent: float = after.user + after.system - before.user - before.system
        return spent / CHANGES * 1e6

    return cost
