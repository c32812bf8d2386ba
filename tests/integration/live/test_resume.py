"""Coming back with the cursor of the last event: exactly what has changed, or everything."""

import asyncio
import random

import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.stock import Adjustment
from hub.services.watch import AvailabilityEvent, EventKind
from hub.store.change_log import read_cursor
from tests.integration.shop import BUYER, CLERK, SKUS, available, count, opened
from tests.integration.watcher import watching
from tests.waiting import eventually


async def first(services: Services, skus: list[str] | None, after: str) -> AvailabilityEvent:
    """The first event of somebody who comes back, and leaves again."""
    events = services.watch.availability(BUYER, skus, after=after)
    try:
        return await anext(events)
    finally:
        await events.aclose()


async def all_is_told(services: Services) -> None:
    """What is told from here on is what changes from here on."""
    await eventually(
        lambda: read_cursor(services.database), lambda end: end == services.watch.place.cursor
    )


def units_of(event: AvailabilityEvent) -> dict[str, float]:
    return {answer.sku: answer.breakdown.available_to_order / UNIT for answer in event.availability}


async def test_who_comes_back_is_told_exactly_what_has_changed(services: Services) -> None:
    for sku in SKUS:
        await count(services, sku, 5)
    await all_is_told(services)
    async with watching(services, "A-1", "A-2", "B-1") as watcher:
        await count(services, "A-1", 4)
        await watcher.sees(4)
        after = watcher.events[-1].cursor
    await count(services, "A-2", 3)
    await count(services, "B-2", 2)

    recovered = await first(services, ["A-1", "A-2", "B-1"], after)

    assert recovered.kind is EventKind.RECOVERED
    assert units_of(recovered) == {"A-2": 3}


async def test_who_watched_everything_is_told_of_every_change(services: Services) -> None:
    async with watching(services) as watcher:
        after = watcher.events[-1].cursor
    await count(services, "A-2", 3)
    await count(services, "B-2", 2)
    recovered = await first(services, None, after)
    assert recovered.kind is EventKind.RECOVERED
    assert units_of(recovered) == {"A-2": 3, "B-2": 2}


async def test_who_missed_nothing_is_told_so(services: Services) -> None:
    await count(services, "A-1", 5)
    async with watching(services, "A-1") as watcher:
        after = watcher.events[-1].cursor
    recovered = await first(services, ["A-1"], after)
    assert (recovered.kind, recovered.availability) == (EventKind.RECOVERED, ())


async def test_after_a_return_changes_go_on(services: Services) -> None:
    await count(services, "A-1", 5)
    async with watching(services, "A-1") as watcher:
        after = watcher.events[-1].cursor
    await count(services, "A-1", 4)
    async with watching(services, "A-1", after=after) as back:
        assert back.kinds == [EventKind.RECOVERED]
        await count(services, "A-1", 3)
        await back.sees(3)
        assert back.versions["A-1"] == [2, 3]


@pytest.mark.parametrize("after", ["garbage", "0:0:", "999999999:999999999:", "1:2:3", "٣:٤:"])
async def test_a_cursor_that_is_none_of_this_log_begins_anew(
    services: Services, after: str
) -> None:
    await count(services, "A-1", 5)
    event = await first(services, ["A-1", "B-1"], after)
    assert event.kind is EventKind.RESET
    assert units_of(event) == {"A-1": 5, "B-1": 0}


