"""Files of sources: what one would do, and taking one in."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.commands import Command, Origin, SetStock
from hub.domain.decide_stock import CLOCK_TOLERANCE, StockChange
from hub.domain.errors import HubError, InvalidInput
from hub.domain.principal import trusted
from hub.domain.snapshots import LEFT_OUT, CountedRow, Missing
from hub.domain.sources import Source
from hub.services.rehearsal import Rehearsal, rehearsing
from workers.formats.reading import Envelope, Format
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
from workers.sources.snapshots import (
    LEFT_OUT_KEPT,
    SnapshotRows,
    Survey,
    survey,
    whole_of,
    without_counts,
)

_PRINCIPAL: Final = trusted("sources")
_BLOCK_BYTES: Final = 1 << 20
_KEY_CHARACTERS: Final = 32
_AT_ONCE: Final = 500
"""Counts of 0 that are rehearsed together."""

Progress = Callable[[int, int], None]
"""Told the bytes that are read and the bytes there are."""


class _Opened(NamedTuple):
    """A file of a source, and how it came."""

    content: BinaryIO
    name: str
    size: int
    arrival: Arrival

    @property
    def envelope(self) -> Envelope:
        """What came with the bytes."""
        return Envelope(self.arrival.received_at, self.name)

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """The file from its beginning: this one, though another may have its name by now."""
        with os.fdopen(os.dup(self.content.fileno()), "rb") as content:
            content.seek(0)
            yield content


async def import_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> ImportReport:
    """Take a file in: what can be mapped goes into the inbox, what can not is told by its line.

    What tells of no time was so when the file was last changed. The same file again changes
    nothing. A snapshot is taken as one, and what else the file tells behind it. Raises
    `InvalidInput` for what is not of the format at all: nothing is in then of a snapshot; else what
    came before in the file is, and has no further effect when the file is imported again. Raises
    `SnapshotInProgress` and `Unavailable` as `Snapshots.take` does.
    """
    report = ImportReport(path.name, source.name)
    health = services.source_health
    try:
        await _take_in(services, source, format, path, progress, report)
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


async def _take_in(
    services: Services,
    source: Source,
    format: Format,
    path: Path,
    progress: Progress,
    report: ImportReport,
) -> None:
    with _opened(path, services.clock.now()) as opened:
        found = await _surveyed(source, format, opened)
        if found.is_whole:
            report.whole = True
            await _take_whole(services, source, format, opened, found, report, progress)
            if not found.others:
                return
            format = without_counts(format)
        async for stretch in _stretches(services, source, format, opened, report, progress):
            stored = await store(services, _PRINCIPAL, source, stretch.drafts)
            report.counts["accepted"] += stored.accepted
            report.counts["duplicates"] += stored.duplicates
            report.note(stored.refused)


async def rehearse_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> RehearsalReport:
    """What a file would do, and nothing is done: it is decided as the stock writer would decide
    it, on stock as it is now. Raises as `import_file` does."""
    report = RehearsalReport(path.name, source.name)
    with _opened(path, services.clock.now()) as opened:
        found = await _surveyed(source, format, opened)
        report.whole = found.is_whole
        async with rehearsing(services.database, services.rules, services.clock) as rehearsal:
            async for stretch in _stretches(services, source, format, opened, report, progress):
                await _rehearse(rehearsal, stretch, report)
            if found.is_whole:
                left_out = await _rehearse_whole(services, source, format, opened, report)
                for first in range(0, len(left_out), _AT_ONCE):
                    await rehearsal.take(_zeros(source, left_out[first : first + _AT_ONCE]))
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
    opened: _Opened,
    report: FileReport,
    progress: Progress,
) -> AsyncIterator[Stretch]:
    with opened.reading() as content:
        async for stretch in read_stretches(
            services, _PRINCIPAL, source, format, content, opened.envelope, opened.arrival
        ):
            report.take(stretch)
            yield stretch
            progress(_read_of(content, opened), opened.size)


def _read_of(content: BinaryIO, opened: _Opened) -> int:
    return opened.size if content.closed else content.tell()


async def _surveyed(source: Source, format: Format, opened: _Opened) -> Survey:
    with opened.reading() as content:
        return await survey(source, format, content, opened.envelope, KEPT_FINDINGS)


async def _rows(services: Services, source: Source, opened: _Opened) -> SnapshotRows:
    locations = {one.id for one in await services.catalogue.locations(_PRINCIPAL)}
    return SnapshotRows(source, opened.arrival, locations)


async def _take_whole(
    services: Services,
    source: Source,
    format: Format,
    opened: _Opened,
    found: Survey,
    report: ImportReport,
    progress: Progress,
) -> None:
    rows = await _rows(services, source, opened)
    whole = whole_of(source, opened.name, opened.arrival.key)
    with opened.reading() as content:

        def tell(done: int, total: int) -> None:
            # While the rows are read nobody knows how many there are.
            progress(*((done, total) if total else (_read_of(content, opened), opened.size)))

        given = rows.read(format, content, opened.envelope)
        taken = await services.snapshots.take(_PRINCIPAL, whole, given, tell)
    refused = await services.snapshots.refusals(_PRINCIPAL, taken.id)
    zero = source.missing is Missing.ZERO
    kept = rows.keeps_left_out or (zero and any(row.sku is None for row in refused))
    report.take_snapshot(taken, refused, found, kept)


async def _rehearse_whole(
    services: Services, source: Source, format: Format, opened: _Opened, report: RehearsalReport
) -> list[CountedRow]:
    """The counts of 0 of what a snapshot leaves out."""
    rows = await _rows(services, source, opened)
    whole = whole_of(source, opened.name, opened.arrival.key)
    with opened.reading() as content:
        given = rows.read(format, content, opened.envelope)
        rehearsed = await services.snapshots.rehearse(_PRINCIPAL, whole, given)
    report.snapshot = rehearsed.judged
    if rows.keeps_left_out:
        report.note([LEFT_OUT_KEPT])
    return rehearsed.left_out


def _zeros(source: Source, left_out: Sequence[CountedRow]) -> list[Command]:
    origin = Origin(source.name, None)
    return [
        SetStock(row.sku, row.location, row.on_hand, origin, row.as_of, reason=LEFT_OUT)
        for row in left_out
    ]


@contextmanager
def _opened(path: Path, now: datetime) -> Iterator[_Opened]:
    """A file that was read through once, so that it has a name: by its content and its date."""
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if modified_at > now + CLOCK_TOLERANCE:
        problem = f"is dated {modified_at.isoformat()}, which is still to come"
        raise InvalidInput(field="file", problem=problem)
    digest = hashlib.sha256(modified_at.isoformat().encode())
    with path.open("rb") as content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
        size = content.tell()
        key = digest.hexdigest()[:_KEY_CHARACTERS]
        yield _Opened(content, path.name, size, Arrival(key, now, modified_at))
