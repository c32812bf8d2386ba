"""How fast warm reads are while stock changes under them, against quiet."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from statistics import median
from typing import Any, Final

import asyncpg

from benchmarks.asking import SECONDS, UNIT, Asking, answers_for
from benchmarks.changer_process import CHANGES_A_SECOND
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.lean_http import UnexpectedAnswer, lean_client
from benchmarks.led_process import LedProcess, led_process
from benchmarks.processes import START_IN_SECONDS
from benchmarks.read_servers import WIDTH, ReadServers, read_servers
from benchmarks.reads import ROUNDS
from benchmarks.rounds import alternate
from benchmarks.stage import Stage
from hub.store.database import connection_arguments

READ_WHILE_CHANGING: Final = "read_while_changing"
QUIET: Final = "the same reads in quiet"
LANDED: Final = 0.9
"""Of the changes that were to come: where fewer did, nothing was measured."""
CATCH_UP_SECONDS: Final = 5.0


async def read_while_changing(stage: Stage) -> list[Figure]:
    """32 callers ask for 24 random items of 10,000, while another process of the hub changes 500 of
    the same items a second, in batches of ten as a feed sends them.

    Each change is a movement of the ledger in the same database, and reaches the serving process
    as it does in production: by the change log and its hints. Nearly all changed items are read
    before they change again. When the rounds are over, the answers must be those of the database.
    """
    bound = Bound("≥", 0.7)
    landed: list[float] = []
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(read_servers(stage))
        changer = await stack.enter_async_context(led_process("changer_process", shop.database_url))
        asking = Asking(shop.hub, shop.skus, WIDTH)
        await asking.warm_up()
        sides = {OURS: _while_changing(asking, changer, landed), QUIET: asking.rate}
        runs = await alternate(ROUNDS, sides, stage.tell)
        await _check_newest(shop)
    note = f"{median(landed):.0f} changes/s of {CHANGES_A_SECOND} were written"
    if median(landed) < LANDED * CHANGES_A_SECOND:
        told = f"not measured: only {note}"
        return [Figure(READ_WHILE_CHANGING, UNIT, bound=bound, note=told, failed=True)]
    return [replace(ratio_to(READ_WHILE_CHANGING, runs, QUIET, UNIT, bound), note=note)]


def _while_changing(
    asking: Asking, changer: LedProcess, landed: list[float]
) -> Callable[[], Awaitable[float]]:
    async def rate() -> float:
        window = f"{time.monotonic() + START_IN_SECONDS} {SECONDS}"
        rate, written = await asyncio.gather(asking.rate(), changer.ask(window))
        landed.append(float(written))
        return rate

    return rate


async def _check_newest(shop: ReadServers) -> None:
    """Compare the versions of all answers with the database; raises `UnexpectedAnswer` where the
    hub still gives an old answer after seconds."""
    connection = await asyncpg.connect(**connection_arguments(shop.database_url))
    try:
        rows = await connection.fetch("select sku, sum(version)::int from position group by sku")
    finally:
        await connection.close()
    versions = dict(map(tuple, rows))
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while old := await _older_answers(shop, versions):
        if time.monotonic() > deadline:
            raise UnexpectedAnswer(f"{len(old)} answers are old, such as {old[0]}")


async def _older_answers(shop: ReadServers, versions: dict[str, int]) -> list[Any]:
    async with lean_client(shop.hub.host, 1) as client:
        return [
            answer
            for first in range(0, len(shop.skus), WIDTH)
            for answer in await answers_for(client, shop.hub, shop.skus[first : first + WIDTH])
            if answer["version"] < versions[answer["sku"]]
        ]
