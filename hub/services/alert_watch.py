"""Watching alerts: those that are not resolved first, then each that changes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final, NamedTuple

from hub.domain.alerts import Alert
from hub.domain.errors import InvalidInput
from hub.domain.principal import Principal
from hub.observability import metrics
from hub.services.alerts import Sought, is_sought, require
from hub.services.watch import MAX_CURSOR_LENGTH, NO_CURSOR, EventKind
from hub.store.alerts import read_alert_page, read_alerts
from hub.store.change_log import (
    Changes,
    can_be_resumed,
    read_alerts_since,
    read_cursor,
)
from hub.store.database import Database

MAX_WAITING: Final = 10_000
"""Alerts that wait for a slow subscriber, or that changed while he was away; where there are more,
he is told all anew."""


class AlertEvent(NamedTuple):
    """One or more alerts as they are. `cursor` is where to resume from once they are known."""

    kind: EventKind
    cursor: str
    alerts: tuple[Alert, ...]


class _Slots:
    """What one subscriber has still to be told: the newest state of each alert, and no more of them
    than `MAX_WAITING`."""

    def __init__(self, sought: Sought) -> None:
        self.sought = sought
        self.cursor = NO_CURSOR
        self.must_begin_anew = False
        self._waiting: dict[int, Alert] = {}
        self._known: dict[int, int] = {}
        """How far those had come of which he was told at first, the last `MAX_WAITING` of them: the
        log may come by with the same, or with what was read before."""
        self._batches_to_come = 0
        self._filled = asyncio.Event()

    def offer(self, alert: Alert, cursor: str) -> None:
        """Take the state of an alert, and the cursor behind it."""
        if _steps(alert) <= self._known.get(alert.id, -1):
            return
        self.cursor = cursor
        self._waiting[alert.id] = alert
        if len(self._waiting) > MAX_WAITING:
            self.begin_anew()
        self._filled.set()

    def begin_anew(self) -> None:
        """What he was told may be wrong, or something is missing: he is told everything again."""
        self.must_begin_anew = True
        self._waiting.clear()
        self._known.clear()
        self._filled.set()

    def know(self, alerts: tuple[Alert, ...]) -> None:
        """He was told of these by another way. Of the changes that are read next some may be older
        than that, of those after them none."""
        for alert in alerts:
            self._known[alert.id] = _steps(alert)
            waiting = self._waiting.get(alert.id)
            if waiting is not None and _steps(waiting) <= _steps(alert):
                del self._waiting[alert.id]
        while len(self._known) > MAX_WAITING:
            del self._known[next(iter(self._known))]
        self._batches_to_come = 2

    def batch_told(self) -> None:
        """All of one reading of the log was offered."""
        self._batches_to_come -= 1
        if self._batches_to_come <= 0:
            self._known.clear()

    async def take(self) -> tuple[Alert, ...]:
        """All that waits, once there is something; nothing where there was too much of it."""
        await self._filled.wait()
        self._filled.clear()
        alerts = tuple(self._waiting.values())
        self._waiting.clear()
        return alerts


class AlertWatch:
    """Those of this process who are told of alerts."""

    def __init__(self, database: Database, piece_alerts: int) -> None:
        self._database = database
        self._piece_alerts = piece_alerts
        """Alerts that are told at a time."""
        self._subscribers: set[_Slots] = set()

    async def alerts(
        self, principal: Principal, sought: Sought, after: str | None = None
    ) -> AsyncGenerator[AlertEvent, None]:
        """The alerts that are not resolved, in pieces, then each that changes, until closed. With
        `after`, the cursor of an event seen before, those that have changed since, or RESET and
        all where that can't be told. Raises `InvalidInput`."""
        require(principal)
        if after is not None and len(after) > MAX_CURSOR_LENGTH:
            raise InvalidInput(field="after", problem="is not the cursor of an event")
        slots = _Slots(sought)
        # First he follows, then he is told how things are: nothing falls in between.
        self._subscribers.add(slots)
        metrics.subscribers.inc()
        try:
            async for event in self._first(sought, after):
                slots.know(event.alerts)
                yield event
            while True:
                alerts = await slots.take()
                if slots.must_begin_anew:
                    slots.must_begin_anew = False
                    async for event in self._everything(sought, EventKind.RESET):
                        slots.know(event.alerts)
                        yield event
                elif alerts:
                    yield AlertEvent(EventKind.CHANGE, slots.cursor, alerts)
        finally:
            metrics.subscribers.dec()
            self._subscribers.discard(slots)

    def has_subscribers(self) -> bool:
        """Whether there is anybody to be told."""
        return bool(self._subscribers)

    async def tell(self, changes: Changes) -> None:
        """Tell of the alerts among these changes."""
        if not self._subscribers:
            return
        alerts = await read_alerts(self._database, changes.alerts) if changes.alerts else []
        for slots in self._subscribers:
            if changes.reset:
                slots.begin_anew()
            for alert in alerts:
                if is_sought(alert, slots.sought):
                    slots.offer(alert, changes.cursor)
            slots.batch_told()

    async def _first(self, sought: Sought, after: str | None) -> AsyncIterator[AlertEvent]:
        if after is not None and await can_be_resumed(self._database, after):
            complete = await read_cursor(self._database)
            ids = await read_alerts_since(self._database, after, MAX_WAITING + 1)
            found = {one.id: one for one in await read_alerts(self._database, ids)}
            # What was resolved long ago is kept no more, and can't be told.
            if len(found) == len(ids) <= MAX_WAITING:
                for start in range(0, max(1, len(ids)), self._piece_alerts):
                    piece = [found[id] for id in ids[start : start + self._piece_alerts]]
                    last = start + self._piece_alerts >= len(ids)
                    changed = tuple(alert for alert in piece if is_sought(alert, sought))
                    if changed or last:
                        # Until all pieces are through, one resumes from where one was.
                        yield AlertEvent(EventKind.RECOVERED, complete if last else after, changed)
                return
        kind = EventKind.SNAPSHOT if after is None else EventKind.RESET
        async for event in self._everything(sought, kind):
            yield event

    async def _everything(self, sought: Sought, kind: EventKind) -> AsyncIterator[AlertEvent]:
        # Before anything is looked for: what comes after it is told to who resumes from it.
        complete = await read_cursor(self._database)
        unresolved = sought._replace(unresolved=True)
        before: int | None = None
        while True:
            piece = await read_alert_page(self._database, unresolved, before, self._piece_alerts)
            last = len(piece) < self._piece_alerts
            yield AlertEvent(kind, complete if last else NO_CURSOR, tuple(piece))
            if last:
                return
            before = piece[-1].id


def _steps(alert: Alert) -> int:
    """How far one has come with an alert. There is no way back."""
    return (alert.acknowledged_at is not None) + (alert.resolved_at is not None)
