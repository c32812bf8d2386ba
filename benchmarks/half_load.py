"""How long a reservation takes while the hub is half busy, against a bare commit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from benchmarks.baskets import ITEMS, baskets
from benchmarks.figures import OURS, Bound, Figure, ratio_to_best
from benchmarks.open_loop import latencies_at, p99
from benchmarks.reservations import WARM_UP_SECONDS, put_stock
from benchmarks.rounds import alternate, rate_of
from benchmarks.stage import Stage, hub_on
from benchmarks.steady import make_log_segments
from hub.store.database import connection_arguments

CALLERS: Final = 64
CONNECTIONS: Final = 16
"""More than there are commits at a time, so that none waits for a connection."""
ROUNDS: Final = 15
"""Many short ones: a stall of the machine spoils those that it falls into, and no others."""
PEAK_SECONDS: Final = 0.5
SECONDS: Final = 1.0
MILLISECONDS: Final = 1_000

HALF_LOAD_P99: Final = "reserve_half_load_p99"
BARE_COMMIT: Final = "one tiny insert and commit"

Call = Callable[[], Awaitable[object]]


async def reserve_half_load_p99(stage: Stage) -> list[Figure]:
    """Reservations of any of 1,000 items arrive half as fast as 64 callers get them answered who
    wait for each other's; bare commits arrive as fast."""
    skus = [f"ITEM-{number:04}" for number in range(ITEMS)]
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        if not stage.databases.given:
            await make_log_segments(database_url)
        services = await stack.enter_async_context(hub_on(database_url))
        await put_stock(services, skus)
        reserve = baskets(services, skus, 1)
        commit = await stack.enter_async_context(_bare_commits(database_url))
        for call in (reserve, commit):
            await rate_of(CALLERS, WARM_UP_SECONDS, call)
        half = _HalfLoad(reserve)
        sides = {OURS: half.of_reservations, BARE_COMMIT: lambda: half.of(commit)}
        runs = await alternate(ROUNDS, sides, stage.tell)
    return [ratio_to_best(HALF_LOAD_P99, runs, "ms", Bound("<", 8))]


class _HalfLoad:
    """The p99 of calls at half of the peak, which is found anew in each round: what the machine
    can carry changes from one to the next."""

    def __init__(self, reserve: Call) -> None:
        self._reserve = reserve
        self._rate = 0.0

    async def of_reservations(self) -> float:
        """The p99 of reservations, in milliseconds, once their peak is known."""
        self._rate = await rate_of(CALLERS, PEAK_SECONDS, self._reserve) / 2
        return await self.of(self._reserve)

    async def of(self, call: Call) -> float:
        """The p99 of any call at the same rate, in milliseconds."""
        return p99(await latencies_at(self._rate, SECONDS, call)) * MILLISECONDS


@asynccontextmanager
async def _bare_commits(database_url: str) -> AsyncIterator[Call]:
    """The least that can be made durable, each on a connection that is idle."""
    async with AsyncExitStack() as stack:
        idle: asyncio.LifoQueue[asyncpg.prepared_stmt.PreparedStatement] = asyncio.LifoQueue()
        for number in range(CONNECTIONS):
            connection = await asyncpg.connect(**connection_arguments(database_url))
            stack.push_async_callback(connection.close)
            if number == 0:
                await connection.execute("create table bare_commit (id bigint)")
            idle.put_nowait(await connection.prepare("insert into bare_commit values (1)"))

        async def commit() -> None:
            statement = await idle.get()
            await statement.fetch()
            idle.put_nowait(statement)

        yield commit
