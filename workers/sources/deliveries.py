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
from hub.domain.snapshots import Snapshot, Whole
from hub.domain.source_deliveries import (
    MAX_FINDINGS,
    DeliveryFinding,
    DeliveryReport,
    Received,
    SourceDelivery,
    SourceDeliveryState,
    delivery_finding,
)
from hub.domain.sources import Source
from hub.services.intake import Understood, understood
from hub.services.source_deliveries import Kept, Rows
from workers.formats.reading import Finding, Format, Reply, Severity
from workers.formats.registry import FORMATS
from workers.sources.drafts import Arrival, refusal
from workers.sources.pipeline import Stretch, read_stretches
from workers.sources.report import SNAPSHOT_AS_COUNTS, all_refused, refused_row
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


class _Opened(NamedTuple):
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

    `known` is a delivery that is kept and read once more, which is no news of the source. Raises
    `InvalidInput` for what is not of the format at all, `LimitExceeded` and `EventMismatch`; then
    it is kept as refused, and nothing of it is in the inbox.
    """
    if known is not None:
        return await take_unnoted(services, principal, source, received, known)
    health = services.source_health
    try:
        taken = await take_unnoted(services, principal, source, received)
    except Unavailable:
        raise
    except HubError as error:
        await health.failed(source.name, error.message)
        raise
    problem = problem_of(taken.kept.state, taken.kept.report)
    if problem is not None:
        await health.failed(source.name, problem)
    elif taken.snapshot is None:
        # Of a snapshot those note it who take it in.
        await health.heard(source.name)
    return taken


def problem_of(state: SourceDeliveryState, report: DeliveryReport) -> str | None:
    """What is the matter with a source that has sent this; None where something was taken."""
    return all_refused(report.findings[0].problem) if state is SourceDeliveryState.REFUSED else None


async def take_unnoted(
    services: Services,
    principal: Principal,
    source: Source,
    received: Received,
    known: SourceDelivery | None = None,
) -> Taken:
    """What `take_delivery` does, and nothing is noted of how the source does."""
    deliveries, is_news = services.source_deliveries, known is None
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
            whole = whole_of(source, received.sender_id or "request", received.digest.hex())
            whole = whole._replace(is_news=is_news)
            return await _take_snapshot(services, principal, source, whole, read, kept)
        if kept is not None:
            return Taken(kept, read.replies)
    # Whoever sends the same at the same time has not yet stored it.
    raise Unavailable


async def _read(
    services: Services, principal: Principal, source: Source, received: Received
) -> _Opened:
    format = format_of(source)
    arrival = Arrival(received.sender_id or received.digest.hex(), received.received_at)
    sent = sent_bytes(received.body, arrival, received.headers)
    found = await survey(source, format, sent, MAX_FINDINGS)
    counts = found.counts if found.is_whole else 0
    others = without_counts(format) if found.is_whole else format
    _check_size(counts)
    read = Read()
    with sent.reading() as content:
        async for stretch in read_stretches(
            services, principal, source, others, content, sent.envelope, arrival
        ):
            read.take(stretch)
            _check_size(counts + len(read.events))
    rows = read.rows()._replace(is_snapshot=found.is_whole)
    return _Opened(rows, found.replies, format, sent, found)


async def _take_snapshot(
    services: Services,
    principal: Principal,
    source: Source,
    whole: Whole,
    opened: _Opened,
    kept: Kept,
) -> Taken:
    """Take in what a delivery tells that is all there is. Should that fail, its sender hears so and
    sends it again; the same is the same snapshot."""
    try:
        taken = await take_whole(
            services, principal, source, opened.format, opened.sent, whole, lambda done, total: None
        )
    except SnapshotInProgress as error:
        raise Unavailable from error
    findings = [refused_row(row) for row in taken.refused] + opened.found.warnings
    if taken.kept:
        findings.append(LEFT_OUT_KEPT)
    noted = await services.source_deliveries.note_snapshot(
        kept, taken.snapshot.id, taken.snapshot.refused, _told(findings)
    )
    return Taken(noted, opened.replies, taken.snapshot)


def format_of(source: Source) -> Format:
    """How a source writes. Raises `InvalidInput` where this process does not know it."""
    format = FORMATS.get(source.format)
    if format is None:
        problem = f"{source.format} is no format that this process has"
        raise InvalidInput(field="format", problem=problem)
    return format


class Read:
    """What was read of one delivery, part by part."""

    def __init__(self) -> None:
        self.events: list[Understood] = []
        self._findings: list[Finding] = []

    def take(self, stretch: Stretch) -> None:
        """Add what was read next."""
        if stretch.snapshots and SNAPSHOT_AS_COUNTS not in self._findings:
            self._findings.append(SNAPSHOT_AS_COUNTS)
        self._findings += stretch.findings
        for draft in stretch.drafts:
            try:
                self.events.append(understood(draft.event))
            except InvalidInput as error:
                self._findings.append(refusal(draft.change, error, error.data["field"]))

    def rows(self) -> Rows:
        """All of it, ready to be kept."""
        refused = sum(one.severity is Severity.ERROR for one in self._findings)
        return Rows([one.event for one in self.events], refused, _told(self._findings))


def _check_size(changes: int) -> None:
    if changes > MAX_DELIVERY_EVENTS:
        raise LimitExceeded(
            what="The number of changes in one request",
            limit=MAX_DELIVERY_EVENTS,
            actual=f"more than {MAX_DELIVERY_EVENTS}",
        )


def _told(findings: list[Finding]) -> tuple[DeliveryFinding, ...]:
    """The first of them as they are kept: errors before all else, for the list may stop."""
    errors_first = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    return tuple(
        delivery_finding(one.severity.value, one.code, one.problem, *one.place)
        for one in errors_first[:MAX_FINDINGS]
    )
