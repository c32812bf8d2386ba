"""What readers of the change log miss while many write, and what a long transaction delays."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Final

import asyncpg

from benchmarks.figures import OURS, Bound, Figure, Round, ratio_to
from benchmarks.rounds import alternate
from benchmarks.stage import Stage
from hub.store.change_log import begin_log, read_changes, read_cursor
from hub.store.database import Database, connection_arguments
from hub.store.migrate import migrate

WRITERS: Final = 8
ROUNDS: Final = 5
OPEN_SECONDS: Final = 2.0
ROLLED_BACK: Final = 0.25
READ_PAUSE_SECONDS: Final = 0.002

LOST: Final = "change_log_skipped_or_doubled"
DELAY: Final = "change_log_delay_beside_open_transaction"
BY_NUMBER: Final = "a reader of numbers above the last"
NOTHING_OPEN: Final = "without an open transaction"

_NUMBERED: Final = "create table numbered (id bigserial primary key, name text not null)"
_WRITE: Final = "insert into change (skus, recorded_at) values (array[$1::text], clock_timestamp())"
_WRITE_NUMBERED: Final = "insert into numbered (name) values ($1)"
_READ_NUMBERED: Final = "select id, name from numbered where id > $1 order by id"


@dataclass
class Window:
    """What was written and read in one round."""

    committed: dict[str, float] = field(default_factory=dict)
    """When each write was known to be committed, by the monotonic clock."""
    read: dict[str, float] = field(default_factory=dict)
    """When each was read first."""
    times: Counter[str] = field(default_factory=Counter)
    """How often each was read."""
    numbered: Counter[str] = field(default_factory=Counter)
    """How often by the reader of numbers."""

    def lost(self, times: Counter[str]) -> int:
        """Writes that a reader skipped, read more than once or should not have read at all."""
        written = dict.fromkeys(self.committed, 1)
        return sum(abs(times[name] - written.get(name, 0)) for name in {*times, *written})

    def delay_ms(self) -> float:
        """The median time from a commit until it was read. It may be read before whoever wrote it
        knows."""
        delays = [self.read[name] - at for name, at in self.committed.items() if name in self.read]
        return median(max(0.0, delay) for delay in delays) * 1_000


async def log_readers(stage: Stage) -> list[Figure]:
    """Eight connections write to the log as fast as they can and undo a quarter of it, while one
    transaction that has written stays open for two seconds, and while none does. Behind a cursor
    all of it is read once; whoever reads numbers above his last one skips what commits late."""
    windows: dict[str, list[Window]] = {OURS: [], NOTHING_OPEN: []}
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await migrate(database_url)
        database = Database(database_url)
        await database.open()
        stack.push_async_callback(database.close)
        await begin_log(database)
        await database.fetch(_NUMBERED)

        def side(name: str, *, is_open: bool) -> Callable[[], Awaitable[float]]:
            async def measure() -> float:
                window = await _window(database, is_open=is_open)
                windows[name].append(window)
                return window.delay_ms()

            return measure

        sides = {OURS: side(OURS, is_open=True), NOTHING_OPEN: side(NOTHING_OPEN, is_open=False)}
        runs = await alternate(ROUNDS, sides, stage.tell)
    lost: list[Round] = [
        {OURS: window.lost(window.times), BY_NUMBER: window.lost(window.numbered)}
        for window in windows[OURS]
    ]
    worst = max(run[OURS] for run in lost)
    rows = sum(len(window.committed) for window in windows[OURS]) / ROUNDS
    return [
        Figure(
            LOST,
            "rows",
            worst,
            Bound("≤", 0),
            BY_NUMBER,
            lost,
            note=f"of {rows:,.0f} in each round",
        ),
        ratio_to(DELAY, runs, NOTHING_OPEN, "ms", Bound("≤", 1.1)),
    ]


async def _window(database: Database, *, is_open: bool) -> Window:
    window = Window()
    cursor = await read_cursor(database)
    last = (await database.fetch("select coalesce(max(id), 0) as id from numbered"))[0]["id"]
    writing = True

    async def read_log() -> None:
        nonlocal cursor
        is_last = False
        while not is_last:
            is_last = not writing
            changes = await read_changes(database, cursor)
            at = time.monotonic()
            cursor = changes.cursor
            window.times.update(changes.skus)
            for name in changes.skus:
                window.read.setdefault(name, at)
            await asyncio.sleep(READ_PAUSE_SECONDS)

    async def read_numbers() -> None:
        nonlocal last
        is_last = False
        while not is_last:
            is_last = not writing
            for row in await database.fetch(_READ_NUMBERED, [last]):
                last = row["id"]
                window.numbered[row["name"]] += 1
            await asyncio.sleep(READ_PAUSE_SECONDS)

    readers = [asyncio.create_task(read_log()), asyncio.create_task(read_numbers())]
    end = time.monotonic() + OPEN_SECONDS
    await asyncio.gather(
        *(_write(database.url, window, f"{writer}", end) for writer in range(WRITERS)),
        *([_hold(database.url, window)] if is_open else []),
    )
    writing = False
    await asyncio.gather(*readers)
    return window


async def _write(database_url: str, window: Window, writer: str, end: float) -> None:
    """Transactions of two rows, one after the other."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        while time.monotonic() < end:
            name = f"{writer}-{random.getrandbits(64):x}"
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(_WRITE, name)
            await connection.execute(_WRITE_NUMBERED, name)
            if random.random() < ROLLED_BACK:
                await transaction.rollback()
            else:
                await transaction.commit()
                window.committed[name] = time.monotonic()
    finally:
        await connection.close()


async def _hold(database_url: str, window: Window) -> None:
    """One transaction that writes at once and commits in the end."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        async with connection.transaction():
            name = f"held-{random.getrandbits(64):x}"
            await connection.execute(_WRITE, name)
            await connection.execute(_WRITE_NUMBERED, name)
            await asyncio.sleep(OPEN_SECONDS)
        window.committed[name] = time.monotonic()
    finally:
        await connection.close()
