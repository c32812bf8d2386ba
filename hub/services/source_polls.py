"""The turns in which sources are asked: one at a time for each source, whoever asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson

from hub.domain.polling import Polled, Polling
from hub.domain.principal import AccessScope, Principal
from hub.store.database import Database
from hub.store.job_queue import AT_ONCE, enqueue
from hub.store.source_polls import (
    Due,
    Turn,
    begin_polls,
    finish_poll,
    read_overdue_polls,
    read_poll,
    read_pollings,
)
from hub.store.transactions import Transaction, run_tx

POLL_JOB: Final = "poll"
OVERDUE: Final = timedelta(seconds=30)
"""A poll that has not ended so long after it was due may have lost its job."""


class SourcePolls:
    """Keeps a job in the queue for each source that is to be asked, and what became of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self) -> int:
        """Begin with sources that are new or were put anew, and put jobs in place of those that
        failed; how many jobs were put."""

        async def work(tx: Transaction) -> int:
            turns = await begin_polls(tx) + await read_overdue_polls(tx, OVERDUE)
            # One that waits or runs keeps its key, and then there is no second one.
            return sum([await _enqueue(tx, turn, AT_ONCE) for turn in turns])

        return await run_tx(self._database, work)

    async def due(self, source: str, turn: int | None = None) -> Due | None:
        """The next poll of a source; with `turn`, only if it is that one."""
        due = await read_poll(self._database, source)
        return due if due is not None and turn in (None, due.turn) else None

    async def finish(
        self, turn: Turn, polled: Polled, asked_at: datetime | None, after: timedelta
    ) -> bool:
        """Put down what became of a poll, and put the next one into the queue, in one transaction.
        False where its turn has passed meanwhile, and nothing is put down."""

        async def work(tx: Transaction) -> bool:
            following = await finish_poll(tx, turn, polled, asked_at, after)
            return following is not None and await _enqueue(tx, following, after)

        return await run_tx(self._database, work)

    async def of_sources(self, principal: Principal, sources: Sequence[str]) -> dict[str, Polling]:
        """How asking goes on, by the names of those sources that are asked."""
        principal.require(AccessScope.ADMIN)
        return await read_pollings(self._database, sources)


def turn_of(payload: bytes) -> Turn:
    """The turn that a job is for."""
    return Turn(*orjson.loads(payload))


async def _enqueue(tx: Transaction, turn: Turn, after: timedelta) -> bool:
    key = f"{POLL_JOB}:{turn.source}:{turn.turn}"
    return await enqueue(tx, POLL_JOB, orjson.dumps([*turn]), after=after, key=key)
