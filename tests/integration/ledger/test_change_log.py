"""The change log is read in commit order: nothing is skipped, nothing is told twice."""

import asyncio
import random

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.store.change_log import is_cursor_of_this_log, read_changes, read_cursor, read_skus_since
from hub.store.database import connection_arguments
from tests.integration.shop import SKUS, count, execute

CHANGED = "insert into change (skus, recorded_at) values (array['{}'], now())"


class Session:
    """A transaction that stays open as long as it is told to."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    @classmethod
    async def begun(cls, database_url: str) -> "Session":
        connection = await asyncpg.connect(**connection_arguments(database_url))
        await connection.execute("begin")
        return cls(connection)

    async def change(self, sku: str) -> None:
        await self._connection.execute(CHANGED.format(sku))

    async def end(self, how: str = "commit") -> None:
        await self._connection.execute(how)
        await self._connection.close()


async def test_a_long_transaction_between_two_short_ones_is_told_once(
    services: Services, database_url: str
) -> None:
    cursor = await read_cursor(services.database)
    told = []

    async def tell() -> None:
        nonlocal cursor
        changes = await read_changes(services.database, cursor)
        cursor = changes.cursor
        told.append(set(changes.skus))

    long = await Session.begun(database_url)
    await long.change("LONG")
    await execute(database_url, CHANGED.format("BEFORE"))
    await tell()
    await execute(database_url, CHANGED.format("AFTER"))
    await tell()
    await tell()
    await long.end()
    await tell()
    await tell()

    assert told == [{"BEFORE"}, {"AFTER"}, set(), {"LONG"}, set()]


async def test_a_cursor_of_before_a_long_transaction_finds_it_later(
    services: Services, database_url: str
) -> None:
    long = await Session.begun(database_url)
    await long.change("LONG")
    cursor = await read_cursor(services.database)
    await execute(database_url, CHANGED.format("SHORT"))
    await long.end()

    assert set(await read_skus_since(services.database, cursor, None)) == {"LONG", "SHORT"}
    assert await read_skus_since(services.database, cursor, ["LONG", "OTHER"]) == ["LONG"]
    now = await read_cursor(services.database)
    assert await read_skus_since(services.database, now, None) == []


async def test_what_was_rolled_back_is_never_told(services: Services, database_url: str) -> None:
    cursor = await read_cursor(services.database)
    undone = await Session.begun(database_url)
    await undone.change("UNDONE")
    first = await read_changes(services.database, cursor)
    await undone.end("rollback")
    second = await read_changes(services.database, first.cursor)
    assert (first.rows, second.rows) == (0, 0)


async def test_a_reader_among_overlapping_writers_is_told_each_change_once(
    services: Services, database_url: str
) -> None:
    start = await read_cursor(services.database)
    told: list[str] = []

    async def write(writer: int) -> None:
        for number in range(10):
            session = await Session.begun(database_url)
            await session.change(f"{writer}-{number}")
            await asyncio.sleep(random.uniform(0, 0.02))
            await session.end()

    writers = [asyncio.create_task(write(writer)) for writer in range(8)]
    cursor = start
    while not all(writer.done() for writer in writers):
        changes = await read_changes(services.database, cursor)
        cursor = changes.cursor
        told += changes.skus
        assert changes.rows == len(changes.skus)
    told += (await read_changes(services.database, cursor)).skus
    await asyncio.gather(*writers)

    everything = {f"{writer}-{number}" for writer in range(8) for number in range(10)}
    assert len(told) == len(everything)
    assert set(told) == everything


async def test_each_write_to_the_ledger_is_a_change_of_its_positions(services: Services) -> None:
    cursor = await read_cursor(services.database)
    for sku in SKUS[:2]:
        await count(services, sku, 5)
    changes = await read_changes(services.database, cursor)
    assert changes.skus == set(SKUS[:2])
    assert not changes.rules
    assert changes.oldest is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        "1",
        "1:2",
        "2:1:",
        "1:9:0",
        "1:9:9",
        "1:9:5,3",
        "1:9:3,3",
        "1:9:3,",
        "-1:9:",
        "1:9: 3",
        "1:9:\n",
        "1:99999999999999999999:",
        "١:٩:",
        "1:9:' or true --",
    ],
)
async def test_a_text_that_is_no_cursor_is_refused(services: Services, text: str) -> None:
    mark = await mark_of_now(services)
    assert not await is_cursor_of_this_log(services.database, text)
    assert not await is_cursor_of_this_log(services.database, f"{text}.{mark}")


@pytest.mark.parametrize("mark", ["", "0", "x", "1234567890abcdef0", "' or true --", "１"])
async def test_a_cursor_with_another_mark_is_refused(services: Services, mark: str) -> None:
    now = await read_cursor(services.database)
    assert await is_cursor_of_this_log(services.database, now)
    assert not await is_cursor_of_this_log(services.database, f"{now.split('.')[0]}.{mark}")


async def test_a_cursor_of_before_cursors_had_marks_is_refused(services: Services) -> None:
    now = await read_cursor(services.database)
    assert not await is_cursor_of_this_log(services.database, now.split(".")[0])


async def test_a_cursor_of_the_future_is_refused_and_one_of_now_is_taken(
    services: Services,
) -> None:
    now = await read_cursor(services.database)
    assert await is_cursor_of_this_log(services.database, now)
    future = end_of(now) + 1_000
    mark = await mark_of_now(services)
    assert not await is_cursor_of_this_log(services.database, f"{future}:{future}:.a{mark[1:]}")
    assert not await is_cursor_of_this_log(services.database, f"1:{future}:.{'a' * 16}")


async def test_every_cursor_that_is_taken_can_be_read_from(services: Services) -> None:
    now, mark = end_of(await read_cursor(services.database)), await mark_of_now(services)
    for text in ("0:0:", "1:1:", f"1:{now}:2,3", f"{now}:{now}:", f"{now - 1}:{now}:{now - 1}"):
        text = f"{text}.{mark}"
        if await is_cursor_of_this_log(services.database, text):
            await read_changes(services.database, text)
            await read_skus_since(services.database, text, None)


async def test_a_cursor_stays_the_same_until_something_changes(
    services: Services, database_url: str
) -> None:
    before = await read_cursor(services.database)
    # Transactions that write nothing into the log have numbers, too.
    await execute(database_url, "begin", "select pg_current_xact_id()", "commit")
    assert await read_cursor(services.database) == before
    await count(services, "A-1", 5)
    assert await read_cursor(services.database) != before


async def mark_of_now(services: Services) -> str:
    return (await read_cursor(services.database)).split(".")[1]


def end_of(cursor: str) -> int:
    return int(cursor.split(":")[1])
