"""Events of one key take effect in the order they came, and hold up nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.commands import AdjustStock, Origin, Reserve
from hub.domain.dead_letters import SoughtLetters
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
from hub.services.ids import uuid7
from hub.services.inbox_marks import MAX_ATTEMPTS
from hub.store.database import connection_arguments
from tests.integration.events import about, adjusted, counted, event, inbox_states, placed, send
from tests.integration.ledger.blocking import locked, writers_wait
from tests.integration.shop import CLERK, broken_rules, count, execute, position
from tests.waiting import eventually
from workers.ingest import BATCH, Ingest

WAITS_FOR_A_LOCK = """
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'"""


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


async def figures(services: Services, sku: str = "A-1") -> tuple[int, int]:
    """Units on hand and allocated."""
    now = await position(services, sku)
    return now.on_hand // UNIT, now.allocated // UNIT


async def row(services: Services, id: str) -> dict[str, Any]:
    (found,) = await services.database.fetch(
        "select state, attempts from inbox where event_id = $1", [id]
    )
    return found


async def let_the_waiting_be_due(database_url: str) -> None:
    await execute(database_url, "update inbox set not_before = now() where state = 'PENDING'")


async def test_a_cancellation_does_not_overtake_a_shipment_that_waits(
    services: Services,
) -> None:
    ingest = Ingest(services)
    await send(services, counted(10), about("O-1", "shipped", 2))
    await ingest.work_due()
    await send(services, placed("O-1", 4), about("O-1", "cancelled"))
    await ingest.work_due()
    assert await figures(services) == (10, 4)

    report = await ingest.drain()

    assert (report.applied, report.dead_letters) == (2, 0)
    assert await figures(services) == (8, 0)
    assert await broken_rules(services) == {}


async def test_nor_within_one_batch(services: Services) -> None:
    await send(
        services,
        counted(10),
        about("O-1", "shipped", 2),
        placed("O-1", 4),
        about("O-1", "cancelled"),
    )
    assert (await Ingest(services).drain()).dead_letters == 0
    assert await figures(services) == (8, 0)


async def test_a_change_of_supply_keeps_its_place_behind_one_that_waits(
    services: Services,
) -> None:
    where = {"sku": "A-1", "location": "BER", "document": "PO-1"}
    ingest = Ingest(services)
    await send(services, event("supply.changed", **where, quantity=7))
    await ingest.work_due()
    scheduled = event("supply.scheduled", **where, quantity=3, eta="2030-01-01T00:00:00Z")
    await send(services, scheduled, event("supply.cancelled", **where))
    await ingest.drain()
    # The cancellation came last: nothing more is to come.
    assert (await position(services)).incoming == 0
    assert set((await inbox_states(services)).values()) == {"APPLIED"}


async def test_what_waits_holds_up_neither_other_orders_nor_counts(services: Services) -> None:
    await send(
        services,
        about("O-1", "shipped"),
        about("O-1", "cancelled", 1),
        counted(10),
        placed("O-2", 4),
        about("O-2", "shipped"),
        about("O-2", "returned", 1),
    )
    report = await Ingest(services).work_due()
    assert report.applied == 4
    assert await figures(services) == (7, 0)


async def test_those_who_wait_for_ever_end_together_not_one_after_the_other(
    services: Services, database_url: str
) -> None:
    ingest = Ingest(services)
    await send(services, *(about("O-1", "shipped", 1) for _ in range(30)))
    rounds = 0
    while (await ingest.work_due()).worked:
        rounds += 1
        await let_the_waiting_be_due(database_url)
    assert rounds == MAX_ATTEMPTS
    assert set((await inbox_states(services)).values()) == {"DEAD"}


async def test_more_waiting_events_than_a_batch_holds_do_not_fill_it(
    services: Services, database_url: str
) -> None:
    ingest = Ingest(services)
    await send(services, *(about(f"O-{n}", "shipped") for n in range(BATCH)))
    await send(services, *(about("O-1", "cancelled") for _ in range(BATCH)))
    for _ in range(2):
        assert (await ingest.work_due()).worked == BATCH
    await execute(database_url, "update inbox set not_before = now() + interval '1 hour'")

    await send(services, adjusted(1))

    assert (await ingest.work_due()).worked == 1
    assert await figures(services) == (1, 0)


