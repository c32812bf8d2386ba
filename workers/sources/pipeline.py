"""From what a source has sent to events that the intake takes: read, named, checked, in batches."""

from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.errors import EventMismatch
from hub.domain.principal import Principal
from hub.domain.sources import Source
from workers.formats.reading import Change, Envelope, Finding, Format, Reading, Reply
from workers.sources.drafts import Arrival, Draft, Known, draft_of, misfit, refusal
from workers.sources.event_ids import EventNames
from workers.sources.told_twice import ToldTwice

_READINGS_PER_BATCH: Final = 500


class Stretch(NamedTuple):
    """The next part of what was sent, in the order it was sent."""

    drafts: list[Draft]
    """Ready for the intake."""
    findings: list[Finding]
    """What was refused, and what a person should know of."""
    replies: list[Reply]
    ignored: int
    """Changes that are none of the hub's business."""
    snapshots: int
    """Drafts that are part of a whole."""


class Stored(NamedTuple):
    """What became of drafts in the intake."""

    accepted: int
    duplicates: int
    refused: list[Finding]


async def read_stretches(
    services: Services,
    principal: Principal,
    source: Source,
    format: Format,
    content: BinaryIO,
    envelope: Envelope,
    arrival: Arrival,
) -> AsyncIterator[Stretch]:
    """What was sent, part by part; memory does not grow with its length. Raises `InvalidInput` for
    what is not of the format at all."""
    names, told = EventNames(source.ids, arrival.key), ToldTwice()
    locations = frozenset(one.id for one in await services.catalogue.locations(principal))
    channels = frozenset(one.id for one in services.catalogue.channels(principal))
    readings = format.read(content, source.options, envelope)
    while batch := list(islice(readings, _READINGS_PER_BATCH)):
        drafts, findings, replies, ignored = _named(batch, source, arrival, names)
        skus = sorted({sku for draft in drafts for sku in draft.skus})
        items = await services.catalogue.items(principal, skus) if skus else {}
        steps = {sku: item.quantity_step for sku, item in items.items()}
        kits = services.rules.current.kits.keys()
        known = Known(steps, kits, locations, channels)
        fitting: list[Draft] = []
        for draft in drafts:
            wrong = misfit(draft, known)
            if wrong is None:
                fitting.append(draft)
                wrong = told.warning(draft)
            if wrong is not None:
                findings.append(wrong)
        snapshots = sum(draft.change.snapshot for draft in fitting)
        yield Stretch(fitting, _by_line(findings), replies, ignored, snapshots)


async def store(
    services: Services, principal: Principal, source: Source, drafts: Iterable[Draft]
) -> Stored:
    """Put drafts into the inbox. One that was told otherwise before under the same id is refused;
    the others go in all the same."""
    left: dict[str, Draft] = {}
    refused: list[Finding] = []
    repeated = 0
    for draft in drafts:
        known = left.setdefault(draft.event["id"], draft)
        if known.event != draft.event:
            refused.append(_mismatch(draft, source))
        elif known is not draft:
            repeated += 1
    if not left:
        return Stored(0, 0, [])
    events = [draft.event for draft in left.values()]
    stored = await services.intake.accept_each(principal, source.name, events)
    refused += [_mismatch(left[one.event_id], source) for one in stored if one.differs]
    accepted = sum(one.fresh for one in stored)
    known_before = sum(not one.fresh and not one.differs for one in stored)
    return Stored(accepted, known_before + repeated, _by_line(refused))


def _named(
    readings: Iterable[Reading], source: Source, arrival: Arrival, names: EventNames
) -> tuple[list[Draft], list[Finding], list[Reply], int]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    replies: list[Reply] = []
    ignored = 0
    for reading in readings:
        made = draft_of(reading, source, arrival, names) if isinstance(reading, Change) else reading
        if isinstance(made, Draft):
            drafts.append(made)
        elif isinstance(made, Finding):
            findings.append(made)
        elif isinstance(made, Reply):
            replies.append(made)
        else:
            ignored += 1
    return drafts, findings, replies, ignored


def _by_line(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.place.line or 0)


def _mismatch(draft: Draft, source: Source) -> Finding:
    return refusal(draft.change, EventMismatch(source=source.name, event_id=draft.event["id"]))
