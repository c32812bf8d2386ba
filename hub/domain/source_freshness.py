"""How often a source is to be heard, whether it is, and what follows when it is not.

A source is asked, or tells by itself; either way it is heard, or it fails. From that and the time
follows its state. While it can not be believed, the locations that it tells of withhold units.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.plain_table import Table, plain_duration
from hub.domain.values import UNIT, LocationId, Quantity, identifier_from

LATE_FACTOR: Final = 1.5
STALE_FACTOR: Final = 3
"""So many times as long as is expected, where nothing else is set."""
FAILING_AFTER: Final = 2
"""Failures in a row: a single one may be chance."""
DEFAULT_OPEN_AFTER: Final = 5
MAX_OPEN_AFTER: Final = 1_000
FIRST_BACKOFF: Final = timedelta(seconds=30)
"""How long a source is left alone at most when its circuit opens; each further failure doubles
it."""
MAX_BACKOFF: Final = timedelta(hours=1)
MOST_DOUBLINGS: Final = 16
"""Far more than it takes to get there."""
MAX_RETRY_AFTER: Final = timedelta(days=1)
"""A source that wants to be left alone for longer is asked after this all the same."""
HALF_OPEN: Final = timedelta(minutes=1)
"""So long the one try lasts that is made while the circuit is open; then there may be another."""
MAX_LOCATIONS: Final = 1_000
MAX_UNITS: Final = 1_000_000_000
MAX_PROBLEM_LENGTH: Final = 500


class SourceState(StrEnum):
    """How a source is doing."""

    WAITING = "WAITING"
    """Nothing was heard of it yet, and nothing is owed."""
    FRESH = "FRESH"
    LATE = "LATE"
    """Longer silent than expected."""
    FAILING = "FAILING"
    """What it sends, or answers, is nothing one could use; or it does not answer."""
    DOUBTFUL = "DOUBTFUL"
    """Its newest snapshot is in quarantine: what it told last was not believed."""
    STALE = "STALE"
    """Silent for so long that what it told is believed no more."""
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    """It has failed so often that it is asked seldom."""


DISBELIEVED: Final = frozenset({SourceState.DOUBTFUL, SourceState.STALE, SourceState.CIRCUIT_OPEN})
"""States in which what a source told is not quite believed."""


class Withheld(NamedTuple):
    """How much of an item a location withholds: units, or a part of what is on hand."""

    units: Quantity = 0
    percent: int = 0

    def of(self, on_hand: Quantity, step: Quantity) -> Quantity:
        """Units, of so many on hand; a part in whole steps of the item, rounded up."""
        part = -(-max(0, on_hand) * self.percent // (100 * step)) * step
        return max(self.units, part)


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """When a source is late or stale, and what follows from that."""

    expected_every: timedelta | None = None
    """At least so often something is heard of it; None where nobody can know."""
    late_after: timedelta | None = None
    stale_after: timedelta | None = None
    """Silent for so long. None for the default, a multiple of what is expected."""
    open_after: int = DEFAULT_OPEN_AFTER
    """So many failures in a row open the circuit."""
    withhold: Withheld | None = None
    """What its locations withhold of each item while it is not believed."""
    locations: tuple[LocationId, ...] = ()
    """Those that it tells of; without any, those that its names of locations stand for."""

    @property
    def late(self) -> timedelta | None:
        """How long it may be silent before it is late."""
        if self.late_after is not None or self.expected_every is None:
            return self.late_after
        late = self.expected_every * LATE_FACTOR
        return late if self.stale_after is None else min(late, self.stale_after)

    @property
    def stale(self) -> timedelta | None:
        """How long it may be silent before it is stale."""
        if self.stale_after is not None or self.expected_every is None:
            return self.stale_after
        stale = self.expected_every * STALE_FACTOR
        return stale if self.late_after is None else max(stale, self.late_after)


class Health(NamedTuple):
    """What is noted of a source."""

    watched_since: datetime
    state: SourceState = SourceState.WAITING
    """As it was told last."""
    since: datetime | None = None
    heard_at: datetime | None = None
    failed_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    """In a row."""
    problem: str | None = None
    """Of the last failure; None once it was heard again."""
    retry_at: datetime | None = None
    """Until then it wants to be left alone."""
    opened_at: datetime | None = None
    try_at: datetime | None = None
    """When it may be tried while the circuit is open."""
    quarantined_at: datetime | None = None
    """Since when its newest snapshot waits in quarantine."""

    def not_before(self, now: datetime) -> datetime | None:
        """When it may be asked; None for at once."""
        return max((at for at in (self.retry_at, self.try_at) if at and at > now), default=None)


class Standing(NamedTuple):
    """How a source is doing at a time."""

    state: SourceState
    since: datetime
    late_at: datetime | None
    stale_at: datetime | None
    """When it will be, or has been since, if nothing is heard of it."""

    def next_at(self, now: datetime) -> datetime | None:
        """When time alone changes the state."""
        return min((at for at in (self.late_at, self.stale_at) if at and at > now), default=None)


def standing_of(health: Health, freshness: Freshness, now: datetime) -> Standing:
    """How a source is doing at `now`. Of what is the matter, the worst counts."""
    silent_since = health.heard_at or health.watched_since
    late_at = None if freshness.late is None else silent_since + freshness.late
    stale_at = None if freshness.stale is None else silent_since + freshness.stale
    state, since = _worst(health, late_at, stale_at, now)
    return Standing(state, since, late_at, stale_at)


def _worst(
    health: Health, late_at: datetime | None, stale_at: datetime | None, now: datetime
) -> tuple[SourceState, datetime]:
    if health.opened_at is not None:
        return SourceState.CIRCUIT_OPEN, health.opened_at
    if stale_at is not None and stale_at <= now:
        return SourceState.STALE, stale_at
    if health.quarantined_at is not None:
        return SourceState.DOUBTFUL, health.quarantined_at
    if health.failures >= FAILING_AFTER:
        return SourceState.FAILING, health.failing_since or now
    if late_at is not None and late_at <= now:
        return SourceState.LATE, late_at
    if health.heard_at is None:
        return SourceState.WAITING, health.watched_since
    known = health.since if health.state is SourceState.FRESH else None
    return SourceState.FRESH, known or health.heard_at


def after_heard(health: Health, at: datetime) -> Health:
    """What is noted once something was understood that came at a time: it undoes no failure that
    came after it. The source may have asked to be left alone all the same."""
    heard_at = at if health.heard_at is None else max(at, health.heard_at)
    has_failed_since = health.failed_at is not None and health.failed_at > at
    known = health if has_failed_since else after_answer(health)
    return known._replace(heard_at=heard_at)


def after_answer(health: Health) -> Health:
    """What is noted once it answered as it should, and had nothing to say."""
    return health._replace(
        failing_since=None, failures=0, problem=None, opened_at=None, try_at=None
    )


def after_failure(
    health: Health,
    freshness: Freshness,
    problem: str,
    retry_after: timedelta | None,
    now: datetime,
    dice: Callable[[], float],
) -> Health:
    """What is noted once it failed, with the wait that it asked for itself. `dice` gives numbers
    from 0 to 1."""
    failures = health.failures + 1
    retry_at = health.retry_at
    if retry_after is not None:
        retry_at = now + min(max(retry_after, timedelta()), MAX_RETRY_AFTER)
    noted = health._replace(
        failed_at=now,
        failing_since=health.failing_since or now,
        failures=failures,
        problem=_kept(problem),
        retry_at=retry_at,
    )
    if failures < freshness.open_after:
        return noted
    wait = backoff(failures - freshness.open_after, dice)
    return noted._replace(opened_at=health.opened_at or now, try_at=now + wait)


def backoff(tries: int, dice: Callable[[], float]) -> timedelta:
    """How long a source is left alone after so many tries since its circuit opened: between half
    and all of a time that doubles, so that not all are tried at once."""
    factor: int = 2 ** min(tries, MOST_DOUBLINGS)
    return min(MAX_BACKOFF, FIRST_BACKOFF * factor) * (0.5 + 0.5 * dice())


def _kept(problem: str) -> str:
    """What the database and people can be shown: it may quote what came."""
    cut = problem[:MAX_PROBLEM_LENGTH].encode(errors="replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in cut)


def freshness_from(table: Table) -> Freshness:
    """From `expected_every`, `late_after`, `stale_after`, `open_after`, `withhold` and
    `locations`."""
    freshness = Freshness(
        expected_every=table.duration("expected_every"),
        late_after=table.duration("late_after"),
        stale_after=table.duration("stale_after"),
        open_after=_open_after(table),
        withhold=withheld_from(table.get("withhold"), table.at("withhold")),
        locations=table.texts("locations", MAX_LOCATIONS),
    )
    table.end()
    for place, location in enumerate(freshness.locations):
        identifier_from(location, f"{table.at('locations')}[{place}]")
    _check_order(freshness, table)
    return freshness


def _check_order(freshness: Freshness, table: Table) -> None:
    expected, late, stale = freshness.expected_every, freshness.late, freshness.stale
    if expected is None:
        for key in ("late_after", "stale_after"):
            if table.get(key) is not None:
                problem = "is for a source with expected_every: name how often it tells something"
                raise InvalidInput(field=table.at(key), problem=problem)
        return
    assert late is not None
    assert stale is not None
    if freshness.late_after is not None and late < expected:
        problem = f"must be at least expected_every, {plain_duration(expected)}"
        raise InvalidInput(field=table.at("late_after"), problem=problem)
    if stale < max(late, expected):
        problem = "must be at least expected_every, and late_after"
        raise InvalidInput(field=table.at("stale_after"), problem=problem)


def _open_after(table: Table) -> int:
    value = table.get("open_after")
    if value is None:
        return DEFAULT_OPEN_AFTER
    if type(value) is not int or not 1 <= value <= MAX_OPEN_AFTER:
        problem = f"must be a whole number of failures, 1 to {MAX_OPEN_AFTER}"
        raise InvalidInput(field=table.at("open_after"), problem=problem)
    return value


def withheld_from(value: object, field: str) -> Withheld | None:
    """From a number of whole units, or a part such as `25%`; None for None. Raises
    `InvalidInput`."""
    if value is None:
        return None
    if type(value) is int and 1 <= value <= MAX_UNITS:
        return Withheld(units=value * UNIT)
    if isinstance(value, str) and value.isascii() and value.endswith("%"):
        number = value[:-1]
        if number.isdigit() and len(number) <= 3 and 1 <= int(number) <= 100:
            return Withheld(percent=int(number))
    problem = 'must be whole units of each item, such as 2, or a part of them, such as "25%"'
    raise InvalidInput(field=field, problem=f'{problem}; "100%" sells none')


def plain_withheld(withheld: Withheld | None) -> int | str | None:
    """What `withheld_from` reads."""
    if withheld is None:
        return None
    return f"{withheld.percent}%" if withheld.percent else withheld.units // UNIT


def plain_freshness(freshness: Freshness) -> dict[str, Any]:
    """What `freshness_from` reads, without what is as it is by default."""
    durations = ("expected_every", "late_after", "stale_after")
    plain: dict[str, Any] = {
        name: plain_duration(value)
        for name in durations
        if (value := getattr(freshness, name)) is not None
    }
    if freshness.open_after != DEFAULT_OPEN_AFTER:
        plain["open_after"] = freshness.open_after
    if freshness.withhold is not None:
        plain["withhold"] = plain_withheld(freshness.withhold)
    if freshness.locations:
        plain["locations"] = list(freshness.locations)
    return plain


def locations_told_by(freshness: Freshness, names: Iterable[LocationId | None]) -> list[LocationId]:
    """The locations that a source tells of: those that are set, or those that its own names stand
    for."""
    return sorted(set(freshness.locations) or {name for name in names if name is not None})
