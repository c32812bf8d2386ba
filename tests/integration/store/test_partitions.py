"""The ledger's partitions by month, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.store import partitions
from hub.store.database import connection_arguments
from hub.store.migrate import migrate
from hub.store.partitions import ensure_partitions, keep_partitions
from hub.store.reads import read_movements
from tests.integration.shop import CLERK, broken_rules, count, execute, reserve
from tests.waiting import eventually
from workers.upkeep import INTERVAL_SECONDS, RETRY_SECONDS, Upkeep

PARTITIONS = """
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'movement'::regclass order by c.relname"""


def names(months: int = 3) -> list[str]:
    """What this month's partition and the next ones are called."""
    now = datetime.now(UTC)
    following = [divmod(now.month - 1 + ahead, 12) for ahead in range(months)]
    return [f"movement_{now.year + years}_{month + 1:02}" for years, month in following]


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        yield connection
    finally:
        await connection.close()


async def partitions_of(database_url: str) -> list[str]:
    async with connected(database_url) as connection:
        return [row[0] for row in await connection.fetch(PARTITIONS)]


async def without_partitions(database_url: str) -> None:
    """Leave only the last partition, and in it what the months had."""
    for name in names():
        await execute(
            database_url,
            f"alter table movement detach partition {name}",
            f"insert into movement_rest select * from {name}",
            f"drop table {name}",
        )


async def test_a_migrated_database_has_this_month_and_the_next_two(
    empty_database_url: str,
) -> None:
    await migrate(empty_database_url)
    assert await partitions_of(empty_database_url) == [*names(), "movement_rest"]


async def test_entries_land_in_the_partition_of_their_month_and_are_read_across_all(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 10)
    await reserve(services)
    for version, recorded_at in ((-1, "2020-05-05"), (-2, "now() + interval '1 month'")):
        moment = recorded_at if "now" in recorded_at else f"timestamptz '{recorded_at}'"
        await execute(
            database_url,
            f"""insert into movement
                select (jsonb_populate_record(m, jsonb_build_object(
                    'version', {version}, 'recorded_at', {moment}))).*
                from movement m where version = 1""",
        )

    rows = await services.database.fetch(
        "select tableoid::regclass::text as name, count(*) as n from movement group by 1"
    )
    found = {row["name"]: row["n"] for row in rows}
    assert found == {names()[0]: 2, names()[1]: 1, "movement_rest": 1}
    read = await read_movements(services.database, ["A-1"], "BER", None, 10)
    assert sorted(one.movement.version for one in read) == [-2, -1, 1, 2]


async def test_an_entry_cannot_be_written_twice_in_a_month(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 10)
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute(database_url, "insert into movement select * from movement")
    with pytest.raises(asyncpg.CheckViolationError):
        await execute(database_url, "update movement set kind = 'RESERVED', available_after = -1")


async def test_a_second_call_does_nothing(database_url: str) -> None:
    async with connected(database_url) as connection:
        before = await connection.fetch("select oid from pg_class where relname ~ '^movement'")
        assert await ensure_partitions(connection) == ([], [])
        after = await connection.fetch("select oid from pg_class where relname ~ '^movement'")
    assert after == before


async def test_many_processes_at_once_make_each_partition_once(database_url: str) -> None:
    await without_partitions(database_url)
    reports = await asyncio.gather(*(keep_partitions(database_url) for _ in range(6)))
    assert await partitions_of(database_url) == [*names(), "movement_rest"]
    assert sorted(name for report in reports for name in report.made) == names()
    assert all(report.left == [] for report in reports)


async def test_a_few_entries_that_lie_in_the_last_partition_are_moved(
    services: Services, database_url: str
) -> None:
    await without_partitions(database_url)
    await count(services, "A-1", 10)
    await reserve(services)

    assert await keep_partitions(database_url) == (names(), [])

    rows = await services.database.fetch("select distinct tableoid::regclass::text n from movement")
    assert [row["n"] for row in rows] == [names()[0]]
    await reserve(services)
    assert await broken_rules(services) == {}
    assert (await services.audit.verify_chains(CLERK)).clean


async def test_many_entries_that_lie_in_the_last_partition_are_left_there(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await without_partitions(database_url)
    monkeypatch.setattr(partitions, "FEW_ROWS", 1)
    await count(services, "A-1", 10)
    await reserve(services)

    assert await keep_partitions(database_url) == (names()[1:], names()[:1])

    await reserve(services)
    assert await partitions_of(database_url) == [*names()[1:], "movement_rest"]
    assert await broken_rules(services) == {}
    await migrate(database_url)


async def test_business_goes_on_while_partitions_are_made(
    services: Services, database_url: str
) -> None:
    await without_partitions(database_url)
    await count(services, "A-1", 1000)
    buying = asyncio.gather(*(reserve(services) for _ in range(300)))
    report = await keep_partitions(database_url)
    await buying
    assert report.made == names()
    assert await broken_rules(services) == {}
    assert (await services.audit.verify_chains(CLERK)).clean


async def test_what_is_in_use_for_long_is_left_and_made_the_next_time(
    services: Services, database_url: str
) -> None:
    await without_partitions(database_url)
    job = Upkeep(services)
    async with connected(database_url) as reader, reader.transaction():
        await reader.fetch("select from movement")
        assert await job.keep() == RETRY_SECONDS
        assert await partitions_of(database_url) == ["movement_rest"]
        await count(services, "A-1", 10)
    assert await job.keep() == INTERVAL_SECONDS
    assert await partitions_of(database_url) == [*names(), "movement_rest"]


async def test_the_daily_job_keeps_them_and_ends_when_told(
    services: Services, database_url: str
) -> None:
    await without_partitions(database_url)
    stop = asyncio.Event()
    job = asyncio.create_task(Upkeep(services).run(stop))
    await eventually(
        lambda: partitions_of(database_url), lambda found: found == [*names(), "movement_rest"]
    )
    stop.set()
    await asyncio.wait_for(job, 2)


async def test_a_database_that_is_away_is_told() -> None:
    with pytest.raises(Unavailable):
        await keep_partitions("postgresql://nobody@127.0.0.1:1/none")
