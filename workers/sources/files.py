"""Files of sources: what one would do, and taking one in."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from hub.bootstrap import Services
from hub.domain.commands import Command, Origin, SetStock
from hub.domain.decide_stock import StockChange
from hub.domain.errors import HubError, InvalidInput
from hub.domain.principal import trusted
from hub.domain.snapshots import LEFT_OUT, CountedRow, Snapshot, Whole
from hub.domain.sources import Source
from hub.services.rehearsal import Rehearsal, rehearsing
from workers.formats.reading import Format
from workers.sources.drafts import Arrival, refusal
from workers.sources.pipeline import Stretch, read_stretches, store
from workers.sources.report import (
    KEPT_FINDINGS,
    FileReport,
    ImportReport,
    RehearsalReport,
    all_refused,
    note_of,
)
from workers.sources.sent import Sent, sent_file
from workers.sources.snapshots import LEFT_OUT_KEPT, survey, whole_of, without_counts
from workers.sources.wholes import Progress, rehearse_whole, take_whole

_PRINCIPAL: Final = trusted("sources")
_AT_ONCE: Final = 500
"""Counts of 0 that are rehearsed together."""


async def import_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> ImportReport:
    """Take a file in, and note how its source does by it. All else is as `take_file` has it."""
    health = services.source_health
    try:
        report = await take_file(services, source, format, path, progress)
    except InvalidInput as error:
        await health.failed(source.name, error.message)
        raise
    taken = report.counts["accepted"] + report.counts["duplicates"]
    # Of a snapshot those note it who take it in.
    if report.snapshot is None and not taken and report.refused:
        await health.failed(source.name, all_refused(report.refused[0].problem))
    elif report.snapshot is None or taken:
        await health.heard(source.name)
    return report


async def take_file(
    services: Services,
    source: Source,
    format: Format,
    path: Path,
    progress: Progress,
    arrival: Arrival | None = None,
) -> ImportReport:
    """Take a file in: what can be mapped goes into the inbox, what can not is told by its line.

    What tells of no time was so when the file was last changed, unless `arrival` tells how it came.
    The same file again changes nothing. A snapshot is taken as one, and what else the file tells
    behind it. Raises `InvalidInput` for what is not of the format at all: nothing is in then of a
    snapshot; else what came before in the file is, and has no further effect when the file is
    imported again. Raises `SnapshotInProgress` and `Unavailable` as `Snapshots.take` does.
    """
    report = ImportReport(path.name, source.name)
    with sent_file(path, services.clock.now(), arrival) as sent:
        found = await survey(source, format, sent, KEPT_FINDINGS)
        if found.is_whole:
            report.whole = True
            whole = _whole(source, sent)
            taken = await take_whole(services, _PRINCIPAL, source, format, sent, whole, progress)
            report.take_snapshot(taken.snapshot, taken.refused, found, taken.kept)
            if not found.others:
                return report
            format = without_counts(format)
        async for stretch in _stretches(services, source, format, sent, report, progress):
            stored = await store(services, _PRINCIPAL, source, stretch.drafts)
            report.counts["accepted"] += len(stored.fresh)
            report.counts["duplicates"] += len(stored.known)
            report.note(stored.refused)
    return report


async def compare_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> Snapshot:
    """Hold a file that tells all its source has against the hub now, whenever that was done last;
    nothing of it is applied. Raises `InvalidInput` where it is no such file, and as `take_file`
    does."""
    # It is time for it because somebody says so, and each time it is another comparison.
    source = replace(source, reconciliation=source.reconciliation._replace(every=timedelta()))
    with sent_file(path, services.clock.now()) as sent:
        found = await survey(source, format, sent, KEPT_FINDINGS)
        if not found.is_whole:
            problem = "is no snapshot of all that its source has, so it can not be compared"
            raise InvalidInput(field="file", problem=problem)
        key = f"{sent.arrival.key} {sent.arrival.received_at.isoformat()}"
        whole = whole_of(source, sent.name or "unnamed", key)
        taken = await take_whole(services, _PRINCIPAL, source, format, sent, whole, progress)
        return taken.snapshot


async def rehearse_file(
    services: Services,
    source: Source,
    format: Format,
    path: Path,
    progress: Progress,
    arrival: Arrival | None = None,
) -> RehearsalReport:
    """What a file would do, and nothing is done: it is decided as the stock writer would decide
    it, on stock as it is now. Raises as `take_file` does."""
    with sent_file(path, services.clock.now(), arrival) as sent:
        return await rehearse_sent(services, source, format, sent, progress)


async def rehearse_sent(
    services: Services, source: Source, format: Format, sent: Sent, progress: Progress
) -> RehearsalReport:
    """The same of what came otherwise than as a file."""
    report = RehearsalReport(sent.name or "", source.name)
    found = await survey(source, format, sent, KEPT_FINDINGS)
    report.whole = found.is_whole
    async with rehearsing(services.database, services.rules, services.clock) as rehearsal:
        async for stretch in _stretches(services, source, format, sent, report, progress):
            await _rehearse(rehearsal, stretch, report)
        if found.is_whole:
            whole = _whole(source, sent)
            would = await rehearse_whole(services, _PRINCIPAL, source, format, sent, whole)
            report.snapshot = would.judged
            if would.kept:
                report.note([LEFT_OUT_KEPT])
            for first in range(0, len(would.left_out), _AT_ONCE):
                await rehearsal.take(_zeros(source, would.left_out[first : first + _AT_ONCE]))
        report.move(rehearsal.moves())
    return report


async def _rehearse(rehearsal: Rehearsal, stretch: Stretch, report: RehearsalReport) -> None:
    results = await rehearsal.take([draft.command for draft in stretch.drafts])
    for draft, result in zip(stretch.drafts, results, strict=True):
        if isinstance(result, HubError):
            report.note([refusal(draft.change, result, result.data.get("field"))])
        elif isinstance(result, StockChange) and not result.applied:
            report.counts["unchanged"] += 1
            report.note(
                [note_of(result.note or "UNCHANGED: it changes nothing", draft.change.place)]
            )


async def _stretches(
    services: Services,
    source: Source,
    format: Format,
    sent: Sent,
    report: FileReport,
    progress: Progress,
) -> AsyncIterator[Stretch]:
    with sent.reading() as content:
        async for stretch in read_stretches(
            services, _PRINCIPAL, source, format, content, sent.envelope, sent.arrival
        ):
            report.take(stretch)
            yield stretch
            progress(sent.read_of(content), sent.size)


def _whole(source: Source, sent: Sent) -> Whole:
    return whole_of(source, sent.name or "unnamed", sent.arrival.key)


def _zeros(source: Source, left_out: Sequence[CountedRow]) -> list[Command]:
    origin = Origin(source.name, None)
    return [
        SetStock(row.sku, row.location, row.on_hand, origin, row.as_of, reason=LEFT_OUT)
        for row in left_out
    ]
