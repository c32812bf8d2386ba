"""Many small deliveries of a source at a time, as messages of a stream are: read together, and
stored with their events in one transaction. What is out of the ordinary is taken alone."""

from collections.abc import Sequence
from io import BytesIO
from itertools import islice
from typing import Final, NamedTuple

import structlog

from hub.bootstrap import Services
from hub.domain.commands import Command
from hub.domain.errors import EventMismatch, HubError, InvalidInput, Unavailable
from hub.domain.principal import Principal
from hub.domain.source_deliveries import Received
from hub.domain.sources import Source
from hub.services.source_deliveries import ManyRows
from workers.formats.reading import Change, Envelope
from workers.sources.deliveries import Read, format_of, problem_of, take_unnoted
from workers.sources.drafts import Arrival
from workers.sources.event_ids import EventNames
from workers.sources.pipeline import Named, known_of, named_of, places_of, stretch_of
from workers.sources.told_twice import ToldTwice

MAX_TOGETHER: Final = 2_000
"""Changes that are read and stored together: what waits for the end of the transaction."""
_MAX_SMALL: Final = 100
"""Changes of a delivery that is read together with others."""

log = structlog.get_logger()


class _Small(NamedTuple):
    """A delivery that goes with others."""

    received: Received
    named: Named


class News(NamedTuple):
    """What deliveries say of how their source does."""

    is_heard: bool = False
    """Whether anything of them was understood."""
    problem: str | None = None
    """What is the matter with the last one that was refused."""


async def take_deliveries(
    services: Services, principal: Principal, source: Source, received: Sequence[Received]
) -> News:
    """Store what came, in its order, and the events that can be read of it: durable when this
    returns. What is kept already is passed over; what can not be read is kept as refused, and holds
    up nothing. How the source does is for the caller to note. Raises `Unavailable`; then it can all
    be done again."""
    sifted = await services.source_deliveries.sift(source.name, received)
    news = [News(sifted.is_known)]
    together: list[_Small] = []
    changes = 0
    for one in sifted.new:
        small = None if one in sifted.of_others else _small(source, one)
        if small is not None and changes + len(small.named.drafts) <= MAX_TOGETHER:
            together.append(small)
            changes += len(small.named.drafts)
            continue
        news.append(await _take_together(services, principal, source, together))
        together, changes = [], 0
        if small is None:
            news.append(await _take_alone(services, principal, source, one))
        else:
            together, changes = [small], len(small.named.drafts)
    news.append(await _take_together(services, principal, source, together))
    return _news_of_all(news)


def _news_of_all(news: Sequence[News]) -> News:
    problems = [one.problem for one in news if one.problem is not None]
    return News(any(one.is_heard for one in news), problems[-1] if problems else None)


def _small(source: Source, received: Received) -> _Small | None:
    """What a delivery says; None for one that is large, no such thing, or a snapshot."""
    envelope = Envelope(received.received_at, None, received.headers)
    arrival = Arrival(received.sender_id or received.digest.hex(), received.received_at)
    try:
        reading = format_of(source).read(BytesIO(received.body), source.options, envelope)
        readings = list(islice(reading, _MAX_SMALL + 1))
    except Exception:  # noqa: BLE001 - told by who takes it alone
        return None
    if len(readings) > _MAX_SMALL:
        return None
    if any(isinstance(one, Change) and one.snapshot for one in readings):
        return None
    names = EventNames(source.ids, arrival.key)
    return _Small(received, named_of(readings, source, arrival, names))


async def _take_together(
    services: Services, principal: Principal, source: Source, together: Sequence[_Small]
) -> News:
    if not together:
        return News()
    try:
        return await _keep_together(services, principal, source, together)
    except Unavailable:
        raise
    except Exception as error:
        # One of them is to be refused, and the others are not.
        if not isinstance(error, EventMismatch):
            log.exception("deliveries.not_kept_together", source=source.name)
    return _news_of_all(
        [await _take_alone(services, principal, source, one.received) for one in together]
    )


async def _keep_together(
    services: Services, principal: Principal, source: Source, together: Sequence[_Small]
) -> News:
    places = await places_of(services, principal)
    drafts = (draft for one in together for draft in one.named.drafts)
    known = await known_of(services, principal, places, drafts)
    many: list[ManyRows] = []
    commands: dict[str, Command] = {}
    for received, named in together:
        read = Read()
        read.take(stretch_of(named, known, ToldTwice()))
        many.append(ManyRows(received, read.rows()))
        for event, command in read.events:
            commands.setdefault(event.event_id, command)
    kept = await services.source_deliveries.keep_many(source.name, many, commands)
    problems = [problem_of(one.state, one.report) for one in kept]
    return _news_of_all([News(problem is None, problem) for problem in problems])


async def _take_alone(
    services: Services, principal: Principal, source: Source, received: Received
) -> News:
    try:
        taken = await take_unnoted(services, principal, source, received)
    except Unavailable:
        raise
    except HubError as error:
        # It is kept with the reason.
        log.warning("deliveries.refused", source=source.name, code=error.code)
        return News(problem=error.message)
    except Exception as error:
        # A defect: whatever it is, it must not hold back what comes behind it.
        log.exception("deliveries.failed", source=source.name)
        what = f"the hub failed at it with {type(error).__name__}: see its log, then replay it"
        failed = InvalidInput(field="body", problem=what)
        await services.source_deliveries.refuse(received, failed)
        return News()
    if taken.snapshot is not None:
        # Those note it who take it in.
        return News()
    problem = problem_of(taken.kept.state, taken.kept.report)
    return News(problem is None, problem)
