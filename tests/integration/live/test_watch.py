"""A subscriber's view: the present state first, then what is newer, and nothing in between lost."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput, LimitExceeded, UnknownChannel, UnknownSku
from hub.domain.policies import Policy
from hub.domain.reservations import ReservationState
from hub.domain.values import UNIT, Scope
from hub.live.backplane import Backplane
from hub.live.change_tail import ChangeTail
from hub.services import watch
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Adjustment
from hub.services.stock_cache import StockCache
from hub.services.watch import EventKind
from hub.store.change_log import Changes
from tests.integration.shop import (
    BUYER,
    CLERK,
    SKUS,
    available,
    count,
    execute,
    let_holds_lapse,
    reserve,
)
from tests.integration.watcher import Watcher, watching
from tests.waiting import eventually
from workers.expiry import Expiry

SNAPSHOT, CHANGE = EventKind.SNAPSHOT, EventKind.CHANGE


async def test_the_snapshot_comes_first_then_changes_with_rising_versions(
    services: Services,
) -> None:
    await count(services, "A-1", 5)
    async with watching(services, "A-1", "B-2") as watcher:
        (snapshot,) = watcher.events
        assert [answer.sku for answer in snapshot.availability] == ["A-1", "B-2"]
        assert (watcher.units("A-1"), watcher.units("B-2")) == (5, 0)
        for units in (4, 7, 6):
            await count(services, "A-1", units)
            await watcher.sees(units)
        assert watcher.kinds[0] is SNAPSHOT
        assert set(watcher.kinds[1:]) == {CHANGE}
        assert watcher.versions["A-1"] == [1, 2, 3, 4]
        assert watcher.versions["B-2"] == [0]
        assert watcher.last["A-1"].as_of >= snapshot.availability[0].as_of


async def test_what_is_not_watched_is_not_told(services: Services) -> None:
    async with watching(services, "A-1") as watcher, watching(services, "A-2") as other:
        await count(services, "A-2", 5)
        await other.sees(5, "A-2")
        await count(services, "A-1", 3)
        await watcher.sees(3)
        assert set(watcher.last) == {"A-1"}
        assert len(watcher.events) == 2


async def test_each_channel_is_told_its_own_number(services: Services) -> None:
    async with (
        watching(services, "A-1", channel="web") as web,
        watching(services, "A-1", channel="store") as store,
    ):
        await count(services, "A-1", 2, "BER")
        await count(services, "A-1", 3, "AMS")
        await web.sees(5)
        await store.sees(2)
        assert web.last["A-1"].channel == "web"
        assert len(store.versions["A-1"]) == 2


async def test_who_watches_everything_is_told_of_every_item(services: Services) -> None:
    async with watching(services) as watcher:
        assert set(watcher.last) == set(SKUS)
        for sku in SKUS:
            await count(services, sku, 3)
        for sku in SKUS:
            await watcher.sees(3, sku)


async def test_subscribers_that_come_among_writers_miss_nothing(services: Services) -> None:
    for sku in SKUS:
        await count(services, sku, 100)
    writing = True

    async def write() -> None:
        while writing:
            sku = random.choice(SKUS)
            await services.stock.adjust_stock(
                CLERK, Adjustment(sku, "BER", random.choice((-1000, 2000)), "sold")
            )

    async with AsyncExitStack() as stack:
        writers = [asyncio.create_task(write()) for _ in range(4)]
        watchers: list[Watcher] = []
        for turn in range(30):
            skus = random.sample(SKUS, 2) if turn % 2 else []
            watchers.append(await stack.enter_async_context(watching(services, *skus)))
            await asyncio.sleep(random.uniform(0, 0.01))
        writing = False
        await asyncio.gather(*writers)

        for sku in SKUS:
            in_the_end = await available(services, sku)
            for watcher in watchers:
                if sku in watcher.last:
                    await watcher.sees(in_the_end, sku)
        for watcher in watchers:
            assert watcher.kinds[0] is SNAPSHOT
            for versions in watcher.versions.values():
                assert versions == sorted(set(versions))


@pytest.mark.parametrize("watched", [["A-1"], []], ids=["by name", "everything"])
async def test_new_rules_reach_subscribers_without_any_movement(
    services: Services, watched: list[str]
) -> None:
    await count(services, "A-1", 10)
    async with (
        watching(services, *watched) as watcher,
        watching(services, "A-1", channel="store") as store,
    ):
        await services.catalogue.put_policies(
            CLERK, {("channel", "web"): Policy(safety_stock=4 * UNIT)}
        )
        await watcher.sees(6)
        await count(services, "A-1", 20)
        await watcher.sees(16)
        await store.sees(20)
        assert store.versions["A-1"] == [1, 2]


async def test_new_rules_are_told_in_pieces_to_who_watches_everything_and_all_at_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[tuple[int, bool]] = []
    read = StockCache.read

    async def recorded(self: StockCache, skus: Sequence[str], keep: bool = True) -> Any:
        reader = asyncio.current_task()
        # The cache may still be renewing, for itself, what was counted before.
        if reader is not None and reader.get_name() == "change tail":
            reads.append((len(skus), keep))
        return await read(self, skus, keep)

    monkeypatch.setattr(watch, "PIECE_ITEMS", 2)
    monkeypatch.setattr(watch, "SLICE_ITEMS", 1)
    async with watching(services) as watcher:
        for sku in SKUS:
            await count(services, sku, 10)
        for sku in SKUS:
            await watcher.sees(10, sku)
        monkeypatch.setattr(StockCache, "read", recorded)
        rules = {("channel", "web"): Policy(safety_stock=4 * UNIT)}
        await services.catalogue.put_policies(CLERK, rules)
        await watcher.sees(6)
        assert reads == [(2, False), (2, False)]
        assert {one.sku for one in watcher.events[-1].availability} == set(SKUS)


async def test_what_is_kept_is_believed_before_all_are_told(services: Services) -> None:
    steps: list[str] = []
    told, go_on = asyncio.Event(), asyncio.Event()

    async def note(_: Changes) -> None:
        steps.append("noted")

    async def tell(_: Changes) -> None:
        told.set()
        await go_on.wait()

    backplane = Backplane("memory://")
    await backplane.start()
    try:
        tail = ChangeTail(
            services.database,
            backplane,
            note,
            lambda _: steps.append("believed"),
            tell,
            lambda: True,
        )
        await tail.start()
        await count(services, "A-1", 5)
        running = asyncio.create_task(tail.run())
        await told.wait()
        running.cancel()
    finally:
        await backplane.stop()
    assert steps[-2:] == ["noted", "believed"]


@pytest.mark.parametrize("watched", [["A-1"], []], ids=["by name", "everything"])
async def test_a_movement_next_to_new_rules_is_not_lost(
    services: Services, watched: list[str]
) -> None:
    async with watching(services, *watched) as watcher:
        for turn in range(1, 6):
            await asyncio.gather(
                services.catalogue.put_policies(
                    CLERK, {("item", "B-1"): Policy(safety_stock=turn * UNIT)}
                ),
                count(services, "A-1", turn),
            )
        await watcher.sees(5)


async def test_new_rules_of_another_process_reach_subscribers_too(
    services: Services, neighbour: Services
) -> None:
    await count(services, "A-1", 10)
    async with watching(neighbour, "A-1") as watcher:
        await services.catalogue.put_items(CLERK, [CatalogueItem("A-1", "A", discontinued=True)])
        await watcher.sees(0)


async def test_a_database_that_was_restored_is_told_though_its_versions_are_lower(
    services: Services, database_url: str
) -> None:
    for units in (8, 9, 10):
        await count(services, "A-1", units)
    async with watching(services, "A-1") as watcher:
        assert watcher.units() == 10
        await execute(
            database_url,
            "update position set on_hand = 7000, version = 1 where sku = 'A-1'",
            "update rules_revision set revision = revision - 1",
            """insert into change (skus, rules, recorded_at)
               values ('{A-1}', true, clock_timestamp())""",
        )
        await watcher.sees(7)


async def test_a_hold_past_its_end_is_told_as_free_once_it_is_swept(
    services: Services, database_url: str
) -> None:
    await count(services, "A-1", 5)
    await reserve(services, {"A-1": 2})
    async with watching(services, "A-1") as watcher:
        assert watcher.units() == 3
        await let_holds_lapse(database_url)
        await Expiry(services).sweep()
        await watcher.sees(5)


async def test_a_reservation_is_told_from_its_hold_to_its_end(services: Services) -> None:
    await count(services, "A-1", 5)
    held = await reserve(services)
    told = services.watch.reservation(BUYER, held.id)
    assert (await anext(told)).state is ReservationState.HELD

    extended = await services.reservations.extend(BUYER, held.id, 900)
    assert (await anext(told)).expires_at == extended.expires_at
    await services.reservations.release(BUYER, held.id)
    last = await anext(told)

    assert (last.state, last.version) == (ReservationState.RELEASED, 3)
    assert [more async for more in told] == []


@pytest.mark.parametrize(
    ("skus", "channel", "error"),
    [
        (["A-1", "NONE"], None, UnknownSku),
        (["A-1"], "nowhere", UnknownChannel),
        ([], None, InvalidInput),
        ([f"X-{number}" for number in range(251)], None, LimitExceeded),
    ],
)
async def test_a_mistake_is_said_before_anything_is_told(
    services: Services, skus: list[str], channel: str | None, error: type[Exception]
) -> None:
    events = services.watch.availability(BUYER, skus, Scope(channel) if channel else None)
    with pytest.raises(error):
        await anext(events)


async def test_a_locked_change_log_delays_subscribers_and_does_not_lose_them(
    services: Services, database_url: str
) -> None:
    async with watching(services, "A-1") as watcher:
        # Longer than the hub waits for a lock.
        await execute(
            database_url,
            "begin",
            "lock table change in access exclusive mode",
            "select pg_sleep(1.3)",
            "commit",
        )
        await count(services, "A-1", 5)
        await watcher.sees(5)


async def test_an_error_on_the_way_to_subscribers_is_overcome(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = True

    async def refuse_once(*_: object) -> None:
        nonlocal broken
        if broken:
            broken = False
            raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(services.watch, "_offer_reservations", refuse_once)
    async with watching(services, "A-1") as watcher:
        await count(services, "A-1", 5)
        await count(services, "A-1", 6)
        await watcher.sees(6)
        await eventually(lambda: not broken)
        await count(services, "A-1", 7)
        await watcher.sees(7)
