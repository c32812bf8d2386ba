"""A range of the inbox that is replayed: a no-op for what took effect, a repair for the rest."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.services.inbox_marks import MAX_ATTEMPTS
from hub.store.inbox_replay import InboxRange
from tests.integration.events import about, adjusted, counted, placed, send
from tests.integration.shop import CLERK, broken_rules, execute, position
from workers.inbox_replay import replay_inbox
from workers.ingest import Ingest
from workers.working_off import work_off

Told = list[tuple[int, int]]


async def replayed(
    services: Services, source: str = "shop", dry_run: bool = False, **times: datetime | None
) -> tuple[dict[str, Any], Told]:
    told: Told = []

    def tell(done: int, of: int) -> None:
        told.append((done, of))

    end = services.clock.now() + timedelta(seconds=1)
    of = InboxRange(source, times.get("start"), times.get("end") or end)
    report = await replay_inbox(services, Ingest(services), of, tell, dry_run)
    return report.as_dict(), told


async def a_day(services: Services) -> None:
    """Six events that take effect, one that is old, and three dead letters of a missing item."""
    await send(
        services,
        counted(10, asOf="2026-01-02T00:00:00Z"),
        counted(3, asOf="2026-01-01T00:00:00Z"),
        placed("O-1", 4),
        about("O-1", "shipped", 1),
        adjusted(2),
        adjusted(2),
        adjusted(2),
        counted(7, sku="NEW-1"),
        placed("O-2", 1, sku="NEW-1"),
        adjusted(1, sku="NEW-1"),
    )
    await Ingest(services).drain()


async def test_what_took_effect_is_not_touched_and_the_rest_is_repaired(shop: Services) -> None:
    await a_day(shop)
    before = await position(shop)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])

    report, told = await replayed(shop)

    assert report["events"] == {
        "order.placed": {"unchanged": 1, "discarded": 0, "repaired": 1, "deadLetters": 0},
        "order.shipped": {"unchanged": 1, "discarded": 0, "repaired": 0, "deadLetters": 0},
        "stock.adjusted": {"unchanged": 3, "discarded": 0, "repaired": 1, "deadLetters": 0},
        "stock.set": {"unchanged": 2, "discarded": 0, "repaired": 1, "deadLetters": 0},
    }
    assert (report["read"], report["unchanged"], report["repaired"]) == (10, 7, 3)
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert await position(shop) == before
    now = await position(shop, "NEW-1")
    assert (now.on_hand, now.allocated) == (8 * UNIT, 1 * UNIT)
    assert await broken_rules(shop) == {}

    again, _ = await replayed(shop)
    assert (again["unchanged"], again["repaired"], again["deadLetters"]) == (10, 0, 0)
    assert await position(shop, "NEW-1") == now


async def test_a_dry_run_only_tells(shop: Services) -> None:
    await a_day(shop)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])
    report, _ = await replayed(shop, dry_run=True)
    assert (report["read"], report["unchanged"], report["toWork"]) == (10, 7, 3)
    assert (await position(shop, "NEW-1")).version == 0


async def test_what_cannot_be_repaired_stays_a_dead_letter_and_says_that_it_was_tried(
    shop: Services,
) -> None:
    await a_day(shop)
    report, _ = await replayed(shop)
    assert (report["repaired"], report["deadLetters"]) == (0, 3)
    letter = (await shop.intake.dead_letters(CLERK, 1, None)).nodes[0]
    assert [one.step.value for one in letter.history] == ["FAILED", "REPLAYED", "FAILED"]


async def test_only_the_range_is_replayed(shop: Services) -> None:
    await a_day(shop)
    split = shop.clock.now()
    await send(shop, counted(1, sku="NEW-1", id="late"))
    await Ingest(shop).drain()
    await shop.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])

    assert (await replayed(shop, "another"))[0]["read"] == 0
    report, _ = await replayed(shop, start=split)
    assert (report["read"], report["repaired"]) == (1, 1)
    assert (await position(shop, "NEW-1")).on_hand == UNIT
    report, _ = await replayed(shop, end=split)
    assert (report["read"], report["repaired"]) == (10, 3)


async def test_a_discarded_event_stays_discarded(shop: Services) -> None:
    await a_day(shop)
    letter = (await shop.intake.dead_letters(CLERK, 1, None)).nodes[0]
    await shop.intake.letters.discard(CLERK, letter.id, "not ours")
    await shop.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])
    report, _ = await replayed(shop)
    assert (report["discarded"], report["repaired"]) == (1, 2)


async def test_what_waits_for_another_try_is_not_tried_before_its_time(
    shop: Services, database_url: str
) -> None:
    await send(shop, counted(5), about("O-1", "shipped", 1))
    await Ingest(shop).work_due()
    # Its last try: were it made at once, its order would come too late.
    last = f"update inbox set attempts = {MAX_ATTEMPTS - 1}, not_before = now() + interval '0.5s'"
    await execute(database_url, f"{last} where state = 'PENDING'")
    replaying = asyncio.create_task(replayed(shop))
    await asyncio.sleep(0.2)
    await send(shop, placed("O-1", 1))
    report, _ = await replaying
    assert (report["repaired"], report["deadLetters"]) == (1, 0)
    assert (await position(shop)).on_hand == 4 * UNIT


async def test_dead_letters_of_a_range_are_counted_without_waiting_for_others(
    shop: Services, database_url: str
) -> None:
    await send(shop, about("O-1", "shipped", 1))
    await Ingest(shop).work_due()
    await execute(database_url, "update inbox set not_before = now() + interval '1 hour'")
    begin = (await shop.database.fetch("select clock_timestamp() as now"))[0]["now"]
    await send(shop, adjusted(1), counted(7, sku="NEW-1"))
    assert (await asyncio.wait_for(work_off(shop, "shop", begin), 3)).dead_letters == 1
    assert (await position(shop)).on_hand == UNIT
