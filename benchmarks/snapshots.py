"""How fast whole snapshots go in, against the same rows by set-based SQL that decides nothing."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import asyncpg

from benchmarks.assortment import LOCATIONS, put_assortment, sku_of
from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.rounds import alternate
from benchmarks.stage import Stage, hub_on
from benchmarks.steady import make_log_segments
from hub.bootstrap import Services
from hub.domain.guard_rails import GuardRails
from hub.domain.principal import trusted
from hub.domain.snapshots import CountedRow, SnapshotState, Whole
from hub.domain.values import UNIT
from hub.store.database import connection_arguments

ROUNDS: Final = 3
ITEMS: Final = 33_334
"""At three locations each."""
ROWS: Final = 100_000
BEGAN: Final = datetime.now(UTC) - timedelta(days=1)
FEEDER: Final = trusted("benchmark")
ANYTHING: Final = GuardRails(None, None, None, None, None)
"""That everything changes at once is what is measured."""

SNAPSHOT: Final = "snapshot_100k"
AGAIN: Final = "snapshot_again"
AGAIN_AGAINST_FIRST: Final = "snapshot_again_against_first"
SET_BASED: Final = "COPY, UPDATE … FROM, INSERT of the movements"
COMPARED: Final = "COPY and one comparison"
FIRST: Final = "the first time"
UNIT_OF_RUNS: Final = "rows/s"

_TEMPORARY: Final = """
    create temporary table given (
        line bigint, sku text, location text, on_hand bigint, unavailable bigint,
        as_of timestamptz
    ) on commit drop"""

_MOVEMENTS: Final = """
    insert into movement
    select g.sku, g.location, p.version + 1, 'COUNTED', g.on_hand - p.on_hand, 0, 0, 0, 0, 0,
           g.on_hand - p.unavailable - p.allocated - p.reserved, 'set_stock', 'erp', 'erp/raw',
           null, null, null, null, null, null, null, now()
    from given g join position p on p.sku = g.sku and p.location = g.location"""

_POSITIONS: Final = """
    update position p set on_hand = g.on_hand, version = p.version + 1, counted_at = g.as_of
    from given g where p.sku = g.sku and p.location = g.location"""

_COMPARE: Final = """
    select count(*) from given g join position p on p.sku = g.sku and p.location = g.location
    where p.on_hand <> g.on_hand or p.counted_at <> g.as_of"""

_numbers = count(1)


async def snapshot_100k(stage: Stage) -> list[Figure]:
    """100,000 rows that all change, with all that a count leaves in the ledger and the log."""
    async with _sides(stage) as (services, raw):

        async def ours() -> float:
            rows = rows_of(ROWS, next(_numbers))
            return ROWS / await _taken(services, rows, ROWS)

        async def baseline() -> float:
            rows = rows_of(ROWS, next(_numbers))
            return ROWS / await _written(raw, rows, _MOVEMENTS, _POSITIONS)

        for warm_up in (ours, baseline):
            await warm_up()
        runs = await alternate(ROUNDS, {OURS: ours, SET_BASED: baseline}, stage.tell)
    return [ratio_to_best(SNAPSHOT, runs, UNIT_OF_RUNS, Bound("≥", 0.4))]


async def snapshot_again(stage: Stage) -> list[Figure]:
    """The same 100,000 rows once more, under another name."""
    async with _sides(stage) as (services, raw):
        rows = rows_of(ROWS, next(_numbers))

        async def first() -> float:
            nonlocal rows
            rows = rows_of(ROWS, next(_numbers))
            return ROWS / await _taken(services, rows, ROWS)

        async def ours() -> float:
            return ROWS / await _taken(services, rows, 0)

        async def baseline() -> float:
            return ROWS / await _written(raw, rows, _COMPARE)

        for warm_up in (first, ours, baseline):
            await warm_up()
        sides = {FIRST: first, OURS: ours, COMPARED: baseline}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [
        _against(AGAIN, runs, COMPARED, Bound("≥", 0.8)),
        _against(AGAIN_AGAINST_FIRST, runs, FIRST, Bound("≥", 5)),
    ]


def _against(name: str, runs: Sequence[Any], side: str, bound: Bound) -> Figure:
    pairs = [{OURS: run[OURS], side: run[side]} for run in runs]
    return ratio_to_best(name, pairs, UNIT_OF_RUNS, bound)


@asynccontextmanager
async def _sides(stage: Stage) -> AsyncIterator[tuple[Services, asyncpg.Connection]]:
    """The hub on a shop, and a connection to the same shop in a database of its own."""
    async with AsyncExitStack() as stack:
        urls = []
        for _ in range(2):
            url = await stack.enter_async_context(stage.databases.fresh())
            await put_assortment(url, ITEMS)
            urls.append(url)
        if not stage.databases.given:
            await make_log_segments(urls[0])
        services = await stack.enter_async_context(hub_on(urls[0]))
        raw = await asyncpg.connect(**connection_arguments(urls[1]))
        stack.push_async_callback(raw.close)
        yield services, raw


def rows_of(rows: int, number: int) -> list[CountedRow]:
    """So many rows: each snapshot, by its number, counts one unit more and is a second younger."""
    as_of = BEGAN + timedelta(seconds=number)
    return [
        CountedRow(
            line, sku_of(line // 3), LOCATIONS[line % 3], (number + line % 50) * UNIT, None, as_of
        )
        for line in range(1, rows + 1)
    ]


async def _taken(services: Services, rows: Sequence[CountedRow], changed: int) -> float:
    """Seconds until a snapshot is applied."""
    started = time.perf_counter()
    whole = Whole("erp", f"snapshot {next(_numbers)}", rails=ANYTHING)
    taken = await services.snapshots.take(FEEDER, whole, rows)
    seconds = time.perf_counter() - started
    assert (taken.state, taken.applied) == (SnapshotState.APPLIED, changed), taken
    return seconds


async def _written(
    connection: asyncpg.Connection, rows: Sequence[CountedRow], *statements: str
) -> float:
    """Seconds of one transaction that puts the rows into a table and runs the statements."""
    started = time.perf_counter()
    async with connection.transaction():
        await connection.execute(_TEMPORARY)
        await connection.copy_records_to_table("given", records=rows, columns=CountedRow._fields)
        for statement in statements:
            await connection.fetch(statement)
    return time.perf_counter() - started
