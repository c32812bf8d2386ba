"""What it takes to tell a thousand subscribers of one item, against a raw WebSocket and others."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from statistics import median
from typing import Final, NamedTuple

from benchmarks.assortment import put_assortment, sku_of
from benchmarks.crowds import Crowds, adjusting, changing, crowds, publishing, subscribing
from benchmarks.figures import OURS, Bound, Figure, Round, ratio_to
from benchmarks.production_hub import production_hub
from benchmarks.read_servers import PEERS
from benchmarks.rounds import alternate
from benchmarks.served import DidNotStart, Server, environment_for, python, running
from benchmarks.stage import Stage

SUBSCRIBERS: Final = 1_000
ROUNDS: Final = 20
WARM_UP_ROUNDS: Final = 5
UNIT: Final = "ms"
SKU: Final = sku_of(2)

AGAINST_RAW: Final = "fan_out_against_raw"
AGAINST_YOGA: Final = "fan_out_against_yoga"
AGAINST_STOCK: Final = "fan_out_against_strawberry"
WORST_ROUND: Final = "fan_out_worst_round"
AGAINST_READING: Final = "fan_out_with_100_stalled"

RAW: Final = "Starlette, send_text of a ready text"
YOGA: Final = "GraphQL Yoga with graphql-ws on Node"
STOCK: Final = "Strawberry as it comes"
READING: Final = "all of them reading"
STALLED: Final = 100
FILLING_ROUNDS: Final = 10
CHANGED_AT_ONCE: Final = 200
"""Items that are changed to fill what stalled readers leave lying."""


class LiveServers(NamedTuple):
    """The hub and the raw server."""

    hub: Server
    raw: Server


@asynccontextmanager
async def live_servers(stage: Stage, items: int) -> AsyncIterator[LiveServers]:
    """Both, each in a process of its own."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, items)
        hub = await stack.enter_async_context(production_hub(stage.folder, database_url))
        raw = await stack.enter_async_context(_python(stage, "benchmarks.raw_sockets"))
        yield LiveServers(hub, raw)


@asynccontextmanager
async def _python(stage: Stage, module: str) -> AsyncIterator[Server]:
    async with running(stage.folder, environment_for(None), *python(module)) as server:
        yield server


@asynccontextmanager
async def _yoga(stage: Stage) -> AsyncIterator[Server]:
    if not (PEERS / "node_modules" / "graphql-ws").is_dir():
        raise DidNotStart("graphql-ws is not installed: run `make bench`.")
    environment = {**os.environ, "NODE_ENV": "production"}
    async with running(stage.folder, environment, "node", str(PEERS / "yoga-live.js")) as server:
        yield server


async def fan_out(stage: Stage) -> list[Figure]:
    """A thousand sockets of graphql-transport-ws watch one item, of which one more is found: from
    sending that until the last of them has heard. The hub writes it to its ledger meanwhile; the
    others tell what they have."""
    async with AsyncExitStack() as stack:
        hub, raw = await stack.enter_async_context(live_servers(stage, 100))
        yoga = await stack.enter_async_context(_yoga(stage))
        stock = await stack.enter_async_context(_python(stage, "benchmarks.stock_subscriptions"))
        sockets = await stack.enter_async_context(crowds())
        await sockets.open("raw", raw, [[SKU]], SUBSCRIBERS, None)
        for name, server in {"hub": hub, "yoga": yoga, "stock": stock}.items():
            await sockets.open(name, server, [subscribing([SKU])], SUBSCRIBERS)
        sides = {
            OURS: sockets.rounds("hub", adjusting(hub, SKU)),
            RAW: sockets.rounds("raw", publishing(raw)),
            YOGA: sockets.rounds("yoga", publishing(yoga)),
            STOCK: sockets.rounds("stock", publishing(stock)),
        }
        await alternate(WARM_UP_ROUNDS, sides, stage.tell)
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [
        ratio_to(AGAINST_RAW, runs, RAW, UNIT, Bound("≤", 1.3)),
        _times_faster(AGAINST_YOGA, runs, YOGA, Bound("≥", 2)),
        _times_faster(AGAINST_STOCK, runs, STOCK, Bound("≥", 6)),
        _worst_round(runs),
    ]


def _times_faster(name: str, runs: Sequence[Round], peer: str, bound: Bound) -> Figure:
    """How many times the hub's time the other takes."""
    rates = [{side: 1_000 / run[side] for side in (OURS, peer)} for run in runs]
    return ratio_to(name, rates, peer, "rounds/s", bound)


def _worst_round(runs: Sequence[Round]) -> Figure:
    """The longest of all rounds, which a garbage collection would be in, against the median."""
    times = [run[OURS] for run in runs]
    usual = "the median round"
    worst: list[Round] = [{OURS: max(times), usual: median(times)}]
    return ratio_to(WORST_ROUND, worst, usual, UNIT, Bound("≤", 2))


async def fan_out_with_stalled(stage: Stage) -> list[Figure]:
    """The same with 100 of the thousand reading nothing, once what is sent to them goes nowhere any
    more, against a thousand who all read. Both crowds watch two hundred items, so that what lies
    about is soon much."""
    skus = [sku_of(number) for number in range(CHANGED_AT_ONCE)]
    async with AsyncExitStack() as stack:
        servers = [
            (await stack.enter_async_context(live_servers(stage, CHANGED_AT_ONCE))).hub
            for _ in range(2)
        ]
        sockets = await stack.enter_async_context(crowds())
        for name, server in zip(("stalled", "reading"), servers, strict=True):
            await sockets.open(name, server, [subscribing(skus)], SUBSCRIBERS)
        sides = {
            OURS: sockets.rounds("stalled", adjusting(servers[0], SKU)),
            READING: sockets.rounds("reading", adjusting(servers[1], SKU)),
        }
        await alternate(WARM_UP_ROUNDS, sides, stage.tell)
        await sockets.stall("stalled", STALLED)
        await _fill(sockets, servers, skus)
        runs = await alternate(ROUNDS, sides, stage.tell)
    note = f"{STALLED} of {SUBSCRIBERS} read nothing, one of {len(skus)} items changes"
    figure = ratio_to(AGAINST_READING, runs, READING, UNIT, Bound("≤", 1.2))
    return [replace(figure, note=note)]


async def _fill(sockets: Crowds, servers: Sequence[Server], skus: Sequence[str]) -> None:
    """Change all items at once, again and again: some hundred times what a system keeps for one
    who reads nothing."""
    for _ in range(FILLING_ROUNDS):
        for name, server in zip(("stalled", "reading"), servers, strict=True):
            await sockets.rounds(name, changing(server, skus))()
