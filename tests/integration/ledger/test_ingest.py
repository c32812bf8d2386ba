"""What the ingest worker does with events: in which order, how often, and what if it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.services.inbox_marks import MAX_ATTEMPTS
from hub.services.intake import DeadLetter
from tests.integration.events import (
    about,
    adjusted,
    counted,
    event,
    inbox_states,
    placed,
    send,
)
from tests.integration.shop import (
    CLERK,
    break_position,
    broken_rules,
    execute,
    opened,
    position,
    put_shop,
    reserve,
)
from tests.waiting import eventually
from workers.ingest import Ingest


@asynccontextmanager
async def working(*many: Services) -> AsyncIterator[None]:
    """The ingest workers of some processes."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(Ingest(services).run(stop)) for services in many]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def dead_letters(services: Services) -> list[DeadLetter]:
    return (await services.intake.dead_letters(CLERK, 10, None)).nodes


async def figures(services: Services, sku: str = "A-1") -> tuple[int, int, int]:
    """Units on hand, allocated and reserved."""
    now = await position(services, sku)
    return now.on_hand // UNIT, now.allocated // UNIT, now.reserved // UNIT


async def test_the_life_of_an_order_moves_stock_step_by_step(services: Services) -> None:
    ingest = Ingest(services)
    seen = []
    for step in (
        counted(10),
        placed("O-1", 4),
        about("O-1", "shipped", 2),
        about("O-1", "cancelled", 1),
        about("O-1", "shipped"),
        about("O-1", "returned", 2),
        adjusted(-1),
    ):
        await send(services, step)
        report = await ingest.drain()
        assert (report.applied, report.dead_letters) == (1, 0)
        seen.append(await figures(services))

    assert seen == [
        (10, 0, 0),
        (10, 4, 0),
        (8, 2, 0),
        (8, 1, 0),
        (7, 0, 0),
        (9, 0, 0),
        (8, 0, 0),
    ]
    assert await broken_rules(services) == {}


async def test_an_order_redeems_the_hold_it_names(services: Services) -> None:
    await send(services, counted(10))
    await Ingest(services).drain()
    hold = await reserve(services, {"A-1": 3})

    await send(services, placed("O-1", 3, reservation=hold.id))
    await Ingest(services).drain()

    assert await figures(services) == (10, 3, 0)
    assert await broken_rules(services) == {}


async def test_an_order_beyond_stock_opens_a_shortfall_and_loses_nothing(
    services: Services,
) -> None:
    await send(services, counted(2), placed("O-1", 5))
    await Ingest(services).drain()
    assert await figures(services) == (2, 5, 0)
    assert (await position(services)).shortfall == 3 * UNIT
    assert await broken_rules(services) == {}


async def test_events_are_applied_in_the_order_they_came(services: Services) -> None:
    await send(services, counted(5), adjusted(2), counted(9), adjusted(-3))
    await Ingest(services).drain()
    assert await figures(services) == (6, 0, 0)


async def test_an_older_count_that_comes_late_is_superseded(services: Services) -> None:
    await send(
        services,
        counted(5, id="new", asOf="2026-03-02T10:00:00Z"),
        counted(9, id="old", asOf="2026-03-01T10:00:00Z"),
    )
    await Ingest(services).drain()
    assert await figures(services) == (5, 0, 0)
    assert await inbox_states(services) == {"new": "APPLIED", "old": "SUPERSEDED"}


async def test_a_shipment_that_overtakes_its_order_is_tried_again_and_applied(
    services: Services,
) -> None:
    ingest = Ingest(services)
    await send(services, counted(5), about("O-1", "shipped"))
    first = await ingest.work_due()
    assert (first.worked, first.applied, first.dead_letters) == (2, 1, 0)
    await send(services, placed("O-1", 2))

    await ingest.drain()

    assert await figures(services) == (3, 0, 0)
    assert set((await inbox_states(services)).values()) == {"APPLIED"}
    assert await broken_rules(services) == {}


async def test_a_poison_event_becomes_a_dead_letter_and_delays_nobody(
    services: Services,
) -> None:
    poison = event("stock.set", id="poison", sku="NONE", location="BER", onHand=1)
    async with working(services):
        await send(services, *(adjusted(1) for _ in range(20)), poison)
        await send(services, *(adjusted(1) for _ in range(20)))
        await eventually(lambda: figures(services), lambda now: now == (40, 0, 0), 2)
        (letter,) = await eventually(lambda: dead_letters(services))

    assert (letter.source, letter.event_id, letter.type) == ("shop", "poison", "stock.set")
    assert letter.error_code == "UNKNOWN_SKU"
    assert "NONE" in letter.error
    assert letter.payload == poison
    assert letter.attempts == 1
    assert letter.failed_at >= letter.received_at
    assert await broken_rules(services) == {}


async def test_an_order_event_without_its_order_is_a_dead_letter_in_the_end(
    services: Services, database_url: str
) -> None:
    await send(services, about("O-1", "shipped"), adjusted(1))
    ingest = Ingest(services)
    reports = []
    for _ in range(MAX_ATTEMPTS):
        reports.append(await ingest.work_due())
        assert (await figures(services)) == (1, 0, 0)
        # Not waiting for the next try.
        await execute(database_url, "update inbox set not_before = now()")

    assert [report.dead_letters for report in reports] == [0] * (MAX_ATTEMPTS - 1) + [1]
    (letter,) = await dead_letters(services)
    assert (letter.error_code, letter.attempts) == ("UNKNOWN_ORDER", MAX_ATTEMPTS)


