"""How long a read takes of items that the hub has not seen before, against bare asyncpg."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
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
from benchmarks.raw_positions import POSITIONS
from benchmarks.read_servers import COMPARED, WIDTH
from benchmarks.reads import ROUNDS
from benchmarks.rounds import alternate
from benchmarks.served import Server, environment_for, python, running
from benchmarks.stage import Stage, hub_on
from hub.domain.principal import trusted
from hub.store.database import connection_arguments

ITEMS: Final = 100_000
"""So many that none is read twice by the same server."""
REQUESTS: Final = 300
"""Requests of one round."""
MILLISECONDS: Final = 1_000

READ_COLD_AGAINST_ASYNCPG: Final = "read_cold_against_asyncpg"
_PRINCIPAL: Final = trusted("benchmark")
ASYNCPG: Final = "Starlette + orjson, from bare asyncpg"


async def read_cold(stage: Stage) -> list[Figure]:
    """One caller asks for 24 items at three locations each, of 100,000; he never names one twice to
    the same server, so that the hub cannot know it and must ask PostgreSQL, whatever it keeps.

    The raw server asks for the same rows in one statement on one open connection, and makes the
    same JSON of them. A round's figure is the median of its requests.
    """
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, ITEMS)
        hub = await stack.enter_async_context(production_hub(stage.folder, database_url))
        raw = await stack.enter_async_context(_raw(stage.folder, database_url))
        of_hub = _groups()
        await _compare(hub, raw, [next(of_hub) for _ in range(COMPARED)])
        sides = {OURS: _timing(hub, of_hub), ASYNCPG: _timing(raw, _groups())}
        runs = await alternate(ROUNDS, sides, stage.tell)
        note = await _without_http(database_url)
    figure = ratio_to(READ_COLD_AGAINST_ASYNCPG, runs, ASYNCPG, "ms", Bound("≤", 1.3))
    return [replace(figure, note=note)]


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
        taken = []
        async with lean_client(server.host, 1) as client:
            for skus in islice(groups, REQUESTS):
                request = request_for(server, skus)
                started = time.perf_counter()
                await send(client, request)
                taken.append(time.perf_counter() - started)
        return median(taken) * MILLISECONDS

    return milliseconds


async def _without_http(database_url: str) -> str:
    """What of the time is not the server's: the hub's lookup and the bare statement alone."""
    ours: list[float] = []
    bare: list[float] = []
    async with hub_on(database_url) as services:
        connection = await asyncpg.connect(**connection_arguments(database_url))
        try:
            statement = await connection.prepare(POSITIONS)
            for skus in islice(_groups(), REQUESTS):
                started = time.perf_counter()
                await services.lookup.availability(_PRINCIPAL, skus)
                between = time.perf_counter()
                await statement.fetch(skus)
                ours.append(between - started)
                bare.append(time.perf_counter() - between)
        finally:
            await connection.close()
    told = [f"{median(taken) * MILLISECONDS:.2f} ms" for taken in (ours, bare)]
    return f"without HTTP: the hub's lookup takes {told[0]}, the bare statement {told[1]}"


@asynccontextmanager
async def _raw(folder: Path, database_url: str) -> AsyncIterator[Server]:
    command = python("benchmarks.raw_positions")
    async with running(folder, environment_for(database_url), *command) as server:
        yield server
