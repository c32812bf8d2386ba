"""The demo shop in motion: it sells, it is supplied, and it never breaks a rule."""

import asyncio
from random import Random

import pytest

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.domain.reservations import ReservationState
from hub.domain.snapshots import SnapshotState
from hub.domain.values import UNIT, Scope
from hub.services.stock import Count
from tests.integration.shop import CLERK, broken_rules, execute, opened
from workers.demo.catalogue import items
from workers.demo.mishaps import EXPORT, go_wrong
from workers.demo.seed import seed
from workers.demo.simulation import Simulation
from workers.expiry import Expiry
from workers.ingest import Ingest


async def _run(services: Services, seconds: float, pace: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    await asyncio.gather(
        Simulation(services, Random(7), pace, speed=20).run(stop),
        Ingest(services).run(stop),
        Expiry(services).run(stop),
    )
    assert (await Ingest(services).drain()).dead_letters == 0


async def test_the_shop_moves_and_keeps_every_rule(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    before = (await empty.audit.run(CLERK)).counts
    await _run(empty, 5, pace=100)
    after = (await empty.audit.run(CLERK)).counts
    assert after["movements"] - before["movements"] > 100
    assert after["reservations"] > 20
    assert await broken_rules(empty) == {}
    states = await empty.database.fetch("select distinct state from reservation")
    # Nothing bought stays behind unshipped when the simulation stops.
    assert {row["state"] for row in states} >= {"FULFILLED", "RELEASED"}
    assert ReservationState.COMMITTED not in {row["state"] for row in states}
    kinds = await empty.database.fetch("select distinct type from inbox")
    assert {row["type"] for row in kinds} >= {"supply.received", "order.shipped"}


@pytest.mark.slow
async def test_the_same_seed_twice_sends_no_event_twice(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    await _run(empty, 2, pace=50)
    first = (await empty.audit.run(CLERK)).counts["movements"]
    await _run(empty, 2, pace=50)
    assert (await empty.audit.run(CLERK)).counts["movements"] > first
    rows = await empty.database.fetch("select count(*) as n from inbox where state = 'DEAD'")
    assert rows[0]["n"] == 0


@pytest.mark.slow
async def test_what_has_run_low_is_ordered_again_and_arrives(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    skus = [item.sku for item in items()]
    demo = trusted("test")
    full = await empty.lookup.availability(demo, skus, Scope("web-eu"))
    sku = max(full, key=lambda one: full[one].breakdown.available_to_order)
    for location in ("BER", "RTM", "LYS"):
        await empty.stock.set_stock(demo, Count(sku, location, 1 * UNIT))
    await _run(empty, 6, pace=100)
    # Announced supply is delivered at the latest when the simulation stops.
    after = await empty.lookup.availability(demo, [sku], Scope("web-eu"))
    assert after[sku].breakdown.on_hand > 20 * UNIT
    assert after[sku].breakdown.incoming == 0


async def test_what_goes_wrong_waits_for_a_person_and_moves_no_stock(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    before = (await empty.audit.run(CLERK)).counts["movements"]
    for _ in range(2):
        await go_wrong(empty)
        await Ingest(empty).drain()
    (held,) = (await empty.snapshots.page(CLERK, None, 5, None)).nodes
    assert (held.source, held.state) == (EXPORT.name, SnapshotState.QUARANTINED)
    (letter,) = (await empty.intake.dead_letters(CLERK, 5, None)).nodes
    assert letter.error_code == "UNKNOWN_SKU"
    assert (await empty.audit.run(CLERK)).counts["movements"] == before
    # What was decided stays decided, however often the demo is started.
    await empty.snapshots.reject(CLERK, str(held.id), "broken")
    await go_wrong(empty)
    assert (await empty.snapshots.page(CLERK, SnapshotState.QUARANTINED, 5, None)).nodes == []


@pytest.mark.slow
async def test_the_shop_goes_on_after_its_connections_were_cut(database_url: str) -> None:
    async with opened(database_url) as services:
        await seed(services, services.clock.now())
        stop = asyncio.Event()
        jobs = asyncio.gather(
            Simulation(services, Random(7), 100, speed=20).run(stop),
            Ingest(services).run(stop),
        )
        for _ in range(3):
            await asyncio.sleep(0.5)
            await execute(
                database_url,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()",
            )
        await asyncio.sleep(2)
        before = (await services.audit.run(CLERK)).counts["movements"]
        await asyncio.sleep(2)
        assert (await services.audit.run(CLERK)).counts["movements"] > before
        stop.set()
        await jobs
        assert (await Ingest(services).drain()).dead_letters == 0
        assert await broken_rules(services) == {}
