"""What is plain of a snapshot is booked as it is found; what is left is decided after that, once,
whoever dies in between, and who waits for units gets them either way."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.commands import Origin
from hub.domain.errors import Unavailable
from hub.domain.policies import Policy
from hub.domain.snapshots import CountedRow, SnapshotState, Whole
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Adjustment
from hub.store.ledger_connection import LedgerConnection
from hub.store.snapshot_write import Lines, write_plain
from tests.integration.shop import CLERK, count, position, reserve, sound
from tests.waiting import eventually

NOW = datetime.now(UTC) - timedelta(hours=9)


def row(line: int, sku: str, units: int, location: str = "BER") -> CountedRow:
    return CountedRow(line, sku, location, units * UNIT, None, NOW)


async def test_what_was_left_by_a_process_that_died_is_decided_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*values: Any) -> None:
        raise ConnectionResetError

    whole = Whole("erp", "one")
    given = [row(1, "A-1", 5), row(2, "NOPE", 5), row(3, "A-2", 5), row(4, "ALSO-NOT", 1)]
    with monkeypatch.context() as patched:
        patched.setattr("hub.services.snapshot_parts.write_left", dies)
        with pytest.raises(Unavailable):
            await services.snapshots.take(CLERK, whole, given)
    # What is sold since is not brought back by going on.
    await services.stock.adjust_stock(CLERK, Adjustment("A-1", "BER", -2 * UNIT, "sold"))
    taken = await services.snapshots.take(CLERK, whole, given)
    assert (taken.state, taken.applied, taken.refused) == (SnapshotState.APPLIED, 2, 2)
    assert [one.line for one in await services.snapshots.refusals(CLERK, taken.id)] == [2, 4]
    on_hand = [(await position(services, sku)).on_hand // UNIT for sku in ("A-1", "A-2")]
    assert on_hand == [3, 5]
    assert await sound(services)


@pytest.mark.parametrize("target", [("item", "A-1"), ("global", "")])
@pytest.mark.parametrize("location", ["BER", "AMS"])
async def test_who_waits_is_served_by_what_a_snapshot_brings(
    services: Services, location: str, target: tuple[str, str]
) -> None:
    """At the place where he waits, or at another one that his channel sells from."""
    await services.catalogue.put_policies(CLERK, {target: Policy(backorder_limit=9 * UNIT)})
    await count(services, "A-1", 0)
    waits = await reserve(services, {"A-1": 2})
    assert sum(line.backordered for line in waits.lines) == 2 * UNIT

    await services.snapshots.take(CLERK, Whole("erp", "one"), [_later(row(1, "A-1", 5, location))])

    async def held() -> int:
        return sum([(await position(services, "A-1", one)).reserved for one in ("BER", "AMS")])

    await eventually(held, lambda units: units == 2 * UNIT)
    assert await sound(services)


async def test_parts_follow_one_another_though_some_rows_are_left(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.snapshot_parts.PART_ROWS", 7)
    skus = [f"P-{number:03}" for number in range(60)]
    known = [CatalogueItem(sku, sku) for number, sku in enumerate(skus) if number % 20 != 19]
    await services.catalogue.put_items(CLERK, known)
    given = [row(2 * line, sku, line) for line, sku in enumerate(skus, 1)]
    taken = await services.snapshots.take(CLERK, Whole("erp", "one"), given)
    assert (taken.state, taken.applied, taken.refused) == (SnapshotState.APPLIED, 57, 3)
    assert (await position(services, skus[58])).on_hand == 59 * UNIT
    assert await sound(services)


async def test_a_part_waits_for_the_one_before_it_and_goes_on_then(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*values: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr("hub.services.snapshot_parts.SnapshotParts.apply", dies)
        given = [row(1, "A-1", 5), row(2, "A-2", 6)]
        with pytest.raises(Unavailable):
            await services.snapshots.take(CLERK, Whole("erp", "one"), given)
    (snapshot,) = await services.snapshots.applying()
    origin = Origin("erp", "erp/one")
    one, other = [await LedgerConnection.open(services.database.url) for _ in range(2)]
    for connection in (one, other):
        await connection.begin()
    await write_plain(one.connection, snapshot.id, Lines(0, 1, 9), origin, 2)
    second = asyncio.create_task(
        write_plain(other.connection, snapshot.id, Lines(1, 2, 9), origin, 2)
    )

    async def waiting() -> bool:
        found = await services.database.fetch("select from pg_locks where not granted")
        return bool(found) or second.done()

    await eventually(waiting, bool)
    await one.commit()
    assert (await second).keys == [("A-2", "BER")]
    await other.commit()
    for connection in (one, other):
        await connection.close()
    taken = await services.snapshots.resume(snapshot.id)
    assert (taken.state, taken.applied) == (SnapshotState.APPLIED, 2)
    assert await sound(services)


def _later(counted: CountedRow) -> CountedRow:
    return counted._replace(as_of=datetime.now(UTC))
