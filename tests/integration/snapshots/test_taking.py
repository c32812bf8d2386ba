"""A snapshot is taken in as a set, and leaves what the same counts one by one would."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.bootstrap import Services
from hub.domain.guard_rails import GuardRails
from hub.domain.principal import trusted
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, Snapshot, SnapshotState, Whole
from hub.domain.values import UNIT
from tests.integration.shop import CLERK, count, position, reserve

NOW = datetime.now(UTC) - timedelta(hours=1)
FEEDER = trusted("feeder")
BELIEVED = GuardRails(*([None] * 5))


def row(line: int, sku: str, units: int, location: str = "BER", hours: float = 0) -> CountedRow:
    return CountedRow(line, sku, location, units * UNIT, None, NOW + timedelta(hours=hours))


async def take(
    services: Services, rows: Sequence[CountedRow | RefusedRow], name: str = "one", **whole: Any
) -> Snapshot:
    return await services.snapshots.take(FEEDER, Whole("erp", name, **whole), rows)


async def test_a_snapshot_sets_what_it_counts(services: Services) -> None:
    held = await count(services, "A-1", 5)
    await reserve(services, {"A-1": 2})
    taken = await take(
        services,
        [row(2, "A-1", 9, hours=1.03), row(3, "B-1", 4), row(4, "NOPE", 1), row(5, "A-2", 0)],
    )
    assert (taken.state, taken.rows, taken.applied, taken.refused) == (
        SnapshotState.APPLIED,
        4,
        3,
        1,
    )
    now = await position(services)
    assert (now.on_hand, now.reserved, now.version) == (9 * UNIT, 2 * UNIT, held.version + 2)
    assert (await position(services, "B-1")).on_hand == 4 * UNIT
    (refused,) = await services.snapshots.refusals(CLERK, taken.id)
    assert (refused.line, refused.sku, refused.code) == (4, "NOPE", "UNKNOWN_SKU")
    assert (await services.audit.run(CLERK)).as_dict()["findings"] is not None
