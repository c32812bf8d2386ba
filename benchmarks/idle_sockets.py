"""What a subscriber costs who is told nothing: memory, and the processor time until he is there."""

from contextlib import AsyncExitStack
from typing import Final

import psutil

from benchmarks.assortment import sku_of
from benchmarks.crowds import crowds, subscribing
from benchmarks.fan_out import RAW, SKU, live_servers
from benchmarks.figures import OURS, Bound, Figure, Round, ratio_to
from benchmarks.served import Server
from benchmarks.stage import Stage

SUBSCRIBERS: Final = 1_000
ROUNDS: Final = 5

IDLE_MEMORY: Final = "idle_subscriber_memory"
CONNECTING: Final = "connect_and_subscribe"


async def idle_sockets(stage: Stage) -> list[Figure]:
    """A thousand more sockets of graphql-transport-ws, each with a subscription of one of 100
    items, against as many raw ones that name an item and are sent one text. They stay, so that each
    round takes memory that was not used before."""
    memory: list[Round] = []
    processor: list[Round] = []
    async with AsyncExitStack() as stack:
        hub, raw = await stack.enter_async_context(live_servers(stage, 100))
        sockets = await stack.enter_async_context(crowds())
        groups = [subscribing([sku_of(number)]) for number in range(100)]
        for number in range(-1, ROUNDS):
            stage.tell(OURS, max(0, number), ROUNDS)
            kilobytes, microseconds = {}, {}
            for side, server in ((OURS, hub), (RAW, raw)):
                before = _spent(server)
                if side == OURS:
                    await sockets.open(f"hub-{number}", server, groups, SUBSCRIBERS)
                else:
                    await sockets.open(f"raw-{number}", server, [[SKU]], SUBSCRIBERS, None)
                after = _spent(server)
                kilobytes[side] = (after[0] - before[0]) / SUBSCRIBERS / 1_024
                microseconds[side] = (after[1] - before[1]) / SUBSCRIBERS * 1e6
            # The first ones find structures of the server that are not of their own.
            if number >= 0:
                memory.append(kilobytes)
                processor.append(microseconds)
    return [
        ratio_to(IDLE_MEMORY, memory, RAW, "KB", Bound("≤", 1.4)),
        ratio_to(CONNECTING, processor, RAW, "µs", Bound("≤", 1.5)),
    ]


def _spent(server: Server) -> tuple[int, float]:
    """The memory of a server, and the processor seconds that it took so far."""
    process = psutil.Process(server.process_id)
    times = process.cpu_times()
    return process.memory_info().rss, times.user + times.system
