"""From what a source has sent to events that the intake takes: read, named, checked, in batches."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.errors import EventMismatch
from hub.domain.principal import Principal
from hub.domain.sources import Source
from hub.store.inbox import StoredEvent
from hub.store.transactions import Transaction
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

    fresh: list[tuple[Draft, int]]
    """New to the inbox, each with its id there."""
    known: list[Draft]
    """Those that were there before, or stand further up."""
    refused: list[Finding]
    """Those that were told otherwise before, under the same id."""


Beside = Callable[[Transaction, Stored], Awaitable[None]]
"""What is to be durable with what is stored, in the same transaction."""


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
    places = await places_of(services, principal)
    readings = format.read(content, source.options, envelope)
    while batch := list(islice(readings, _READINGS_PER_BATCH)):
        named = named_of(batch, source, arrival, names)
        known = await known_of(services, principal, places, named.drafts)
        yield stretch_of(named, known, told)


class Places(NamedTuple):
    """The names of places that the hub knows."""

    locations: frozenset[str]
    channels: frozenset[str]


class Named(NamedTuple):
    """Readings in the hub's words, not yet held against what it knows."""

    drafts: list[Draft]
    findings: list[Finding]
    replies: list[Reply]
    ignored: int


async def places_of(services: Services, principal: Principal) -> Places:
    """All locations and channels."""
    locations = await services.catalogue.locations(principal)
    channels = services.catalogue.channels(principal)
    return Places(frozenset(one.id for one in locations), frozenset(one.id for one in channels))


async def known_of(
    services: Services, principal: Principal, places: Places, drafts: Iterable[Draft]
) -> Known:
    """What the hub knows of all that drafts name."""
    skus = sorted({sku for draft in drafts for sku in draft.skus})
    items = await services.catalogue.items(principal, skus) if skus else {}
    steps = {sku: item.quantity_step for sku, item in items.items()}
    return Known(steps, services.rules.current.kits.keys(), *places)


def stretch_of(named: Named, known: Known, told: ToldTwice) -> Stretch:
    """What the hub can take of what was read."""
    fitting: list[Draft] = []
    findings = named.findings
    for draft in named.drafts:
        wrong = misfit(draft, known)
        if wrong is None:
            fitting.append(draft)
            wrong = told.warning(draft)
        if wrong is not None:
            findings.append(wrong)
    snapshots = sum(draft.change.snapshot for draft in fitting)
    return Stretch(fitting, _by_line(findings), named.replies, named.ignored, snapshots)


async def store(
    services: Services,
    principal: Principal,
    source: Source,
    drafts: Iterable[Draft],
    beside: Beside | None = None,
) -> Stored:
    """Put drafts into the inbox. One that was told otherwise before under the same id is refused;
    the others go in all the same."""
    first: dict[str, Draft] = {}
    known: list[Draft] = []
    refused: list[Finding] = []
    for draft in drafts:
        before = first.setdefault(draft.event["id"], draft)
        if before.event != draft.event:
            refused.append(_mismatch(draft, source))
        elif before is not draft:
            known.append(draft)
    found = Stored([], known, refused)
    if not first and beside is None:
        return found

    async def tell(client: Transaction, stored: Sequence[StoredEvent]) -> None:
        for one in stored:
            draft = first[one.event_id]
            if one.fresh:
                found.fresh.append((draft, one.id))
            elif one.differs:
                refused.append(_mismatch(draft, source))
            else:
                known.append(draft)
        refused[:] = _by_line(refused)
        if beside is not None:
            await beside(client, found)

    events = [draft.event for draft in first.values()]
    await services.intake.accept_each(principal, source.name, events, tell)
    return found


def named_of(
    readings: Iterable[Reading], source: Source, arrival: Arrival, names: EventNames
) -> Named:
    """What was read, in the hub's words."""
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
    return Named(drafts, findings, replies, ignored)


def _by_line(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.place.line or 0)


def _mismatch(draft: Draft, source: Source) -> Finding:
    return refusal(draft.change, EventMismatch(source=source.name, event_id=draft.event["id"]))
