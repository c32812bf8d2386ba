"""Replays a recorded order log through the same doors as live traffic, and reports on every line.

The times are the log's; the pace is as fast as the ledger takes it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hub.bootstrap import Services
from hub.domain.policies import Channel
from hub.domain.principal import trusted
from hub.domain.values import UNIT, Scope, Sku
from hub.services.catalogue import LocationInfo
from workers.ingest import Ingest
from workers.orders.online_retail import (
    CHANNEL,
    LOCATION,
    SOURCE,
    Event,
    RetailLog,
    Tally,
    opening_events,
)
from workers.orders.retail_survey import OPENING_RULE, Survey, catalogue_of, survey
from workers.replay_watch import SkuWatch, Transition

_PRINCIPAL: Final = trusted("replay")
_EVENTS_PER_CALL: Final = 1_000

Progress = Callable[[int, int], None]
"""Told the lines done and the lines there are."""


@dataclass
class ReplayReport:
    """What a replay did with every line of its log."""

    file: str
    opening_items: int
    opening_units: int
    tally: Tally
    duplicates: int = 0
    """Events that the inbox knew already: all of them, in a second replay."""
    applied: int = 0
    dead_letters: int = 0
    duration_seconds: float = 0.0
    watched: Sku | None = None
    watched_states: int = 0
    transitions: list[Transition] = field(default_factory=list)

    @property
    def lines_per_second(self) -> float:
        """Lines of the file per second of the whole replay, its first pass included."""
        return self.tally.lines_read / self.duration_seconds if self.duration_seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON; every line is in `lines` once."""
        tally = self.tally
        report: dict[str, Any] = {
            "file": self.file,
            "assumed": {
                "opening": OPENING_RULE,
                "items": self.opening_items,
                "units": self.opening_units,
            },
            "lines": {"read": tally.lines_read, **_plain(tally.lines)},
            "setAside": _plain(tally.set_aside),
            # Each item's opening count is an event, too, though no line of the log.
            "events": {**_plain(tally.events), "stock.set": self.opening_items},
            "duplicates": self.duplicates,
            "applied": self.applied,
            "deadLetters": self.dead_letters,
            "durationSeconds": round(self.duration_seconds, 3),
            "linesPerSecond": round(self.lines_per_second),
        }
        if self.watched is not None:
            report["watched"] = {
                "sku": self.watched,
                "statesReceived": self.watched_states,
                "aroundLargestSwing": [one.as_dict() for one in self.transitions],
            }
        return report


async def replay(
    services: Services,
    ingest: Ingest,
    path: Path,
    progress: Progress,
    limit_lines: int | None = None,
    watch_sku: Sku | None = None,
) -> ReplayReport:
    """Replay the Online Retail log at `path`, or the days that its first `limit_lines` begin.

    Raises `InvalidInput` when the file is not such a log, and `EventMismatch` when another file
    was replayed before under the same invoice numbers.
    """
    started = time.perf_counter()
    found = await asyncio.to_thread(survey, path)
    log = RetailLog(path, found)
    report = ReplayReport(
        file=path.name,
        opening_items=len(found.opening),
        opening_units=sum(found.opening.values()) // UNIT,
        tally=log.tally,
        watched=watch_sku,
    )
    await _put_catalogue(services, found)
    await _apply(services, ingest, opening_events(found), report)
    async with AsyncExitStack() as stack:
        watch = None
        if watch_sku is not None:
            watching = SkuWatch(services, _PRINCIPAL, watch_sku, Scope(CHANNEL))
            watch = await stack.enter_async_context(watching.reading())
        for step in log.steps(limit_lines):
            if watch is not None:
                watch.day = step.day
            await _apply(services, ingest, step.events, report)
            if watch is not None:
                await watch.caught_up()
            progress(step.lines_read, found.lines)
        if watch is not None:
            report.watched_states = watch.received
            report.transitions = watch.largest_swing()
    if limit_lines is None:
        # Counted on the way in by the first pass, on the way out by what became of each line.
        assert log.tally.lines_read == found.lines
    report.duration_seconds = time.perf_counter() - started
    return report


async def _apply(
    services: Services, ingest: Ingest, events: Sequence[Event], report: ReplayReport
) -> None:
    for first in range(0, len(events), _EVENTS_PER_CALL):
        accepted = await services.intake.accept_events(
            _PRINCIPAL, SOURCE, events[first : first + _EVENTS_PER_CALL]
        )
        report.duplicates += sum(one.duplicate for one in accepted)
    drained = await ingest.drain()
    report.applied += drained.applied
    report.dead_letters += drained.dead_letters


async def _put_catalogue(services: Services, found: Survey) -> None:
    """Add what the catalogue lacks; what it has may have been edited since, and stays."""
    catalogue = services.catalogue
    if LOCATION not in {location.id for location in await catalogue.locations(_PRINCIPAL)}:
        place = LocationInfo(LOCATION, "Online retail warehouse", "GB", "Europe/London")
        await catalogue.put_locations(_PRINCIPAL, [place])
    if CHANNEL not in {channel.id for channel in catalogue.channels(_PRINCIPAL)}:
        default = CHANNEL if catalogue.default_channel() is None else None
        channel = Channel(CHANNEL, "Online retail", "en", "GBP", (LOCATION,))
        await catalogue.put_channels(_PRINCIPAL, [channel], default)
    known = await catalogue.items(_PRINCIPAL, list(found.names))
    missing = [item for item in catalogue_of(found.names) if item.sku not in known]
    if missing:
        await catalogue.put_items(_PRINCIPAL, missing)


def _plain(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items())}
