"""What a snapshot is believed to be, and what becomes of one that others meet on its way."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.guard_rails import GuardRails
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, Snapshot, SnapshotState, Whole
from hub.domain.values import UNIT
from hub.store.snapshot_staging import Staging, table_of
from tests.integration.shop import CLERK, SKUS, execute, position, sound
from workers.snapshot_imports import import_snapshot
from workers.snapshots import SnapshotJobs

NOW = datetime.now(UTC) - timedelta(hours=9)
OFF = GuardRails(None, None, None, None, None)
TO_COME = 24 * 365


def rows(units: int, *skus: str, hours: float = 0) -> list[CountedRow]:
    as_of = NOW + timedelta(hours=hours)
    return [
        CountedRow(line, sku, "BER", units * UNIT, None, as_of) for line, sku in enumerate(skus, 2)
    ]


async def take(
    services: Services,
    name: str,
    given: list[CountedRow | RefusedRow],
    rails: GuardRails = OFF,
    missing: Missing = Missing.ZERO,
) -> Snapshot:
    return await services.snapshots.take(CLERK, Whole("erp", name, missing, rails=rails), given)


async def quarantined(services: Services, name: str, hours: float = 1) -> Snapshot:
    taken = await take(services, name, [*rows(0, *SKUS, hours=hours)], GuardRails(from_items=1))
    assert taken.state is SnapshotState.QUARANTINED
    return taken


async def units(services: Services, *skus: str) -> list[int]:
    return [(await position(services, sku)).on_hand // UNIT for sku in skus]


async def state(services: Services, snapshot: Snapshot) -> SnapshotState:
    return (await services.snapshots.by_id(CLERK, str(snapshot.id))).state


async def test_one_approved_late_takes_nothing_from_a_younger_one(services: Services) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    late = await take(services, "late", [*rows(5, "A-1", hours=1)], GuardRails(from_items=1))
    assert (late.state, late.left_out) == (SnapshotState.QUARANTINED, 3)
    await take(services, "younger", [*rows(6, *SKUS, hours=2)])
    await services.snapshots.approve(CLERK, str(late.id))
    done = await services.snapshots.resume(late.id)
    assert (done.state, done.applied, done.unchanged) == (SnapshotState.APPLIED, 0, 4)
    assert await units(services, *SKUS) == [6, 6, 6, 6]
    # The younger one had them all, so that the next one may leave them out.
    assert (await take(services, "next", [*rows(6, "A-1", hours=3)])).left_out == 3
    assert await units(services, *SKUS) == [6, 0, 0, 0]
    assert await sound(services)


async def test_what_is_decided_in_the_last_moment_does_not_expire(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    taken = await quarantined(services, "zeros")

    async def approved_meanwhile(*values: Any) -> list[int]:
        if await state(services, taken) is SnapshotState.QUARANTINED:
            await services.snapshots.approve(CLERK, str(taken.id))
        return [taken.id]

    monkeypatch.setattr("hub.services.snapshots.read_overdue", approved_meanwhile)
    assert await services.snapshots.forget_overdue() == []
    assert await state(services, taken) is SnapshotState.APPLYING
    assert (await services.snapshots.resume(taken.id)).applied == 4


async def test_rows_of_a_rejected_one_are_gone_whoever_has_it_in_hand(services: Services) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    taken = await quarantined(services, "zeros")
    other = await Staging.open(services.database.url, taken.id)
    assert other is not None
    await services.snapshots.reject(CLERK, str(taken.id), "the warehouse was being counted")
    assert await other.connection.fetchval("select to_regclass($1)", table_of(taken.id)) is None
    await other.close()


async def test_one_that_can_not_be_gone_on_with_keeps_no_other_waiting(services: Services) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    broken, other = await quarantined(services, "broken"), await quarantined(services, "other", 2)
    for one in (broken, other):
        await services.snapshots.approve(CLERK, str(one.id))
    await execute(services.database.url, f"alter table {table_of(broken.id)} drop column on_hand")
    assert await SnapshotJobs(services).step() == 1
    assert await state(services, other) is SnapshotState.APPLIED
    assert await state(services, broken) is SnapshotState.APPLYING


async def test_who_stops_leaves_the_rest_to_the_next(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    taken = await quarantined(services, "zeros")
    await services.snapshots.approve(CLERK, str(taken.id))
    stop = asyncio.Event()

    async def stopped_in_the_midst(*values: Any) -> Any:
        stop.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as patched:
        patched.setattr("hub.services.snapshot_parts.write_plain", stopped_in_the_midst)
        async with asyncio.timeout(10):
            await SnapshotJobs(services).run(stop)
    assert await state(services, taken) is SnapshotState.APPLYING
    assert await SnapshotJobs(services).step() == 1
    assert await units(services, *SKUS) == [0, 0, 0, 0]


async def test_of_many_rows_of_an_item_the_last_holds(services: Services) -> None:
    given = [CountedRow(line, "A-1", "BER", line * UNIT, None, NOW) for line in range(2, 10_002)]
    taken = await take(services, "one", [*given])
    assert (taken.rows, taken.applied, taken.refused) == (10_000, 1, 9_999)
    assert await units(services, "A-1") == [10_001]
    refused = await services.snapshots.refusals(CLERK, taken.id)
    assert {one.problem for one in refused} == {"counts what line 10001 counts again, which holds"}


async def test_a_count_of_a_time_to_come_says_nothing_of_the_others(services: Services) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    given = [*rows(6, "A-1", hours=1), *rows(1, "x", "A-2", hours=TO_COME)[1:]]
    taken = await take(services, "odd", [*given])
    assert (taken.applied, taken.refused, taken.left_out) == (3, 1, 2)
    assert taken.as_of == NOW + timedelta(hours=1)
    assert await units(services, *SKUS) == [6, 5, 0, 0]
    next_one = await take(services, "next", [*rows(7, *SKUS, hours=2)], GuardRails())
    assert next_one.state is SnapshotState.APPLIED


async def test_what_is_left_out_is_no_row_and_lies_behind_all_of_them(services: Services) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    rails = OFF._replace(unknown_share=0.5, from_items=1)
    unreadable = RefusedRow(90, "on_hand", "A-2", "BER", "INVALID_INPUT", "is not a number")
    given = rows(5, "A-1", "NO-1", "NO-2", hours=1)
    taken = await take(services, "other shop", [*given, unreadable], rails)
    assert taken.state is SnapshotState.QUARANTINED
    assert taken.report[0].problem.startswith("names 2 items that do not exist in 3 rows")
    found = await services.database.fetch(
        f"select sku, line from {table_of(taken.id)} where sku like 'B%' order by line"
    )
    assert found == [{"sku": "B-1", "line": 91}, {"sku": "B-2", "line": 92}]


@pytest.mark.parametrize("sku", ["A-1\0", "A-1\u200b", "A-1" * 10_000])
async def test_a_name_that_can_not_be_may_be_of_any_item(
    services: Services, tmp_path: Path, sku: str
) -> None:
    await take(services, "first", [*rows(5, *SKUS)])
    file = tmp_path / "whole.csv"
    file.write_text(f"sku,location,on_hand\n{sku},BER,4\nB-1,BER,4\n")

    def progress(done: int, total: int) -> None:
        pass

    taken = await import_snapshot(services, file, "erp", Missing.ZERO, progress, OFF)
    assert (taken.state, taken.left_out, taken.refused) == (SnapshotState.APPLIED, 0, 1)
    (refused,) = await services.snapshots.refusals(CLERK, taken.id)
    assert (refused.line, refused.column, refused.sku) == (2, "sku", None)
    assert await units(services, *SKUS) == [5, 5, 4, 5]
