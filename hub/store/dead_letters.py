"""Dead letters: entries of the inbox that could not be worked, and what people do with them.

Each statement takes only entries that are what it is for, under their locks, so what two people ask
for at once is done once, and nothing is done to an entry that a worker has at hand.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from hub.domain.dead_letters import SoughtLetters
from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of

_COLUMNS = """i.id, i.source, i.event_id, i.type, i.payload::text as payload,
           coalesce(i.error_code, '') as error_code, coalesce(i.error, '') as error, i.attempts,
           i.received_at, coalesce(i.worked_at, i.received_at) as worked_at, i.state,
           i.edited::text as edited"""

_LIKE = """
      and ($1::text is null or i.source = $1) and ($2::text is null or i.error_code = $2)
      and ($3::text is null or i.type = $3)
      and ($4::timestamptz is null or i.worked_at >= $4)
      and ($5::timestamptz is null or i.worked_at < $5)"""

_SOUGHT = f"""
    from inbox i
    where i.state = 'DEAD' {_LIKE}"""

_PAGE = f"""
    select {_COLUMNS} {_SOUGHT} and ($6::bigint is null or i.id < $6)
    order by i.id desc limit $7"""

# Of the whole inbox, few ever failed: these are found by their history, from the newest on.
_FAILED_PAGE = f"""
    select {_COLUMNS} from (
        select distinct inbox_id from inbox_history
        where step = 'FAILED' and ($6::bigint is null or inbox_id < $6)) h
    join inbox i on i.id = h.inbox_id
    where i.state = any($8::text[]) {_LIKE}
    order by i.id desc limit $7"""  # noqa: S608

_COUNT = f"select count(*) as many {_SOUGHT}"

# What never failed is no dead letter, whatever its state.
_ONE = f"""
    select {_COLUMNS} from inbox i
    where i.id = $1 and (i.state in ('DEAD', 'DISCARDED') or exists (
        select from inbox_history h where h.inbox_id = i.id and h.step = 'FAILED'))"""  # noqa: S608

_LOCK_ONE = """
    select i.state, i.source, i.event_id, i.type from inbox i where i.id = $1 for update"""

# The oldest first, which is the order in which they came; one that somebody has at hand is his.
_LOCK_MANY = f"""
    select i.id {_SOUGHT} order by i.id limit $6 for update skip locked"""

_REQUEUE = """
    update inbox set state = 'PENDING', attempts_before = attempts, not_before = null,
        note = null, holds_back = null
    where id = any($1::bigint[]) returning id"""

_EDIT = "update inbox set edited = $2::text::jsonb where id = $1 returning id"

_DISCARD = """
    update inbox set state = 'DISCARDED', note = $2, not_before = null, holds_back = null
    where id = any($1::bigint[]) returning id"""

_BY_SOURCE = "select source, count(*) as many from inbox where state = 'DEAD' group by source"


class LetterRow(NamedTuple):
    """An event that cannot, or could not, be worked."""

    id: int
    source: str
    event_id: str
    type: str
    payload: Any
    error_code: str
    error: str
    attempts: int
    received_at: datetime
    worked_at: datetime
    state: str
    edited: Any


class LockedLetter(NamedTuple):
    """An entry that nobody else changes until the transaction ends."""

    state: str
    source: str
    event_id: str
    type: str


async def read_page(
    database: Database, sought: SoughtLetters, before: int | None, limit: int
) -> list[LetterRow]:
    """Dead letters, newest first."""
    return [_row(row) for row in await database.fetch(_PAGE, [*sought, before, limit])]


async def read_failed_page(
    database: Database, sought: SoughtLetters, states: Sequence[str], before: int | None, limit: int
) -> list[LetterRow]:
    """Entries in one of these states that are dead letters or were, newest first."""
    values = [*sought, before, limit, list(states)]
    return [_row(row) for row in await database.fetch(_FAILED_PAGE, values)]


async def read_letter(database: Database, id: int) -> LetterRow | None:
    """An entry that is a dead letter, or was one."""
    rows = await database.fetch(_ONE, [id])
    return _row(rows[0]) if rows else None


async def count_letters(client: Database | Transaction, sought: SoughtLetters) -> int:
    """How many dead letters there are."""
    return int((await rows_of(client, _COUNT, sought))[0]["many"])


async def count_by_source(database: Database) -> dict[str, int]:
    """How many dead letters there are of each source that has some."""
    return {row["source"]: row["many"] for row in await database.fetch(_BY_SOURCE)}


async def lock_letter(client: Transaction, id: int) -> LockedLetter | None:
    """An entry, locked; None if there is none."""
    rows = await rows_of(client, _LOCK_ONE, [id])
    return LockedLetter(**rows[0]) if rows else None


async def lock_letters(client: Transaction, sought: SoughtLetters, limit: int) -> list[int]:
    """The first dead letters by id, locked."""
    return [row["id"] for row in await rows_of(client, _LOCK_MANY, [*sought, limit])]


async def requeue(client: Transaction, ids: Sequence[int]) -> None:
    """Have locked entries worked again, with all their tries."""
    await rows_of(client, _REQUEUE, [ids])


async def edit(client: Transaction, id: int, payload: str) -> None:
    """Have a locked entry worked by another payload from now on."""
    await rows_of(client, _EDIT, [id, payload])


async def discard(client: Transaction, ids: Sequence[int], reason: str) -> None:
    """Have locked entries never worked."""
    await rows_of(client, _DISCARD, [ids, reason])


def _row(row: dict[str, Any]) -> LetterRow:
    edited = row["edited"]
    return LetterRow(
        **{
            **row,
            "payload": orjson.loads(row["payload"]),
            "edited": None if edited is None else orjson.loads(edited),
        }
    )
