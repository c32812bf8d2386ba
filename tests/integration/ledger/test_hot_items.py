"""Many buyers of the same units at once: never one too many, never half of a request."""

import asyncio
import random

import asyncpg

from hub.bootstrap import Services
from hub.domain.errors import InsufficientStock
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT
from hub.services.stock import Count
from hub.store.database import connection_arguments
from tests.integration.shop import (
    CLERK,
    SKUS,
    available,
    broken_rules,
    count,
    position,
    reserve_or_refusal,
    two_processes,
)
from tests.waiting import eventually

WRITERS_THAT_WAIT = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'"""


async def deadlocks_of(database_url: str) -> int:
    """Deadlocks that the database has ended; sessions tell it of theirs when they close."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        return int(
            await connection.fetchval(
                "select deadlocks from pg_stat_database where datname = current_database()"
            )
        )
    finally:
        await connection.close()


async def test_200_buyers_of_100_units_get_exactly_100(services: Services) -> None:
    await count(services, "A-1", 100)

    answers = await asyncio.gather(*(reserve_or_refusal(services) for _ in range(200)))

    held = [answer for answer in answers if isinstance(answer, Reservation)]
    refused = [answer for answer in answers if isinstance(answer, InsufficientStock)]
    assert (len(held), len(refused)) == (100, 100)
    assert len({reservation.id for reservation in held}) == 100
    assert all(
        refusal.lines == [{"sku": "A-1", "requested": UNIT, "available": 0}] for refusal in refused
    )
    assert (await position(services)).reserved == 100 * UNIT
    assert await available(services) == 0
    assert await broken_rules(services) == {}


async def test_two_processes_sell_the_last_unit_once_to_500_callers(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 1)

    answers = await asyncio.gather(
        *(reserve_or_refusal(random.choice((services, neighbour))) for _ in range(500))
    )

    assert sum(isinstance(answer, Reservation) for answer in answers) == 1
    assert sum(isinstance(answer, InsufficientStock) for answer in answers) == 499
    assert (await position(services)).reserved == UNIT
    assert await broken_rules(services) == {}


async def test_crossed_lines_in_two_processes_neither_deadlock_nor_split(
    database_url: str,
) -> None:
    async with two_processes(database_url) as (one, two):
        for sku in SKUS:
            await count(one, sku, 60)
        wishes = [random.sample(SKUS, 3) for _ in range(200)]

        answers = await asyncio.gather(
            *(
                reserve_or_refusal((one, two)[turn % 2], dict.fromkeys(wish, 1))
                for turn, wish in enumerate(wishes)
            )
        )

        granted = [
            (wish, answer)
            for wish, answer in zip(wishes, answers, strict=True)
            if isinstance(answer, Reservation)
        ]
        assert all(isinstance(answer, Reservation | InsufficientStock) for answer in answers), (
            answers
        )
        for wish, reservation in granted:
            assert {line.sku: line.held for line in reservation.lines} == dict.fromkeys(wish, UNIT)
        for sku in SKUS:
            wanted = sum(sku in wish for wish, _ in granted)
            assert (await position(one, sku)).reserved == wanted * UNIT <= 60 * UNIT
        assert any(isinstance(answer, InsufficientStock) for answer in answers)
        assert await broken_rules(one) == {}
    assert await deadlocks_of(database_url) == 0


async def test_two_processes_that_make_new_positions_in_opposite_order_do_not_deadlock(
    database_url: str,
) -> None:
    async with two_processes(database_url, writer_lanes=1) as (one, two):
        skus = ["A-1", "A-2", "B-1"]
        blocker = await asyncpg.connect(**connection_arguments(database_url))
        await blocker.execute("begin")
        await blocker.execute("insert into position values ('A-2', 'BER', 0, 0, 0, 0, 0, 0, 0, 0)")
        first = [one.stock.set_stock(CLERK, Count(sku, "BER", 5 * UNIT)) for sku in skus]
        second = [two.stock.set_stock(CLERK, Count(sku, "BER", 5 * UNIT)) for sku in reversed(skus)]
        writing = asyncio.gather(*first, *second)
        # Both are in the midst of their positions now, one from each end if they do it wrong.
        await eventually(lambda: blocker.fetchval(WRITERS_THAT_WAIT), lambda waiting: waiting == 2)
        await blocker.execute("rollback")
        await writing
        await blocker.close()

        for sku in skus:
            assert (await position(one, sku)).on_hand == 5 * UNIT
            assert (await position(one, sku)).version == 2
        assert await broken_rules(one) == {}
    assert await deadlocks_of(database_url) == 0


async def test_a_hold_over_two_locations_is_granted_whole_or_not_at_all(
    services: Services,
) -> None:
    await count(services, "A-1", 2, "BER")
    await count(services, "A-1", 3, "AMS")

    answers = await asyncio.gather(*(reserve_or_refusal(services, {"A-1": 4}) for _ in range(5)))

    (held,) = (answer for answer in answers if isinstance(answer, Reservation))
    assert {line.location: line.held // UNIT for line in held.lines} == {"AMS": 3, "BER": 1}
    refusals = [answer for answer in answers if isinstance(answer, InsufficientStock)]
    assert [refusal.lines[0]["available"] for refusal in refusals] == [UNIT] * 4
    assert await available(services) == 1
    assert await broken_rules(services) == {}
