"""The inbox: events from outside, stored once by (source, event id) before they are worked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import orjson

from hub.domain.errors import EventMismatch
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, run_tx

# Ids follow the order in which the events came; rows go in by event id, so that two senders of the
# same events in another order do not wait for each other.
_STORE = """
    with given as materialized (
        select nextval(pg_get_serial_sequence('inbox', 'id')) as id, g.*
        from unnest($2::text[], $3::text[], $4::text[], $5::bytea[])
            with ordinality g (event_id, type, payload, payload_hash, place)
    ), stored as (
        insert into inbox (id, source, event_id, type, payload, payload_hash)
        overriding system value
        select id, $1, event_id, type, payload::jsonb, payload_hash from given order by event_id
        on conflict (source, event_id) do nothing
        returning event_id
    )
    select g.event_id, s.event_id is not null as fresh
    from given g left join stored s using (event_id)
    order by g.place"""

# A statement of its own: `_STORE` cannot see what another sender stored while it ran.
_OTHER_PAYLOAD = """
    select g.event_id from unnest($2::text[], $3::bytea[]) g (event_id, payload_hash)
    join inbox i on i.source = $1 and i.event_id = g.event_id
    where i.payload_hash <> g.payload_hash"""

_PENDING = """
    select id, source, event_id, payload::text as payload, attempts from inbox
    where state = 'PENDING' and (not_before is null or not_before <= clock_timestamp())
    order by id limit $1"""

_CLAIM = """
    select id, attempts from inbox
    where id = any($1::bigint[]) and state = 'PENDING' order by id for update"""

_MARK = """
    update inbox i set state = m.state, attempts = i.attempts + 1, note = m.note,
        error_code = m.error_code, error = m.error, worked_at = $1::timestamptz,
        not_before = $1::timestamptz + make_interval(secs => m.delay_seconds)
    from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[])
        m (id, state, note, error_code, error, delay_seconds)
    where i.id = m.id"""

_DEAD = """
    select id, source, event_id, type, payload::text as payload, error_code, error, attempts,
           received_at, worked_at
    from inbox where state = 'DEAD' and ($1::bigint is null or id < $1)
    order by id desc limit $2"""


class NewEvent(NamedTuple):
    """An event as it is put into the inbox."""

    event_id: str
    type: str
    payload: str
    payload_hash: bytes


class StoredEvent(NamedTuple):
    """What became of putting an event in: one that is not fresh was there already."""

    event_id: str
    fresh: bool
    differs: bool = False
    """Whether it was there with another payload; that one stays."""


class PendingEvent(NamedTuple):
    """An event to be worked."""

    id: int
    source: str
    event_id: str
    payload: Any
    attempts: int


class Mark(NamedTuple):
    """What became of working an event. With `delay_seconds` it is tried again after that."""

    id: int
    state: str
    note: str | None = None
    error_code: str | None = None
    error: str | None = None
    delay_seconds: float | None = None


class DeadRow(NamedTuple):
    """An event that cannot be worked."""

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


async def store_events(
    database: Database, source: str, events: Sequence[NewEvent]
) -> list[StoredEvent]:
    """Put events in, durably and all at once; those that are there already stay as they are.

    Raises `EventMismatch` for one that is there with another payload; then none is put in.
    """

    async def work(client: Transaction) -> list[StoredEvent]:
        stored = await put_events(client, source, events)
        for one in stored:
            if one.differs:
                raise EventMismatch(source=source, event_id=one.event_id)
        return stored

    return await run_tx(database, work)


async def put_events(
    client: Transaction, source: str, events: Sequence[NewEvent]
) -> list[StoredEvent]:
    """Put events in as a part of a transaction, each id at most once; those that are there already
    stay as they are, also where they have another payload."""
    rows = await client.execute_query_dict(_STORE, [source, *columns(events, 4)])
    known = {row["event_id"] for row in rows if not row["fresh"]}
    other: set[str] = set()
    if known:
        again = [(one.event_id, one.payload_hash) for one in events if one.event_id in known]
        found = await client.execute_query_dict(_OTHER_PAYLOAD, [source, *columns(again, 2)])
        other = {row["event_id"] for row in found}
    return [StoredEvent(**row, differs=row["event_id"] in other) for row in rows]


async def read_pending(database: Database, limit: int) -> list[PendingEvent]:
    """Events that are due, in the order they came."""
    return [
        PendingEvent(
            row["id"],
            row["source"],
            row["event_id"],
            orjson.loads(row["payload"]),
            row["attempts"],
        )
        for row in await database.fetch(_PENDING, [limit])
    ]


async def count_pending(database: Database) -> int:
    """Events not yet worked, due or waiting for another try."""
    rows = await database.fetch("select count(*) as waiting from inbox where state = 'PENDING'")
    return int(rows[0]["waiting"])


async def claim_events(connection: asyncpg.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Lock those of `ids` that nobody has worked yet; how often each was tried before."""
    rows = await connection.fetch(_CLAIM, list(ids))
    return {row["id"]: row["attempts"] for row in rows}


async def mark_events(connection: asyncpg.Connection, marks: Sequence[Mark], now: datetime) -> None:
    """Record what became of events, in the transaction of their effect."""
    await connection.execute(_MARK, now, *columns(marks, 6))


async def mark_failed(database: Database, id: int, error: str) -> None:
    """Set an event aside whose working failed for a reason nobody foresaw."""
    await database.fetch(
        """update inbox set state = 'DEAD', attempts = attempts + 1, error_code = 'INTERNAL',
           error = $2, worked_at = clock_timestamp() where id = $1 and state = 'PENDING'""",
        [id, error],
    )


async def read_dead(database: Database, before: int | None, limit: int) -> list[DeadRow]:
    """Dead letters, newest first."""
    return [
        DeadRow(**{**row, "payload": orjson.loads(row["payload"])})
        for row in await database.fetch(_DEAD, [before, limit])
    ]
