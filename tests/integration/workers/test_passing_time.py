"""What time alone changes is told once, by whomever, in bounded pieces, and after any pause."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Receipt
from hub.store import passing_time
from hub.store.database import STATEMENT_TIMEOUT, connection_arguments
from hub.store.locations_heard import Turned, turn_stale
from hub.store.passing_time import Delays, Told, tell_what_is_due
from hub.store.transactions import Transaction, run_tx
from tests.integration.alerting import LOG
from tests.integration.ledger.blocking import WAITING
from tests.integration.shop import BUYER, CLERK, count, execute, opened, put_shop, reserve
from tests.waiting import eventually
from workers.passing_time import PassingTime

DELAYS = Delays(timedelta(seconds=1), timedelta(hours=1), timedelta(days=28))
STALE_SOON = """
    insert into policy (id, kind, target, stale_count_seconds)
    values ('global:', 'global', '', 9)"""
A_DAY_BEHIND = "update time_progress set told_until = now() - interval '1 day'"


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop in which nothing has happened for a day."""
    async with opened(database_url) as services:
        await put_shop(services)
        yield services


async def told_items(services: Services, cause: str = "TIME") -> list[Sequence[str]]:
    """The items that each row of the log names which time has written."""
    rows = await services.database.fetch(LOG)
    return [row["skus"] for row in rows if row["cause"] == cause and row["skus"]]


async def tell(services: Services, most: int = 1_000) -> Told:
    """Tell what has fallen due."""
    told = await tell_what_is_due(services.database, DELAYS, most)
    assert told is not None
    return told


async def released(services: Services, *ago: timedelta) -> list[str]:
    """New items that were released so long ago, which nobody has told."""
    now = datetime.now(UTC)
    items = [
        CatalogueItem(f"NEW-{place:04}", "New", released_at=now - since)
        for place, since in enumerate(ago)
    ]
    await services.catalogue.put_items(CLERK, items)
    await execute(str(services.settings.database_url), A_DAY_BEHIND)
    return [item.sku for item in items]


async def test_what_fell_due_during_a_pause_is_told_once(shop: Services) -> None:
    skus = await released(shop, timedelta(hours=3), timedelta(hours=1))
    assert (await tell(shop)).items == 2
    assert await told_items(shop) == [skus]
    assert (await tell(shop)).rows == 0
    assert await told_items(shop) == [skus]


async def test_much_that_falls_due_is_told_in_pieces_the_oldest_first(shop: Services) -> None:
    skus = await released(shop, *(timedelta(minutes=60 - place) for place in range(25)))
    steps = [await tell(shop, 10)]
    while steps[-1].more:
        steps.append(await tell(shop, 10))
    # One more than may be passed over marks the end of a piece.
    assert [step.items for step in steps] == [11, 11, 3]
    assert [sku for told in await told_items(shop) for sku in told] == skus


async def test_what_falls_due_at_one_moment_is_told_together_however_much(shop: Services) -> None:
    skus = await released(shop, *[timedelta(minutes=5)] * 2_500)
    told = await tell(shop, 10)
    assert (told.items, told.more) == (2_500, True)
    assert [len(part) for part in await told_items(shop)] == [1_000, 1_000, 500]
    assert sorted(sku for part in await told_items(shop) for sku in part) == skus
    assert not (await tell(shop, 10)).more


async def test_what_falls_due_at_one_moment_may_take_longer_to_tell_than_other_statements(
    shop: Services, database_url: str
) -> None:
    """Or a million releases at midnight would end all that time does: they must be told at once."""
    await execute(
        database_url,
        """create function in_no_hurry() returns trigger language plpgsql as $$ begin
               if current_setting('statement_timeout')::interval < '30 seconds' then
                   raise 'only % for all of it', current_setting('statement_timeout');
               end if;
               return new;
           end $$""",
        "create trigger in_no_hurry before insert on change execute function in_no_hurry()",
        """insert into item (sku, name, unit, quantity_step, discontinued, attributes, released_at)
           values ('NEW', 'New', 'piece', 1000, false, '{}', now() - interval '1 hour')""",
        STALE_SOON,
        "insert into location_heard values ('BER', now() - interval '1 hour')",
        A_DAY_BEHIND,
    )
    told = await tell(shop)
    assert (told.items, told.rows) == (1, 2)
    # The time is the transaction's own.
    (row,) = await shop.database.fetch("select current_setting('statement_timeout') as most")
    assert row["most"] == STATEMENT_TIMEOUT


async def test_many_alerts_that_are_over_are_resolved_in_pieces_without_a_pause(
    shop: Services, database_url: str
) -> None:
    await execute(
        database_url,
        """insert into alert (kind, sku, channel, opened_at, clears_at)
           select 'LOW_STOCK', 'S-' || n, 'web', now() - interval '1 day',
                  now() - n * interval '1 minute' from generate_series(1, 25) n""",
    )
    assert [(await tell(shop, 10)).more for _ in range(3)] == [True, True, False]
    rows = await shop.database.fetch(LOG)
    assert [len(row["alerts"]) for row in rows if row["alerts"]] == [10, 10, 5]


