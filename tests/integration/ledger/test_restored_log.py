"""A log that was put back: numbers of transactions come again, and nobody is told less for it."""

import random
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from hub.store.change_log import begin_log, is_cursor_of_this_log, read_changes, read_cursor
from hub.store.database import Database
from hub.store.embedded_postgres import EmbeddedPostgres
from hub.store.embedded_programs import find_binaries
from hub.store.migrate import migrate
from tests.integration.outages import MortalPostgres, mortal_postgres

CHANGED = "insert into change (skus, recorded_at) values (array['{}'], clock_timestamp())"
ALL = "select unnest(skus) as sku from change"


class Log:
    """A change log that is written by several transactions at once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._open: list[asyncpg.Connection] = []
        self._written = 0

    async def step(self, dice: random.Random) -> None:
        """Begin to write, or end it."""
        if self._open and dice.random() < 0.6:
            connection = self._open.pop(dice.randrange(len(self._open)))
            await connection.execute(dice.choice(("commit", "commit", "commit", "rollback")))
            await connection.close()
            return
        # What is told survives a crash, as it does in a database that is no test's.
        connection = await asyncpg.connect(
            self.database.url, server_settings={"synchronous_commit": "on"}
        )
        await connection.execute("begin")
        if dice.random() < 0.7:
            self._written += 1
            await connection.execute(CHANGED.format(f"{self._written}-{dice.random()}"))
        else:
            await connection.execute("select pg_current_xact_id()")
        self._open.append(connection)

    async def abandon(self) -> None:
        """Leave what is under way."""
        while self._open:
            self._open.pop().terminate()

    async def everything(self) -> set[str]:
        return {row["sku"] for row in await self.database.fetch(ALL)}


def copy(folder: Path, to: Path) -> None:
    """The files of a database that is not running, with their owner."""
    subprocess.run(["cp", "-a", folder, to], check=True)


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[MortalPostgres]:
    async with mortal_postgres(tmp_path, durable=False) as one:
        await migrate(one.url)
        yield one


async def opened(url: str) -> Database:
    database = Database(url)
    await database.open()
    await begin_log(database)
    return database


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_a_cursor_from_a_future_that_was_undone_is_refused_and_an_older_one_misses_nothing(
    seed: int, mortal: MortalPostgres, tmp_path: Path
) -> None:
    """Cursors are taken all the time; amid that a copy is made, and put back later. Then as many
    are written again. What a cursor saw is in the log and the rest is behind it, or it is refused.
    """
    dice = random.Random(seed)
    told: dict[str, set[str]] = {}

    async def write(log: Log, steps: int) -> None:
        for _ in range(steps):
            await log.step(dice)
            if dice.random() < 0.7:
                told[await read_cursor(log.database)] = await log.everything()

    log = Log(await opened(mortal.url))
    await write(log, 60)
    await log.database.close()
    # Those who write are under way when the copy is made.
    await mortal.crash()
    copy(tmp_path / "postgres", tmp_path / "copy")
    await mortal.start()
    await log.abandon()
    log = Log(await opened(mortal.url))
    before = len(told)
    await write(log, 60)
    await log.abandon()
    await log.database.close()
    await mortal.stop()
    shutil.rmtree(tmp_path / "postgres")
    copy(tmp_path / "copy", tmp_path / "postgres")
    await mortal.start()

    log = Log(await opened(mortal.url))
    undone = set(told)
    for _ in range(3):
        present = await log.everything()
        for cursor in undone:
            is_right = told[cursor] <= present
            assert await is_cursor_of_this_log(log.database, cursor) == is_right
            changes = await read_changes(log.database, cursor)
            assert changes.reset == (not is_right)
            if is_right:
                assert changes.skus == present - told[cursor]
            else:
                assert changes.rules
        for _ in range(30):
            await log.step(dice)
    present = await log.everything()
    refused = sum(not told[cursor] <= present for cursor in undone)
    assert 0 < refused <= len(undone) - before + 1
    await log.abandon()
    await log.database.close()


async def test_a_restart_and_a_crash_of_the_database_leave_cursors_as_they_are(
    mortal: MortalPostgres,
) -> None:
    database = await opened(mortal.url)
    await database.fetch(CHANGED.format("BEFORE"))
    cursor = await read_cursor(database)
    await database.fetch(CHANGED.format("AFTER"))
    await database.fetch("checkpoint")
    for end in (mortal.stop, mortal.crash):
        await end()
        await mortal.start()
        assert await is_cursor_of_this_log(database, cursor)
        assert (await read_changes(database, cursor)).skus == {"AFTER"}
    await database.close()


async def test_a_dump_of_another_server_begins_a_new_log(
    mortal: MortalPostgres, own_postgres: EmbeddedPostgres
) -> None:
    """Its entries have numbers that this server will give to others."""
    old = await opened(mortal.url)
    for _ in range(500):
        await old.fetch("select pg_current_xact_id()")
    await old.fetch(CHANGED.format("OLD"))
    cursor = await read_cursor(old)
    await old.close()
    programs = find_binaries()
    dump = subprocess.run(
        [programs / "pg_dump", "--data-only", "--table=change", mortal.url],
        check=True,
        capture_output=True,
    )

    await migrate(own_postgres.dsn())
    new = Database(own_postgres.dsn())
    await new.open()
    subprocess.run(
        [programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", own_postgres.dsn()],
        check=True,
        input=dump.stdout,
        stdout=subprocess.DEVNULL,
    )
    # Before anybody has begun a new log, no cursor is taken for one of this log.
    for known in (cursor, await read_cursor(new)):
        assert not await is_cursor_of_this_log(new, known)
        assert (await read_changes(new, known)).reset

    await begin_log(new)

    assert not await is_cursor_of_this_log(new, cursor)
    now = await read_cursor(new)
    await begin_log(new)
    assert await read_cursor(new) == now
    await new.fetch(CHANGED.format("NEW"))
    assert (await read_changes(new, now)).skus == {"NEW"}
    await new.close()


async def test_an_empty_log_vouches_for_nothing_until_it_has_begun(empty_log: Database) -> None:
    nothing = await read_cursor(empty_log)
    assert not await is_cursor_of_this_log(empty_log, nothing)
    await begin_log(empty_log)
    first = await read_cursor(empty_log)
    assert await is_cursor_of_this_log(empty_log, first)
    assert not await is_cursor_of_this_log(empty_log, nothing)
    assert not (await read_changes(empty_log, first)).reset


async def test_what_was_removed_behind_a_cursor_is_not_passed_over(empty_log: Database) -> None:
    await begin_log(empty_log)
    old = await read_cursor(empty_log)
    for number in range(40):
        await empty_log.fetch(CHANGED.format(number))
    late = await read_cursor(empty_log)
    await empty_log.fetch(CHANGED.format("LAST"))
    await empty_log.fetch(
        """delete from change
           where xid < (select xid from change order by xid desc offset 20 limit 1)"""
    )
    assert not await is_cursor_of_this_log(empty_log, old)
    assert await is_cursor_of_this_log(empty_log, late)
    assert (await read_changes(empty_log, late)).skus == {"LAST"}


@pytest.fixture
async def empty_log(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()
