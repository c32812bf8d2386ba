"""The history of events that were not applied at once: attempts, and what people did."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import orjson

from hub.domain.dead_letters import HistoryEntry, LetterStep
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, rows_of

HUB = "hub"
"""Who tries events."""

_ATTEMPTS = """
    insert into inbox_history (inbox_id, step, actor, attempt, error_code, error, recorded_at)
    select a.id, a.step, $2, a.attempt, a.error_code, a.error, $1
    from unnest($3::bigint[], $4::text[], $5::integer[], $6::text[], $7::text[])
        a (id, step, attempt, error_code, error)"""

_ACTIONS = """
    insert into inbox_history (inbox_id, step, actor, reason, payload, recorded_at)
    select id, $2, $3, $4, $5::text::jsonb, clock_timestamp() from unnest($1::bigint[]) a (id)"""

_HISTORY = """
    select inbox_id, step, recorded_at, actor, attempt, error_code, error, reason,
           payload::text as payload
    from inbox_history where inbox_id = any($1::bigint[]) order by inbox_id, number"""


class Attempt(NamedTuple):
    """A try of an event, or a time when it could not be tried."""

    id: int
    step: LetterStep
    attempt: int
    error_code: str | None
    error: str | None


async def note_attempts(
    connection: asyncpg.Connection, attempts: Sequence[Attempt], now: datetime
) -> None:
    """Note attempts, in the transaction of their effect."""
    await connection.execute(_ATTEMPTS, now, HUB, *columns(attempts, 5))


async def note_action(
    client: Transaction,
    ids: Sequence[int],
    step: LetterStep,
    actor: str,
    reason: str | None = None,
    payload: str | None = None,
) -> None:
    """Note what somebody did with events, in the transaction in which he does it."""
    await rows_of(client, _ACTIONS, [ids, step.value, actor, reason, payload])


async def read_history(database: Database, ids: Iterable[int]) -> dict[int, list[HistoryEntry]]:
    """What happened to events, by their id; the oldest first."""
    found: dict[int, list[HistoryEntry]] = {}
    for row in await database.fetch(_HISTORY, [list(ids)]):
        found.setdefault(row["inbox_id"], []).append(
            HistoryEntry(
                LetterStep(row["step"]),
                row["recorded_at"],
                row["actor"],
                row["attempt"],
                row["error_code"],
                row["error"],
                row["reason"],
                None if row["payload"] is None else orjson.loads(row["payload"]),
            )
        )
    return found
