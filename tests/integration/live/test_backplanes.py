"""Hints between processes: each backplane carries them, and losing one loses nothing."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.live.backplane import Backplane, UnknownBackplane, backend_for
from hub.services.stock import Adjustment
from tests.integration.shop import CLERK, SKUS, available, count, opened, put_shop, reserve
from tests.integration.watcher import Watcher, watching
from tests.servers import RedisServer
from tests.waiting import eventually


@pytest.fixture
def by_hints_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the change log unless he is told to."""
    monkeypatch.setattr("hub.live.change_tail.POLL_SECONDS", 600.0)


@pytest.fixture(params=["memory", "postgres", "redis"])
async def pair(
    request: pytest.FixtureRequest, database_url: str
) -> AsyncIterator[tuple[Services, Services]]:
    """Two processes, one to write and one to watch; on memory these are one and the same."""
    async with AsyncExitStack() as stack:
        urls: dict[str, Callable[[], str]] = {
            "memory": lambda: "memory://",
            "postgres": lambda: database_url,
            "redis": lambda: str(request.getfixturevalue("redis_url")),
        }
        url = urls[request.param]()
        writing = await stack.enter_async_context(opened(database_url, url))
        await put_shop(writing)
        if request.param == "memory":
            yield writing, writing
        else:
            yield writing, await stack.enter_async_context(opened(database_url, url))


@asynccontextmanager
async def over_redis(database_url: str, redis_url: str) -> AsyncIterator[tuple[Services, Services]]:
    async with opened(database_url, redis_url) as writing:
        await put_shop(writing)
        async with opened(database_url, redis_url) as watching_process:
            yield writing, watching_process


@pytest.mark.usefixtures("by_hints_alone")
async def test_every_subscriber_knows_the_truth_soon_after_the_last_write(
    pair: tuple[Services, Services],
) -> None:
    writing, reading = pair
    async with AsyncExitStack() as stack:
        watchers: list[Watcher] = []
        for turn in range(10):
            skus = random.sample(SKUS, 2) if turn % 2 else []
            watchers.append(await stack.enter_async_context(watching(reading, *skus)))

        async def write() -> None:
            for _ in range(50):
                sku = random.choice(SKUS)
                await writing.stock.adjust_stock(CLERK, Adjustment(sku, "BER", UNIT, "found"))

        await asyncio.gather(*(write() for _ in range(4)))
        ended = time.monotonic()
        for sku in SKUS:
            in_the_end = await available(writing, sku)
            for watcher in watchers:
                if sku in watcher.last:
                    left = 2.0 - (time.monotonic() - ended)
                    await watcher.sees(in_the_end, sku, within_seconds=left)
        for watcher in watchers:
            for versions in watcher.versions.values():
                assert versions == sorted(set(versions))


@pytest.mark.usefixtures("by_hints_alone")
async def test_a_single_write_is_seen_at_once(pair: tuple[Services, Services]) -> None:
    writing, reading = pair
    async with watching(reading, "A-1") as watcher:
        for units in (3, 4, 5):
            await count(writing, "A-1", units)
            await watcher.sees(units, within_seconds=1)


async def test_a_dead_redis_delays_nobody_who_writes_and_loses_nothing(
    database_url: str, own_redis: RedisServer
) -> None:
    async with (
        over_redis(database_url, own_redis.url) as (writing, reading),
        watching(reading, "A-1") as watcher,
    ):
        await count(writing, "A-1", 100)
        await watcher.sees(100)

        own_redis.kill()
        for _ in range(20):
            began = time.monotonic()
            await reserve(writing)
            assert time.monotonic() - began < 0.5
        # Without hints the log is looked into all the same.
        await watcher.sees(80)
        own_redis.start()
        await reserve(writing)
        await watcher.sees(79)


@pytest.mark.usefixtures("by_hints_alone")
async def test_a_redis_that_comes_back_carries_hints_again_and_what_was_missed(
    database_url: str, own_redis: RedisServer
) -> None:
    async with (
        over_redis(database_url, own_redis.url) as (writing, reading),
        watching(reading, "A-1") as watcher,
    ):
        await count(writing, "A-1", 100)
        await watcher.sees(100)
        for _ in range(2):
            own_redis.kill()
            before = watcher.units()
            assert before is not None
            await reserve(writing)
            assert watcher.units() == before
            own_redis.start()
            await watcher.sees(before - 1, within_seconds=5)
            await reserve(writing)
            await watcher.sees(before - 2)


@pytest.mark.usefixtures("by_hints_alone")
async def test_a_cut_listening_connection_is_made_again(database_url: str) -> None:
    async with opened(database_url, database_url) as writing:
        await put_shop(writing)
        async with (
            opened(database_url, database_url) as reading,
            watching(reading, "A-1") as watcher,
        ):
            await count(writing, "A-1", 5)
            await watcher.sees(5)
            cut = await writing.database.fetch(
                """select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and query ilike any ('{listen%,notify%}')"""
            )
            assert len(cut) >= 2
            await count(writing, "A-1", 4)
            await watcher.sees(4, within_seconds=5)
            await count(writing, "A-1", 3)
            await watcher.sees(3)


async def test_a_redis_that_is_not_there_at_the_start_is_no_hindrance(
    database_url: str, own_redis: RedisServer
) -> None:
    own_redis.kill()
    async with (
        over_redis(database_url, own_redis.url) as (writing, reading),
        watching(reading, "A-1") as watcher,
    ):
        await count(writing, "A-1", 5)
        await watcher.sees(5)


def test_an_address_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(UnknownBackplane, match="HUB_BACKPLANE_URL: kafka://"):
        backend_for("kafka://somewhere")


@pytest.mark.parametrize("steps", range(4))
async def test_a_reader_that_is_ended_in_the_moment_of_a_hint_ends(steps: int) -> None:
    """Whatever step of the hint's way the end meets; or the hub would not end either."""
    backplane = Backplane("memory://")
    await backplane.start()

    async def read() -> None:
        while True:
            await backplane.wait(600)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    backplane._heard.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    reading.cancel()

    await eventually(reading.done, within_seconds=1)
    await backplane.stop()
