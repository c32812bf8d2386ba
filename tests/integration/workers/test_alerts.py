"""Alerts: opened once for each crossing, and over once their cause has been gone for a while."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.alerts import AlertKind, AlertState
from hub.domain.errors import AlertNotFound, Forbidden, IdempotencyMismatch
from hub.domain.policies import Channel, Policy
from hub.domain.principal import AccessScope, Audience, Principal
from hub.domain.values import UNIT
from hub.services import followed_items
from hub.services.alerts import Sought
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Adjustment, Count, Receipt
from tests.integration.alerting import alerts, followed, logged_alerts, time_passes, unresolved
from tests.integration.shop import CLERK, count, execute, opened, put_shop, reserve
from workers.upkeep import Upkeep

LOW, OUT, BACK = AlertKind.LOW_STOCK, AlertKind.OUT_OF_STOCK, AlertKind.BACK_IN_STOCK
SHORTFALL, LATE, STALE = AlertKind.SHORTFALL, AlertKind.LATE_SUPPLY, AlertKind.STALE_COUNTS


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop of which one channel sells, whose alerts are over at once."""
    async with opened(database_url, alert_calm_seconds=0) as services:
        await put_shop(services)
        await execute(database_url, "delete from channel where id = 'store'")
        await services.catalogue.put_policies(CLERK, {("item", "none"): Policy()})
        await followed(services)
        yield services


async def counted(services: Services, units: int, sku: str = "A-1") -> None:
    """So many units are there, which is followed, and time passes."""
    await count(services, sku, units)
    await followed(services)
    await time_passes(services)


async def test_an_item_that_runs_low_opens_one_alert_however_often_it_changes(
    shop: Services,
) -> None:
    await counted(shop, 9)
    assert await alerts(shop) == []
    for units in (5, 4, 3, 4, 5, 6, 5):
        await counted(shop, units)
    (alert,) = await alerts(shop)
    assert (alert.kind, alert.state, alert.sku, alert.channel) == (
        LOW,
        AlertState.OPEN,
        "A-1",
        "web",
    )
    assert alert.facts == {"count": 5, "mark": 5, "rule": "default"}
    assert await logged_alerts(shop) == [alert.id]


async def test_an_alert_is_over_above_the_margin_and_the_next_crossing_opens_another(
    shop: Services,
) -> None:
    for units in (5, 7, 6, 5):
        await counted(shop, units)
    first, second = await alerts(shop)
    assert (first.state, second.state) == (AlertState.RESOLVED, AlertState.OPEN)
    assert await logged_alerts(shop) == [first.id, first.id, second.id]


async def test_a_random_walk_opens_as_many_alerts_as_it_crosses_the_band(shop: Services) -> None:
    seed = random.randrange(10**6)
    walk = random.Random(seed)
    units, is_low, crossings = 8, False, 0
    for _ in range(60):
        units = max(1, min(12, units + walk.choice((-2, -1, 1, 2))))
        await counted(shop, units)
        if (is_low and units >= 7) or (not is_low and units <= 5):
            is_low = not is_low
            crossings += is_low
    opened_alerts = await alerts(shop, kinds=(LOW,))
    assert len(opened_alerts) == crossings, f"seed {seed}"
    assert (opened_alerts[-1].resolved_at is None) == is_low if opened_alerts else not is_low


async def test_what_is_sold_out_and_back_is_told_as_such(shop: Services) -> None:
    await counted(shop, 0)
    assert await unresolved(shop) == [(OUT, "web")]
    await counted(shop, 20)
    assert await unresolved(shop) == []
    out, back = await alerts(shop)
    assert (out.kind, back.kind, back.state) == (OUT, BACK, AlertState.RESOLVED)
    assert out.resolved_at == back.opened_at == back.resolved_at
    assert sorted(await logged_alerts(shop)) == [out.id, out.id, back.id]


async def test_what_is_no_longer_sold_is_not_told_to_be_back(shop: Services) -> None:
    await counted(shop, 0)
    await shop.catalogue.put_items(CLERK, [CatalogueItem("A-1", "Gone", discontinued=True)])
    await followed(shop)
    await time_passes(shop)
    assert [(one.kind, one.state) for one in await alerts(shop)] == [(OUT, AlertState.RESOLVED)]


