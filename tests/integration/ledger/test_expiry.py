"""When a hold ends: by the database's clock, whether somebody sweeps or not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from hub.bootstrap import Services
from hub.domain.errors import InsufficientStock, ReservationEnded
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.values import UNIT
from tests.integration.shop import (
    BUYER,
    available,
    broken_rules,
    count,
    let_holds_lapse,
    position,
    reserve,
    reserve_or_refusal,
)
from tests.waiting import eventually
from workers.expiry import Expiry

Resolve = Callable[[Services, str], Awaitable[Reservation]]


async def as_read(services: Services, id: str) -> Reservation:
    return (await services.reservations.by_ids(BUYER, [id]))[id]


async def expired_at(services: Services) -> datetime | None:
    rows = await services.database.fetch("select recorded_at from movement where kind = 'EXPIRED'")
    return rows[0]["recorded_at"] if rows else None


@pytest.mark.parametrize(
    "resolve",
    [
        lambda services, id: services.reservations.commit(BUYER, id, "ORDER-1"),
        lambda services, id: services.reservations.extend(BUYER, id, 900),
        lambda services, id: services.reservations.release(BUYER, id),
    ],
    ids=["commit", "extend", "release"],
)
async def test_nothing_is_resolved_after_the_end_though_nobody_has_swept(
    services: Services, database_url: str, resolve: Resolve
) -> None:
    await count(services, "A-1", 1)
    held = await reserve(services)
    await let_holds_lapse(database_url)

    with pytest.raises(ReservationEnded) as refused:
        await resolve(services, held.id)

    assert refused.value.state == "EXPIRED"
    assert (await position(services)).allocated == 0


async def test_a_commit_is_taken_until_the_very_end_and_refused_from_it_on(
    services: Services,
) -> None:
    await count(services, "A-1", 50)
    held = [await reserve(services, ttl_seconds=1) for _ in range(50)]

    async def commit(reservation: Reservation) -> tuple[bool, datetime | None]:
        try:
            await services.reservations.commit(BUYER, reservation.id, f"O-{reservation.id[-8:]}")
        except ReservationEnded:
            return False, reservation.expires_at
        return True, reservation.expires_at

    outcomes = []
    for reservation in held:
        outcomes.append(await commit(reservation))
        await asyncio.sleep(0.03)

    rows = await services.database.fetch(
        """select m.recorded_at < r.created_at + interval '1 second' as in_time
           from movement m join reservation r on r.id = m.reservation_id
           where m.kind = 'ALLOCATED'"""
    )
    assert all(row["in_time"] for row in rows)
    assert len(rows) == sum(taken for taken, _ in outcomes)
    assert {taken for taken, _ in outcomes} == {True, False}
    assert outcomes == sorted(outcomes, key=lambda outcome: not outcome[0])


async def test_a_lapsed_hold_blocks_nobody_and_reads_as_expired_without_a_sweeper(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 1)
    held = await reserve(services)
    assert isinstance(await reserve_or_refusal(services), InsufficientStock)
    await let_holds_lapse(database_url)

    assert await available(services) == 1
    seen = await as_read(services, held.id)
    assert (seen.state, seen.ended_reason) == (ReservationState.EXPIRED, "EXPIRED")
    assert (seen.lines[0].held, seen.lines[0].released) == (0, UNIT)

    second = await reserve(services)
    assert second.state is ReservationState.HELD
    assert (await position(services)).reserved == UNIT
    assert await broken_rules(services) == {}


async def test_many_lapsed_holds_make_way_for_one_large_one(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 300)
    await asyncio.gather(*(reserve(services) for _ in range(300)))
    await let_holds_lapse(database_url)

    assert await available(services) == 300
    await reserve(services, {"A-1": 300})

    assert await available(services) == 0
    assert await broken_rules(services) == {}


async def test_the_expiry_job_gives_units_back_within_a_second_and_never_early(
    services: Services,
) -> None:
    await count(services, "A-1", 3)
    held = await reserve(services, {"A-1": 2}, ttl_seconds=1)
    stop = asyncio.Event()
    job = asyncio.create_task(Expiry(services).run(stop))

    swept_at = await eventually(lambda: expired_at(services))
    stop.set()
    await job

    assert swept_at is not None
    assert held.expires_at is not None
    late_seconds = (swept_at - held.expires_at).total_seconds()
    assert 0 <= late_seconds < 1
    assert (await position(services)).reserved == 0
    assert (await as_read(services, held.id)).state is ReservationState.EXPIRED
    assert await broken_rules(services) == {}


async def test_two_sweepers_end_each_hold_once(
    services: Services, neighbour: Services, database_url: str
) -> None:
    await count(services, "A-1", 100)
    await asyncio.gather(*(reserve(services) for _ in range(100)))
    await let_holds_lapse(database_url)

    await asyncio.gather(Expiry(services).sweep(), Expiry(neighbour).sweep())

    rows = await services.database.fetch(
        "select count(*) as ends from movement where kind = 'EXPIRED'"
    )
    assert rows[0]["ends"] == 100
    assert (await position(services)).reserved == 0
    assert await broken_rules(services) == {}


async def test_a_hold_that_was_extended_in_time_is_not_swept(services: Services) -> None:
    await count(services, "A-1", 1)
    held = await reserve(services, ttl_seconds=1)
    extended = await services.reservations.extend(BUYER, held.id, 600)
    assert extended.expires_at is not None
    assert held.expires_at is not None
    assert (extended.expires_at - held.expires_at).total_seconds() > 590
    shorter = await services.reservations.extend(BUYER, held.id, 1)

    assert shorter.expires_at == extended.expires_at
    assert await Expiry(services).sweep() == 0
    assert (await as_read(services, held.id)).state is ReservationState.HELD
