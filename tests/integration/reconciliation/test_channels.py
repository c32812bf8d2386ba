"""What a sales channel has is told in the same place, with causes of its own."""

from datetime import UTC, datetime

from hub.bootstrap import Services
from hub.domain.guard_rails import Tripped
from hub.domain.reconciliations import (
    DriftCause,
    DriftItem,
    ReconciliationKind,
    ReconciliationState,
)
from hub.domain.values import UNIT
from hub.services.reconciliations import Chosen
from tests.integration.reconciliation.comparing import apply, compare
from tests.integration.shop import CLERK, SKUS, execute

ITEMS = """
    insert into channel_target_item (target, sku, external_id, wanted, changed_at, theirs, problem,
                                     drifted_to, drifted_since)
    select 'there', sku, 'gid-' || sku, wanted, changed_at, theirs, problem, drifted_to,
           case when drifted_to is not null then now() end
    from (values
        ('SAME', 5, null::timestamptz, 5, null, null::bigint),
        ('CHANGED', 10, null, 10, null, 99),
        ('CAP-1', 600, null, 600, null, 500),
        ('CAP-2', 700, null, 700, null, 500),
        ('CAP-3', 800, null, 800, null, 500),
        ('LATER', 3, null, 4, null, null),
        ('ASKED', 3, now(), 3, null, null),
        ('REFUSED', 3, null, 1, 'TOO_FEW', null),
        ('UNKNOWN', 3, null, 3, 'UNKNOWN_THERE', null)
    ) v (sku, wanted, changed_at, theirs, problem, drifted_to)"""


async def drift(services: Services, run: int) -> dict[str, DriftItem]:
    page = await services.reconciliations.items(CLERK, run, None, None, 100, None)
    return {one.sku: one for one in page.nodes}


async def test_each_cause_of_a_channel_is_told(services: Services) -> None:
    await execute(services.database.url, ITEMS)
    now = datetime.now(UTC)
    service = services.reconciliations
    tripped = [Tripped("missing_share", 0.5, 0.9, "they list too little")]
    await service.note_channel(CLERK, "there", now, 9, 2, tripped)
    page = await service.page(CLERK, "there", ReconciliationKind.CHANNEL, 10, None)
    (run,) = page.nodes
    found = await drift(services, run.id)
    assert {sku: one.cause for sku, one in found.items()} == {
        "CHANGED": DriftCause.CHANGED_THERE,
        "CAP-1": DriftCause.CAPPED_THERE,
        "CAP-2": DriftCause.CAPPED_THERE,
        "CAP-3": DriftCause.CAPPED_THERE,
        "LATER": DriftCause.NOT_PUSHED_YET,
        "ASKED": DriftCause.NOT_PUSHED_YET,
        "REFUSED": DriftCause.REFUSED_THERE,
        "UNKNOWN": DriftCause.UNKNOWN_THERE,
    }
    assert found["UNKNOWN"].source is None
    assert found["REFUSED"].evidence == {"externalId": "gid-REFUSED", "problem": "TOO_FEW"}
    assert (run.compared, run.refused_rows, run.report[0].rail) == (9, 2, "missing_share")
    assert run.units == sum(abs(one.difference) for one in found.values())
    assert found["CHANGED"].difference == 89 * UNIT
    # Theirs is never taken over.
    assert run.state is ReconciliationState.MATCHING
    assert await service.book(CLERK, str(run.id), Chosen(), "no") == 0


async def test_sources_and_channels_stand_in_one_list(services: Services) -> None:
    await apply(services, dict.fromkeys(SKUS, 10))
    await compare(services, dict.fromkeys(SKUS, 10))
    await services.reconciliations.note_channel(CLERK, "there", datetime.now(UTC), 0, 0, [])
    first = await services.reconciliations.page(CLERK, None, None, 1, None)
    second = await services.reconciliations.page(CLERK, None, None, 1, first.cursors[0])
    assert (first.has_next, second.has_next) == (True, False)
    assert [one.source for one in (*first.nodes, *second.nodes)] == ["there", "erp"]
