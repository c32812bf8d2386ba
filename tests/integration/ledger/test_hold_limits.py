"""Limits of holds are exact, however many ask at once and wherever they ask."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.errors import HoldLimitReached
from hub.domain.reservations import Reservation
from hub.store.database import connection_arguments
from tests.integration.shop import (
    BUYER,
    SKUS,
    count,
    reserve,
    reserve_or_refusal,
    sound,
    two_processes,
)

LIMIT = 3


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[tuple[Services, Services]]:
    limits = {"max_holds_per_holder": LIMIT, "max_holds_per_address": LIMIT}
    async with two_processes(database_url, **limits) as (one, two):
        for sku in SKUS:
            await count(one, sku, 1_000)
        for process in (one, two):
            # From here on both decide ahead.
            for sku in SKUS:
                await reserve(process, {sku: 1})
        yield one, two


@pytest.mark.parametrize("who", [{"holder": "shopper"}, {"address": "192.0.2.7"}])
async def test_no_more_are_granted_though_two_processes_are_asked_at_once(
    processes: tuple[Services, Services], who: dict[str, Any]
) -> None:
    for turn in range(10):
        asked = {name: f"{value}-{turn}" for name, value in who.items()}
        answers = await asyncio.gather(
            *(
                reserve_or_refusal(processes[number % 2], {SKUS[number % len(SKUS)]: 1}, **asked)
                for number in range(24)
            )
        )
        granted = [one for one in answers if isinstance(one, Reservation)]
        refused = [one for one in answers if isinstance(one, HoldLimitReached)]
        assert (len(granted), len(refused)) == (LIMIT, 24 - LIMIT), turn
    assert await sound(processes[0])


async def test_two_batches_under_way_see_each_other(
    processes: tuple[Services, Services], locks: list[Any]
) -> None:
    one, _ = processes
    for turn in range(10):
        # More than goes in one batch, each of another holder but for the few in question.
        answers = await asyncio.gather(
            *(
                reserve_or_refusal(
                    one,
                    {SKUS[number % len(SKUS)]: 1},
                    holder=f"{turn}-{'greedy' if number % 10 == 0 else number}",
                )
                for number in range(60)
            )
        )
        granted = sum(isinstance(answer, Reservation) for answer in answers)
        assert granted == 54 + LIMIT, turn
    assert await sound(one)


async def test_holders_within_their_limits_are_held_without_a_lock(
    processes: tuple[Services, Services], locks: list[Any]
) -> None:
    one, _ = processes
    locks.clear()
    for _ in range(LIMIT):
        await asyncio.gather(*(reserve(one, holder=f"shopper-{who}") for who in range(20)))
    assert locks == []
    refused = await reserve_or_refusal(one, holder="shopper-0")
    assert isinstance(refused, HoldLimitReached)
    assert refused.data == {"what": "holder", "limit": LIMIT}


async def test_a_hold_that_ended_makes_room_for_another(
    processes: tuple[Services, Services],
) -> None:
    one, two = processes
    held = [await reserve(one, holder="shopper") for _ in range(LIMIT)]
    assert isinstance(await reserve_or_refusal(two, holder="shopper"), HoldLimitReached)
    await one.reservations.release(BUYER, held[0].id)
    await reserve(two, holder="shopper")
    assert isinstance(await reserve_or_refusal(one, holder="shopper"), HoldLimitReached)


async def test_many_holders_take_few_of_the_servers_locks(
    services: Services, database_url: str
) -> None:
    async def locks_of(holders: int) -> int:
        connection = await asyncpg.connect(**connection_arguments(database_url))
        names = [f"shopper-{number}" for number in range(holders)]
        try:
            async with connection.transaction():
                await connection.execute("select lock_holders($1, $1)", names)
                taken: int = await connection.fetchval(
                    """select count(*) from pg_locks
                       where locktype = 'advisory' and pid = pg_backend_pid()"""
                )
                return taken
        finally:
            await connection.close()

    assert await locks_of(1) == 2
    assert await locks_of(20_000) == 256
