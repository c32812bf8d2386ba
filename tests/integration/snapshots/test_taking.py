"""A whole snapshot is taken in: what it counts, what it leaves out, and what is wrong with it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import (
    Forbidden,
    InvalidInput,
    SnapshotNotFound,
    SnapshotNotQuarantined,
)
from hub.domain.guard_rails import GuardRails
from hub.domain.principal import AccessScope, Principal, trusted
from hub.domain.snapshots import (
    LEFT_OUT,
    CountedRow,
    Missing,
    RefusedRow,
    Snapshot,
    SnapshotState,
    Whole,
)
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.store.snapshot_staging import Staging, table_of
from tests.integration.ledger.blocking import locked, writers_wait
from tests.integration.shop import CLERK, SKUS, count, execute, position, reserve, sound
from workers.snapshots import SnapshotJobs

NOW = datetime.now(UTC) - timedelta(hours=9)
FEEDER = trusted("feeder")
STRICT = GuardRails(from_items=1)
ZERO = {"missing": Missing.ZERO}


def row(line: int, sku: str, units: int, location: str = "BER", hours: float = 0) -> CountedRow:
    return CountedRow(line, sku, location, units * UNIT, None, NOW + timedelta(hours=hours))


def rows(units: int, *skus: str, hours: float = 0) -> list[CountedRow]:
    return [row(line, sku, units, hours=hours) for line, sku in enumerate(skus or SKUS, 2)]


async def take(
    services: Services,
    given: Sequence[CountedRow | RefusedRow],
    name: str = "one",
    **whole: Any,
) -> Snapshot:
    return await services.snapshots.take(FEEDER, Whole("erp", name, **whole), given)


async def units(services: Services, *skus: str) -> list[int]:
    return [(await position(services, sku)).on_hand // UNIT for sku in skus or SKUS]


async def test_a_snapshot_sets_what_it_counts_and_tells_what_it_refused(services: Services) -> None:
    await take(services, rows(5, "A-1"), "before")
    await reserve(services, {"A-1": 2})
    given = [row(2, "A-1", 9, hours=1), row(3, "B-1", 4), row(4, "NOPE", 1), row(5, "A-2", 0)]
    taken = await take(services, given)
    assert (taken.state, taken.rows) == (SnapshotState.APPLIED, 4)
    assert (taken.applied, taken.refused, taken.unchanged) == (3, 1, 0)
    now = await position(services)
    assert (now.on_hand, now.reserved, now.version) == (9 * UNIT, 2 * UNIT, 3)
    assert (await position(services, "B-1")).on_hand == 4 * UNIT
    (refused,) = await services.snapshots.refusals(CLERK, taken.id)
    assert (refused.line, refused.sku, refused.code) == (4, "NOPE", "UNKNOWN_SKU")
    assert await sound(services)


async def test_what_is_known_or_older_changes_nothing(services: Services) -> None:
    await take(services, rows(5, hours=2))
    again = await take(services, rows(5, hours=2), "again")
    older = await take(services, rows(7, hours=1), "older")
    assert [(one.applied, one.unchanged) for one in (again, older)] == [(0, 4), (0, 4)]
    assert await units(services) == [5, 5, 5, 5]
    assert (await position(services)).version == 1


async def test_the_same_snapshot_sent_again_is_done_already(services: Services) -> None:
    first = await take(services, rows(5))
    await count(services, "A-1", 3)
    assert await take(services, rows(5)) == first
    assert (await position(services)).on_hand == 3 * UNIT


async def test_a_later_row_of_the_same_item_holds(services: Services) -> None:
    taken = await take(services, [row(2, "A-1", 3), row(3, "B-1", 1), row(4, "A-1", 8)])
    assert (taken.applied, taken.refused) == (2, 1)
    assert await units(services, "A-1", "B-1") == [8, 1]
    (refused,) = await services.snapshots.refusals(CLERK, taken.id)
    assert (refused.line, refused.code) == (2, "COUNTED_TWICE")
    assert refused.problem == "counts what line 4 counts again, which holds"


async def test_what_a_source_leaves_out_is_gone_only_if_it_says_so(services: Services) -> None:
    loose = GuardRails(None, None, None, None, None)
    await count(services, "B-2", 6)
    await take(services, rows(5, "A-1", "A-2", "B-1"), "1", **ZERO)
    await take(services, rows(5, "A-1", hours=1), "2", rails=loose)
    assert await units(services) == [5, 5, 5, 6]
    elsewhere = [row(2, "A-1", 1, "AMS", 2)]
    await take(services, elsewhere, "3", rails=loose, **ZERO)
    assert await units(services) == [5, 5, 5, 6]
    unreadable = RefusedRow(9, "on_hand", "A-2", "BER", "INVALID_INPUT", "is not a number")
    taken = await take(services, [row(2, "A-1", 5, hours=3), unreadable], "4", rails=loose, **ZERO)
    assert (taken.left_out, taken.applied, taken.refused) == (1, 2, 1)
    assert await units(services) == [5, 5, 0, 6]
    (entry,) = await services.database.fetch(
        "select reason, source_event from movement where sku = 'B-1' order by version desc limit 1"
    )
    assert entry == {"reason": LEFT_OUT, "source_event": "erp/4"}
    whose = RefusedRow(3, None, None, None, "INVALID_INPUT", "has 2 cells where the header has 3")
    kept = await take(services, [row(2, "A-1", 5, hours=4), whose], "5", rails=loose, **ZERO)
    assert kept.left_out == 0
    assert await units(services) == [5, 5, 0, 6]
    assert await sound(services)


async def test_a_feed_of_zeros_waits_for_a_person(services: Services) -> None:
    await take(services, rows(5))
    taken = await take(services, rows(0, hours=1), "zeros", rails=STRICT)
    assert (taken.state, taken.applied) == (SnapshotState.QUARANTINED, 0)
    assert [one.rail for one in taken.report] == ["zeroed_share", "total_drop_share"]
    assert await units(services) == [5, 5, 5, 5]
    assert (await take(services, rows(0, hours=1), "zeros", rails=STRICT)) == taken
    await services.snapshots.approve(CLERK, str(taken.id))
    assert await SnapshotJobs(services).step() == 1
    done = await services.snapshots.by_id(CLERK, str(taken.id))
    assert (done.state, done.applied, done.decided_by) == (SnapshotState.APPLIED, 4, "clerk")
    assert await units(services) == [0, 0, 0, 0]
    assert await sound(services)


async def test_what_is_rejected_or_forgotten_is_never_applied(services: Services) -> None:
    await take(services, rows(5))
    zeros = await take(services, rows(0, hours=1), "zeros", rails=STRICT)
    id = str(zeros.id)
    rejected = await services.snapshots.reject(CLERK, id, "the warehouse was being counted")
    assert rejected.state is SnapshotState.REJECTED
    with pytest.raises(SnapshotNotQuarantined):
        await services.snapshots.approve(CLERK, id)
    late = await take(services, rows(0, hours=2), "late", rails=STRICT)
    await services.database.fetch(
        "update stock_snapshot set received_at = received_at - interval '15 days'"
    )
    assert await SnapshotJobs(services).step() == 0
    expired = await services.snapshots.by_id(CLERK, str(late.id))
    assert expired.state is SnapshotState.EXPIRED
    left = await services.database.fetch("select 1 from pg_class where relname ~ 'snapshot_rows_'")
    assert (left, await units(services)) == ([], [5, 5, 5, 5])


@pytest.mark.parametrize(
    ("given", "rails", "rail"),
    [
        ([row(2, "A-1", 5_000, hours=1)], GuardRails(jump_from=UNIT), "jump_factor"),
        (rows(5, "A-1", "NO-1", "NO-2", hours=1), STRICT, "unknown_share"),
        (rows(5, hours=-73), GuardRails(), "days_out_of_order"),
    ],
)
async def test_the_other_guard_rails_find_their_evidence(
    services: Services, given: list[CountedRow], rails: GuardRails, rail: str
) -> None:
    await take(services, rows(5))
    taken = await take(services, given, "odd", rails=rails)
    assert taken.state is SnapshotState.QUARANTINED
    assert rail in [one.rail for one in taken.report]
    assert await units(services) == [5, 5, 5, 5]


async def test_what_a_crash_has_left_is_finished_once(services: Services) -> None:
    """As a process leaves it that died after the second line."""
    await take(services, rows(5))
    taken = await take(services, rows(0, hours=1), "zeros", rails=STRICT)
    await services.snapshots.approve(CLERK, str(taken.id))
    await services.database.fetch(
        "update stock_snapshot set done_line = 3, applied = 2 where id = $1", [taken.id]
    )
    done = await take(services, rows(0, hours=1), "zeros")
    assert (done.state, done.applied) == (SnapshotState.APPLIED, 4)
    assert await units(services) == [5, 5, 0, 0]


async def test_rows_that_the_database_lost_are_not_taken_for_applied(services: Services) -> None:
    await take(services, rows(5))
    taken = await take(services, rows(0, hours=1), "zeros", rails=STRICT)
    await services.snapshots.approve(CLERK, str(taken.id))
    await execute(services.database.url, f"truncate {table_of(taken.id)}")
    lost = await services.snapshots.resume(taken.id)
    assert lost.state is SnapshotState.LOST
    assert await units(services) == [5, 5, 5, 5]
    loose = GuardRails(None, None, None, None, None)
    sent_again = await take(services, rows(0, hours=1), "zeros", rails=loose)
    assert (sent_again.state, await units(services)) == (SnapshotState.APPLIED, [0, 0, 0, 0])


async def test_what_moves_while_it_is_written_is_decided_again(
    services: Services, database_url: str
) -> None:
    await take(services, rows(5, "A-1", "A-2"))
    async with locked(database_url):
        reserving = asyncio.create_task(reserve(services, {"A-1": 2}))
        await writers_wait(services, 1)
        given = rows(7, "A-1", "A-2", "B-1", hours=1)
        taking = asyncio.create_task(take(services, given, "two"))
        await writers_wait(services, 2)
        # It knows of no position of B-1 by now, and has A-1 without the reservation.
        await count(services, "B-1", 1)
    await reserving
    assert (await taking).state is SnapshotState.APPLIED
    now = await position(services)
    assert (now.on_hand, now.reserved, now.version) == (7 * UNIT, 2 * UNIT, 3)
    # The count that came in between is younger.
    assert await units(services, "A-2", "B-1") == [7, 1]
    assert await sound(services)


async def test_any_name_and_all_it_says_make_a_chain_that_holds(services: Services) -> None:
    names = ['"', "\\", "Ä ö", "日本", "\U0001f600", "a'b", "%", "{}", "[1,2]"]
    await services.catalogue.put_items(CLERK, [CatalogueItem(name, name) for name in names])
    source = Whole('erp "\\ü', "one")
    given = [
        row(2 * line + 1, name, line)._replace(unavailable=unavailable)
        for line, (name, unavailable) in enumerate(zip(names, [None, 1, 2] * 3, strict=True))
    ]
    taken = await services.snapshots.take(FEEDER, source, given)
    assert taken.applied == len(names)
    later = [one._replace(on_hand=5 * UNIT, as_of=NOW + timedelta(hours=1)) for one in given]
    again = await services.snapshots.take(FEEDER, source._replace(name="two"), later)
    assert again.applied == len(names)
    assert await sound(services)


async def test_who_waits_gets_what_a_snapshot_brings(services: Services) -> None:
    await take(services, rows(5, "A-1"))
    await reserve(services, {"A-1": 5})
    await take(services, rows(3, "A-1", hours=1), "less")
    assert (await position(services)).shortfall == 2 * UNIT
    await take(services, rows(9, "A-1", hours=2), "more")
    assert (await position(services)).shortfall == 0
    assert (await reserve(services, {"A-1": 4})).lines[0].held == 4 * UNIT
    assert await sound(services)


async def test_only_one_process_has_a_snapshot_in_hand(
    services: Services, database_url: str
) -> None:
    taken = await take(services, rows(5))
    staging = await Staging.open(database_url, taken.id)
    assert staging is not None
    assert await Staging.open(database_url, taken.id) is None
    await staging.close()


async def test_who_may_not_is_refused(services: Services) -> None:
    reader = Principal("page", frozenset({AccessScope.AVAILABILITY_READ}))
    clerk = Principal("till", frozenset({AccessScope.STOCK_WRITE, AccessScope.EVENTS_INGEST}))
    with pytest.raises(Forbidden):
        await services.snapshots.take(reader, Whole("erp", "x"), [])
    with pytest.raises(Forbidden):
        await services.snapshots.page(reader, None, 10, None)
    with pytest.raises(Forbidden):
        await services.snapshots.approve(clerk, "1")
    with pytest.raises(SnapshotNotFound):
        await services.snapshots.approve(CLERK, "one")
    with pytest.raises(InvalidInput):
        await services.snapshots.reject(CLERK, "1", "")
