"""Whatever became of a reservation, its key is answered with what it was at first."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError, NotApplied, UnknownSku
from hub.domain.policies import GLOBAL, UNLIMITED, Policy
from hub.domain.reservations import HoldStage, Reservation, ReservationState
from hub.domain.values import UNIT, Line
from hub.services.outcomes import outcome_text
from hub.services.stock import Adjustment, Count, Receipt
from tests.integration.shop import (
    BUYER,
    CLERK,
    available,
    broken_rules,
    count,
    opened,
    position,
    reserve,
)

Step = Callable[[Services, Reservation], Awaitable[object]]

STEPS: list[Step] = [
    lambda hub, one: hub.reservations.extend(BUYER, one.id, 5_000, stage=HoldStage.PAYMENT),
    lambda hub, one: hub.reservations.change(BUYER, one.id, [Line("A-1", 4 * UNIT)]),
    lambda hub, one: hub.reservations.change(BUYER, one.id, [Line("B-1", UNIT)]),
    lambda hub, one: hub.reservations.change(BUYER, one.id, [Line("A-1", UNIT)]),
    lambda hub, one: hub.reservations.transfer(BUYER, one.id, "BER", "AMS"),
    lambda hub, one: hub.reservations.release(BUYER, one.id, lines=[Line("A-1", UNIT)]),
    lambda hub, one: hub.reservations.commit(BUYER, one.id, "O-1", lines=[Line("A-2", UNIT)]),
    lambda hub, one: hub.reservations.commit(BUYER, one.id, "O-1"),
    lambda hub, one: hub.reservations.fulfil(BUYER, one.id),
    lambda hub, one: hub.reservations.give_back(BUYER, one.id),
]


@pytest.mark.parametrize("seed", range(8))
async def test_a_key_is_answered_byte_for_byte_after_any_life(
    services: Services, database_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    for sku in ("A-1", "A-2", "B-1"):
        await count(services, sku, 9, "BER")
        await count(services, sku, 9, "AMS")

    async def ask(hub: Services) -> str:
        made = await reserve(hub, {"A-1": 2, "A-2": 3}, idempotency_key="cart-1", holder="anna")
        return outcome_text(made)

    first = await ask(services)
    (made,) = (await services.reservations.by_ids(BUYER, [_id(first)])).values()
    for step in chance.sample(STEPS, 6):
        try:
            await step(services, made)
        except HubError:
            continue
        assert await ask(services) == first
    # A process that has just started says the same.
    async with opened(database_url) as restarted:
        assert await ask(restarted) == first
    assert await broken_rules(services) == {}


async def test_a_backorder_is_answered_with_the_date_it_was_told_first(services: Services) -> None:
    policy = Policy(backorder_limit=UNLIMITED)
    await services.catalogue.put_policies(CLERK, {GLOBAL: policy})
    await count(services, "A-1", 1)
    soon = services.clock.now() + timedelta(days=3)
    await services.stock.schedule_supply(CLERK, Receipt("A-1", "BER", 5 * UNIT, "PO-1", soon))

    first = await reserve(services, {"A-1": 3}, idempotency_key="cart-1")
    await services.stock.change_supply(CLERK, "A-1", "BER", "PO-1", eta=soon + timedelta(days=9))
    again = await reserve(services, {"A-1": 3}, idempotency_key="cart-1")

    assert again == first
    assert [(line.held, line.backordered, line.promised_at) for line in first.lines] == [
        (UNIT, 0, None),
        (0, 2 * UNIT, soon),
    ]


async def test_rows_of_a_request_are_done_all_or_none_and_answered_alike_again(
    services: Services,
) -> None:
    await count(services, "A-1", 5)
    rows: list[Count | Adjustment] = [
        Adjustment("A-1", "BER", 2 * UNIT, "found"),
        Count("NONE", "BER", UNIT),
        Count("B-1", "BER", 7 * UNIT),
    ]

    refused = await services.stock.change_many(CLERK, rows, True, "night-1")
    assert [type(one) for one in refused] == [NotApplied, UnknownSku, NotApplied]
    assert (await position(services)).on_hand == 5 * UNIT
    assert await services.stock.change_many(CLERK, rows, True, "night-1") == refused

    each = await services.stock.change_many(CLERK, rows, False, "night-2")
    assert [isinstance(one, HubError) for one in each] == [False, True, False]
    assert await services.stock.change_many(CLERK, rows, False, "night-2") == each
    assert (await position(services)).on_hand == 7 * UNIT
    assert await available(services, "B-1") == 7


async def test_five_thousand_rows_are_written_and_told_one_by_one(services: Services) -> None:
    rows: list[Count | Adjustment] = [
        Count("B-2" if place % 2 else "A-2", "BER", place * UNIT) for place in range(5_000)
    ]
    results = await services.stock.change_many(CLERK, rows, False)
    assert [one.position.on_hand for one in results] == [place * UNIT for place in range(5_000)]
    assert (await position(services, "B-2")).version == 2_500
    assert await broken_rules(services) == {}


async def test_the_shortest_life_ends_with_everything_free(services: Services) -> None:
    await count(services, "A-1", 5)
    made = await reserve(services, {"A-1": 5}, idempotency_key="cart-1")
    released = await services.reservations.release(BUYER, made.id)
    assert released.state is ReservationState.RELEASED
    assert await available(services) == 5


def _id(answer: str) -> str:
    return answer.split('"')[3]