async def test_locations_are_locked_in_their_order_like_by_those_who_hear_of_counts(
    shop: Services, database_url: str
) -> None:
    await execute(
        database_url,
        STALE_SOON,
        """insert into location_heard
           select name, now() - interval '1 hour' from unnest('{C,B,A}'::text[]) l (name)""",
    )
    now = datetime.now(UTC)

    async def turn(client: Transaction) -> Turned:
        await client.execute_query("set local lock_timeout = '20s'")
        return await turn_stale(client, now)

    other = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await other.execute("begin; select from location_heard where location = 'A' for update")
        turning = asyncio.create_task(run_tx(shop.database, turn))
        await eventually(lambda: other.fetch(WAITING))
        await other.execute("select from location_heard where location <> 'A' for update nowait")
        # What is heard meanwhile counts.
        await other.execute("update location_heard set counted_at = now() where location = 'A'")
        await other.execute("commit")
        await turning
    finally:
        await other.close()
    rows = await shop.database.fetch(
        "select location from location_heard where stale_since is not null order by location"
    )
    assert [row["location"] for row in rows] == ["B", "C"]


async def test_of_many_who_tell_one_does(shop: Services, database_url: str) -> None:
    skus = await released(shop, *(timedelta(minutes=60 - place) for place in range(40)))
    async with opened(database_url) as other:
        await asyncio.gather(
            *(tell_what_is_due(one.database, DELAYS, 5) for _ in range(20) for one in (shop, other))
        )
    while (await tell(shop, 5)).more:
        pass
    assert [sku for told in await told_items(shop) for sku in told] == skus


async def test_a_hold_that_is_swept_in_time_is_told_by_the_sweeper_alone(
    shop: Services, database_url: str
) -> None:
    await count(shop, "A-1", 5)
    held = await reserve(shop)
    await execute(
        database_url,
        "update reservation set expires_at = now() - interval '500 ms'",
        A_DAY_BEHIND,
    )
    assert (await tell(shop)).items == 0
    await execute(
        database_url, "update reservation set expires_at = now() - interval '1500 ms'", A_DAY_BEHIND
    )
    told = await tell(shop)
    assert (told.items, told.rows) == (1, 2)
    rows = await shop.database.fetch(
        """select reservations::text[] as ids from change
           where reservations <> '{}' and cause = 'TIME'"""
    )
    assert [row["ids"] for row in rows] == [[held.id]]


async def test_the_next_moment_is_known(shop: Services) -> None:
    now = datetime.now(UTC)
    receipt = Receipt("A-1", "BER", UNIT, "PO-1", now + timedelta(hours=2))
    await shop.stock.schedule_supply(CLERK, receipt)
    assert (await tell(shop)).next_at == now + timedelta(hours=2)
    item = CatalogueItem("A-2", "Soon", released_at=now + timedelta(hours=1))
    await shop.catalogue.put_items(CLERK, [item])
    assert (await tell(shop)).next_at == now + timedelta(hours=1)
    await count(shop, "B-1", 5)
    held = await reserve(shop, {"B-1": 1}, ttl_seconds=900)
    assert held.expires_at is not None
    assert (await tell(shop)).next_at == held.expires_at + DELAYS.hold


async def test_a_clock_that_was_ahead_does_not_keep_time_from_passing(
    shop: Services, database_url: str
) -> None:
    await execute(database_url, "update time_progress set told_until = now() + interval '1 hour'")
    await tell(shop)
    await shop.catalogue.put_items(
        CLERK,
        [CatalogueItem("A-1", "Now", released_at=datetime.now(UTC) + timedelta(seconds=0.3))],
    )
    await asyncio.sleep(0.4)
    assert (await tell(shop)).items == 1


async def test_a_ledger_that_was_not_written_is_not_said_to_be(shop: Services) -> None:
    await released(shop, timedelta(hours=1))
    before = await shop.database.fetch("select count(*) as n from movement")
    await tell(shop)
    await shop.notices.ask(BUYER, "A-1", "anna")
    rows = await shop.database.fetch(
        "select cause from change where cause is not null order by xid"
    )
    assert [row["cause"] for row in rows] == ["TIME", "NOTICE"]
    assert await shop.database.fetch("select count(*) as n from movement") == before


async def test_it_is_told_by_index_and_not_by_looking_at_everything(shop: Services) -> None:
    await execute(
        str(shop.settings.database_url),
        """insert into item (sku, name, unit, quantity_step, discontinued, attributes, released_at)
           select 'R-' || n, 'R', 'piece', 1000, false, '{}', now() + n * interval '1 hour'
           from generate_series(1, 20000) n""",
        """insert into supply_line select 'R-' || n, 'BER', 'PO', 1000, 0,
                  now() + n * interval '1 hour', now() from generate_series(1, 20000) n""",
        "analyze item, supply_line",
    )
    plans = await _plans_of_a_step(shop)
    scanned = [line for line in plans if "Seq Scan on item" in line or "Seq Scan on supply" in line]
    assert plans
    assert scanned == []


async def _plans_of_a_step(services: Services) -> list[str]:
    now = datetime.now(UTC)
    span: list[Any] = [now - timedelta(seconds=1), now, *DELAYS]
    plans: list[str] = []
    for statement, values in (
        (passing_time._HORIZON, [*span, 1_000]),
        (passing_time._TELL, span),
        (passing_time._NEXT, [now, DELAYS.hold]),
    ):
        rows = await services.database.fetch(f"explain {statement}", values)
        plans += [row["QUERY PLAN"] for row in rows]
    return plans


async def test_it_runs_until_it_is_stopped_and_wakes_at_the_moment(shop: Services) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(PassingTime(shop).run(stop))
    moment = datetime.now(UTC) + timedelta(seconds=0.8)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("A-1", "Soon", released_at=moment)])
    await asyncio.sleep(1.2)
    assert await told_items(shop) == [["A-1"]]
    stop.set()
    await running
