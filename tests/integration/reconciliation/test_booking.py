"""Corrections are booked once, say where they come from, and undo nothing that came since."""

import asyncio
from datetime import timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.errors import Forbidden, InvalidInput, ReconciliationNotFound
from hub.domain.guard_rails import GuardRails
from hub.domain.principal import AccessScope, Principal
from hub.domain.reconciliations import (
    DriftCause,
    DriftState,
    Reconciliation,
    ReconciliationPolicy,
    ReconciliationState,
)
from hub.domain.snapshots import Missing, SnapshotState, Whole
from hub.domain.source_reconciliation import Reconciling
from hub.domain.values import UNIT
from hub.services.reconciliations import Chosen
from tests.integration.events import adjusted, send
from tests.integration.reconciliation.comparing import (
    AT_ONCE,
    EARLY,
    ERP,
    LATE,
    apply,
    compare,
    items,
    rows,
    settled,
)
from tests.integration.shop import CLERK, SKUS, count, execute, position, reserve, sound
from tests.waiting import eventually
from workers.drift import Drift
from workers.ingest import Ingest

ALL = Chosen()
TENS = dict.fromkeys(SKUS, 10)
CORRECTING = AT_ONCE._replace(policy=ReconciliationPolicy.CORRECT, max_share=1.0)


