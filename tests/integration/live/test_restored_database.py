"""A database that is put back to an earlier state under a running hub: all are told how it is."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT
from hub.services.watch import EventKind
from tests.integration.live.test_resume import all_is_told, first, units_of
from tests.integration.outages import MortalPostgres, mortal_postgres
from tests.integration.shop import BUYER, CLERK, available, count, opened, put_shop, reserve
from tests.integration.watcher import watching
from tests.waiting import eventually


class Copied:
    """A database that can be put back to how it was when it was copied."""

    def __init__(self, server: MortalPostgres, folder: Path) -> None:
        self.server = server
        self._files, self._copy = folder / "postgres", folder / "copy"

    async def copy(self) -> None:
        """Stop it, copy its files and go on."""
        await self.server.stop()
        subprocess.run(["cp", "-a", self._files, self._copy], check=True)
        await self.server.start()

    async def put_back(self) -> None:
        """Have it as it was then."""
        await self.server.stop()
        shutil.rmtree(self._files)
        subprocess.run(["cp", "-a", self._copy, self._files], check=True)
        await self.server.start()


@pytest.fixture
async def copied(tmp_path: Path) -> AsyncIterator[Copied]:
    async with mortal_postgres(tmp_path, durable=False) as server:
        yield Copied(server, tmp_path)


@pytest.fixture
async def shop(copied: Copied) -> AsyncIterator[Services]:
    async with opened(copied.server.url) as services:
        await put_shop(services)
        yield services


async def back_again(services: Services) -> None:
    """Wait until the database answers."""

    async def answers() -> bool:
        try:
            await services.database.fetch("select 1")
            await count(services, "B-2", 1)
        except Exception:  # noqa: BLE001 - whatever it says while it is away
            return False
        return True

    await eventually(answers, within_seconds=10)


async def test_whoever_watches_is_told_how_it_is_now_and_whatever_comes_then(
    copied: Copied, shop: Services
) -> None:
    await count(shop, "A-1", 5)
    await copied.copy()
    await back_again(shop)
    async with watching(shop, "A-1", "A-2") as watcher, watching(shop) as of_all:
        for units in (7, 8, 9):
            await count(shop, "A-1", units)
        rules = {("item", "A-2"): Policy(safety_stock=2 * UNIT)}
        await shop.catalogue.put_policies(CLERK, rules)
        await count(shop, "A-2", 5)
        await watcher.sees(9)
        await watcher.sees(3, "A-2")
        undone = watcher.events[-1].cursor

        await copied.put_back()

        # What was written last is not there any more, nor is its version.
        for one in (watcher, of_all):
            await one.sees(5, within_seconds=5)
            await one.sees(0, "A-2", within_seconds=5)
            assert one.versions["A-1"][-1] == 1
        await back_again(shop)
        for units in (3, 4):
            await count(shop, "A-1", units)
            for one in (watcher, of_all):
                await one.sees(units)
        await count(shop, "A-2", 5)
        await watcher.sees(5, "A-2")
        assert await available(shop, "A-2") == 5

        reset = await first(shop, ["A-1", "A-2"], undone)
        assert reset.kind is EventKind.RESET
        assert units_of(reset) == {"A-1": 4, "A-2": 5}
        now = watcher.events[-1].cursor
    await count(shop, "A-1", 2)
    recovered = await first(shop, ["A-1", "A-2"], now)
    assert recovered.kind is EventKind.RECOVERED
    assert units_of(recovered) == {"A-1": 2}


async def test_a_reservation_is_told_as_it_was_once(copied: Copied, shop: Services) -> None:
    await count(shop, "A-1", 5)
    held = await reserve(shop)
    await copied.copy()
    await back_again(shop)
    told: list[Reservation] = []

    async def read() -> None:
        async for one in shop.watch.reservation(BUYER, held.id):
            told.append(one)  # noqa: PERF401 - each as it comes

    reading = asyncio.create_task(read())
    for seconds in (700, 800):
        await shop.reservations.extend(BUYER, held.id, seconds)
    await eventually(lambda: told and told[-1].version == 3)
    # It may have been read before the log was.
    await all_is_told(shop)

    await copied.put_back()

    await eventually(lambda: told[-1].version == 1)
    await back_again(shop)
    await shop.reservations.release(BUYER, held.id)
    await eventually(reading.done)
    assert [one.version for one in told][-2:] == [1, 2]
