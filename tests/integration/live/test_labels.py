"""Labels near a mark: for subscribers and queries, in every process, they are the same and do not
flap."""

import asyncio
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT, Line
from hub.services.stock import Adjustment
from hub.store.database import ReadConnection
from tests.integration.shop import BUYER, CLERK, SKUS, availability, count, execute, reserve
from tests.integration.watcher import Watcher, watching
from tests.integration.workers.test_listing import followed, listed
from tests.waiting import eventually

MARK, END, STEPS = 5, 7, 120
LIMITED = AvailabilityStatus.LIMITED_AVAILABILITY
OUT = AvailabilityStatus.OUT_OF_STOCK


def labels(answers: Sequence[Availability]) -> list[bool]:
    """Whether each of them says that few are left."""
    return [answer.status is LIMITED for answer in answers]


def told(watcher: Watcher) -> list[Availability]:
    """All that somebody was told of A-1, in order."""
    return [one for event in watcher.events for one in event.availability if one.sku == "A-1"]


async def is_low(services: Services) -> bool:
    """What a query says, past every cache."""
    return (await availability(services, strong=True)).status is LIMITED


async def test_an_item_stays_low_until_it_is_well_above_its_mark(
    services: Services, neighbour: Services
) -> None:
    said = []
    for units in (9, 6, 5, 6, 7, 6, 4, 6):
        await count(services, "A-1", units)
        both = [await is_low(services), await is_low(neighbour)]
        assert both[0] == both[1], units
        said.append(both[0])
    assert said == [False, False, True, True, False, False, True, True]


async def test_a_label_that_waits_is_never_untrue(services: Services) -> None:
    for units in (5, 6):
        await count(services, "A-1", units)
    answer = await availability(services)
    assert (answer.quantity, answer.message.code) == (6 * UNIT, "ONLY_N_LEFT")
    assert answer.message.params == {"count": 6}


async def test_a_list_says_what_the_answer_says(services: Services) -> None:
    for units in (5, 6):
        await count(services, "A-1", units)
    await followed(services)
    assert (await listed(services))["web", "A-1"][0] == LIMITED


async def test_a_hold_that_lapses_near_the_mark_does_not_end_the_label(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 6)
    await reserve(services)
    assert await is_low(services)
    await execute(database_url, "update reservation set expires_at = now() - interval '1 ms'")
    assert (await availability(services, strong=True)).quantity == 6 * UNIT
    assert await is_low(services)


async def test_on_a_random_walk_subscribers_see_the_label_change_as_the_band_is_crossed(
    services: Services, neighbour: Services
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    walk = random.Random(seed)
    await count(services, "A-1", 9, "BER")
    await count(services, "A-1", 0, "AMS")
    free, low, crossings = {"BER": 9, "AMS": 0}, False, 0
    held: list[str] = []
    async with watching(services, "A-1") as here, watching(neighbour, "A-1") as there:
        for _ in range(STEPS):
            by = walk.choice((services, neighbour))
            location, delta = walk.choice(list(free)), walk.choice((-2, -1, 1, 2))
            if walk.random() < 0.3 and held:
                await by.reservations.release(BUYER, held.pop())
            elif walk.random() < 0.4 and sum(free.values()) > len(held) + 1:
                held.append((await by.reservations.reserve(BUYER, [Line("A-1", UNIT)])).id)
            elif free[location] + delta >= 0:
                adjustment = Adjustment("A-1", location, delta * UNIT, "walk")
                await by.stock.adjust_stock(CLERK, adjustment)
                free[location] += delta
            answers = [await availability(one, strong=True) for one in (services, neighbour)]
            left = (answers[0].quantity or 0) / UNIT
            was_low, low = low, left <= MARK or (low and left < END)
            crossings += was_low != low
            # What is sold out says so, and that few are left no longer.
            assert labels(answers) == [low and left > 0] * 2, f"seed {seed}: {left} left"
        last = await availability(services, strong=True)
        for watcher in (here, there):
            await eventually(lambda: watcher.last["A-1"].version == last.version)  # noqa: B023
            in_stock = [one for one in told(watcher) if one.status is not OUT]
            changes = sum(one != other for one, other in pairwise(labels(in_stock)))
            assert changes <= crossings, f"seed {seed}"
            assert len(in_stock) > 10
            for one in told(watcher):
                units = (one.quantity or 0) / UNIT
                assert one.status is not LIMITED or units < END
                assert one.status is LIMITED or units > MARK or units == 0
        same = {one.version: one.status for one in told(here)}
        assert all(same.get(one.version, one.status) is one.status for one in told(there))


async def test_items_near_their_marks_are_read_by_one_statement_more_however_many(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    records = ReadConnection.records

    async def noted(self: ReadConnection, statement: str, values: Sequence[Any] = ()) -> Any:
        statements.append(statement)
        return await records(self, statement, values)

    for sku in ("A-1", "A-2", "B-1"):
        await count(services, sku, 5)
        await count(services, sku, 6)
    await count(services, "B-2", 50)
    # What changed is read anew by the cache itself, and not while it is counted here.
    for sku in SKUS:
        await availability(services, sku, strong=True)
    await asyncio.sleep(0.5)
    monkeypatch.setattr(ReadConnection, "records", noted)
    found = await services.lookup.availability(CLERK, SKUS, strong=True)
    assert labels(list(found.values())) == [True, True, True, False]
    assert len(statements) == 2
    statements.clear()
    await services.lookup.availability(CLERK, ["B-2"], strong=True)
    assert len(statements) == 1