async def test_an_event_that_the_database_refuses_is_a_dead_letter_alone(
    services: Services, database_url: str
) -> None:
    await send(services, counted(5, sku="B-1"), placed("O-1", 2, sku="B-1"))
    await Ingest(services).drain()
    await break_position(database_url, "B-1")

    await send(services, adjusted(1), about("O-1", "cancelled"), adjusted(1))
    report = await Ingest(services).drain()

    assert (report.applied, report.dead_letters) == (2, 1)
    assert await figures(services) == (2, 0, 0)
    (letter,) = await dead_letters(services)
    assert (letter.type, letter.error_code) == ("order.cancelled", "INTERNAL")


async def test_dead_letters_are_listed_page_by_page_newest_first(services: Services) -> None:
    for number in range(5):
        await send(services, counted(1, sku="NONE", id=f"poison-{number}"))
    await Ingest(services).drain()

    first = await services.intake.dead_letters(CLERK, 3, None)
    rest = await services.intake.dead_letters(CLERK, 3, first.cursors[-1])

    assert [letter.event_id for letter in first.nodes + rest.nodes] == [
        f"poison-{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert (first.has_next, rest.has_next) == (True, False)


async def test_two_workers_on_one_inbox_apply_each_event_once(
    services: Services, neighbour: Services
) -> None:
    async with working(services, neighbour):
        for _ in range(10):
            await asyncio.gather(
                send(services, *(adjusted(1) for _ in range(20))),
                send(neighbour, *(adjusted(1, sku="A-2") for _ in range(20))),
            )
        await eventually(lambda: figures(services, "A-2"), lambda now: now == (200, 0, 0))
        await eventually(lambda: figures(services), lambda now: now == (200, 0, 0))

    assert (await position(services)).version == 200
    assert set((await inbox_states(services)).values()) == {"APPLIED"}
    assert await broken_rules(services) == {}


async def test_the_reports_of_two_workers_count_each_event_once(
    services: Services, neighbour: Services
) -> None:
    await send(services, *(adjusted(1) for _ in range(100)))
    reports = await asyncio.gather(Ingest(services).work_due(), Ingest(neighbour).work_due())
    assert sum(report.applied for report in reports) == 100


async def test_what_was_stored_before_an_end_is_worked_by_the_next_worker(
    database_url: str,
) -> None:
    async with opened(database_url) as first:
        await put_shop(first)
        await send(first, counted(10), placed("O-1", 4))
    async with opened(database_url) as second:
        assert await figures(second) == (0, 0, 0)
        async with working(second):
            await eventually(lambda: figures(second), lambda now: now == (10, 4, 0))


async def test_a_worker_that_is_cut_off_in_a_batch_leaves_no_half_of_it(
    database_url: str,
) -> None:
    async with opened(database_url) as first:
        await put_shop(first)
        await send(first, *(adjusted(1) for _ in range(200)))
        cut = asyncio.create_task(Ingest(first).work_due())
        await asyncio.sleep(0.005)
        cut.cancel()
        await asyncio.gather(cut, return_exceptions=True)
    async with opened(database_url) as second:
        await Ingest(second).drain()
        assert await figures(second) == (200, 0, 0)
        assert (await position(second)).version == 200
        assert await broken_rules(second) == {}


async def test_an_entry_that_cannot_even_be_read_delays_nobody(
    services: Services, database_url: str
) -> None:
    """Not by the door of today: a number like this is out of the range of what reads JSON here."""
    await send(services, adjusted(1, id="odd"), adjusted(1, id="next"))
    huge = "jsonb_set(payload, '{data,delta}', to_jsonb(1e400::numeric))"
    await execute(database_url, f"update inbox set payload = {huge} where event_id = 'odd'")
    # As a worker that has not seen it come in.
    services.intake.arrivals.forget(10**18)
    report = await Ingest(services).drain()
    assert (report.applied, report.dead_letters) == (1, 1)
    assert await inbox_states(services) == {"odd": "DEAD", "next": "APPLIED"}


async def test_large_events_are_worked_a_few_at_a_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.ingest.MAX_BYTES", 1_000)
    await send(services, *(adjusted(1) for _ in range(6)))
    ingest = Ingest(services)
    worked = []
    while one := (await ingest.work_due()).worked:
        worked.append(one)
    assert sum(worked) == 6
    assert len(worked) > 1
    monkeypatch.setattr("workers.ingest.MAX_BYTES", 1)
    await send(services, adjusted(1), adjusted(1))
    assert [(await ingest.work_due()).worked for _ in range(3)] == [1, 1, 0]


async def test_long_orders_are_not_one_long_transaction(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.ingest.MAX_LINES", 3)
    lines = [{"sku": "A-1", "quantity": 1}, {"sku": "A-2", "quantity": 1}]
    orders = [event("order.placed", order=f"O-{n}", channel="web", lines=lines) for n in range(3)]
    await send(services, counted(9), *orders)
    assert (await Ingest(services).work_due()).applied == 4
    times = await services.database.fetch("select distinct worked_at from inbox")
    assert len(times) == 3
    assert await figures(services) == (9, 3, 0)


async def test_nor_are_many_events(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.ingest.MAX_RUN", 2)
    await send(services, *(adjusted(1) for _ in range(5)))
    assert (await Ingest(services).work_due()).applied == 5
    times = await services.database.fetch("select distinct worked_at from inbox")
    assert len(times) == 3
