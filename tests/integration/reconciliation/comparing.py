"""Comparing snapshots of a source with a small shop."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.domain.reconciliations import DriftItem, Reconciliation
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, SnapshotState, Whole
from hub.domain.source_reconciliation import Reconciling
from hub.domain.values import UNIT
from tests.integration.shop import CLERK

ERP = trusted("erp")
AT_ONCE = Reconciling(timedelta())
FIRST, EARLY, LATE = -9.0, -8.0, 0.02
"""Hours from now: of what the source told first, then before and after all that a test does."""


def row(line: int, sku: str, units: int, hours: float, location: str = "BER") -> CountedRow:
    at = datetime.now(UTC) + timedelta(hours=hours)
    return CountedRow(line, sku, location, units * UNIT, None, at)


def rows(units: dict[str, int], hours: float) -> list[CountedRow]:
    return [row(line, sku, many, hours) for line, (sku, many) in enumerate(units.items(), 2)]


async def apply(services: Services, units: dict[str, int], **whole: Any) -> None:
    """The source tells all it has, and it is taken over."""
    taken = await services.snapshots.take(ERP, Whole("erp", "first", **whole), rows(units, FIRST))
    assert taken.state is SnapshotState.APPLIED


async def compare(
    services: Services,
    given: dict[str, int] | Sequence[CountedRow | RefusedRow],
    name: str = "full",
    hours: float = EARLY,
    reconciling: Reconciling = AT_ONCE,
    missing: Missing = Missing.KEEP,
) -> Reconciliation:
    """The source tells all it has, and it is only compared."""
    told = rows(given, hours) if isinstance(given, dict) else given
    whole = Whole("erp", name, missing, reconciling=reconciling)
    taken = await services.snapshots.take(ERP, whole, told)
    assert taken.state is SnapshotState.COMPARED
    page = await services.reconciliations.page(CLERK, "erp", None, 1, None)
    return page.nodes[0]


async def items(services: Services, run: Reconciliation) -> dict[str, DriftItem]:
    """What differs, by item."""
    page = await services.reconciliations.items(CLERK, run.id, None, None, 100, None)
    return {one.sku: one for one in page.nodes}


async def settled(services: Services, run: Reconciliation) -> Reconciliation:
    """The comparison once all that is asked for is decided."""
    while await services.reconciliations.booking.book():
        pass
    return await services.reconciliations.by_id(CLERK, str(run.id))
