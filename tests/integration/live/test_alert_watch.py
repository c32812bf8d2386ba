"""Who watches alerts is told each as it is, in pieces, and never as it was before that."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import pytest

from hub.bootstrap import Services
from hub.domain.alerts import Alert, AlertState
from hub.services import alert_watch
from hub.services.alert_watch import AlertEvent
from hub.services.alerts import Sought
from hub.services.watch import EventKind
from hub.store.alerts import forget_alerts, read_alerts
from hub.store.change_log import read_cursor
from hub.store.database import Reader
from tests.integration.shop import CLERK, execute

OPEN, SEEN, RESOLVED = AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.RESOLVED


async def open_alerts(services: Services, many: int) -> None:
    """So many items are low from now on."""
    await execute(
        services.database.url,
        f"""with opened as (
                insert into alert (kind, sku, channel, opened_at)
                select 'LOW_STOCK', 'S-' || n, 'web', now() from generate_series(1, {many}) n
                returning id)
            insert into change (alerts, recorded_at) select array_agg(id), now() from opened""",
    )
    services.announce()


async def resolve(services: Services, id: int) -> None:
    """An alert is over."""
    await execute(
        services.database.url,
        f"update alert set resolved_at = now() where id = {id}",
        f"insert into change (alerts, recorded_at) values ('{{{id}}}', now())",
    )
    services.announce()


@asynccontextmanager
async def watching(
    services: Services, after: str | None = None
) -> AsyncIterator[AsyncGenerator[AlertEvent, None]]:
    """Somebody who watches all alerts."""
    events = services.alert_watch.alerts(CLERK, Sought(), after)
    async with aclosing(events), asyncio.timeout(20):
        yield events


async def test_who_was_away_while_much_happened_is_told_in_pieces(services: Services) -> None:
    cursor = await read_cursor(services.database)
    await open_alerts(services, 250)
    async with watching(services, cursor) as events:
        told = [await anext(events) for _ in range(3)]
    assert [(one.kind, len(one.alerts)) for one in told] == [
        (EventKind.RECOVERED, many) for many in (100, 100, 50)
    ]
    assert len({alert.id for one in told for alert in one.alerts}) == 250
    # Whoever is cut off in between begins where he was.
    assert [one.cursor == cursor for one in told] == [True, True, False]
    async with watching(services, told[-1].cursor) as events:
        assert (await anext(events)).alerts == ()


async def test_who_missed_more_than_is_kept_for_anybody_is_told_everything(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_watch, "MAX_WAITING", 20)
    cursor = await read_cursor(services.database)
    await open_alerts(services, 20)
    async with watching(services, cursor) as events:
        assert (await anext(events)).kind is EventKind.RECOVERED
    await execute(services.database.url, "update alert set sku = 'T' || sku")
    await open_alerts(services, 1)
    async with watching(services, cursor) as events:
        told = await anext(events)
        assert (told.kind, len(told.alerts)) == (EventKind.RESET, 21)
        # Of what he was told, no more is remembered for him than may wait.
        (slots,) = services.alert_watch._subscribers
        assert len(slots._known) == 20


async def test_who_missed_the_end_of_an_alert_that_is_forgotten_is_told_everything(
    services: Services,
) -> None:
    cursor = await read_cursor(services.database)
    await open_alerts(services, 2)
    await execute(services.database.url, "update alert set resolved_at = now() where sku = 'S-1'")
    assert await forget_alerts(services.database, timedelta()) == 1
    async with watching(services, cursor) as events:
        told = await anext(events)
    assert (told.kind, [one.sku for one in told.alerts]) == (EventKind.RESET, ["S-2"])


async def test_an_alert_is_never_told_as_it_was_before_what_was_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_read, go_on = asyncio.Event(), asyncio.Event()

    async def held_up(reader: Reader, ids: Iterable[int]) -> list[Alert]:
        found = await read_alerts(reader, ids)
        is_read.set()
        await go_on.wait()
        return found

    async with watching(services) as first, watching(services) as second:
        assert (await anext(first)).alerts == ()
        monkeypatch.setattr(alert_watch, "read_alerts", held_up)
        await open_alerts(services, 1)
        await is_read.wait()
        (alert,) = (await services.alerts.page(CLERK, Sought(), 1, None)).nodes
        await services.alerts.acknowledge(CLERK, str(alert.id))
        states = [one.state for one in (await anext(second)).alerts]
        go_on.set()
        assert [one.state for one in (await anext(first)).alerts] == [OPEN]
        assert [one.state for one in (await anext(first)).alerts] == [SEEN]
        await resolve(services, alert.id)
        states += [one.state for one in (await anext(second)).alerts]
    assert states == [SEEN, RESOLVED]
