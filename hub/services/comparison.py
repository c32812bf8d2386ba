"""Comparing a whole snapshot with the positions, and what the policy of its source lets book."""

import asyncio
from typing import Final

from hub.domain.drift_causes import DriftTotals, SourceEvidence, item_of
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
from hub.store.reconciliation_write import (
    Begun,
    add_items,
    ask_by_policy,
    begin_run,
    end_run,
    note_on,
)
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
    # None of its rows is to be applied.
    look = look._replace(rows=look.rows - await staging.leave_out_to_come(), changes=0)
    last_row = look.last_line - left_out
    keeps = whole.missing is Missing.KEEP
    told = Told(staging.id, whole.source, last_row, look.as_of, keeps)
    async with connection.transaction():
        # What takes long comes before anything is written: as long as that is not committed, who
        # reads the change log looks at all that came since again and again.
        blocks = read_evidence(connection, table_of(staging.id), told)
        block: list[SourceEvidence] | None = await anext(blocks)
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
        totals, kept = DriftTotals(), 0
        while block is not None:
            items = [item_of(kept + place, one) for place, one in enumerate(block, 1)]
            totals.add(items)
            room = items[: MAX_ITEMS - kept]
            await add_items(connection, run, room)
            kept += len(room)
            await asyncio.sleep(0)
            block = await anext(blocks, None)
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
    if wanted > policy.max_share * compared:
        share = f"{wanted} of {compared} items are to be corrected"
        note = f"{share}: with more than a share of {policy.max_share} the policy books nothing"
        await note_on(staging.connection, run, note)
        return
    reason = f"by the policy of {whole.source}"
    await ask_by_policy(staging.connection, run, POLICY, reason, causes, policy.max_units)
