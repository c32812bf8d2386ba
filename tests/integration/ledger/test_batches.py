"""One bad command among many: it alone fails, and everybody is answered."""

import asyncio

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.errors import IdempotencyInProgress, ReservationNotFound, UnknownSku
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.values import UNIT
from hub.services.stock import Adjustment
from tests.integration.shop import (
    BUYER,
    CLERK,
    break_position,
    count,
    opened,
    position,
    reserve,
    reserve_or_refusal,
)
from tests.waiting import eventually


async def test_a_command_that_the_database_refuses_takes_no_other_with_it(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 100)
    await count(services, "B-1", 5)
    doomed = await reserve(services, {"B-1": 1})
    await break_position(database_url, "B-1")

    async with asyncio.timeout(5):
        *good, bad = await asyncio.gather(
            *(reserve_or_refusal(services) for _ in range(30)),
            services.reservations.release(BUYER, doomed.id),
            return_exceptions=True,
        )

    assert all(isinstance(answer, Reservation) for answer in good)
    assert isinstance(bad, asyncpg.CheckViolationError)
    assert (await position(services)).reserved == 30 * UNIT
    seen = (await services.reservations.by_ids(BUYER, [doomed.id]))[doomed.id]
    assert seen.state is ReservationState.HELD

    await services.stock.adjust_stock(CLERK, Adjustment("B-1", "BER", 10 * UNIT, "found again"))
    released = await services.reservations.release(BUYER, doomed.id)
    assert released.state is ReservationState.RELEASED


async def test_refusals_and_grants_of_one_batch_do_not_mix(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 2)
    await count(services, "B-1", 9)

    # With one lane, commands that come together are decided in the order they came.
    async with opened(database_url, writer_lanes=1) as one:
        answers = await asyncio.gather(
            reserve(one, {"A-1": 2}),
            reserve(one, {"NONE": 1}),
            reserve(one, {"B-1": 3, "A-1": 1}),
            one.reservations.release(BUYER, "00000000-0000-7000-8000-000000000000"),
            reserve(one, {"B-1": 9}),
            return_exceptions=True,
        )

    assert [type(answer).__name__ for answer in answers] == [
        "Reservation",
        "UnknownSku",
        "InsufficientStock",
        "ReservationNotFound",
        "Reservation",
    ]
    assert answers[1] == UnknownSku(skus=["NONE"])
    assert isinstance(answers[3], ReservationNotFound)
    assert (await position(services, "B-1")).reserved == 9 * UNIT


async def test_what_was_submitted_before_the_end_is_still_written(services: Services) -> None:
    await count(services, "A-1", 50)
    callers = [asyncio.create_task(reserve(services)) for _ in range(50)]
    await asyncio.sleep(0)

    await services.writer.stop()

    answers = await asyncio.gather(*callers)
    assert len({answer.id for answer in answers}) == 50
    assert (await position(services)).reserved == 50 * UNIT


async def test_a_caller_who_left_is_found_to_have_been_served(services: Services) -> None:
    await count(services, "A-1", 1)
    caller = asyncio.create_task(reserve(services, idempotency_key="cart-1"))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller

    with pytest.raises(IdempotencyInProgress):
        await reserve(services, idempotency_key="cart-1")
    served = await eventually(
        lambda: reserve_or_refusal(services, idempotency_key="cart-1"),
        lambda answer: not isinstance(answer, IdempotencyInProgress),
    )

    assert isinstance(served, Reservation)
    assert served.state is ReservationState.HELD
    assert (await position(services)).reserved == UNIT