async def test_an_alert_that_clears_and_comes_again_was_never_over(database_url: str) -> None:
    async with opened(database_url) as shop:
        await put_shop(shop)
        await counted(shop, 0, "B-1")
        before = await alerts(shop)
        for units in (20, 0, 20, 0):
            await counted(shop, units, "B-1")
        assert [one.kind for one in before] == [OUT, OUT]
        assert await alerts(shop) == before
        assert sorted(await logged_alerts(shop)) == [one.id for one in before]

        await counted(shop, 20, "B-1")
        await execute(
            database_url, "update alert set clears_at = now() where clears_at is not null"
        )
        await time_passes(shop)
        assert await unresolved(shop) == []


async def test_a_shortfall_is_told_at_its_location(shop: Services) -> None:
    await count(shop, "A-1", 9)
    await reserve(shop, {"A-1": 8})
    await counted(shop, 6)
    (short,) = await alerts(shop, kinds=(SHORTFALL,))
    assert (short.location, short.channel, short.facts) == ("BER", None, {"count": 2})
    await counted(shop, 20)
    assert await unresolved(shop) == []


async def test_a_receipt_that_has_not_come_is_told_when_its_date_passes(
    shop: Services, database_url: str
) -> None:
    await count(shop, "A-1", 50)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await shop.stock.schedule_supply(CLERK, Receipt("A-1", "BER", 5 * UNIT, "PO-7", tomorrow))
    await followed(shop)
    assert await alerts(shop) == []
    # A day passes: what was told up to now was told up to then.
    await execute(
        database_url,
        "update supply_line set eta = now() - interval '1 minute'",
        "update time_progress set told_until = now() - interval '1 hour'",
    )
    await time_passes(shop)
    await followed(shop)
    (late,) = await alerts(shop)
    assert (late.kind, late.location, late.document) == (LATE, "BER", "PO-7")
    await shop.stock.receive_supply(CLERK, Receipt("A-1", "BER", 5 * UNIT, "PO-7"))
    await followed(shop)
    await time_passes(shop)
    assert await unresolved(shop) == []


async def test_a_location_that_owes_a_count_is_told_once(shop: Services) -> None:
    await shop.catalogue.put_policies(CLERK, {("global", ""): Policy(stale_count_seconds=60)})
    old = datetime.now(UTC) - timedelta(seconds=61)
    await shop.stock.set_stock(CLERK, Count("A-1", "AMS", 50 * UNIT, as_of=old))
    await counted(shop, 50)
    await time_passes(shop)
    (stale,) = await alerts(shop)
    assert (stale.kind, stale.location, stale.sku) == (STALE, "AMS", None)
    assert (await shop.lookup.availability(CLERK, ["A-1"], strong=True))["A-1"].stale_since == (
        old + timedelta(seconds=60)
    )
    await count(shop, "B-1", 50, "AMS")
    await followed(shop)
    await time_passes(shop)
    assert [one.state for one in await alerts(shop)] == [AlertState.RESOLVED]
    assert await logged_alerts(shop) == [stale.id, stale.id]


async def test_new_rules_open_and_end_alerts_of_what_did_not_move(shop: Services) -> None:
    await counted(shop, 8)
    await shop.catalogue.put_policies(CLERK, {("channel", "web"): Policy(low_stock_mark=9 * UNIT)})
    await followed(shop)
    assert await unresolved(shop) == [(LOW, "web")]
    await shop.catalogue.put_policies(CLERK, {("channel", "web"): Policy(low_stock_mark=2 * UNIT)})
    await followed(shop)
    await time_passes(shop)
    assert await unresolved(shop) == []


async def test_a_channel_that_is_gone_has_no_alerts(shop: Services, database_url: str) -> None:
    await shop.catalogue.put_channels(CLERK, [Channel("fair", "Fair", "en", "EUR", ("BER",))])
    await counted(shop, 0)
    assert len(await unresolved(shop)) == 2
    await execute(database_url, "delete from channel where id = 'fair'")
    await shop.catalogue.put_policies(CLERK, {("item", "none"): Policy()})
    await followed(shop)
    await time_passes(shop)
    assert await unresolved(shop) == [(OUT, "web")]


