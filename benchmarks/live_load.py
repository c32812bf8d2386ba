"""How soon five thousand subscribers hear of changes that come all the time."""

import asyncio
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from itertools import cycle
from statistics import median
from typing import Final

import orjson

from benchmarks.assortment import sku_of
from benchmarks.crowds import Noted, adjusting, crowds, subscribing
from benchmarks.fan_out import live_servers
from benchmarks.figures import OURS, Bound, Figure, Round, median_of_rounds
from benchmarks.lean_http import LeanClient, UnexpectedAnswer, lean_client
from benchmarks.open_loop import p99, send_paced
from benchmarks.stage import Stage

SUBSCRIBERS: Final = 5_000
ITEMS: Final = 500
CHANGES_A_SECOND: Final = 200
SECONDS: Final = 10.0
ROUNDS: Final = 3
SETTLE_SECONDS: Final = 2.0
CONNECTIONS: Final = 256
"""Enough for more than a second of changes, so that one that takes long holds no other back."""

LIVE_LOAD_P99: Final = "live_load_p99"
HALF_OF_THEM: Final = "p50 of the same"

FIRST_VERSION: Final = 3
"""Of an item whose three positions nothing has changed."""

Sent = dict[str, list[float]]
"""When each change of an item was sent, in order."""


async def live_load_p99(stage: Stage) -> list[Figure]:
    """5,000 sockets watch one of 500 items each, of which 200 a second change, in the process that
    serves them. A change counts from when it was sent, which is before its commit, until a socket
    has it or a later one of the same item; one that never comes is an error."""
    skus = [sku_of(number) for number in range(ITEMS)]
    runs: list[Round] = []
    async with AsyncExitStack() as stack:
        hub = (await stack.enter_async_context(live_servers(stage, ITEMS))).hub
        sockets = await stack.enter_async_context(crowds())
        await sockets.open("load", hub, [subscribing([sku]) for sku in skus], SUBSCRIBERS)
        requests = cycle([(sku, adjusting(hub, sku)) for sku in skus])
        versions = dict.fromkeys(skus, FIRST_VERSION)
        for number in range(ROUNDS):
            stage.tell(OURS, number, ROUNDS)
            await sockets.note("load")
            sent: Sent = {sku: [] for sku in skus}
            # New connections in each round: a server closes those that were idle for seconds.
            async with lean_client(hub.host, CONNECTIONS) as client:
                change = partial(send_change, client, requests, sent)
                await send_paced(CHANGES_A_SECOND, SECONDS, change)
            await asyncio.sleep(SETTLE_SECONDS)
            noted = await sockets.noted("load", stage.folder / "noted.json")
            delays = delays_of(noted, sent, versions, SUBSCRIBERS // ITEMS)
            runs.append({OURS: p99(delays) * 1_000, HALF_OF_THEM: median(delays) * 1_000})
            for sku in skus:
                versions[sku] += len(sent[sku])
    return [median_of_rounds(LIVE_LOAD_P99, runs, "ms", HALF_OF_THEM, Bound("<", 250))]


async def send_change(
    client: LeanClient, requests: Iterator[tuple[str, bytes]], sent: Sent
) -> None:
    """Send the next request, and note when."""
    sku, request = next(requests)
    sent[sku].append(time.monotonic())
    answer = await client.send(request)
    if b"AdjustStockSuccess" not in answer:
        raise UnexpectedAnswer(answer.decode(errors="replace"))


def delays_of(noted: Noted, sent: Sent, versions: Mapping[str, int], watchers: int) -> list[float]:
    """Seconds from each change to each socket that watches its item, of which there are so many.
    `versions` are those from before; each change adds one. Raises `UnexpectedAnswer` where one was
    not told."""
    delays = []
    for sku, messages in zip(sent, noted, strict=True):
        heard: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for member, at, message in messages:
            (item,) = orjson.loads(message)["payload"]["data"]["availability"]["availability"]
            heard[member].append((item["version"], at))
        if len(heard) != watchers:
            raise UnexpectedAnswer(f"{len(heard)} of those who watch {sku} were told anything")
        for told in heard.values():
            for version, at in enumerate(sent[sku], versions[sku] + 1):
                place = bisect_left(told, (version, 0.0))
                if place == len(told):
                    raise UnexpectedAnswer(f"version {version} of {sku} was told to some only")
                delays.append(told[place][1] - at)
    return delays
