"""A reader of a feed is cut off a hundred times at random while others write: he is told exactly
what he has missed, by whichever process he comes back to.

What he was told between two places in the log is compared with what the log says was touched there.
"""

import asyncio
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Adjustment
from hub.store.database import connection_arguments
from hub.store.log_cursor import LogCursor
from tests.e2e.cut_reader import CutReader, Heard
from tests.e2e.fleet import Fleet, running_fleet
from tests.integration.shop import BUYER, CLERK, availability, opened, put_shop

pytestmark = pytest.mark.slow

CUTS = 100
ITEMS = [f"CUT-{number:03}" for number in range(300)]
"""More than one piece of a snapshot holds."""
BUSY = ITEMS[:20]
KITS = {"CUT-KIT": [Line(BUSY[0], UNIT), Line(BUSY[1], 2 * UNIT)]}
WRITERS = 3


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def fleet(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Fleet]:
    """Hubs on a database with the items."""

    async def put() -> None:
        async with opened(database_url) as services:
            await put_shop(services)
            await services.catalogue.put_items(
                CLERK, [CatalogueItem(sku, "Cut off", category="cut") for sku in [*ITEMS, *KITS]]
            )
            await services.catalogue.put_kits(CLERK, KITS)
            rows = [Adjustment(sku, "BER", 1_000 * UNIT, "found") for sku in ITEMS]
            await services.stock.change_many(CLERK, rows)

    asyncio.run(put())
    with running_fleet(request.param, database_url, tmp_path) as started:
        yield started
        started.end()


async def test_who_is_cut_off_a_hundred_times_is_told_exactly_what_he_missed(
    fleet: Fleet,
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    hubs = [one.url for one in fleet.processes]
    reader = CutReader("/feeds/availability?channel=web&category=cut")
    async with opened(fleet.database_url, fleet.database_url) as services:
        is_over = asyncio.Event()
        async with asyncio.TaskGroup() as writing:
            for number in range(WRITERS):
                writing.create_task(write(services, random.Random(seed + number), is_over))
            for _ in range(CUTS):
                await reader.read(chance.choice(hubs), chance.randrange(200, 60_000))
            # Each write is answered: one that was given up would come after the truth was read.
            is_over.set()
        truth = {
            sku: (await availability(services, sku, "web", strong=True)).version
            for sku in [*ITEMS, *KITS]
        }
        await reader.read_until(chance.choice(hubs), lambda: versions(reader.heard) == truth)

    # Where the writers are slow there may be nothing to tell for once, and an id all the same.
    assert {one.event for one in reader.heard} - {"current", "heartbeat"} == {"availability"}
    assert all(one.id for one in reader.heard)
    assert_versions_rise(answers(reader.heard))
    await assert_exactly_the_log_was_told(reader.heard, await log_of(fleet.database_url))


async def write(services: Services, chance: random.Random, is_over: asyncio.Event) -> None:
    """Change stock until it is over: one item, many in one transaction, or a hold."""
    while not is_over.is_set():
        await asyncio.sleep(chance.random() / 50)
        skus = chance.sample(BUSY, chance.randint(1, 8))
        rows = [Adjustment(sku, chance.choice(["BER", "AMS"]), UNIT, "found") for sku in skus]
        try:
            if chance.random() < 0.5:
                await services.stock.change_many(CLERK, rows, all_or_nothing=True)
            else:
                await services.reservations.reserve(BUYER, [Line(sku, UNIT) for sku in skus])
        except HubError:
            # Refused, or the machine is too busy: the log knows what has become of it.
            pass


def answers(heard: list[Heard]) -> list[Heard]:
    """What was told of items."""
    return [one for one in heard if one.event == "availability"]


def versions(heard: list[Heard]) -> dict[str, int]:
    """The last version of each item."""
    return {one.data["sku"]: one.data["version"] for one in answers(heard)}


def assert_versions_rise(heard: list[Heard]) -> None:
    """Nothing is told twice, and nothing old after something new."""
    last: dict[str, int] = {}
    for one in heard:
        sku, version = one.data["sku"], one.data["version"]
        assert version > last.get(sku, -1), one
        last[sku] = version


class Row(NamedTuple):
    """An entry of the log."""

    xid: int
    skus: frozenset[str]


async def log_of(database_url: str) -> list[Row]:
    """The log, with kits beside their components."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        rows = await connection.fetch("select xid::text::bigint, skus from change")
    finally:
        await connection.close()
    kits_with = {line.sku: kit for kit, lines in KITS.items() for line in lines}
    return [
        Row(xid, frozenset(skus) | {kits_with[sku] for sku in skus if sku in kits_with})
        for xid, skus in rows
    ]


async def assert_exactly_the_log_was_told(heard: list[Heard], log: list[Row]) -> None:
    """Between two places in the log each item is told that was touched there, and no other one; and
    each place has all of the one before it."""
    places: list[tuple[LogCursor, set[str]]] = []
    told: set[str] = set()
    for one in heard:
        if one.event == "availability":
            told.add(one.data["sku"])
        cursor = LogCursor.parse(one.id or "")
        if cursor is not None:
            places.append((cursor, told))
            told = set()
    assert len(places) > CUTS
    for (before, _), (after, told) in pairwise(places):
        assert after.includes(before)
        touched = {
            sku
            for row in log
            if sees(after, row.xid) and not sees(before, row.xid)
            for sku in row.skus
        }
        assert told == touched, (before, after)


def sees(cursor: LogCursor, xid: int) -> bool:
    """Whether an entry is before a place in the log."""
    return xid < cursor.end and xid not in cursor.running