async def test_a_cursor_that_too_much_has_come_behind_begins_anew(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.change_log.MAX_BEHIND", 2)
    after = await read_cursor(services.database)
    kinds = []
    for units in (1, 2, 3):
        await count(services, "A-1", units)
        event = await first(services, ["A-1"], after)
        assert units_of(event) == {"A-1": units}
        kinds.append(event.kind)
    assert kinds == [EventKind.RECOVERED, EventKind.RECOVERED, EventKind.RESET]


async def test_rules_that_changed_meanwhile_are_not_missed(services: Services) -> None:
    await count(services, "A-1", 5)
    async with watching(services, "A-1") as watcher:
        after = watcher.events[-1].cursor
    await services.catalogue.put_policies(
        CLERK, {("channel", "web"): Policy(safety_stock=2 * UNIT)}
    )
    event = await first(services, ["A-1"], after)
    assert units_of(event) == {"A-1": 3}


@pytest.mark.parametrize("return_after", [None, "garbage"], ids=["first visit", "reset"])
async def test_who_leaves_amid_the_pieces_of_a_large_snapshot_gets_all_of_it_later(
    services: Services, database_url: str, return_after: str | None
) -> None:
    for sku in SKUS:
        await count(services, sku, 5)
    async with opened(database_url, max_list_items=1) as small_pieces:
        events = small_pieces.watch.availability(BUYER, None, after=return_after)
        pieces = [await anext(events) for _ in range(2)]
        await events.aclose()
        known = units_of(pieces[0]) | units_of(pieces[1])
        assert len(known) == 2

        async with watching(small_pieces, after=pieces[-1].cursor) as back:
            for sku in SKUS:
                await back.sees(5, sku)


async def test_who_leaves_amid_the_pieces_of_a_return_gets_all_of_it_later(
    services: Services, database_url: str
) -> None:
    async with opened(database_url, max_list_items=1) as small_pieces:
        async with watching(small_pieces) as watcher:
            await eventually(lambda: len(watcher.last) == len(SKUS))
            after = watcher.events[-1].cursor
        for sku in SKUS:
            await count(services, sku, 5)
        half = await first(small_pieces, None, after)
        assert half.kind is EventKind.RECOVERED

        async with watching(small_pieces, after=half.cursor) as back:
            for sku in SKUS:
                await back.sees(5, sku)
            assert back.kinds[0] is EventKind.RECOVERED


async def test_somebody_who_leaves_all_the_time_knows_the_truth_in_the_end(
    services: Services,
) -> None:
    writing = True

    async def write() -> None:
        while writing:
            await services.stock.adjust_stock(
                CLERK, Adjustment(random.choice(SKUS), "BER", UNIT, "found")
            )

    known: dict[str, float] = {}
    cursor = None
    writers = [asyncio.create_task(write()) for _ in range(3)]

    async def look(events_to_read: int) -> None:
        nonlocal cursor
        events = services.watch.availability(BUYER, None, after=cursor)
        for _ in range(events_to_read):
            event = await anext(events)
            assert event.kind is not EventKind.RESET
            known.update(units_of(event))
            cursor = event.cursor
        await events.aclose()

    for _ in range(40):
        await look(random.randint(1, 2))
    writing = False
    await asyncio.gather(*writers)
    await look(1)

    assert known == {sku: await available(services, sku) for sku in SKUS}


async def test_who_comes_back_to_a_process_that_is_behind_is_told_nothing_twice(
    services: Services, neighbour: Services
) -> None:
    """The neighbour has not read the log for a moment, as nobody watches there."""
    for units in range(1, 7):
        async with watching(services, "A-1", "A-2") as watcher:
            await count(services, "A-1", units)
            await watcher.sees(units)
            after = watcher.events[-1].cursor
        async with watching(neighbour, "A-1", "A-2", after=after) as back:
            await count(services, "A-2", units)
            await back.sees(units, "A-2")
            assert "A-1" not in back.versions
            assert len(back.versions["A-2"]) == 1


async def test_a_cursor_that_is_reached_late_is_not_waited_for_without_end(
    services: Services, neighbour: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.live.place.REACH_SECONDS", 0.1)

    async def tell_nothing(_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(neighbour.watch, "_offer_reservations", tell_nothing)
    await count(services, "A-1", 5)
    async with watching(services, "A-1") as watcher:
        after = watcher.events[-1].cursor
    recovered = await first(neighbour, ["A-1"], after)
    assert (recovered.kind, recovered.availability) == (EventKind.RECOVERED, ())
