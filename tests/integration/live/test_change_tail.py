"""The tail of the log: it reads on while others are told, and goes on after whatever fails."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.live.backplane import Backplane
from hub.live.change_tail import ChangeTail
from hub.store.change_log import Changes, read_cursor
from tests.integration.ledger.test_change_log import CHANGED, Session
from tests.integration.shop import count, execute
from tests.waiting import eventually


class Heard:
    """What a tail has said."""

    def __init__(self) -> None:
        self.noted: list[Changes] = []
        self.told: list[Changes] = []
        self.read_at: list[float] = []
        self.may_tell = asyncio.Event()
        self.may_tell.set()

    async def note(self, changes: Changes) -> None:
        self.noted.append(changes)

    async def tell(self, changes: Changes) -> None:
        await self.may_tell.wait()
        self.told.append(changes)

    async def notes(self, sku: str) -> None:
        """Wait until it was noted that an item has changed."""
        await eventually(lambda: sku in self.skus(self.noted))

    async def notes_rows(self, rows: int) -> None:
        """Wait until so many rows of the log were noted."""
        await eventually(lambda: sum(one.rows for one in self.noted) == rows)

    def skus(self, changes: list[Changes]) -> list[str]:
        return sorted(sku for one in changes for sku in one.skus)


@asynccontextmanager
async def followed(
    services: Services, heard: Heard, tell: Callable[[Changes], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    """A tail that runs beside that of the process."""
    backplane = Backplane("memory://")
    await backplane.start()
    tail = ChangeTail(
        services.database,
        backplane,
        heard.note,
        heard.read_at.append,
        tell or heard.tell,
        lambda: True,
    )
    await tail.start()
    running = asyncio.create_task(tail.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await backplane.stop()


async def test_the_log_is_read_on_while_many_are_told(services: Services) -> None:
    heard = Heard()
    async with followed(services, heard):
        await count(services, "A-1", 1)
        await eventually(lambda: heard.told)
        heard.may_tell.clear()
        await count(services, "A-1", 2)
        for sku in ("A-2", "B-1", "B-2"):
            await count(services, sku, 1)
            await heard.notes(sku)
        assert len(heard.told) == 1
        now = time.monotonic()
        await eventually(lambda: heard.read_at[-1] > now)

        heard.may_tell.set()
        await eventually(lambda: "B-2" in heard.skus(heard.told))
        # What came meanwhile is told as one.
        assert heard.skus(heard.told[1:]) == ["A-1", "A-2", "B-1", "B-2"]
        assert len(heard.told) <= 3
        assert sum(one.rows for one in heard.told) == 5
        assert heard.told[-1].cursor == await read_cursor(services.database)


async def test_nothing_of_what_came_meanwhile_is_left_out_of_what_is_told_as_one(
    services: Services, database_url: str
) -> None:
    notice, held = str(uuid4()), str(uuid4())
    heard = Heard()
    async with followed(services, heard):
        heard.may_tell.clear()
        await count(services, "A-1", 1)
        await heard.notes("A-1")
        for rows, (column, value) in enumerate(
            [
                ("alerts", "{7}"),
                ("notices", f"{{{notice}}}"),
                ("forecasts", "{B-1}"),
                ("reservations", f"{{{held}}}"),
                ("rules", "true"),
            ],
            2,
        ):
            row = f"insert into change ({column}, recorded_at) values ('{value}', now())"
            await execute(database_url, row)
            await heard.notes_rows(rows)
        heard.may_tell.set()
        await eventually(lambda: sum(one.rows for one in heard.told) == 6)

    last = heard.told[-1]
    assert [*last.alerts, *last.notices, *last.forecasts] == [7, notice, "B-1"]
    assert [*last.reservations, last.rules] == [held, True]


@pytest.mark.parametrize("failure", [RuntimeError("nobody foresaw this"), Unavailable()])
async def test_what_could_not_be_told_is_told_with_what_came_later(
    services: Services, failure: Exception
) -> None:
    heard = Heard()
    failures = 2

    async def tell(changes: Changes) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            await count(services, "B-1", failures)
            raise failure
        await heard.tell(changes)

    async with followed(services, heard, tell):
        await count(services, "A-1", 1)
        await eventually(lambda: heard.told)
        await eventually(lambda: sum(one.rows for one in heard.told) == 3)
        assert set(heard.skus(heard.told)) == {"A-1", "B-1"}


async def test_a_log_that_was_emptied_begins_anew_and_everything_is_told(
    services: Services, database_url: str
) -> None:
    heard = Heard()
    async with followed(services, heard):
        await count(services, "A-1", 1)
        await eventually(lambda: heard.told)
        await execute(database_url, "truncate change")
        await eventually(lambda: heard.told[-1].reset)
        assert heard.told[-1].rules
        resets = sum(one.reset for one in heard.told)
        await count(services, "A-1", 2)
        await eventually(lambda: heard.skus(heard.told) == ["A-1", "A-1"])
        assert sum(one.reset for one in heard.told) == resets == 1


async def test_who_is_too_far_behind_is_told_that_everything_may_be_otherwise(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So much comes while a process has no way to the database."""
    monkeypatch.setattr("hub.store.change_log.MAX_ENTRIES", 3)
    heard = Heard()
    async with followed(services, heard):
        for entries, is_too_much in ((3, False), (4, True)):
            await execute(database_url, "begin", *[CHANGED.format("A-1")] * entries, "commit")
            await eventually(lambda: heard.told)
            (told,) = heard.told
            assert (told.reset, told.rules) == (is_too_much, is_too_much)
            assert told.cursor == await read_cursor(services.database)
            heard.told.clear()
        await count(services, "A-2", 1)
        await eventually(lambda: heard.told)
        assert ([*heard.told[0].skus], heard.told[0].reset) == (["A-2"], False)


async def test_what_was_given_up_moves_the_cursor_though_nothing_is_new(
    services: Services, database_url: str
) -> None:
    """Or whoever has a cursor from after that would wait for this process in vain."""
    heard = Heard()
    async with followed(services, heard):
        given_up = await Session.begun(database_url)
        await given_up.change("GONE")
        await count(services, "A-1", 1)
        await eventually(lambda: heard.told)
        before = heard.told[-1].cursor
        await given_up.end("rollback")
        end = await read_cursor(services.database)
        assert end != before
        await eventually(lambda: heard.told[-1].cursor == end)
    assert heard.skus(heard.told) == ["A-1"]
