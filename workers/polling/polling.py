"""Sources are asked in turn, each on its schedule."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput, SourceNotFound, Unavailable
from hub.domain.fetching import Fetch
from hub.domain.polling import Polled, PollOutcome, PollState, next_interval, with_jitter
from hub.domain.principal import trusted
from hub.domain.sources import StoredSource
from hub.observability.metrics import polls
from hub.services.source_polls import turn_of
from hub.store.source_polls import Due, Turn
from workers.polling.poll import Polls
from workers.polling.secrets import Secrets
from workers.sources.report import RehearsalReport
from workers.sources.wholes import Progress
from workers.stopping import run_until

KEEP_SECONDS: Final = 3.0
"""Between two looks at which sources there are."""
_PRINCIPAL: Final = trusted("polling")

log = structlog.get_logger()


def _tell_nobody(done: int, total: int) -> None:
    pass


class Polling:
    """Asks the sources whose turn it is, and says when they are asked again."""

    def __init__(
        self,
        services: Services,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._services = services
        self._turns = services.source_polls
        self._health = services.source_health
        self._polls = Polls(services, Secrets(environment))
        self._chance = random.Random()  # noqa: S311 - no secret, only not all at once

    async def job(self, payload: bytes) -> None:
        """Do the poll that a job is for, unless its turn has passed."""
        turn = turn_of(payload)
        due = await self._turns.due(turn.source, turn.turn)
        if due is None:
            return
        try:
            stored = await self._services.sources.get(_PRINCIPAL, turn.source)
        except (SourceNotFound, InvalidInput):
            # Removed, or put by a newer hub: who keeps the turns sees to the rest.
            return
        await self.poll(stored, due)

    async def poll(
        self, stored: StoredSource, due: Due, tell: Progress = _tell_nobody, ask: bool = False
    ) -> Polled | None:
        """Ask a source whose turn it is; with `ask` also where it is to be left alone. None where
        its turn passed meanwhile: somebody else has asked it, and what came is known. Raises
        `Unavailable`."""
        fetch, name = stored.source.fetch, stored.source.name
        if fetch is None:
            return None
        now = self._services.clock.now()
        wait = None if ask else await self._health.not_before(name)
        if wait is not None and wait > now:
            problem = f"is left alone until {wait.isoformat(timespec='seconds')}"
            polled, asked_at = Polled(PollOutcome.PUT_OFF, due.state, problem=problem), None
            after = wait - now
        else:
            polled, asked_at = await self._polls.poll(stored, due, tell), now
            after = self._after(fetch, polled)
        if not await self._turns.finish(Turn(name, due.turn), polled, asked_at, after):
            log.info("polling.overtaken", source=name)
            return None
        polls.labels(name, polled.outcome.value).inc()
        _log(name, polled, after)
        return polled

    async def rehearse(
        self, stored: StoredSource, state: PollState | None, tell: Progress = _tell_nobody
    ) -> AsyncIterator[RehearsalReport]:
        """What would become of all that a source has now. Raises as `Polls.rehearse` does."""
        async for report in self._polls.rehearse(stored, state or PollState(""), tell):
            yield report

    def _after(self, fetch: Fetch, polled: Polled) -> timedelta:
        interval = next_interval(fetch, polled.state.changed)
        after = with_jitter(interval, fetch.jitter, self._chance.random())
        return max(after, polled.retry_after or after)


class PollKeeper:
    """Sees to it that each source that is to be asked has a turn, and each turn a job."""

    def __init__(self, services: Services) -> None:
        self._turns = services.source_polls

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; survives the database going away."""
        await run_until(stop, self._keep(), "polls")

    async def _keep(self) -> None:
        while True:
            try:
                await self._turns.keep()
            except Unavailable:
                log.warning("polling.database_away")
            await asyncio.sleep(KEEP_SECONDS)


def _log(source: str, polled: Polled, after: timedelta) -> None:
    """Tell of what came, and of what is wrong; of polls that found nothing there are many."""
    figures = {name: polled.report.get(name, 0) for name in ("accepted", "refused")}
    seconds = round(after.total_seconds())
    if polled.outcome is PollOutcome.TAKEN and not figures["refused"]:
        log.info("polling.taken", source=source, **figures, next_in_seconds=seconds)
    elif polled.problem is not None or figures["refused"]:
        log.warning(
            "polling.problem",
            source=source,
            outcome=polled.outcome.value,
            problem=polled.problem,
            **figures,
            next_in_seconds=seconds,
        )
