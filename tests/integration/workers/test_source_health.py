"""A source that is not heard as it should be lowers the promise, says so, and is told of live."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from hub.bootstrap import Services
from hub.domain.alerts import AlertKind, AlertState
from hub.domain.errors import InsufficientStock, InvalidInput
from hub.domain.guard_rails import GuardRails
from hub.domain.snapshots import CountedRow, SnapshotState, Whole
from hub.domain.source_freshness import SourceState
from hub.domain.source_reconciliation import Reconciling
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from hub.services import source_health
from hub.services.source_health import SourceHealth, SourceReport
from tests.integration.alerting import LOG, alerts, followed, logged_alerts
from tests.integration.shop import CLERK, availability, available, count, execute, reserve
from tests.integration.watcher import watching
from workers.formats.registry import FORMATS
from workers.passing_time import PassingTime
from workers.sources.files import import_file

ACME: dict[str, Any] = {
    "name": "acme",
    "format": "csv",
    "locations": {"default": "BER"},
    "freshness": {"expected_every": "1h", "withhold": "50%"},
}


@pytest.fixture
async def health(services: Services) -> SourceHealth:
    """How a source does that has told of ten units in Berlin."""
    await put(services)
    await count(services, "A-1", 10)
    await followed(services)
    await services.source_health.heard("acme")
    await services.source_health.turn()
    return services.source_health


async def put(services: Services, **freshness: Any) -> None:
    plain = {**ACME, "freshness": ACME["freshness"] | freshness}
    await services.sources.put(CLERK, source_from(plain))


async def report(services: Services) -> SourceReport:
    return (await services.source_health.of(CLERK))["acme"]


async def heard(services: Services) -> None:
    """Something comes in, a moment after what came before."""
    await services.source_health.heard("acme", services.clock.now())


async def silent(services: Services, hours: int) -> None:
    """Nothing has been heard for so long."""
    await execute(
        services.database.url,
        f"""update source_health set
                heard_at = clock_timestamp() - interval '{hours} hours',
                next_at = clock_timestamp()""",
    )


async def let_wait_pass(services: Services) -> None:
    await execute(
        services.database.url,
        """update source_health set retry_at = retry_at - interval '1 day',
                                    try_at = try_at - interval '1 day'""",
    )


async def open_alerts(services: Services) -> list[tuple[AlertKind, str | None]]:
    return [(one.kind, one.source) for one in await alerts(services, unresolved=True)]


async def test_a_stale_source_lowers_the_promise_and_the_answer_says_why(
    services: Services, health: SourceHealth
) -> None:
    assert await available(services, strong=True) == 10
    await silent(services, 4)
    assert await health.turn() == 1
    answer = await availability(services, strong=True)
    (berlin,) = answer.breakdown.locations
    assert (berlin.available_to_sell, berlin.safety_stock) == (5 * UNIT, 5 * UNIT)
    assert berlin.safety_stock_rule == "source:acme"
    assert answer.stale_since == (await report(services)).stale_at
    with pytest.raises(InsufficientStock) as refused:
        await reserve(services, {"A-1": 6})
    assert refused.value.data["lines"][0]["available"] == 5 * UNIT
    await reserve(services, {"A-1": 5})
    assert await available(services, strong=True) == 0

    await heard(services)
    assert await available(services, strong=True) == 5
    assert (await availability(services, strong=True)).stale_since is None


async def test_a_safety_stock_that_is_larger_stays(
    services: Services, health: SourceHealth
) -> None:
    await put(services, withhold=3)
    await silent(services, 4)
    await health.turn()
    assert await available(services, strong=True) == 7
    await execute(
        services.database.url,
        """insert into policy (id, kind, target, safety_stock)
           values ('global:', 'global', '', 4000)""",
        "update rules_revision set revision = revision + 1",
    )
    answer = await availability(services, strong=True)
    assert answer.breakdown.available_to_sell == 6 * UNIT
    assert answer.breakdown.locations[0].safety_stock_rule == "global"


async def test_pages_are_told_when_a_source_is_stale_and_when_it_is_heard(
    services: Services, health: SourceHealth
) -> None:
    stop = asyncio.Event()
    passing = asyncio.create_task(PassingTime(services).run(stop))
    async with watching(services, "A-1") as page:
        await page.sees(10)
        await silent(services, 4)
        await page.sees(5)
        assert page.last["A-1"].stale_since is not None
        # Other settings count at once.
        await put(services, withhold="100%")
        await page.sees(0)
        await heard(services)
        await page.sees(10)
        assert page.last["A-1"].stale_since is None
    stop.set()
    await passing


async def test_what_was_told_of_a_source_that_is_removed_is_taken_back(
    services: Services, health: SourceHealth
) -> None:
    await silent(services, 4)
    await health.turn()
    await services.sources.remove(CLERK, "acme")
    assert await health.of(CLERK) == {}
    # Put anew, it begins anew, however soon that is.
    await put(services)
    assert (await report(services)).state is SourceState.WAITING
    await health.turn()
    assert await open_alerts(services) == []
    assert await available(services, strong=True) == 10

    for _ in range(5):
        await health.failed("acme", "503")
    await services.sources.remove(CLERK, "acme")
    await health.turn()
    assert await open_alerts(services) == []
    assert await available(services, strong=True) == 10


async def test_each_state_has_an_alert_that_ends_with_it(
    services: Services, health: SourceHealth, neighbour: Services
) -> None:
    await silent(services, 2)
    # Whoever is at it, it is told once.
    assert sum(await asyncio.gather(health.turn(), neighbour.source_health.turn())) == 1
    assert await open_alerts(services) == [(AlertKind.SOURCE_LATE, "acme")]
    # Who is late is believed.
    assert await available(services, strong=True) == 10
    await silent(services, 4)
    await health.turn()
    assert await open_alerts(services) == [(AlertKind.SOURCE_STALE, "acme")]
    assert await health.turn() == 0
    await heard(services)
    found = await alerts(services)
    assert [one.state for one in found] == [AlertState.RESOLVED] * 2
    late, stale = (one.id for one in found)
    assert await logged_alerts(services) == [late, late, stale, stale]
    assert found[0].message.params["source"] == "acme"


async def test_the_log_names_the_items_that_lie_where_the_source_tells_of(
    services: Services, health: SourceHealth
) -> None:
    await count(services, "B-1", 3, "AMS")
    await followed(services)
    await silent(services, 4)
    await health.turn()
    told = [row["skus"] for row in await services.database.fetch(LOG) if row["cause"] == "TIME"]
    assert told == [["A-1"]]


async def test_a_circuit_opens_and_one_may_try_at_a_time(
    services: Services, health: SourceHealth, neighbour: Services
) -> None:
    for _ in range(4):
        await health.failed("acme", "503")
    assert (await report(services)).state is SourceState.FAILING
    assert await health.not_before("acme") is None
    await health.failed("acme", "503")
    first = await report(services)
    assert (first.state, first.failures) == (SourceState.CIRCUIT_OPEN, 5)
    assert first.not_before is not None
    assert await health.not_before("acme") == first.not_before
    assert await open_alerts(services) == [(AlertKind.SOURCE_CIRCUIT_OPEN, "acme")]
    assert await available(services, strong=True) == 5

    await let_wait_pass(services)
    tries = [await one.source_health.not_before("acme") for one in (services, neighbour)]
    assert tries[0] is None
    assert tries[1] is not None
    assert (await report(services)).not_before == tries[1]
    await health.failed("acme", "503")
    again = await report(services)
    assert (again.since, again.failures) == (first.since, 6)
    await neighbour.source_health.heard("acme")
    assert (await report(services)).state is SourceState.FRESH
    assert await health.not_before("acme") is None


async def test_who_asks_to_be_left_alone_is_while_the_circuit_is_closed_too(
    services: Services, health: SourceHealth
) -> None:
    await health.failed("acme", "429", timedelta(minutes=10))
    asked = await report(services)
    assert (asked.state, asked.circuit_opened_at) == (SourceState.FRESH, None)
    assert await health.not_before("acme") == asked.not_before
    assert asked.not_before == asked.last_failed_at + timedelta(minutes=10)  # type: ignore[operator]
    await let_wait_pass(services)
    # Without an open circuit all may.
    assert await health.not_before("acme") is await health.not_before("acme") is None


async def test_much_that_is_told_is_noted_seldom_but_never_missed_after_a_failure(
    services: Services, health: SourceHealth
) -> None:
    first = (await report(services)).last_heard_at
    await health.heard("acme")
    assert (await report(services)).last_heard_at == first
    for _ in range(2):
        await health.failed("acme", "503")
    await health.heard("acme")
    assert (await report(services)).state is SourceState.FRESH


async def test_what_is_heard_within_a_second_undoes_what_failed_before_it_elsewhere(
    services: Services, health: SourceHealth, neighbour: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_health, "HEARD_SECONDS", 3_600.0)
    for _ in range(2):
        await neighbour.source_health.failed("acme", "503")
    await health.heard("acme")
    await health.turn()
    assert (await report(services)).failures == 2
    # A second later.
    monkeypatch.setattr(source_health, "HEARD_SECONDS", 0.0)
    await health.turn()
    assert (await report(services)).failures == 0
    # It is noted once.
    await neighbour.source_health.failed("acme", "503")
    await health.turn()
    assert (await report(services)).failures == 1


async def test_metrics_name_the_state_of_each_source(
    services: Services, health: SourceHealth
) -> None:
    found = {
        state: REGISTRY.get_sample_value("hub_source_state", {"source": "acme", "state": state})
        for state in SourceState
    }
    assert found == {state: float(state is SourceState.FRESH) for state in SourceState}
    last = (await report(services)).last_heard_at
    assert last is not None
    named = {"source": "acme"}
    heard_at = REGISTRY.get_sample_value("hub_source_heard_timestamp_seconds", named)
    assert heard_at == last.timestamp()


async def test_of_a_source_that_is_not_configured_nothing_is_noted(services: Services) -> None:
    await services.source_health.heard("stranger")
    await services.source_health.failed("stranger", "503")
    assert await services.source_health.not_before("stranger") is None
    assert await services.source_health.of(CLERK) == {}


async def imported(services: Services, path: Path, content: str) -> None:
    path.write_text(content)
    source = (await services.sources.get(CLERK, "acme")).source
    await import_file(services, source, FORMATS["csv"], path, lambda done, total: None)


async def test_what_is_imported_is_heard_and_what_can_not_be_read_has_failed(
    services: Services, tmp_path: Path
) -> None:
    await put(services)
    path = tmp_path / "stock.csv"
    await imported(services, path, "sku,on_hand\nA-1,5\nnobody,1\n")
    assert (await report(services)).last_heard_at is not None
    await imported(services, path, "sku,on_hand\nnobody,1\n")
    refused = await report(services)
    assert refused.failures == 1
    assert "nobody" in str(refused.problem)
    with pytest.raises(InvalidInput):
        await imported(services, path, "nothing\nof the kind\n")
    assert (await report(services)).state is SourceState.FAILING
    # The same as at first: nothing changes by it, but it was told.
    await imported(services, path, "sku,on_hand\nA-1,5\nnobody,1\n")
    assert (await report(services)).state is SourceState.FRESH


async def test_a_snapshot_that_is_only_compared_is_heard_where_it_is_believed(
    services: Services, health: SourceHealth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.source_health.HEARD_SECONDS", 0)

    async def compared(name: str, units: int) -> SourceState:
        await silent(services, 2)
        at_once, rails = Reconciling(timedelta()), GuardRails(from_items=1)
        whole = Whole("acme", name, rails=rails, reconciling=at_once)
        row = CountedRow(2, "A-1", "BER", units * UNIT, None, services.clock.now())
        taken = await services.snapshots.take(CLERK, whole, [row])
        assert taken.state is SnapshotState.COMPARED
        return (await report(services)).state

    assert await compared("first", 9) is SourceState.FRESH
    assert await compared("nothing left", 0) is not SourceState.FRESH


async def test_a_snapshot_in_quarantine_makes_its_source_doubtful_until_a_person_decides(
    services: Services, health: SourceHealth
) -> None:
    for name, ends in (("first", "reject"), ("second", "approve")):
        whole = Whole("acme", name, rails=GuardRails(from_items=1))
        now = services.clock.now()
        taken = await services.snapshots.take(
            CLERK, whole, [CountedRow(2, "A-1", "BER", 0, None, now)]
        )
        assert taken.state is SnapshotState.QUARANTINED
        assert (await report(services)).state is SourceState.DOUBTFUL
        assert await available(services, strong=True) == 5
        # That something came in beside it makes the snapshot no less doubtful.
        await heard(services)
        assert (await report(services)).state is SourceState.DOUBTFUL
        if ends == "reject":
            await services.snapshots.reject(CLERK, str(taken.id), "a mistake")
            assert await available(services, strong=True) == 10
        else:
            await services.snapshots.approve(CLERK, str(taken.id))
            await services.snapshots.resume(taken.id)
            assert await available(services, strong=True) == 0
        assert (await report(services)).state is SourceState.FRESH
    assert await open_alerts(services) == []
