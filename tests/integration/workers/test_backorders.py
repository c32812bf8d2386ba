"""The job that gives free units to those who wait, where nobody has done so yet."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.commands import SettleBackorders
from hub.domain.policies import Policy
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT
from tests.integration.shop import (
    BUYER,
    CLERK,
    SKUS,
    break_position,
    broken_rules,
    count,
    let_holds_lapse,
    opened,
    position,
    put_shop,
    reserve,
)
from tests.waiting import eventually
from workers.backorders import Backorders
from workers.expiry import Expiry


@pytest.fixture
async def shop(empty: Services) -> Services:
    """A shop that sells beyond stock and has none."""
    await put_shop(empty)
    limits = {("global", ""): Policy(backorder_limit=1_000 * UNIT)}
    await empty.catalogue.put_policies(CLERK, limits)
    return empty


@pytest.fixture
async def dying(shop: Services, database_url: str) -> AsyncIterator[Services]:
    """A process that ends, each time, after it has written and before it settles anything."""
    async with opened(database_url) as services:
        services.writer._settling.update(SKUS)
        yield services


async def ordered(services: Services, units: int, sku: str = "A-1", **options: str) -> Reservation:
    held = await reserve(services, {sku: units}, **options)
    return await services.reservations.commit(BUYER, held.id, f"O-{held.id[-12:]}")


async def as_read(services: Services, reservation: Reservation) -> Reservation:
    return (await services.reservations.by_ids(BUYER, [reservation.id]))[reservation.id]


def counted(reservation: Reservation) -> tuple[int, int]:
    """Units that are allocated, and that still wait."""
    lines = reservation.lines
    return (sum(x.allocated for x in lines) // UNIT, sum(x.backordered for x in lines) // UNIT)


async def test_what_a_process_that_died_did_not_settle_is_settled_in_the_order_of_the_line(
    shop: Services, dying: Services
) -> None:
    first, second = await ordered(shop, 3), await ordered(shop, 3)
    await count(dying, "A-1", 4)
    assert counted(await as_read(shop, first)) == (0, 3)

    assert await Backorders(shop).settle() == 1

    assert counted(await as_read(shop, first)) == (3, 0)
    assert counted(await as_read(shop, second)) == (1, 2)
    rows = await shop.database.fetch("select distinct actor from movement where kind = 'FILLED'")
    assert [row["actor"] for row in rows] == ["backorders"]
    assert await broken_rules(shop) == {}


async def test_units_at_another_location_of_the_pool_are_found(
    shop: Services, dying: Services
) -> None:
    waiting = await ordered(shop, 3)
    await count(dying, "A-1", 5, "AMS")

    await Backorders(shop).settle()

    seen = await as_read(shop, waiting)
    assert counted(seen) == (3, 0)
    assert {line.location for line in seen.lines if line.allocated} == {"AMS"}
    assert (await position(shop, "A-1", "AMS")).allocated == 3 * UNIT
    assert await broken_rules(shop) == {}


async def test_the_running_job_fills_within_two_seconds_and_ends_when_told(
    shop: Services, dying: Services
) -> None:
    waiting = await ordered(shop, 3)
    stop = asyncio.Event()
    job = asyncio.create_task(Backorders(shop).run(stop))
    await asyncio.sleep(0.1)
    await count(dying, "A-1", 5, "AMS")
    await eventually(
        lambda: as_read(shop, waiting), lambda seen: counted(seen) == (3, 0), within_seconds=2
    )
    stop.set()
    await asyncio.wait_for(job, 1)


async def test_what_cannot_be_filled_is_tried_once_and_again_when_something_has_changed(
    shop: Services, dying: Services
) -> None:
    await ordered(shop, 3, channel="store")
    # The store sells from Berlin alone: Amsterdam's units are of no use to it.
    await count(dying, "A-1", 5, "AMS")
    job = Backorders(shop)

    assert await job.settle() == 1
    before = await shop.database.fetch("select count(*) as n from change")
    assert [await job.settle() for _ in range(5)] == [0] * 5
    assert await shop.database.fetch("select count(*) as n from change") == before

    await count(dying, "A-1", 6, "AMS")
    assert [await job.settle() for _ in range(3)] == [1, 0, 0]
    await shop.catalogue.put_policies(CLERK, {("location", "AMS"): Policy(safety_stock=UNIT)})
    assert [await job.settle() for _ in range(3)] == [1, 0, 0]


async def test_a_safety_stock_that_is_lowered_lets_those_who_wait_have_the_units(
    shop: Services, dying: Services
) -> None:
    guarded = {("location", "AMS"): Policy(safety_stock=5 * UNIT)}
    await shop.catalogue.put_policies(CLERK, guarded)
    await count(dying, "A-1", 5, "AMS")
    waiting = await ordered(shop, 3)
    job = Backorders(shop)
    await job.settle()
    assert counted(await as_read(shop, waiting)) == (0, 3)

    await shop.catalogue.put_policies(CLERK, {("location", "AMS"): Policy(safety_stock=UNIT)})
    await job.settle()

    assert counted(await as_read(shop, waiting)) == (3, 0)


async def test_units_of_a_hold_that_lapsed_go_to_those_who_wait_once_it_is_swept(
    shop: Services, dying: Services, database_url: str
) -> None:
    await count(dying, "A-1", 2)
    await reserve(shop, {"A-1": 2})
    waiting = await ordered(shop, 2)
    await let_holds_lapse(database_url)
    job = Backorders(shop)
    assert await job.settle() == 0

    await Expiry(dying).sweep()
    await job.settle()

    assert counted(await as_read(shop, waiting)) == (2, 0)
    assert await broken_rules(shop) == {}


async def test_nothing_is_done_where_nobody_waits_or_nothing_is_free(shop: Services) -> None:
    await count(shop, "A-1", 5)
    await ordered(shop, 2, "B-1")
    assert await Backorders(shop).settle() == 0


async def test_two_jobs_fill_each_unit_once(
    shop: Services, dying: Services, database_url: str
) -> None:
    waiting = [await ordered(shop, 2) for _ in range(10)]
    await count(dying, "A-1", 15)

    await asyncio.gather(Backorders(shop).settle(), Backorders(dying).settle())

    seen = [counted(await as_read(shop, one)) for one in waiting]
    assert seen == [(2, 0)] * 7 + [(1, 1)] + [(0, 2)] * 2
    assert await broken_rules(shop) == {}


async def test_an_item_that_cannot_be_settled_stops_no_other(
    shop: Services, dying: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ordered(shop, 3)
    healthy = await ordered(shop, 3, "B-1")
    for sku in ("A-1", "B-1"):
        await count(dying, sku, 5, "AMS")
    await break_position(database_url, "A-1")
    await shop.database.fetch(
        "update position set on_hand = on_hand + 10000 where sku = 'A-1' and location = 'AMS'"
    )
    submitted: list[str] = []
    enqueue = shop.writer.enqueue

    def noting(command: SettleBackorders) -> asyncio.Future[object]:
        submitted.append(command.sku)
        return enqueue(command)

    monkeypatch.setattr(shop.writer, "enqueue", noting)
    job = Backorders(shop)
    with capture_logs() as logs:
        for _ in range(4):
            await job.settle()

    assert counted(await as_read(shop, healthy)) == (3, 0)
    assert submitted.count("A-1") == 1
    failed = [line["sku"] for line in logs if line["event"] == "backorders.failed"]
    assert failed == ["A-1"]


async def test_the_job_survives_the_database_going_away_for_a_moment(
    shop: Services, dying: Services, database_url: str
) -> None:
    waiting = await ordered(shop, 1)
    await count(dying, "A-1", 1)
    await shop.writer._lanes[0]._disconnect()
    await shop.writer._lanes[1]._disconnect()
    await shop.database.fetch(
        """select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()
             and application_name = 'availability-hub'"""
    )
    stop = asyncio.Event()
    job = asyncio.create_task(Backorders(shop).run(stop))
    await eventually(lambda: as_read(shop, waiting), lambda seen: counted(seen) == (1, 0))
    stop.set()
    await job
