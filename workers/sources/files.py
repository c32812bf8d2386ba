"""Files of sources: what one would do, and taking one in."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.decide_stock import CLOCK_TOLERANCE, StockChange
from hub.domain.errors import HubError, InvalidInput
from hub.domain.principal import trusted
from hub.domain.sources import Source
from hub.services.rehearsal import Rehearsal, rehearsing
from workers.formats.reading import Envelope, Format
from workers.sources.drafts import Arrival, refusal
from workers.sources.pipeline import Stretch, read_stretches, store
from workers.sources.report import FileReport, ImportReport, RehearsalReport, note_of

_PRINCIPAL: Final = trusted("sources")
_BLOCK_BYTES: Final = 1 << 20
_KEY_CHARACTERS: Final = 32

Progress = Callable[[int, int], None]
"""Told the bytes that are read and the bytes there are."""


class _Opened(NamedTuple):
    """A file of a source, and how it came."""

    content: BinaryIO
    name: str
    size: int
    arrival: Arrival


async def import_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> ImportReport:
    """Take a file in: what can be mapped goes into the inbox, what can not is told by its line.

    What tells of no time was so when the file was last changed. The same file again changes
    nothing. Raises `InvalidInput` for what is not of the format at all; what came before in the
    file is in then, and has no further effect when the file is imported again.
    """
    report = ImportReport(path.name, source.name)
    with _opened(path, services.clock.now()) as opened:
        async for stretch in _stretches(services, source, format, opened, report, progress):
            stored = await store(services, _PRINCIPAL, source, stretch.drafts)
            report.counts["accepted"] += stored.accepted
            report.counts["duplicates"] += stored.duplicates
            report.note(stored.refused)
    return report


async def rehearse_file(
    services: Services, source: Source, format: Format, path: Path, progress: Progress
) -> RehearsalReport:
    """What a file would do, and nothing is done: it is decided as the stock writer would decide
    it, on stock as it is now. Raises as `import_file` does."""
    report = RehearsalReport(path.name, source.name)
    with _opened(path, services.clock.now()) as opened:
        async with rehearsing(services.database, services.rules, services.clock) as rehearsal:
            async for stretch in _stretches(services, source, format, opened, report, progress):
                await _rehearse(rehearsal, stretch, report)
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
    envelope = Envelope(opened.arrival.received_at, opened.name)
    async for stretch in read_stretches(
        services, _PRINCIPAL, source, format, opened.content, envelope, opened.arrival
    ):
        report.take(stretch)
        yield stretch
        content = opened.content
        progress(opened.size if content.closed else content.tell(), opened.size)


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
        content.seek(0)
        key = digest.hexdigest()[:_KEY_CHARACTERS]
        yield _Opened(content, path.name, size, Arrival(key, now, modified_at))
