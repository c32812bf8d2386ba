"""What a source says it has of everything, in a file or a body: taken in as one snapshot."""

from collections.abc import Callable
from typing import NamedTuple

from hub.bootstrap import Services
from hub.domain.principal import Principal
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, Snapshot, Whole
from hub.domain.sources import Source
from hub.services.snapshots import Judged
from workers.formats.reading import Format
from workers.sources.sent import Sent
from workers.sources.snapshots import SnapshotRows

Progress = Callable[[int, int], None]
"""Told the bytes that are read and the bytes there are."""


class TakenWhole(NamedTuple):
    """What became of a snapshot."""

    snapshot: Snapshot
    refused: list[RefusedRow]
    """The first of them."""
    kept: bool
    """Whether what it leaves out stays, because a row was refused that may be about it."""


class RehearsedWhole(NamedTuple):
    """What would become of a snapshot."""

    judged: Judged
    left_out: list[CountedRow]
    """Its counts of 0 of what it leaves out."""
    kept: bool


async def take_whole(
    services: Services,
    principal: Principal,
    source: Source,
    format: Format,
    sent: Sent,
    whole: Whole,
    progress: Progress,
) -> TakenWhole:
    """Take the counts of a whole in as one snapshot. The same again changes nothing. Raises as
    `Snapshots.take` does."""
    rows = await _rows(services, principal, source, sent)
    with sent.reading() as content:

        def tell(done: int, total: int) -> None:
            # While the rows are read nobody knows how many there are.
            progress(*((done, total) if total else (sent.read_of(content), sent.size)))

        given = rows.read(format, content, sent.envelope)
        taken = await services.snapshots.take(principal, whole, given, tell)
    refused = await services.snapshots.refusals(principal, taken.id)
    zero = source.missing is Missing.ZERO
    kept = rows.keeps_left_out or (zero and any(row.sku is None for row in refused))
    return TakenWhole(taken, refused, kept)


async def rehearse_whole(
    services: Services,
    principal: Principal,
    source: Source,
    format: Format,
    sent: Sent,
    whole: Whole,
) -> RehearsedWhole:
    """What would become of the counts of a whole, and nothing does."""
    rows = await _rows(services, principal, source, sent)
    with sent.reading() as content:
        given = rows.read(format, content, sent.envelope)
        rehearsed = await services.snapshots.rehearse(principal, whole, given)
    return RehearsedWhole(rehearsed.judged, rehearsed.left_out, rows.keeps_left_out)


async def _rows(
    services: Services, principal: Principal, source: Source, sent: Sent
) -> SnapshotRows:
    locations = {one.id for one in await services.catalogue.locations(principal)}
    return SnapshotRows(source, sent.arrival, locations)
