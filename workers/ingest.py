"""Works the inbox: each event becomes a command for the stock writer, in the order they came.

The writer marks the entry in the transaction of its effect, so an event takes effect once, however
often a worker dies or two of them meet. What is refused for good becomes a dead letter and holds
nothing back.

Events go to the writer in runs, one after the other: where one could not be written, nothing that
came behind it is, so that neither a retry nor another worker changes the order.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import orjson
import structlog

from hub.bootstrap import Services
from hub.domain.commands import Command, Origin
from hub.domain.errors import HubError, Unavailable
from hub.domain.event_order import HeldBack
from hub.domain.events import command_from, event_from
from hub.observability import metrics
from hub.services.ids import uuid7
from hub.services.inbox_marks import mark_of
from hub.services.writer_batch import WORKED_BEFORE, must_be_alone
from hub.store.inbox import (
    PendingEvent,
    count_pending,
    mark_failed,
    read_payloads,
    read_pending,
)

BATCH = 1_000
MAX_BYTES = 4_194_304
"""Of a batch, as the database keeps it; one event may be larger."""
MAX_RUN = 500
MAX_LINES = 5_000
"""Events, and order lines, of a transaction: who wants to change the same items, or comes to the
same lane of the writer, waits for its end."""
IDLE_SECONDS = 0.2
DRAIN_PAUSE_SECONDS = 0.1
RETRY_SECONDS = 1.0
COUNT_SECONDS = 10.0
"""Between two looks at how many dead letters there are."""

log = structlog.get_logger()


class IngestReport(NamedTuple):
    """What a run through the inbox has done. What is neither applied nor a dead letter waits for
    another try, or was worked by another worker, who counts it."""

    worked: int = 0
    applied: int = 0
    dead_letters: int = 0


class _NotUnderstood(Exception):
    """An entry of the inbox is no event that the hub understands."""


class _Read(NamedTuple):
    """Events that were read, and what each of them asks for, or why that is not understood."""

    events: list[PendingEvent]
    commands: list[Command | _NotUnderstood]


class Ingest:
    """Turns inbox entries into stock."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._writer = services.writer
        self._arrivals = services.intake.arrivals
        self._letters = services.intake.letters
        self._count_at = 0.0
        self._wake = asyncio.Event()
        self._arrivals.begin()
        services.intake.on_stored(self._wake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Work the inbox until `stop` is set; survives the database going away."""
        while not stop.is_set():
            try:
                worked = await self._work_all(stop)
                await self._count_dead_letters()
            except Unavailable:
                log.warning("ingest.database_away")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if worked == 0:
                await self._pause()

    async def drain(self) -> IngestReport:
        """Work until no entry is left, those included that wait for another try."""
        total = IngestReport()
        while True:
            report = await self.work_due()
            total = IngestReport(*(a + b for a, b in zip(total, report, strict=True)))
            if report.worked == 0:
                if await count_pending(self._database) == 0:
                    return total
                await asyncio.sleep(DRAIN_PAUSE_SECONDS)

    async def work_due(self) -> IngestReport:
        """Work what is due now, at most one batch of it."""
        return await self._work(await self._read())

    async def _work_all(self, stop: asyncio.Event) -> int:
        """Work what is due, batch by batch: the next one is read while this one is written. How
        many events that were."""
        worked = 0
        read = await self._read()
        while read.events:
            reading = asyncio.create_task(self._read(read.events))
            try:
                worked += (await self._work(read)).worked
                await self._count_dead_letters()
            except BaseException:
                # What was read behind it must not go ahead of it: it is read anew.
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                raise
            read = await reading
            if stop.is_set():
                break
        return worked

    async def _read(self, at_hand: Sequence[PendingEvent] = ()) -> _Read:
        """What is due but for what is at hand. Also what came before that: a sender may have been
        slow to commit it, or somebody has put it back."""
        ids = [event.id for event in at_hand]
        events = _of_bounded_size(await read_pending(self._database, BATCH, ids))
        known = [
            None if one.edited else self._arrivals.take(one.id, one.source, one.event_id)
            for one in events
        ]
        if events:
            self._arrivals.forget(max(one.id for one in events))
        unknown = [one.id for one, command in zip(events, known, strict=True) if command is None]
        payloads = await read_payloads(self._database, unknown) if unknown else {}
        return _Read(
            events,
            [
                _understood(event, payloads[event.id])
                if command is None
                else command._replace(origin=_origin(event))
                for event, command in zip(events, known, strict=True)
            ],
        )

    async def _work(self, read: _Read) -> IngestReport:
        states: list[str] = []
        place = 0
        for run in _runs(read.commands):
            events = read.events[place : place + len(run)]
            place += len(run)
            states += await self._settle(events, await self._results(run))
        for state in set(states):
            metrics.events_worked.labels(state).inc(states.count(state))
        return IngestReport(
            len(states), states.count("APPLIED") + states.count("SUPERSEDED"), states.count("DEAD")
        )

    async def _results(self, run: Sequence[Command | _NotUnderstood]) -> Sequence[Any]:
        # It was understood at the door, unless an older version of the hub has let it in.
        if isinstance(run[0], _NotUnderstood):
            return run
        return await self._writer.enqueue_events(run)  # type: ignore[arg-type]

    async def _settle(self, events: Sequence[PendingEvent], results: Sequence[Any]) -> list[str]:
        """The states that events are in now. The writer has written them, unless it could not even
        decide; then they are set aside here. Raises `Unavailable`."""
        states = []
        for event, result in zip(events, results, strict=True):
            if isinstance(result, Unavailable):
                raise result
            if isinstance(result, Exception) and not isinstance(result, HubError):
                log.error("ingest.failed", event_id=event.event_id, error=repr(result))
                await mark_failed(self._database, event.id, repr(result))
                states.append("DEAD")
            else:
                states.append(_state(event, result))
        return states

    async def _count_dead_letters(self) -> None:
        now = time.monotonic()
        if now < self._count_at:
            return
        self._count_at = now + COUNT_SECONDS
        counts = await self._letters.count_by_source()
        # A source that has none any more is told no more.
        metrics.dead_letters.clear()
        for source, many in counts.items():
            metrics.dead_letters.labels(source).set(many)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return
        self._wake.clear()


def _of_bounded_size(events: list[PendingEvent]) -> list[PendingEvent]:
    sizes = accumulate(event.size for event in events)
    return events[: max(1, sum(size <= MAX_BYTES for size in sizes))]


def _origin(event: PendingEvent) -> Origin:
    return Origin(event.source, f"{event.source}/{event.event_id}", None, event.id)


def _understood(event: PendingEvent, text: str) -> Command | _NotUnderstood:
    try:
        return command_from(event_from(orjson.loads(text)), _origin(event), uuid7)
    except Exception as error:  # noqa: BLE001 - told by who sets it aside
        # Also what nobody foresaw: it must not hold back the others.
        return _NotUnderstood(error)


def _runs(
    commands: Sequence[Command | _NotUnderstood],
) -> Iterator[list[Command | _NotUnderstood]]:
    """Stretches of commands that can be written together: one that depends on more than its
    position only with such of other positions, and no more than a transaction should have."""
    run: list[Command | _NotUnderstood] = []
    keys: set[object] = set()
    kind: object = None
    lines = 0
    for command in commands:
        key = None if isinstance(command, _NotUnderstood) else must_be_alone(command)
        now = (isinstance(command, _NotUnderstood), key is not None)
        more = len(getattr(command, "lines", None) or ())
        full = len(run) == MAX_RUN or lines + more > MAX_LINES
        if run and (full or now != kind or key in keys):
            yield run
            run, keys, lines = [], set(), 0
        kind = now
        lines += more
        run.append(command)
        if key is not None:
            keys.add(key)
    if run:
        yield run


def _state(event: PendingEvent, result: Any) -> str:
    if result == WORKED_BEFORE:
        return WORKED_BEFORE
    if isinstance(result, HeldBack):
        return "PENDING"
    state = mark_of(event.id, result, event.attempts).state
    if state == "DEAD":
        log.warning("ingest.dead_letter", event_id=event.event_id, code=result.code)
    return state
