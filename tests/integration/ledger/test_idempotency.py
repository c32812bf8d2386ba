"""The same key asks the same question once, however often and wherever it arrives."""

import asyncio
import random

import pytest

from hub.bootstrap import Services
from hub.domain.errors import (
    IdempotencyInProgress,
    IdempotencyMismatch,
    InsufficientStock,
    UnknownSku,
)
from hub.domain.principal import trusted
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.values import UNIT, Line
from hub.services.stock import Adjustment
from tests.integration.shop import (
    BUYER,
    CLERK,
    broken_rules,
    count,
    position,
    reserve,
    reserve_or_refusal,
)


async def test_a_repeated_reserve_is_answered_word_for_word_and_holds_once(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    first = await reserve(services, {"A-1": 2}, idempotency_key="cart-1")

    assert await reserve(services, {"A-1": 2}, idempotency_key="cart-1") == first
    assert await reserve(neighbour, {"A-1": 2}, idempotency_key="cart-1") == first
    assert (await position(services)).reserved == 2 * UNIT


async def test_a_refusal_is_repeated_even_when_stock_has_come_since(services: Services) -> None:
    first = await reserve_or_refusal(services, {"A-1": 2}, idempotency_key="cart-1")
    assert isinstance(first, InsufficientStock)
    await count(services, "A-1", 5)

    assert await reserve_or_refusal(services, {"A-1": 2}, idempotency_key="cart-1") == first
    assert (await position(services)).reserved == 0
    await reserve(services, {"A-1": 2}, idempotency_key="cart-2")


async def test_a_refusal_for_an_unknown_item_is_repeated_too(services: Services) -> None:
    first = await reserve_or_refusal(services, {"NONE": 1}, idempotency_key="cart-1")
    assert first == UnknownSku(skus=["NONE"])
    assert await reserve_or_refusal(services, {"NONE": 1}, idempotency_key="cart-1") == first


async def test_a_key_with_another_input_is_refused_and_changes_nothing(services: Services) -> None:
    await count(services, "A-1", 5)
    first = await reserve(services, {"A-1": 2}, idempotency_key="cart-1")

    for other in ({"A-1": 3}, {"A-1": 2, "A-2": 1}):
        with pytest.raises(IdempotencyMismatch):
            await reserve(services, other, idempotency_key="cart-1")
    with pytest.raises(IdempotencyMismatch):
        await reserve(services, {"A-1": 2}, holder="somebody", idempotency_key="cart-1")
    with pytest.raises(IdempotencyMismatch):
        await services.reservations.release(BUYER, first.id, idempotency_key="cart-1")

    assert (await position(services)).reserved == 2 * UNIT


async def test_a_hundred_duplicates_at_once_hold_once(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 100)

    answers = await asyncio.gather(
        *(
            reserve_or_refusal(
                random.choice((services, neighbour)), {"A-1": 1}, idempotency_key=f"cart-{turn % 4}"
            )
            for turn in range(100)
        )
    )

    told = [answer for answer in answers if isinstance(answer, Reservation)]
    assert len({answer.id for answer in told}) == len(set(told)) == 4
    # Each process takes the first use of a key and tells the others that it is under way.
    assert {answer.key for answer in answers if isinstance(answer, IdempotencyInProgress)} == {
        f"cart-{turn}" for turn in range(4)
    }
    assert sum(isinstance(answer, IdempotencyInProgress) for answer in answers) >= 92
    again = [await reserve(services, idempotency_key=f"cart-{turn}") for turn in range(4)]
    assert set(again) == set(told)
    assert (await position(services)).reserved == 4 * UNIT
    assert await broken_rules(services) == {}


async def test_a_duplicate_with_another_input_in_the_same_batch_is_refused(
    services: Services,
) -> None:
    await count(services, "A-1", 100)

    first, *answers = await asyncio.gather(
        *(
            reserve_or_refusal(services, {"A-1": 1 + turn % 2}, idempotency_key="cart-1")
            for turn in range(20)
        )
    )

    assert isinstance(first, Reservation)
    assert sum(isinstance(answer, IdempotencyMismatch) for answer in answers) == 10
    assert sum(isinstance(answer, IdempotencyInProgress) for answer in answers) == 9
    assert (await position(services)).reserved == UNIT


async def test_the_same_key_of_two_principals_are_two_keys(services: Services) -> None:
    await count(services, "A-1", 5)
    lines = [Line("A-1", UNIT)]
    mine, theirs = [
        await services.reservations.reserve(trusted(name), lines, idempotency_key="cart-1")
        for name in ("shop-1", "shop-2")
    ]
    assert mine.id != theirs.id
    assert (await position(services)).reserved == 2 * UNIT


async def test_stock_is_adjusted_once_by_a_repeated_request(services: Services) -> None:
    await count(services, "A-1", 5)
    answers = [
        await services.stock.adjust_stock(
            CLERK, Adjustment("A-1", "BER", -2 * UNIT, "broken"), idempotency_key="k"
        )
        for _ in range(3)
    ]
    assert answers[0].position.on_hand == 3 * UNIT
    assert answers == [answers[0]] * 3
    assert (await position(services))._replace(chain=None) == answers[0].position


async def test_the_whole_life_of_a_reservation_can_be_sent_twice(services: Services) -> None:
    await count(services, "A-1", 5)
    held = await reserve(services, idempotency_key="1")
    extended = await services.reservations.extend(BUYER, held.id, 900, idempotency_key="2")
    committed = await services.reservations.commit(BUYER, held.id, "ORDER-1", idempotency_key="3")
    assert committed.state is ReservationState.COMMITTED

    assert await reserve(services, idempotency_key="1") == held
    again = await services.reservations.extend(BUYER, held.id, 900, idempotency_key="2")
    assert again == extended
    again = await services.reservations.commit(BUYER, held.id, "ORDER-1", idempotency_key="3")
    assert again == committed
    assert (await position(services)).allocated == UNIT
    assert await broken_rules(services) == {}