async def units(services: Services) -> list[int]:
    return [(await position(services, sku)).on_hand // UNIT for sku in SKUS]


async def book(services: Services, run: Reconciliation, chosen: Chosen = ALL) -> int:
    return await services.reconciliations.book(CLERK, str(run.id), chosen, "looked twice")


async def test_booking_twice_books_once_and_says_why(services: Services) -> None:
    await apply(services, TENS)
    await reserve(services, {"A-1": 9})
    run = await compare(services, TENS | {"A-1": 7, "B-2": 11}, hours=LATE)
    assert await units(services) == [10, 10, 10, 10], "a report changes nothing"

    assert [await book(services, run) for _ in range(2)] == [2, 0]
    both = [services.reconciliations.booking.book(run.id) for _ in range(2)]
    await asyncio.gather(*both)
    done = await settled(services, run)
    assert (done.state, done.booked, done.open) == (ReconciliationState.SETTLED, 2, 0)
    assert await units(services) == [7, 10, 10, 11]
    assert (await position(services)).shortfall == 2 * UNIT
    (entry,) = await services.database.fetch(
        "select * from movement where sku = 'A-1' and kind = 'RECONCILED'"
    )
    assert (entry["on_hand"], entry["cause"], entry["actor"]) == (-3000, "reconciliation", "clerk")
    assert entry["source_event"] == f"reconciliation/{run.id}"
    assert entry["reason"] == "SHRINKAGE: looked twice"
    assert await sound(services)

    # A process died before it could note what it had booked.
    await execute(
        services.database.url,
        "update reconciliation_item set state = 'ASKED'",
        "update reconciliation set asked = 2, booked = 0",
    )
    assert (await settled(services, run)).booked == 2
    assert await units(services) == [7, 10, 10, 11]
    again = await compare(services, TENS | {"A-1": 7, "B-2": 11}, "again", hours=LATE)
    assert again.state is ReconciliationState.MATCHING


async def test_what_happens_before_a_correction_is_booked_is_not_lost(services: Services) -> None:
    await apply(services, TENS)
    run = await compare(services, dict.fromkeys(SKUS, 7), hours=LATE)
    await send(services, adjusted(-2, "A-1"), adjusted(-3, "A-2"))
    await Ingest(services).drain()
    await count(services, "B-1", 5)
    await book(services, run)
    done = await settled(services, run)
    assert (done.booked, done.overtaken) == (2, 2)
    assert await units(services) == [5, 7, 5, 7]
    found = await items(services, run)
    assert {sku: one.state for sku, one in found.items()} == {
        "A-1": DriftState.BOOKED,
        "A-2": DriftState.OVERTAKEN,
        "B-1": DriftState.OVERTAKEN,
        "B-2": DriftState.BOOKED,
    }
    assert found["A-2"].note == "-3 units have moved since: most likely what was missing"
    assert found["B-1"].note == "a count has set the position since"
    assert await sound(services)


async def test_two_comparisons_do_not_book_the_same_difference_twice(services: Services) -> None:
    await apply(services, TENS)
    first = await compare(services, TENS | {"A-1": 7}, hours=LATE)
    second = await compare(services, TENS | {"A-1": 7}, "second", hours=LATE)
    await book(services, first)
    await book(services, second)
    assert (await settled(services, second)).overtaken == 1
    assert await units(services) == [7, 10, 10, 10]


async def test_comparing_the_same_again_does_not_undo_what_moved_before_a_correction(
    services: Services,
) -> None:
    await apply(services, TENS)
    await send(services, adjusted(-2, "A-1"))
    await Ingest(services).drain()
    run = await compare(services, TENS | {"A-1": 7}, reconciling=CORRECTING)
    assert (await settled(services, run)).booked == 1
    assert await units(services) == [5, 10, 10, 10]
    again = await compare(services, TENS | {"A-1": 7}, "again", reconciling=CORRECTING)
    assert again.state is ReconciliationState.MATCHING
    assert (await items(services, again))["A-1"].cause is DriftCause.MOVED_SINCE


async def test_only_what_is_chosen_is_booked(services: Services) -> None:
    await apply(services, TENS)
    await reserve(services, {"B-1": 3})
    run = await compare(services, {"A-1": 7, "A-2": 12, "B-1": 7}, hours=LATE)
    service = services.reconciliations
    assert await book(services, run, Chosen(causes=[DriftCause.SURPLUS])) == 1
    assert await book(services, run, Chosen(items=[("A-1", "BER")])) == 1
    assert await book(services, run) == 1, "what is likely under way is left out"
    assert await book(services, run, Chosen(causes=[DriftCause.ORDERS_UNDER_WAY])) == 1
    await settled(services, run)
    assert await units(services) == [7, 12, 7, 0]
    keys = [service.book(CLERK, str(run.id), ALL, "once", "key") for _ in range(2)]
    assert [await one for one in keys] == [0, 0]

    for chosen, field in (
        (Chosen(causes=[DriftCause.MOVED_SINCE]), "causes[0]"),
        (Chosen(items=[("A-1", "BER"), ("A-1", "AMS")]), "items[1]"),
        (Chosen(items=[("A-1", str(n)) for n in range(251)]), "items"),
        (Chosen(items=[("A-1", "BER"), ("A\0", "BER")]), "items[1].sku"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await book(services, run, chosen)
        assert refused.value.field == field
    with pytest.raises(InvalidInput, match="source"):
        await service.page(CLERK, "er\0p", None, 1, None)
    for unknown in ("77", "x"):
        with pytest.raises(ReconciliationNotFound):
            await service.book(CLERK, unknown, ALL, "no")
    feeder = Principal("feeder", frozenset({AccessScope.STOCK_WRITE}))
    assert (await service.by_id(feeder, str(run.id))).booked == 4
    with pytest.raises(Forbidden):
        await service.book(feeder, str(run.id), ALL, "no")


async def test_what_the_ledger_refuses_keeps_nothing_else(services: Services) -> None:
    await apply(services, TENS)
    first, *others = rows(TENS | {"A-2": 8}, LATE)
    run = await compare(services, [first._replace(on_hand=7_500), *others])
    await book(services, run)
    done = await settled(services, run)
    assert (done.booked, done.refused) == (1, 1)
    note = (await items(services, run))["A-1"].note
    assert note == "delta: A-1 is counted in steps of 1."


async def test_a_policy_books_what_is_within_its_limits(services: Services) -> None:
    await apply(services, TENS)
    policy = CORRECTING._replace(max_units=3 * UNIT)
    told = {"A-1": 7, "A-2": 6, "B-1": 10}
    run = await settled(services, await compare(services, told, hours=LATE, reconciling=policy))
    assert await units(services) == [7, 10, 10, 10]
    assert (run.booked, run.open, run.state) == (1, 2, ReconciliationState.OPEN)
    found = await items(services, run)
    assert found["A-1"].decided_by == "policy"
    assert found["B-2"].cause is DriftCause.MISSING_IN_SOURCE, "only told: it does not say gone"

    few = policy._replace(max_share=0.3)
    told = {"A-1": 5, "A-2": 8, "B-1": 10, "B-2": 10}
    run = await settled(
        services, await compare(services, told, "many", hours=LATE, reconciling=few)
    )
    assert (run.booked, run.open) == (0, 2)
    share = "2 of 4 items are to be corrected"
    assert run.note == f"{share}: with more than a share of 0.3 the policy books nothing"

    gone = Whole(
        "erp", "none", Missing.ZERO, rails=GuardRails(from_items=1), reconciling=CORRECTING
    )
    zeros = rows(dict.fromkeys(SKUS, 0), LATE)
    assert (await services.snapshots.take(ERP, gone, zeros)).state is SnapshotState.COMPARED
    page = await services.reconciliations.page(CLERK, "erp", None, 1, None)
    assert (page.nodes[0].asked, page.nodes[0].open) == (0, 4), "it is not to be believed"
    assert page.nodes[0].report[0].rail == "zeroed_share"


async def test_the_next_snapshot_is_compared_where_it_is_time_for_that(services: Services) -> None:
    weekly = Reconciling(timedelta(days=7))
    await apply(services, TENS)
    run = await compare(services, TENS | {"A-1": 7}, reconciling=weekly)
    again = Whole("erp", "full", reconciling=weekly)
    same = await services.snapshots.take(ERP, again, rows(TENS | {"A-1": 7}, EARLY))
    assert same.state is SnapshotState.COMPARED, "the same file is known"
    page = await services.reconciliations.page(CLERK, None, None, 10, None)
    assert [one.id for one in page.nodes] == [run.id]
    next_day = Whole("erp", "next", reconciling=weekly)
    taken = await services.snapshots.take(ERP, next_day, rows(TENS | {"A-1": 7}, EARLY + 1))
    assert (taken.state, await units(services)) == (SnapshotState.APPLIED, [7, 10, 10, 10])
    await execute(
        services.database.url, "update reconciliation set compared_at = now() - interval '8 days'"
    )
    later = Whole("erp", "later", reconciling=weekly)
    rehearsed = await services.snapshots.rehearse(ERP, later, rows(TENS, EARLY + 2))
    assert rehearsed.judged.state is SnapshotState.COMPARED
    taken = await services.snapshots.take(ERP, later, rows(TENS, EARLY + 2))
    assert (taken.state, await units(services)) == (SnapshotState.COMPARED, [7, 10, 10, 10])
    assert await services.reconciliations.forget(timedelta(days=7)) == 1
    page = await services.reconciliations.page(CLERK, None, None, 10, None)
    assert [one.name for one in page.nodes] == ["later"]
    # By the newest it is known when the next one is due, however seldom that is.
    assert await services.reconciliations.forget(timedelta()) == 0


async def test_the_job_books_what_is_asked_for(services: Services) -> None:
    await apply(services, TENS)
    told = TENS | {"A-1": 7}
    run = await compare(services, told, hours=LATE, reconciling=CORRECTING)
    assert run.state is ReconciliationState.BOOKING
    stop = asyncio.Event()
    working = asyncio.create_task(Drift(services).run(stop))
    done = await eventually(
        lambda: services.reconciliations.by_id(CLERK, str(run.id)), lambda one: one.booked == 1
    )
    stop.set()
    await working
    assert done.state is ReconciliationState.SETTLED
