"""Holds that are decided ahead of their locks: quicker, and never on anything but the truth."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.commands import Origin, Reserve
from hub.domain.errors import HoldLimitReached, InsufficientStock
from hub.domain.policies import Policy
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT, Line
from hub.observability import metrics
from hub.services.ids import uuid7
from hub.services.remembered import RememberedPositions
from hub.services.stock import Adjustment
from hub.store.ledger_write import OVERTAKEN
from tests.integration.ledger.blocking import remember_plenty
from tests.integration.shop import (
    BUYER,
    CLERK,
    SKUS,
    available,
    count,
    opened,
    position,
    put_shop,
    reserve,
    reserve_or_refusal,
    sound,
)


def overtaken() -> float:
    return sum(one.samples[0].value for one in metrics.holds_overtaken.collect())


async def test_what_is_remembered_needs_no_lock(services: Services, locks: list[Any]) -> None:
    await remember_plenty(services, locks)

    held = await asyncio.gather(*(reserve(services) for _ in range(40)))

    assert locks == []
    assert len({one.id for one in held}) == 40
    assert (await position(services)).reserved == 41 * UNIT
    assert await available(services) == 59
    seen = await services.reservations.by_ids(BUYER, [one.id for one in held])
    assert [seen[one.id] for one in held] == held
    assert await sound(services)


async def test_what_another_process_changed_is_found_out(
    services: Services, neighbour: Services, locks: list[Any]
) -> None:
    await count(services, "A-1", 5)
    await reserve(services)
    await neighbour.stock.adjust_stock(CLERK, Adjustment("A-1", "BER", -3 * UNIT, "broken"))
    locks.clear()
    before = overtaken()

    held = await reserve(services)
    refused = await reserve_or_refusal(services)

    assert held.lines[0].held == UNIT
    assert isinstance(refused, InsufficientStock)
    assert overtaken() == before + 1
    assert (await position(services)).reserved == 2 * UNIT
    assert await sound(services)


async def test_what_a_neighbour_sells_meanwhile_is_no_hindrance(
    services: Services, neighbour: Services, locks: list[Any]
) -> None:
    both = (services, neighbour)
    await count(services, "A-1", 100)
    for one in both:
        await reserve(one)
    locks.clear()

    held = await asyncio.gather(*(reserve(both[turn % 2]) for turn in range(80)))

    assert locks == []
    assert len({one.id for one in held}) == 80
    assert (await position(services)).reserved == 82 * UNIT
    assert await sound(services)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_else_moves_meanwhile_the_books_agree(
    services: Services, neighbour: Services, seed: int
) -> None:
    """Two processes hold, give back, commit, find and lose units of the same items at random."""
    chance = random.Random(seed)
    for sku in SKUS:
        for location in ("BER", "AMS"):
            await count(services, sku, 15, location)
    before = overtaken()

    async def shopper(one: Services) -> None:
        for _ in range(12):
            basket = {
                sku: chance.randint(1, 3) for sku in chance.sample(SKUS, chance.randint(1, 3))
            }
            held = await reserve_or_refusal(one, basket)
            if isinstance(held, InsufficientStock):
                lost_or_found = Adjustment(
                    chance.choice(SKUS), "BER", chance.choice((-1, 4)) * UNIT, "looked again"
                )
                await one.stock.adjust_stock(CLERK, lost_or_found)
            elif isinstance(held, Reservation) and chance.random() < 0.4:
                await one.reservations.release(BUYER, held.id)
            elif isinstance(held, Reservation) and chance.random() < 0.4:
                await one.reservations.commit(BUYER, held.id, f"order {held.id}")

    async with asyncio.timeout(60):
        await asyncio.gather(*(shopper((services, neighbour)[n % 2]) for n in range(16)))

    # Memory was wrong at times, or this test would show little.
    assert overtaken() > before
    assert await sound(services)


async def test_safety_stock_is_left_whoever_took_the_rest(
    services: Services, neighbour: Services
) -> None:
    await services.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(safety_stock=4 * UNIT)})
    await count(services, "A-1", 10)
    await reserve(services)
    await reserve(neighbour, {"A-1": 3})

    assert isinstance(await reserve_or_refusal(services, {"A-1": 3}), InsufficientStock)
    await reserve(services, {"A-1": 2})
    assert (await position(services)).reserved == 6 * UNIT
    assert await sound(services)


async def test_new_rules_of_another_process_hold_at_once(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    await reserve(services)
    await neighbour.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(safety_stock=4 * UNIT)})

    assert isinstance(await reserve_or_refusal(services), InsufficientStock)


async def test_a_refusal_that_was_kept_is_repeated_though_memory_says_yes(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 5)
    first = await reserve_or_refusal(neighbour, {"A-1": 7}, idempotency_key="cart-1")
    assert isinstance(first, InsufficientStock)
    await count(services, "A-1", 50)
    await reserve(services)

    assert await reserve_or_refusal(services, {"A-1": 7}, idempotency_key="cart-1") == first
    assert (await position(services)).reserved == UNIT


async def test_the_same_key_is_answered_the_same_whoever_is_asked(
    services: Services, neighbour: Services, locks: list[Any]
) -> None:
    await count(services, "A-1", 50)
    await reserve(services)
    locks.clear()
    first = await reserve(services, {"A-1": 7}, idempotency_key="cart-1")
    assert locks == []

    assert await reserve(services, {"A-1": 7}, idempotency_key="cart-1") == first
    assert await reserve(neighbour, {"A-1": 7}, idempotency_key="cart-1") == first
    assert (await position(services)).reserved == 8 * UNIT


async def test_beyond_stock_it_is_the_ledger_that_promises(
    services: Services, locks: list[Any]
) -> None:
    await services.catalogue.put_policies(
        CLERK, {("item", "A-1"): Policy(backorder_limit=5 * UNIT)}
    )
    await count(services, "A-1", 3)
    await reserve(services)
    locks.clear()
    await reserve(services)
    assert locks == []

    waits = await reserve(services, {"A-1": 2})
    assert locks
    assert sum(line.backordered for line in waits.lines) == UNIT
    # Who waits there already comes before whoever finds a unit free now.
    await services.reservations.release(BUYER, waits.id)
    other = await reserve(services, {"A-1": 4})
    assert (sum(line.held for line in other.lines), (await position(services)).reserved) == (
        UNIT,
        3 * UNIT,
    )
    assert await sound(services)


async def test_a_clock_that_is_off_dates_nothing(services: Services) -> None:
    await count(services, "A-1", 50)
    now = (await reserve(services)).created_at
    services.clock.observe(now + timedelta(hours=1))

    held = [await reserve(services) for _ in range(3)]

    assert all(now <= one.created_at < now + timedelta(minutes=1) for one in held)
    assert services.clock.now() < now + timedelta(minutes=1)


async def test_limits_of_a_holder_hold_here_too(database_url: str) -> None:
    async with opened(database_url, max_holds_per_holder=3) as services:
        await put_shop(services)
        await count(services, "A-1", 50)
        held = [await reserve(services, holder="shopper") for _ in range(3)]
        assert len(held) == 3
        assert isinstance(await reserve_or_refusal(services, holder="shopper"), HoldLimitReached)
        await reserve(services, holder="somebody else")


async def test_several_items_and_locations_are_held_whole(
    services: Services, locks: list[Any]
) -> None:
    for sku in ("A-1", "B-1"):
        await count(services, sku, 30, "BER")
        await count(services, sku, 30, "AMS")
    await reserve(services, {"A-1": 1, "B-1": 1})
    locks.clear()

    baskets = [{"A-1": 2, "B-1": 1}, {"B-1": 2, "A-1": 1}] * 9
    answers = await asyncio.gather(*(reserve(services, basket) for basket in baskets))

    assert locks == []
    assert sum(line.held for one in answers for line in one.lines) == 54 * UNIT
    for sku in ("A-1", "B-1"):
        there = [(await position(services, sku, place)).reserved for place in ("BER", "AMS")]
        assert sum(there) == 28 * UNIT
    assert await sound(services)


async def written(services: Services) -> list[list[Any]]:
    """All that a batch writes, but for what is random or a time."""
    statements = (
        """select sku, location, on_hand, unavailable, allocated, reserved, backordered, incoming,
                  shortfall, version
           from position order by sku, location""",
        """select sku, location, version, kind, on_hand, reserved, available_after, cause, actor,
                  source_event, order_id, reason, document, kit, opens_line,
                  reservation_id is null, chain is null
           from movement order by sku, location, version""",
        """select state, channel, holder, address, stage, first_stage, order_id, ttl_seconds,
                  expires_at - created_at, ended_reason, version, idempotency_digest, request_hash
           from reservation order by created_at, id""",
        """select line, sku, location, quantity, held, backordered, allocated, fulfilled, released,
                  moved, returned, kit, document, since_version, promised_at
           from reservation_line join reservation r on r.id = reservation_id
           order by r.created_at, r.id, line""",
        """select (select array_agg(sku order by sku) from unnest(skus) sku),
                  array(select made.place from (
                      select id, row_number() over (order by created_at, id) as place
                      from reservation) made
                  where made.id = any(c.reservations) order by made.place), rules
           from change c order by xid""",
    )
    return [
        [tuple(dict(row).values()) for row in await services.database.fetch(statement)]
        for statement in statements
    ]


async def test_it_writes_what_would_be_written_under_locks(
    database_url: str, empty_database_url: str, locks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def history(url: str) -> list[list[Any]]:
        async with opened(url) as services:
            await put_shop(services)
            await count(services, "A-1", 40)
            await count(services, "B-1", 40, "AMS")
            for turn in range(12):
                basket = {"A-1": 1 + turn % 3} if turn % 2 else {"B-1": 1, "A-1": 2}
                await services.reservations.reserve(
                    BUYER,
                    [Line(sku, units * UNIT) for sku, units in basket.items()],
                    address="10.0.0.1" if turn % 4 else None,
                    ttl_seconds=60 + turn,
                    holder="one" if turn % 3 else None,
                    idempotency_key=f"cart-{turn}" if turn % 5 else None,
                )
            return await written(services)

    ahead = await history(database_url)
    locks_ahead = len(locks)
    monkeypatch.setattr(RememberedPositions, "recall", lambda *_: None)
    assert await history(empty_database_url) == ahead
    assert len(locks) - locks_ahead > locks_ahead


async def test_what_there_is_not_enough_for_is_written_in_no_part(services: Services) -> None:
    await count(services, "A-1", 5)
    await reserve(services)
    lane = services.writer._lanes[0]
    known = await position(services)
    services.writer._remembered.remember([known._replace(on_hand=100 * UNIT)])
    connection = await lane._borrow()
    before = await written(services)
    hold = Reserve(uuid7(), (Line("A-1", 5 * UNIT),), "web", None, 60, Origin("buyer"))
    with pytest.raises(OVERTAKEN):
        await lane._around.ahead.write(connection, [hold])
    await connection.close()
    assert await written(services) == before
