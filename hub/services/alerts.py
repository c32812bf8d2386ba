"""Alerts: what is the matter with stock, for those who run it."""

from collections.abc import Iterable

from hub.domain.alerts import Alert
from hub.domain.errors import AlertNotFound
from hub.domain.principal import AccessScope, Principal
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.ids import number_from
from hub.services.once import Outcome, done_once
from hub.store.alerts import Sought, acknowledge, read_alert_page, read_alerts
from hub.store.database import Database
from hub.store.transactions import Transaction

__all__ = ["Alerts", "Sought", "is_sought", "require"]


class Alerts:
    """Reads alerts, and notes who has seen one. They name exact numbers, so they are for those who
    have a scope for them."""

    def __init__(self, database: Database, max_page: int) -> None:
        self._database = database
        self._max_page = max_page

    async def page(
        self, principal: Principal, sought: Sought, first: int, after: str | None
    ) -> Page[Alert]:
        """The next alerts behind the cursor `after`, the newest first. Raises `InvalidInput`."""
        require(principal)
        check_page_size(first, self._max_page)
        before = None if after is None else place_from(after, (int,))[0]
        found = await read_alert_page(self._database, sought, before, first + 1)
        cursors = [cursor_of([alert.id]) for alert in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def by_ids(self, principal: Principal, ids: Iterable[int]) -> list[Alert]:
        """The alerts that exist among `ids`, the oldest first."""
        require(principal)
        return await read_alerts(self._database, ids)

    async def acknowledge(
        self, principal: Principal, id: str, idempotency_key: str | None = None
    ) -> Alert:
        """Note that the principal has seen an alert; who was first is noted for good. Raises
        `AlertNotFound`, `InvalidInput` and the idempotency errors."""
        principal.require(AccessScope.ALERTS_WRITE)
        principal.require_exact()
        number = number_from(id)

        async def work(transaction: Transaction) -> Outcome:
            if await acknowledge(transaction, number, principal.name) is None:
                raise AlertNotFound(id=id)
            return {}

        request = ("acknowledge_alert", id)
        await done_once(self._database, principal, idempotency_key, request, work)
        (alert,) = await read_alerts(self._database, [number])
        return alert


def is_sought(alert: Alert, sought: Sought) -> bool:
    """Whether an alert is of the kind and the subject that is sought, in whatever state."""
    return (
        (sought.kinds is None or alert.kind in sought.kinds)
        and sought.sku in (None, alert.sku)
        and sought.channel in (None, alert.channel)
        and sought.location in (None, alert.location)
    )


def require(principal: Principal) -> None:
    """Raise `Forbidden` unless a principal may hear of alerts."""
    principal.require(AccessScope.ALERTS_READ)
    principal.require_exact()
