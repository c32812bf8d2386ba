"""Crowds over HTTP: four hub processes, one PostgreSQL, and more buyers than units.

What one process keeps by working its batches one after another, several keep by the database
alone; so everything here goes in by the front doors, by all four of them at once.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from hub.services.catalogue import CatalogueItem
from hub.store.database import connection_arguments
from tests.conftest import Databases
from tests.e2e.database import answer_to
from tests.e2e.fleet import Door, Fleet, running_fleet
from tests.integration.shop import CLERK, count, opened, put_shop

pytestmark = pytest.mark.slow

PROCESSES = 4
UNITS, CALLERS, RUNS = 100, 200, 50
LAST_UNIT_CALLERS, LAST_UNIT_RUNS = 500, 5
CROSSING_CALLERS, CROSSING_STEPS, CROSSING_UNITS = 60, 25, 150

CROWDED = [f"CROWD-{run:02}" for run in range(RUNS)]
LAST = [f"LAST-{run}" for run in range(LAST_UNIT_RUNS)]
CROSSED = [f"CROSS-{letter}" for letter in "ABCDEF"]

DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
LINES = """
    select reservation_id::text as id, sku, (sum(quantity) / 1000)::int as units
    from reservation_line group by reservation_id, sku"""


@pytest.fixture(scope="module")
def fleet(
    postgres: Databases, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Four hubs, started once for all crowds; at the end their ledger must be sound."""
    name = f"hub_test_{uuid4().hex}"
    asyncio.run(postgres.create_database(name, migrated_template))
    database_url = postgres.dsn(name)
    units = dict.fromkeys(CROWDED, UNITS) | dict.fromkeys(LAST, 1)
    asyncio.run(stock_up(database_url, units, "BER"))
    with running_fleet(PROCESSES, database_url, tmp_path_factory.mktemp("fleet")) as started:
        yield started
        started.assert_sound()
        started.end()
    asyncio.run(postgres.drop_database(name))


async def test_of_two_hundred_callers_exactly_a_hundred_get_one_of_a_hundred_units(
    fleet: Fleet,
) -> None:
    async with fleet.doors() as doors:
        for sku in CROWDED:
            answers = await all_want_one(doors, CALLERS, sku)
            await assert_granted(fleet, sku, answers, UNITS)


async def test_the_last_unit_goes_to_exactly_one_of_five_hundred_callers(fleet: Fleet) -> None:
    async with fleet.doors() as doors:
        for sku in LAST:
            answers = await all_want_one(doors, LAST_UNIT_CALLERS, sku)
            await assert_granted(fleet, sku, answers, 1)


async def test_baskets_that_cross_neither_deadlock_nor_get_a_part(
    database_url: str, tmp_path: Path
) -> None:
    units = dict.fromkeys(CROSSED, CROSSING_UNITS)
    await stock_up(database_url, units, "BER", "AMS")
    before = await answer_to(database_url, DEADLOCKS)
    shoppers = [Shopper(random.Random(number)) for number in range(CROSSING_CALLERS)]
    with running_fleet(PROCESSES, database_url, tmp_path) as fleet:
        async with fleet.doors() as doors:
            await asyncio.gather(*(shopper.shop(doors) for shopper in shoppers))
        # A backend tells the statistics what it met at the latest when it ends.
        await asyncio.to_thread(fleet.end)
        fleet.assert_sound()

    assert await answer_to(database_url, DEADLOCKS) == before
    granted = {id: basket for shopper in shoppers for id, basket in shopper.granted.items()}
    assert await baskets_in(database_url) == granted
    assert granted
    assert sum(shopper.refused for shopper in shoppers) > 0, "nobody ever wanted too much"


class Shopper:
    """Reserves baskets at any door, and releases or commits most of them at another."""

    def __init__(self, rng: random.Random) -> None:
        self.granted: dict[str, Counter[str]] = {}
        self.refused = 0
        self._rng = rng

    async def shop(self, doors: Sequence[Door]) -> None:
        """Go through all steps, one answer after another."""
        for _ in range(CROSSING_STEPS):
            basket = self._basket()
            answer = await self._rng.choice(doors).reserve(basket)
            if answer["__typename"] == "InsufficientStock":
                self.refused += 1
                continue
            id = answer["reservation"]["id"]
            self.granted[id] = Counter(dict(basket))
            assert basket_of(answer) == self.granted[id]
            await self._part_with(id, self._rng.choice(doors))

    def _basket(self) -> list[tuple[str, int]]:
        if self._rng.random() < 0.5:
            pair = [(sku, 1) for sku in CROSSED[:2]]
            return pair if self._rng.random() < 0.5 else pair[::-1]
        skus = self._rng.sample(CROSSED, self._rng.randint(2, len(CROSSED)))
        return [(sku, self._rng.randint(1, 3)) for sku in skus]

    async def _part_with(self, id: str, door: Door) -> None:
        fate = self._rng.random()
        if fate < 0.5:
            await door.release(id)
        elif fate < 0.8:
            await door.commit(id)


async def stock_up(database_url: str, units: Mapping[str, int], *locations: str) -> None:
    """The small shop, with so many units of more items at each of some locations."""
    async with opened(database_url) as services:
        await put_shop(services)
        await services.catalogue.put_items(CLERK, [CatalogueItem(sku, sku) for sku in units])
        await asyncio.gather(
            *(count(services, sku, n, place) for place in locations for sku, n in units.items())
        )


async def all_want_one(doors: Sequence[Door], callers: int, sku: str) -> list[dict[str, Any]]:
    """What each caller is answered when all call together, each door having its share."""
    return await asyncio.gather(
        *(doors[number % len(doors)].reserve([(sku, 1)]) for number in range(callers))
    )


async def assert_granted(
    fleet: Fleet, sku: str, answers: Sequence[Mapping[str, Any]], units: int
) -> None:
    """So many callers hold one unit each, all others know why they do not, and the ledger says
    the same."""
    told = Counter(answer["__typename"] for answer in answers)
    assert told == {"ReserveSuccess": units, "InsufficientStock": len(answers) - units}, sku
    granted = {answer["reservation"]["id"] for answer in answers if "reservation" in answer}
    assert len(granted) == units
    lacking = {"sku": sku, "requested": 1, "available": 0}
    assert all(a["lines"] == [lacking] for a in answers if "reservation" not in a)

    holders = f"select array_agg(reservation_id::text) from reservation_line where sku = '{sku}'"
    assert set(await answer_to(fleet.database_url, holders)) == granted
    free = f"select on_hand - reserved from position where sku = '{sku}'"
    assert await answer_to(fleet.database_url, free) == 0


def basket_of(answer: Mapping[str, Any]) -> Counter[str]:
    """The units of each item that a reservation holds, wherever they lie."""
    held: Counter[str] = Counter()
    for line in answer["reservation"]["lines"]:
        held[line["sku"]] += line["quantity"]
    return held


async def baskets_in(database_url: str) -> dict[str, Counter[str]]:
    """The same of every reservation that was ever made, from the ledger."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        rows = await connection.fetch(LINES)
    finally:
        await connection.close()
    baskets: dict[str, Counter[str]] = {}
    for row in rows:
        baskets.setdefault(row["id"], Counter())[row["sku"]] = row["units"]
    return baskets
