"""A delivery of a source, read by its format and taken into the inbox as a whole."""

from typing import Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.errors import (
    HubError,
    InvalidInput,
    LimitExceeded,
    SnapshotInProgress,
    Unavailable,
)
from hub.domain.principal import Principal
from hub.domain.snapshots import Snapshot
from hub.domain.source_deliveries import (
    MAX_FINDINGS,
    DeliveryFinding,
    Received,
    SourceDelivery,
    delivery_finding,
)
from hub.domain.sources import Source
from hub.services.intake import understood
from hub.services.source_deliveries import Kept, Rows
from hub.store.inbox import NewEvent
from workers.formats.reading import Finding, Format, Reply, Severity
from workers.formats.registry import FORMATS
from workers.sources.drafts import Arrival, refusal
from workers.sources.pipeline import read_stretches
from workers.sources.report import SNAPSHOT_AS_COUNTS, refused_row
from workers.sources.sent import Sent, sent_bytes
from workers.sources.snapshots import LEFT_OUT_KEPT, Survey, survey, whole_of, without_counts
from workers.sources.wholes import take_whole

MAX_DELIVERY_EVENTS: Final = 10_000
"""Of one request: they are stored in one transaction. A file may have more."""
_TRIES: Final = 3


class Taken(NamedTuple):
    """What became of a delivery."""

    kept: Kept
    replies: list[Reply]
    """What the sender expects in his own format."""
    snapshot: Snapshot | None = None
    """What became of that, where it tells all there is."""


class _Read(NamedTuple):
    """What was read of a delivery."""

    rows: Rows
    replies: list[Reply]
    format: Format
    sent: Sent
    found: Survey


async def take_delivery(
    services: Services,
    principal: Principal,
    source: Source,
    received: Received,
    known: SourceDelivery | None = None,
) -> Taken:
    """Store what came, as it came, and the events that can be read of it: durable when this
    returns, and the same another time. Where it tells all there is, that is taken in as a snapshot,
    too: judged by its guard rails, and applied unless it waits for a person.

    `known` is a delivery that is kept and read once more. Raises `InvalidInput` for what is not of
    the format at all, `LimitExceeded` and `EventMismatch`; then it is kept as refused, and nothing
    of it is in the inbox.
    """
    deliveries = services.source_deliveries
    for _ in range(_TRIES):
        known = known or await deliveries.same(received)
        received = received if known is None else known.received
        try:
            read = await _read(services, principal, source, received)
        except HubError as error:
            if not isinstance(error, Unavailable):
                await deliveries.refuse(received, error, known)
            raise
        kept = await deliveries.keep(received, read.rows, known)
        if kept is not None and read.found.is_whole:
            return await _take_snapshot(services, principal, source, received, read, kept)
        if kept is not None:
            return Taken(kept, read.replies)
    # Whoever sends the same at the same time has not yet stored it.
    raise Unavailable


async def _read(
    services: Services, principal: Principal, source: Source, received: Received
) -> _Read:
    format = FORMATS.get(source.format)
    if format is None:
        problem = f"{source.format} is no format that this process has"
        raise InvalidInput(field="format", problem=problem)
    arrival = Arrival(received.sender_id or received.digest.hex(), received.received_at)
    sent = sent_bytes(received.body, arrival, received.headers)
    found = await survey(source, format, sent, MAX_FINDINGS)
    events: list[NewEvent] = []
    findings: list[Finding] = []
    counts = found.counts if found.is_whole else 0
    others = without_counts(format) if found.is_whole else format
    _check_size(counts)
    with sent.reading() as content:
        async for stretch in read_stretches(
            services, principal, source, others, content, sent.envelope, arrival
        ):
            if stretch.snapshots and SNAPSHOT_AS_COUNTS not in findings:
                findings.append(SNAPSHOT_AS_COUNTS)
            findings += stretch.findings
            for draft in stretch.drafts:
                try:
                    events.append(understood(draft.event).event)
                except InvalidInput as error:
                    findings.append(refusal(draft.change, error, error.data["field"]))
            _check_size(counts + len(events))
    refused = sum(one.severity is Severity.ERROR for one in findings)
    rows = Rows(events, refused, _told(findings), found.is_whole)
    return _Read(rows, found.replies, format, sent, found)


async def _take_snapshot(
    services: Services,
    principal: Principal,
    source: Source,
    received: Received,
    read: _Read,
    kept: Kept,
) -> Taken:
    """Take in what a delivery tells that is all there is. Should that fail, its sender hears so and
    sends it again; the same is the same snapshot."""
    whole = whole_of(source, received.sender_id or "request", received.digest.hex())
    try:
        taken = await take_whole(
            services, principal, source, read.format, read.sent, whole, lambda done, total: None
        )
    except SnapshotInProgress as error:
        raise Unavailable from error
    findings = [refused_row(row) for row in taken.refused] + read.found.warnings
    if taken.kept:
        findings.append(LEFT_OUT_KEPT)
    noted = await services.source_deliveries.note_snapshot(
        kept, taken.snapshot.id, taken.snapshot.refused, _told(findings)
    )
    return Taken(noted, read.replies, taken.snapshot)


def _check_size(changes: int) -> None:
    if changes > MAX_DELIVERY_EVENTS:
        raise LimitExceeded(
            what="The number of changes in one request",
            limit=MAX_DELIVERY_EVENTS,
            actual=f"more than {MAX_DELIVERY_EVENTS}",
        )


def _told(findings: list[Finding]) -> tuple[DeliveryFinding, ...]:
    """The first of them as they are kept: errors before all else, for the list may stop."""
    findings.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    return tuple(
        delivery_finding(one.severity.value, one.code, one.problem, *one.place)
        for one in findings[:MAX_FINDINGS]
    )
