"""Batches of holds that are on their way at the same time."""

import asyncio
from typing import Any

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT
from tests.integration.ledger.blocking import locked, remember_plenty, writers_wait
from tests.integration.shop import position, reserve, reserve_or_refusal, sound


async def test_batches_go_whole_while_somebody_else_is_in_their_way(
    services: Services, database_url: str, locks: list[Any]
) -> None:
    await remember_plenty(services, locks, units=10_000)
    flights = services.writer._lanes[0]._flights

    async def until_calm() -> None:
        # A machine that pauses in the midst of a batch looks like somebody in the way.
        for _ in range(50):
            await asyncio.gather(*(reserve(services) for _ in range(40)))
            if flights.size(40) == 20:
                return

    await until_calm()
    assert flights.size(40) == 20
    async with locked(database_url):
        waiting = asyncio.create_task(reserve(services))
        await writers_wait(services, 1)
        # Far longer than a batch takes on the most loaded machine.
        await asyncio.sleep(0.5)
    await waiting
    assert flights.size(40) == 40
    await until_calm()
    assert flights.size(40) == 20
    assert locks == []
    assert await sound(services)


async def test_a_second_batch_is_on_its_way_before_the_first_is_written(
    services: Services, database_url: str, locks: list[Any]
) -> None:
    await remember_plenty(services, locks)
    async with locked(database_url):
        first = asyncio.gather(*(reserve(services) for _ in range(5)))
        await writers_wait(services, 1)
        second = asyncio.gather(*(reserve(services) for _ in range(5)))
        await writers_wait(services, 2)
    held = [*await first, *await second]

    assert locks == []
    assert len({one.id for one in held}) == 10
    assert (await position(services)).reserved == 11 * UNIT
    assert await sound(services)


async def test_a_batch_that_fails_takes_the_next_one_not_with_it(
    services: Services, database_url: str, locks: list[Any]
) -> None:
    await remember_plenty(services, locks)
    async with locked(database_url):
        first = asyncio.gather(
            *(reserve_or_refusal(services) for _ in range(5)), return_exceptions=True
        )
        (waiting,) = await writers_wait(services, 1)
        second = asyncio.gather(*(reserve(services) for _ in range(5)))
        await writers_wait(services, 2)
        await services.database.fetch("select pg_terminate_backend($1)", [waiting["pid"]])
        assert [type(answer) for answer in await first] == [Unavailable] * 5
    assert all(isinstance(answer, Reservation) for answer in await second)

    assert locks == []
    assert (await position(services)).reserved == 6 * UNIT
    assert await sound(services)
