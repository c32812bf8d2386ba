"""Each cause of a difference is told by what the database knows of the item."""

from hub.bootstrap import Services
from hub.domain.dead_letters import SoughtLetters
from hub.domain.reconciliations import DriftCause, DriftState, ReconciliationState
from hub.domain.snapshots import Missing, RefusedRow
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.store.drift_evidence import READ_AT_ONCE
from tests.integration.events import about, adjusted, placed, send
from tests.integration.reconciliation.comparing import (
    EARLY,
    LATE,
    apply,
    compare,
    items,
    row,
)
from tests.integration.shop import CLERK, count, reserve, sound
from workers.ingest import Ingest


async def put(services: Services, *skus: str) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem(sku, sku) for sku in skus])
    await apply(services, dict.fromkeys(skus, 10))


async def test_each_cause_is_told_by_its_evidence(services: Services) -> None:
    await put(
        services, "LESS", "MORE", "OLD", "SHIPPED", "MOVED", "DEAD", "WAITS", "GONE", "HELD",
        "MISSED", "SAME",
    )  # fmt: skip
    await count(services, "OLD", 5)
    await count(services, "A-2", 6)
    await reserve(services, {"HELD": 3})
    await send(services, placed("1", 2, "SHIPPED"), adjusted(0.5, "DEAD"), about("1", "shipped"))
    await services.intake.accept_events(CLERK, "erp", [adjusted(-1, "MISSED")])
    await Ingest(services).drain()
    await send(services, adjusted(-1, "MOVED"))
    await Ingest(services).drain()
    await send(services, adjusted(-3, "WAITS"))

    run = await compare(
        services,
        [
            row(2, "LESS", 7, LATE),
            row(3, "MORE", 12, LATE),
            row(4, "OLD", 8, EARLY),
            row(5, "SHIPPED", 10, EARLY),
            row(6, "MOVED", 10, EARLY),
            row(7, "DEAD", 9, LATE),
            row(8, "WAITS", 7, LATE),
            row(9, "HELD", 7, LATE),
            row(10, "MISSED", 7, LATE),
            row(11, "SAME", 10, EARLY),
            row(12, "B-1", 5, LATE),
            row(13, "NOPE", 0, LATE),
        ],
    )

    found = await items(services, run)
    assert {sku: one.cause for sku, one in found.items()} == {
        "LESS": DriftCause.SHRINKAGE,
        "MORE": DriftCause.SURPLUS,
        "OLD": DriftCause.COUNT_IS_OLDER,
        "SHIPPED": DriftCause.ORDERS_SINCE,
        "MOVED": DriftCause.MOVED_SINCE,
        "DEAD": DriftCause.DEAD_LETTER,
        "WAITS": DriftCause.EVENTS_WAITING,
        "GONE": DriftCause.MISSING_IN_SOURCE,
        "HELD": DriftCause.ORDERS_UNDER_WAY,
        "MISSED": DriftCause.EVENT_MISSED,
        "B-1": DriftCause.MISSING_IN_HUB,
        "NOPE": DriftCause.UNKNOWN_SKU,
    }
    corrections = {sku: one.correction // UNIT for sku, one in found.items() if one.correction}
    assert corrections == {
        "LESS": -3, "MORE": 2, "DEAD": -1, "WAITS": -3, "GONE": -10, "HELD": -3, "MISSED": -2,
        "B-1": 5,
    }  # fmt: skip
    assert found["SHIPPED"].evidence["movedSince"] == -2
    assert found["HELD"].evidence["reserved"] == 3
    assert (found["GONE"].source, found["GONE"].difference) == (None, -10 * UNIT)
    assert (run.compared, run.drifted, run.kept) == (12, 12, 12)
    assert run.units == sum(abs(one.difference) for one in found.values())
    assert run.state is ReconciliationState.OPEN
    assert run.open == sum(one.state is DriftState.OPEN for one in found.values()) == 8
    assert await sound(services), "nothing was booked"


async def test_what_a_discarded_event_told_is_missing(services: Services) -> None:
    await put(services, "LESS")
    await services.intake.accept_events(CLERK, "erp", [adjusted(0.5, "LESS")])
    await Ingest(services).drain()
    page = await services.intake.letters.page(CLERK, SoughtLetters(), 1, None)
    await services.intake.letters.discard(CLERK, page.nodes[0].id, "not theirs")
    run = await compare(services, {"LESS": 7}, hours=LATE)
    (found,) = (await items(services, run)).values()
    assert (found.cause, found.evidence["discarded"]) == (DriftCause.EVENT_MISSED, 1)


async def test_what_has_moved_both_here_and_there_is_told_apart(services: Services) -> None:
    await put(services, "LESS")
    await send(services, placed("1", 2, "LESS"), about("1", "shipped"))
    await Ingest(services).drain()
    run = await compare(services, {"LESS": 7}, hours=EARLY)
    (found,) = (await items(services, run)).values()
    assert (found.hub // UNIT, found.difference // UNIT) == (8, -1)
    assert (found.correction // UNIT, found.cause) == (-3, DriftCause.SHRINKAGE)


async def test_an_unreadable_row_leaves_nothing_missing(services: Services) -> None:
    await put(services, "GONE", "SAME")
    whose = RefusedRow(3, None, None, None, "INVALID_INPUT", "has 2 cells where the header has 3")
    run = await compare(services, [row(2, "SAME", 10, EARLY), whose])
    assert (run.drifted, run.refused_rows, run.state) == (0, 1, ReconciliationState.MATCHING)
    named = whose._replace(sku="GONE")
    run = await compare(services, [row(2, "SAME", 10, EARLY), named], "again")
    assert run.drifted == 0
    elsewhere = await compare(services, [row(2, "SAME", 1, EARLY, "AMS")], "elsewhere")
    assert [one.sku for one in (await items(services, elsewhere)).values()] == ["SAME"]


async def test_what_a_source_empties_by_leaving_it_out_is_missing_too(services: Services) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem("GONE", "GONE")])
    await apply(services, {"GONE": 4, "A-1": 2}, missing=Missing.ZERO)
    run = await compare(services, {"A-1": 2}, missing=Missing.ZERO)
    (found,) = (await items(services, run)).values()
    assert (found.sku, found.cause, found.source) == ("GONE", DriftCause.MISSING_IN_SOURCE, None)
    assert run.compared == 2


async def test_more_items_than_are_read_at_once_are_all_told(services: Services) -> None:
    many = READ_AT_ONCE + 1
    run = await compare(services, {f"NOPE-{number}": 1 for number in range(many)})
    assert (run.compared, run.drifted, run.kept, run.units) == (many, many, many, many * UNIT)


async def test_a_count_of_a_time_to_come_is_not_compared(services: Services) -> None:
    await put(services, "LESS", "SAME")
    run = await compare(services, [row(2, "LESS", 3, 24), row(3, "SAME", 10, EARLY)])
    assert (run.drifted, run.compared, run.refused_rows) == (0, 1, 1)
    refused = await services.database.fetch(
        "select line, column_name, sku from stock_snapshot_refusal where code = 'INVALID_INPUT'"
    )
    assert [tuple(one.values()) for one in refused] == [(2, "asOf", "LESS")]
    run = await compare(services, [row(2, "SAME", 3, 24)], "all of it")
    assert (run.drifted, run.compared, run.refused_rows) == (0, 0, 1)


async def test_an_event_that_names_no_location_may_be_of_any(services: Services) -> None:
    await put(services, "WAITS", "LESS")
    await send(services, placed("1", 2, "WAITS"))
    run = await compare(services, {"WAITS": 7, "LESS": 7}, hours=LATE)
    found = await items(services, run)
    assert found["WAITS"].cause is DriftCause.EVENTS_WAITING
    assert found["LESS"].cause is DriftCause.SHRINKAGE


async def test_a_later_row_of_the_same_item_holds(services: Services) -> None:
    await put(services, "SAME")
    run = await compare(services, [row(2, "SAME", 3, EARLY), row(3, "SAME", 10, EARLY)])
    assert (run.drifted, run.refused_rows, run.compared) == (0, 1, 1)
