"""How sources are doing: noted as they are heard or fail, and told to all whom it concerns."""

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog

from hub.domain.errors import Unavailable
from hub.domain.principal import AccessScope, Principal
from hub.domain.source_freshness import (
    Freshness,
    Health,
    SourceState,
    after_answer,
    after_failure,
    after_heard,
    plain_withheld,
    standing_of,
)
from hub.domain.values import LocationId
from hub.observability import metrics
from hub.store.database import Database
from hub.store.source_health import (
    Note,
    Settled,
    Watched,
    claim_try,
    read_due,
    read_health,
    settle,
)
from hub.store.transactions import run_tx

HEARD_SECONDS: Final = 1.0
"""A source that tells much is noted as heard so often at most, by each process."""
METRICS_SECONDS: Final = 15.0
"""How often the metrics of all sources are set."""

log = structlog.get_logger()


class SourceReport(NamedTuple):
    """How a source is doing, for people and machines."""

    source: str
    state: SourceState
    since: datetime
    last_heard_at: datetime | None
    last_failed_at: datetime | None
    failures: int
    problem: str | None
    not_before: datetime | None
    circuit_opened_at: datetime | None
    late_at: datetime | None
    stale_at: datetime | None
    withhold: str | None
    """As it is configured."""
    locations: tuple[LocationId, ...]

    def as_dict(self) -> dict[str, Any]:
        """For machines, in the names of the API."""
        return {
            "source": self.source,
            "state": self.state.value,
            "since": self.since,
            "lastHeardAt": self.last_heard_at,
            "lastFailedAt": self.last_failed_at,
            "failures": self.failures,
            "problem": self.problem,
            "notBefore": self.not_before,
            "circuitOpenedAt": self.circuit_opened_at,
            "lateAt": self.late_at,
            "staleAt": self.stale_at,
            "withhold": self.withhold,
            "locations": list(self.locations),
        }


class SourceHealth:
    """Notes what is heard of sources. One that is not configured is not watched: nothing is noted
    of it, and no error. Nothing is noted either while the database does not answer: what came is
    more than a note of it."""

    def __init__(
        self,
        database: Database,
        announce: Callable[[], None],
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._announce = announce
        self._dice = dice
        self._noted: dict[str, float] = {}
        """When this process has noted last that it heard a source."""
        self._unnoted: dict[str, float] = {}
        """When it heard one last since then."""
        self._measured = -METRICS_SECONDS

    async def heard(self, source: str, at: datetime | None = None) -> None:
        """Something came in, at a time or now, and was understood, be it that nothing had changed.
        It is noted once in `HEARD_SECONDS`; of what is heard in between, `turn` notes the last."""
        now = time.monotonic()
        if at is None and now - self._noted.get(source, -HEARD_SECONDS) < HEARD_SECONDS:
            self._unnoted[source] = now
            return
        await self._note_heard(source, at=at)

    async def answered(self, source: str) -> None:
        """It was asked and answered as it should, and there was nothing: it does not fail, and is
        not heard either."""
        await self._note(source, lambda health, _, __: after_answer(health))

    async def failed(self, source: str, problem: str, retry_after: timedelta | None = None) -> None:
        """What came could not be used, or nothing came where it was asked for; `retry_after` is how
        long the source wants to be left alone."""
        self._noted.pop(source, None)
        self._unnoted.pop(source, None)

        def note(health: Health, freshness: Freshness, now: datetime) -> Health:
            return after_failure(health, freshness, problem, retry_after, now, self._dice)

        log.warning("sources.failed", source=source, problem=problem)
        await self._note(source, note)

    async def looked_at(self, source: str) -> None:
        """Something else may have changed how it is doing: a snapshot was put into quarantine, or
        somebody has decided on one."""
        await self._note(source, _as_it_was)

    async def not_before(self, source: str) -> datetime | None:
        """Until when a source must not be asked: it wants to be left alone, or its circuit is open.
        None for now; while the circuit is open, to one who asks at a time: he has the one try.
        Raises `Unavailable`."""
        return await claim_try(self._database, source)

    async def of(
        self, principal: Principal, names: Iterable[str] | None = None
    ) -> dict[str, SourceReport]:
        """How these sources are doing, or all, by name. Raises `Forbidden` and `Unavailable`."""
        principal.require(AccessScope.ADMIN)
        found = await read_health(self._database, None if names is None else list(names))
        return {one.source: _report(one) for one in found}

    async def turn(self) -> int:
        """Note and tell what time, and other settings, have changed; of how many sources. Raises
        `Unavailable`."""
        await self._note_unnoted()
        turned = 0
        for source in await read_due(self._database):
            turned += await self._settle(source, _as_it_was)
        if time.monotonic() - self._measured >= METRICS_SECONDS:
            self._measured = time.monotonic()
            _measure(await read_health(self._database, None))
        return turned

    async def _note_unnoted(self) -> None:
        """Whoever was heard once more within the same second may have failed before that, as
        another process has noted."""
        for source, heard in list(self._unnoted.items()):
            now = time.monotonic()
            if now - self._noted.get(source, -HEARD_SECONDS) >= HEARD_SECONDS:
                await self._note_heard(source, timedelta(seconds=now - heard))

    async def _note_heard(
        self, source: str, ago: timedelta = timedelta(), at: datetime | None = None
    ) -> None:
        # Before it is written: what fails meanwhile makes the next one count.
        self._noted[source] = time.monotonic()
        self._unnoted.pop(source, None)
        await self._note(source, lambda health, _, now: after_heard(health, at or now - ago))

    async def _note(self, source: str, note: Note) -> None:
        try:
            await self._settle(source, note)
        except Unavailable:
            self._noted.pop(source, None)
            log.warning("sources.not_noted", source=source)

    async def _settle(self, source: str, note: Note) -> bool:
        settled = await run_tx(self._database, lambda client: settle(client, source, note))
        if settled is None:
            return False
        self._announce()
        _log(source, settled)
        return True


def _as_it_was(health: Health, freshness: Freshness, now: datetime) -> Health:
    return health


def _log(source: str, settled: Settled) -> None:
    before, now = settled.before, settled.now
    if now is None or before is now:
        return
    say = log.info if now in (SourceState.FRESH, SourceState.WAITING) else log.warning
    say("sources.turned", source=source, before=before.value, state=now.value)


def _measure(watched: Iterable[Watched]) -> None:
    metrics.source_state.clear()
    metrics.source_heard_timestamp_seconds.clear()
    for one in watched:
        report = _report(one)
        for state in SourceState:
            metrics.source_state.labels(one.source, state.value).set(state is report.state)
        if report.last_heard_at is not None:
            heard = report.last_heard_at.timestamp()
            metrics.source_heard_timestamp_seconds.labels(one.source).set(heard)


def _report(one: Watched) -> SourceReport:
    health = one.health
    standing = standing_of(health, one.freshness, one.now)
    withhold = plain_withheld(one.freshness.withhold)
    return SourceReport(
        source=one.source,
        state=standing.state,
        since=standing.since,
        last_heard_at=health.heard_at,
        last_failed_at=health.failed_at,
        failures=health.failures,
        problem=health.problem,
        not_before=health.not_before(one.now),
        circuit_opened_at=health.opened_at,
        late_at=standing.late_at,
        stale_at=standing.stale_at,
        withhold=None if withhold is None else str(withhold),
        locations=one.locations,
    )