async def test_two_workers_open_each_alert_once(shop: Services, database_url: str) -> None:
    async with opened(database_url, alert_calm_seconds=0) as other:
        for units in (9, 3, 9, 0, 9, 2):
            await count(shop, "A-1", units)
            await asyncio.gather(
                shop.listing_projection.step(),
                other.listing_projection.step(),
                time_passes(shop),
                time_passes(other),
            )
        await followed(shop)
        await followed(other)
        await time_passes(other)
        logged = await logged_alerts(shop)
        for alert in await alerts(shop):
            is_told_as_it_opens_only = alert.resolved_at in (None, alert.opened_at)
            assert logged.count(alert.id) == (1 if is_told_as_it_opens_only else 2)
        assert await unresolved(shop) == [(LOW, "web")]


async def test_a_step_that_dies_after_it_wrote_alerts_has_written_nothing(
    shop: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise RuntimeError("the process ends here")

    await count(shop, "A-1", 3)
    with monkeypatch.context() as dying:
        dying.setattr(followed_items, "tell_notices", dies)
        with pytest.raises(RuntimeError, match="ends here"):
            await shop.listing_projection.step()
    assert await alerts(shop) == []
    assert await logged_alerts(shop) == []
    await followed(shop)
    assert [one.kind for one in await alerts(shop)] == [LOW]


async def test_who_has_seen_an_alert_first_is_noted(shop: Services) -> None:
    await counted(shop, 3)
    (alert,) = await alerts(shop)
    operator = Principal("anna", frozenset({AccessScope.ALERTS_WRITE}))
    seen = await shop.alerts.acknowledge(operator, str(alert.id), "key-1")
    assert (seen.state, seen.acknowledged_by) == (AlertState.ACKNOWLEDGED, "anna")
    assert await shop.alerts.acknowledge(operator, str(alert.id), "key-1") == seen
    assert await shop.alerts.acknowledge(CLERK, str(alert.id)) == seen
    assert await logged_alerts(shop) == [alert.id, alert.id]
    with pytest.raises(IdempotencyMismatch):
        await shop.alerts.acknowledge(operator, "12", "key-1")
    for unknown in ("0", "7777", "x", "-1", "9" * 30, "9" * 5_000, "²"):
        with pytest.raises(AlertNotFound):
            await shop.alerts.acknowledge(operator, unknown)
    assert await alerts(shop, acknowledged=False, unresolved=True) == []
    assert await alerts(shop, acknowledged=True, unresolved=True) == [seen]


async def test_what_was_resolved_long_ago_is_forgotten_by_the_upkeep(
    shop: Services, database_url: str
) -> None:
    for units in (3, 9, 3):
        await counted(shop, units)
    before, now = await alerts(shop)
    upkeep = Upkeep(shop)
    await upkeep.keep()
    assert await alerts(shop) == [before, now]
    days = shop.settings.alert_log_days
    await execute(
        database_url,
        f"""update alert set opened_at = opened_at - interval '{days + 1} days',
                             resolved_at = resolved_at - interval '{days} days'""",
    )
    await upkeep.keep()
    assert [one.id for one in await alerts(shop)] == [now.id]


async def test_alerts_are_for_those_who_have_a_scope_for_them(shop: Services) -> None:
    reader = Principal("reader", frozenset({AccessScope.ALERTS_READ}))
    await shop.alerts.by_ids(reader, [1])
    with pytest.raises(Forbidden):
        await shop.alerts.acknowledge(reader, "1")
    others = frozenset(AccessScope) - {AccessScope.ALERTS_READ, AccessScope.ALERTS_WRITE}
    for refused in (Principal("shop", others), reader._replace(audience=Audience.BANDS)):
        with pytest.raises(Forbidden):
            await shop.alerts.by_ids(refused, [1])


async def test_alerts_come_in_pages_and_by_what_is_sought(shop: Services) -> None:
    for sku in ("A-1", "A-2", "B-1"):
        await shop.stock.adjust_stock(CLERK, Adjustment(sku, "BER", 3 * UNIT, "found"))
    await followed(shop)
    pages = []
    after = None
    while True:
        page = await shop.alerts.page(CLERK, Sought(), 2, after)
        pages.append([one.sku for one in page.nodes])
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(sku or "" for page in pages for sku in page) == ["A-1", "A-2", "B-1"]
    assert [one.sku for one in await alerts(shop, sku="A-2")] == ["A-2"]
    assert await alerts(shop, channel="store") == []
    assert await alerts(shop, kinds=(OUT,)) == []
