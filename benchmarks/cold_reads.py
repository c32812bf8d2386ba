"""How long a read takes of items that the hub has not seen before, against bare asyncpg."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

import asyncpg

from benchmarks.asking import answers_for, request_for, send
from benchmarks.assortment import put_assortment, sku_of
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.lean_http import UnexpectedAnswer, lean_client
from benchmarks.production_hub import production_hub
from benchmarks.read_servers import COMPARED, WIDTH
from benchmarks.reads import ROUNDS
from benchmarks.rounds import alternate
from benchmarks.served import Server, environment_for, python, running
from benchmarks.stage import Stage
from hub.store.database import ReadConnection, connection_arguments
from hub.store.stock_reads import STOCK, read_stock

ITEMS: Final = 100_000
"""So many that none is read twice by the same server."""
REQUESTS: Final = 300
"""Requests of one round."""
MILLISECONDS: Final = 1_000

READ_COLD_AGAINST_ASYNCPG: Final = "read_cold_against_asyncpg"
READ_COLD_OVER_HTTP: Final = "read_cold_over_http"
ASYNCPG: Final = "the same statement by bare asyncpg"
RAW: Final = "Starlette + orjson, from bare asyncpg"


async def read_cold(stage: Stage) -> list[Figure]:
    """One caller asks for 24 items at three locations each, of 100,000; he never names one twice to
    the same server, so that the hub cannot know it and must ask PostgreSQL, whatever it keeps.

    The figure with a bound is of the read itself: the hub's, from the statement to items and
    positions, against the same statement by bare asyncpg, to its records. The other one is of whole
    answers over HTTP: against a server that reads the same positions on bare asyncpg, without the
    rules, holds, kits and dates that the hub looks at, and makes the same JSON of them. A round's
    figure is the median of its requests.
    """
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, ITEMS)
        reads = await alternate(ROUNDS, await _reads(stack, database_url), stage.tell)
        hub = await stack.enter_async_context(production_hub(stage.folder, database_url))
        raw = await stack.enter_async_context(_raw(stage.folder, database_url))
        of_hub = _groups()
        await _compare(hub, raw, [next(of_hub) for _ in range(COMPARED)])
        sides = {OURS: _timing(hub, of_hub), RAW: _timing(raw, _groups())}
        answers = await alternate(ROUNDS, sides, stage.tell)
    return [
        ratio_to(READ_COLD_AGAINST_ASYNCPG, reads, ASYNCPG, "ms", Bound("≤", 1.3)),
        ratio_to(READ_COLD_OVER_HTTP, answers, RAW, "ms"),
    ]


async def _reads(
    stack: AsyncExitStack, database_url: str
) -> dict[str, Callable[[], Awaitable[float]]]:
    ours = ReadConnection(database_url)
    stack.callback(ours.close)
    bare = await asyncpg.connect(**connection_arguments(database_url))
    stack.push_async_callback(bare.close)
    of_ours, of_bare = _groups(), _groups()

    async def read() -> float:
        return await _median(of_ours, lambda skus: read_stock(ours, skus))

    async def fetch() -> float:
        return await _median(of_bare, lambda skus: bare.fetch(STOCK, skus, None))

    return {OURS: read, ASYNCPG: fetch}


async def _median(
    groups: Iterator[Sequence[str]], ask: Callable[[Sequence[str]], Awaitable[object]]
) -> float:
    taken = []
    for skus in islice(groups, REQUESTS):
        started = time.perf_counter()
        await ask(skus)
        taken.append(time.perf_counter() - started)
    return median(taken) * MILLISECONDS


def _groups() -> Iterator[Sequence[str]]:
    """All items in groups of 24, in an order of their own."""
    skus = [sku_of(number) for number in range(ITEMS)]
    random.shuffle(skus)
    return iter([skus[first : first + WIDTH] for first in range(0, ITEMS, WIDTH)])


async def _compare(hub: Server, raw: Server, groups: Sequence[Sequence[str]]) -> None:
    async with lean_client(hub.host, 1) as to_hub, lean_client(raw.host, 1) as to_raw:
        for skus in groups:
            answers = await answers_for(to_hub, hub, skus)
            if answers != await answers_for(to_raw, raw, skus):
                raise UnexpectedAnswer(f"{hub.host} says {answers}, and {raw.host} does not")


def _timing(server: Server, groups: Iterator[Sequence[str]]) -> Callable[[], Awaitable[float]]:
    async def milliseconds() -> float:
        async with lean_client(server.host, 1) as client:
            return await _median(groups, lambda skus: send(client, request_for(server, skus)))

    return milliseconds


@asynccontextmanager
async def _raw(folder: Path, database_url: str) -> AsyncIterator[Server]:
    command = python("benchmarks.raw_positions")
    async with running(folder, environment_for(database_url), *command) as server:
        yield server
