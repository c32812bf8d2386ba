"""A shop whose alerts and notices are followed a step at a time, as the jobs do it."""

from datetime import timedelta
from typing import Any

from hub.bootstrap import Services
from hub.domain.alerts import Alert, AlertKind
from hub.services.alerts import Sought
from hub.store.passing_time import Delays, tell_what_is_due
from tests.integration.shop import CLERK

LOG = "select alerts, notices::text[] as notices, cause, skus, rules from change order by xid"


async def followed(services: Services) -> None:
    """Do all that the job that keeps lists, alerts and notices has to do."""
    while not (await services.listing_projection.step()).idle:
        pass


async def time_passes(services: Services, wave_seconds: float = 3_600) -> None:
    """Tell what has fallen due."""
    delays = Delays(timedelta(seconds=1), timedelta(seconds=wave_seconds), timedelta(days=28))
    told = await tell_what_is_due(services.database, delays, 1_000)
    while told is None or told.more:
        told = await tell_what_is_due(services.database, delays, 1_000)


async def alerts(services: Services, **sought: Any) -> list[Alert]:
    """All alerts, the oldest first."""
    page = await services.alerts.page(CLERK, Sought(**sought), 100, None)
    assert not page.has_next
    return page.nodes[::-1]


async def unresolved(services: Services) -> list[tuple[AlertKind, str | None]]:
    """What is the matter now: kinds, and the channels or locations where."""
    return [
        (one.kind, one.channel or one.location) for one in await alerts(services, unresolved=True)
    ]


async def logged_alerts(services: Services) -> list[int]:
    """The alerts that the log names, one for each time."""
    return [id for row in await services.database.fetch(LOG) for id in row["alerts"]]