async def test_a_second_worker_does_not_use_up_the_tries_of_an_event_that_waits(
    services: Services, neighbour: Services
) -> None:
    await send(services, about("O-1", "shipped", 1))
    for _ in range(3):
        await asyncio.gather(Ingest(services).work_due(), Ingest(neighbour).work_due())
    assert await row(services, (await only_id(services))) == {"state": "PENDING", "attempts": 1}


async def only_id(services: Services) -> str:
    (id,) = await inbox_states(services)
    return id


async def test_two_workers_keep_the_order_of_every_key(
    services: Services, neighbour: Services
) -> None:
    """Each order ships one and cancels the rest; the other way round, the shipment would fail."""
    orders = 60
    poison = [event("stock.set", sku="NONE", location="BER", onHand=n) for n in range(10)]
    await send(services, counted(1_000))
    async with working(services, neighbour):
        for first in range(0, orders, 10):
            names = [f"O-{number}" for number in range(first, first + 10)]
            steps = [
                [placed(name, 4) for name in names],
                [about(name, "shipped", 1) for name in names],
                [poison.pop(), *(about(name, "cancelled") for name in names)],
                [about(name, "returned") for name in names],
            ]
            # Every second one before what it waits for.
            if first // 10 % 2:
                steps[0], steps[1] = steps[1], steps[0]
            for number, step in enumerate(steps):
                await send((services, neighbour)[number % 2], *step)
        await eventually(
            lambda: services.database.fetch("select from inbox where state = 'PENDING'"),
            lambda rows: not rows,
            10,
        )
    states = list((await inbox_states(services)).values())
    assert states.count("DEAD") == 6
    assert set(states) == {"APPLIED", "DEAD"}
    assert await figures(services) == (1_000, 0)
    assert await broken_rules(services) == {}


async def test_nothing_is_written_past_events_that_could_not_be(
    services: Services, database_url: str
) -> None:
    """A count with a watermark is a batch of its own; it loses its connection, and what came
    after it must not go ahead."""
    await send(services, counted(1))
    await Ingest(services).drain()
    blocker = await asyncpg.connect(**connection_arguments(database_url))
    await blocker.execute("begin")
    await blocker.execute("select from position where sku = 'A-1' for update")
    counts = counted(10, includesOrdersUpTo="2026-01-01T00:00:00Z")
    await send(services, counts, *(adjusted(-1) for _ in range(3)))
    async with working(services):
        pid = await eventually(lambda: blocker.fetchval(WAITS_FOR_A_LOCK))
        await blocker.execute("select pg_terminate_backend($1)", pid)
        await blocker.execute("rollback")
        await blocker.close()
        await eventually(lambda: figures(services), lambda now: now == (7, 0))
    assert set((await inbox_states(services)).values()) == {"APPLIED"}


async def test_what_is_put_back_waits_for_a_batch_not_for_all_that_ever_come(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same goes for what a slow sender commits behind those who came after it."""
    monkeypatch.setattr("workers.ingest.BATCH", 5)
    await send(services, counted(1), adjusted(1, sku="NEW-1", id="letter"))
    await Ingest(services).drain()
    await services.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])
    async with working(services):
        async with locked(database_url):
            await send(services, *(adjusted(1) for _ in range(30)))
            await writers_wait(services, 1)
            await services.intake.letters.requeue_many(CLERK, SoughtLetters(), 1)
        await eventually(lambda: figures(services), lambda now: now == (31, 0))
        await eventually(lambda: figures(services, "NEW-1"), lambda now: now == (1, 0))
    rows = await services.database.fetch("select event_id from inbox order by worked_at, id")
    # A batch was being written, and the next one had been read.
    assert [row["event_id"] for row in rows].index("letter") <= 1 + 2 * 5


async def test_a_hold_does_not_wait_behind_a_run_of_events(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 1)
    await count(services, "B-1", 1)
    event = AdjustStock("A-1", "BER", UNIT, "found", Origin("shop"))
    hold = Reserve(uuid7(), (Line("B-1", UNIT),), "web", None, None, Origin("buyer"))
    async with locked(database_url):
        # Both before either lane has begun.
        run = services.writer.enqueue_events([event] * 3)
        await asyncio.wait_for(services.writer.enqueue(hold), 2)
        assert not run.done()
    await run
    assert await figures(services) == (4, 0)
