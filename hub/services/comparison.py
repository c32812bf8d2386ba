"""Comparing a whole snapshot with the positions, and what the policy of its source lets book."""

import asyncio
from typing import Final

from hub.domain.drift_causes import DriftTotals, item_of
from hub.domain.guard_rails import Tripped
from hub.domain.principal import Principal
from hub.domain.reconciliations import (
    BOOKED_BY_RULE,
    DriftCause,
    ReconciliationKind,
    ReconciliationPolicy,
)
from hub.domain.snapshots import Missing, SnapshotState, Whole
from hub.store.drift_evidence import Told, read_evidence
from hub.store.reconciliation_write import Begun, add_items, ask_by_policy, begin_run, end_run
from hub.store.snapshot_staging import Look, Staging, table_of

MAX_ITEMS: Final = 100_000
"""As many items as a comparison lists; the sums are of all."""
POLICY: Final = "policy"
"""Who asks for what the policy of a source books."""


async def compare_whole(
    staging: Staging,
    whole: Whole,
    look: Look,
    left_out: int,
    tripped: list[Tripped],
    principal: Principal,
) -> None:
    """Put down how the rows of a snapshot differ from the positions, and be done with the
    snapshot: nothing of it is applied. All of that is there when this returns, or nothing."""
    connection = staging.connection
    async with connection.transaction():
        await staging.judged(SnapshotState.COMPARED, look, left_out, tripped)
        refused = await connection.fetchval(
            "select refused from stock_snapshot where id = $1", staging.id
        )
        begun = Begun(
            ReconciliationKind.SOURCE,
            whole.source,
            whole.name,
            whole.reconciling.policy,
            principal.name,
            look.as_of,
            look.rows,
            refused,
            tripped,
        )
        run = await begin_run(connection, begun)
        last_row = look.last_line - left_out
        keeps = whole.missing is Missing.KEEP
        told = Told(staging.id, whole.source, last_row, look.as_of, keeps)
        totals, kept = DriftTotals(), 0
        async for evidence in read_evidence(connection, table_of(staging.id), told):
            items = [item_of(kept + place, one) for place, one in enumerate(evidence, 1)]
            totals.add(items)
            room = items[: MAX_ITEMS - kept]
            await add_items(connection, run, room)
            kept += len(room)
            await asyncio.sleep(0)
        await end_run(connection, run, totals.causes, kept)
        if not tripped:
            await _ask_by_policy(staging, run, whole, totals, look.rows)
        await staging.finish(SnapshotState.COMPARED, whole.source, whole.missing, last_row)


async def _ask_by_policy(
    staging: Staging, run: int, whole: Whole, totals: DriftTotals, compared: int
) -> None:
    policy = whole.reconciling
    if policy.policy is not ReconciliationPolicy.CORRECT:
        return
    # What a source leaves out is gone only where it says so.
    spared = set() if whole.missing is Missing.ZERO else {DriftCause.MISSING_IN_SOURCE}
    causes = BOOKED_BY_RULE - spared
    wanted = sum(one.items for one in totals.causes if one.cause in causes)
    if wanted <= policy.max_share * compared:
        reason = f"by the policy of {whole.source}"
        await ask_by_policy(staging.connection, run, POLICY, reason, causes, policy.max_units)
