"""The door for events: understood, stored once, and only then acknowledged."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import structlog

from hub.domain.commands import Command, Origin
from hub.domain.dead_letters import DeadLetter, SoughtLetters
from hub.domain.errors import EventMismatch, HubError, InvalidInput, LimitExceeded
from hub.domain.events import command_from, event_from
from hub.domain.principal import AccessScope, Principal
from hub.domain.received_events import events_of
from hub.domain.values import identifier_from
from hub.observability import metrics
from hub.services.arrivals import Arrival, Arrivals
from hub.services.catalogue import Page
from hub.services.dead_letters import DeadLetters
from hub.services.ids import uuid7
from hub.store.database import Database
from hub.store.inbox import NewEvent, StoredEvent, put_events, store_events
from hub.store.transactions import Transaction, run_tx

__all__ = ["MAX_EVENTS", "Acceptance", "DeadLetter", "Intake"]

MAX_EVENTS = 1_000
_ANYBODY = Origin("intake")

log = structlog.get_logger()


Beside = Callable[[Transaction, Sequence[StoredEvent]], Awaitable[None]]
"""Is told what a transaction stores, and may add to it."""


class Acceptance(NamedTuple):
    """An event is in the inbox; a duplicate was there before and has no further effect."""

    event_id: str
    duplicate: bool


class Understood(NamedTuple):
    """An event as it is stored, and what it asks for; the command's origin is anybody."""

    event: NewEvent
    command: Command


class Intake:
    """Accepts events into the inbox and shows those that failed."""

    def __init__(self, database: Database, max_page: int) -> None:
        self._database = database
        self._on_stored: list[Callable[[], None]] = []
        self.arrivals = Arrivals()
        self.letters = DeadLetters(database, self._wake, max_page)
        """What could not be worked of what was accepted."""

    def on_stored(self, call: Callable[[], None]) -> None:
        """Call this whenever there is something new in the inbox of this process."""
        self._on_stored.append(call)

    def tell_stored(
        self,
        source: str,
        stored: Sequence[StoredEvent],
        commands: Mapping[str, Command] = MappingProxyType({}),
    ) -> None:
        """Count what a transaction has put into the inbox that is committed by now, and tell who
        asked to be called. `commands` are what events ask for, by their ids, where it is known."""
        self.arrivals.keep(
            (one.id, Arrival(source, one.event_id, commands[one.event_id]))
            for one in stored
            if one.fresh and one.event_id in commands
        )
        metrics.events_received.labels(source).inc(sum(one.fresh for one in stored))
        self._wake()

    async def accept(
        self,
        principal: Principal,
        source: str,
        body: bytes,
        media_type: str,
        headers: Mapping[str, str],
    ) -> list[Acceptance]:
        """Store the CloudEvents of a request, structured, batched or binary.

        Raises `InvalidInput` with the field and the reason, `EventMismatch` for an id that is
        known with another payload; then nothing of the request is stored.
        """
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(field="body", problem=f"is not JSON: {error}") from None
        return await self.accept_events(principal, source, events_of(parsed, media_type, headers))

    async def accept_events(
        self, principal: Principal, source: str, events: Sequence[Any]
    ) -> list[Acceptance]:
        """Store CloudEvents that are parsed already; see `accept`."""
        principal.require(AccessScope.EVENTS_INGEST)
        identifier_from(source, "source")
        if not 1 <= len(events) <= MAX_EVENTS:
            raise LimitExceeded(what="events of a request", limit=MAX_EVENTS, actual=len(events))
        new: dict[str, NewEvent] = {}
        commands: dict[str, Command] = {}
        repeated: set[str] = set()
        for place, raw in enumerate(events):
            event, command = _placed(raw, place if len(events) > 1 else None)
            commands.setdefault(event.event_id, command)
            known = new.setdefault(event.event_id, event)
            if known is not event:
                repeated.add(event.event_id)
                if known.payload_hash != event.payload_hash:
                    raise EventMismatch(source=source, event_id=event.event_id)
        try:
            stored = await store_events(self._database, source, list(new.values()))
        except EventMismatch as mismatch:
            log.warning("intake.mismatch", source=source, event_id=mismatch.data["event_id"])
            raise
        self.tell_stored(source, stored, commands)
        return [Acceptance(one.event_id, not one.fresh) for one in stored] + [
            Acceptance(event_id, True) for event_id in repeated
        ]

    async def accept_each(
        self, principal: Principal, source: str, events: Sequence[Any], beside: Beside
    ) -> list[StoredEvent]:
        """Store CloudEvents that each have an id of their own. One that is known with another
        payload is told by that it `differs`; the others go in all the same. `beside` belongs to the
        same transaction: where it raises, nothing is stored."""
        principal.require(AccessScope.EVENTS_INGEST)
        new = [understood(raw) for raw in events]

        async def work(client: Transaction) -> list[StoredEvent]:
            stored = await put_events(client, source, [one.event for one in new])
            await beside(client, stored)
            return stored

        stored = await run_tx(self._database, work)
        if any(one.differs for one in stored):
            differing = sum(one.differs for one in stored)
            log.warning("intake.mismatches", source=source, events=differing)
        self.tell_stored(source, stored, {one.event.event_id: one.command for one in new})
        return stored

    def _wake(self) -> None:
        for call in self._on_stored:
            call()

    async def dead_letters(
        self, principal: Principal, first: int, after: str | None
    ) -> Page[DeadLetter]:
        """Events that could not be worked, newest first."""
        return await self.letters.page(principal, SoughtLetters(), first, after)


def _placed(raw: object, place: int | None) -> Understood:
    """What was understood; what is wrong is named with its place among many."""
    try:
        return understood(raw)
    except InvalidInput as error:
        if place is None:
            raise
        raise InvalidInput(
            field=f"[{place}].{error.data['field']}", problem=error.data["problem"]
        ) from None


def understood(raw: object) -> Understood:
    """An event ready to be stored. It is turned into its command already here, so that its sender
    hears of a mistake and not only the operator. Raises `InvalidInput`."""
    try:
        event = event_from(raw)
        command = command_from(event, _ANYBODY, uuid7)
        text = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
    except InvalidInput:
        raise
    except (TypeError, HubError) as error:
        raise InvalidInput(field="event", problem=str(error)) from None
    if b"\\u0000" in text:
        raise InvalidInput(field="event", problem="must not hold the character U+0000")
    digest = hashlib.sha256(text).digest()
    return Understood(NewEvent(event.id, event.type, text.decode(), digest), command)
