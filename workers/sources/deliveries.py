"""A delivery of a source, read by its format and taken into the inbox as a whole."""

from io import BytesIO
from typing import Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, LimitExceeded, Unavailable
from hub.domain.principal import Principal
from hub.domain.source_deliveries import (
    MAX_FINDINGS,
    Received,
    SourceDelivery,
    SourceDeliveryState,
    delivery_finding,
)
from hub.domain.sources import Source
from hub.services.intake import understood
from hub.services.source_deliveries import Kept, Rows
from hub.store.inbox import NewEvent
from workers.formats.reading import Envelope, Finding, Reply, Severity
from workers.formats.registry import FORMATS
from workers.sources.drafts import Arrival, refusal
from workers.sources.pipeline import read_stretches
from workers.sources.report import SNAPSHOT_AS_COUNTS, all_refused

MAX_DELIVERY_EVENTS: Final = 10_000
"""Of one request: they are stored in one transaction. A file may have more."""
_TRIES: Final = 3


class Taken(NamedTuple):
    """What became of a delivery."""

    kept: Kept
    replies: list[Reply]
    """What the sender expects in his own format."""


async def take_delivery(
    services: Services,
    principal: Principal,
    source: Source,
    received: Received,
    known: SourceDelivery | None = None,
) -> Taken:
    """Store what came, as it came, and the events that can be read of it: durable when this
    returns, and the same another time.

    `known` is a delivery that is kept and read once more, which is no news of the source. Raises
    `InvalidInput` for what is not of the format at all, `LimitExceeded` and `EventMismatch`; then
    it is kept as refused, and nothing of it is in the inbox.
    """
    if known is not None:
        return await _take(services, principal, source, received, known)
    health = services.source_health
    try:
        taken = await _take(services, principal, source, received, None)
    except Unavailable:
        raise
    except HubError as error:
        await health.failed(source.name, error.message)
        raise
    if taken.kept.state is SourceDeliveryState.REFUSED:
        await health.failed(source.name, all_refused(taken.kept.report.findings[0].problem))
    else:
        await health.heard(source.name)
    return taken


async def _take(
    services: Services,
    principal: Principal,
    source: Source,
    received: Received,
    known: SourceDelivery | None,
) -> Taken:
    deliveries = services.source_deliveries
    for _ in range(_TRIES):
        known = known or await deliveries.same(received)
        received = received if known is None else known.received
        try:
            rows, replies = await _read(services, principal, source, received)
        except HubError as error:
            if not isinstance(error, Unavailable):
                await deliveries.refuse(received, error, known)
            raise
        kept = await deliveries.keep(received, rows, known)
        if kept is not None:
            return Taken(kept, replies)
    # Whoever sends the same at the same time has not yet stored it.
    raise Unavailable


async def _read(
    services: Services, principal: Principal, source: Source, received: Received
) -> tuple[Rows, list[Reply]]:
    format = FORMATS.get(source.format)
    if format is None:
        problem = f"{source.format} is no format that this process has"
        raise InvalidInput(field="format", problem=problem)
    envelope = Envelope(received.received_at, None, received.headers)
    arrival = Arrival(received.sender_id or received.digest.hex(), received.received_at)
    events: list[NewEvent] = []
    findings: list[Finding] = []
    replies: list[Reply] = []
    async for stretch in read_stretches(
        services, principal, source, format, BytesIO(received.body), envelope, arrival
    ):
        if stretch.snapshots and SNAPSHOT_AS_COUNTS not in findings:
            findings.append(SNAPSHOT_AS_COUNTS)
        findings += stretch.findings
        replies += stretch.replies
        for draft in stretch.drafts:
            try:
                events.append(understood(draft.event).event)
            except InvalidInput as error:
                findings.append(refusal(draft.change, error, error.data["field"]))
        if len(events) > MAX_DELIVERY_EVENTS:
            raise LimitExceeded(
                what="The number of changes in one request",
                limit=MAX_DELIVERY_EVENTS,
                actual=f"more than {MAX_DELIVERY_EVENTS}",
            )
    # Errors first, for the list may stop before its end.
    findings.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    refused = sum(one.severity is Severity.ERROR for one in findings)
    told = tuple(
        delivery_finding(one.severity.value, one.code, one.problem, *one.place)
        for one in findings[:MAX_FINDINGS]
    )
    return Rows(events, refused, told), replies
