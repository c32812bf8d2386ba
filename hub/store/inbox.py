"""The inbox: events from outside, stored once by (source, event id) before they are worked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from hub.domain.dead_letters import LetterStep
from hub.domain.errors import EventMismatch
from hub.domain.event_order import Waiting
from hub.store.database import Database
from hub.store.inbox_history import HUB
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, run_tx

# Ids follow the order in which the events came; rows go in by event id, so that two senders of the
# same events in another order do not wait for each other.
_STORE = """
    with given as materialized (
        select nextval((select pg_get_serial_sequence('inbox', 'id')::regclass)) as id, g.*
        from unnest($2::new_event[])
            with ordinality g (event_id, type, payload, payload_hash, place)
    ), stored as (
        insert into inbox (id, source, event_id, type, payload, payload_hash)
        overriding system value
        select id, $1, event_id, type, payload::jsonb, payload_hash from given order by event_id
        on conflict (source, event_id) do nothing
        returning event_id
    )
    select g.event_id, g.id, s.event_id is not null as fresh
    from given g left join stored s using (event_id)
    order by g.place"""

# A statement of its own: `_STORE` cannot see what another sender stored while it ran.
_OTHER_PAYLOAD = """
    select g.event_id from unnest($2::text[], $3::bytea[]) g (event_id, payload_hash)
    join inbox i on i.source = $1 and i.event_id = g.event_id
    where i.payload_hash <> g.payload_hash"""

_PENDING = "select * from inbox_due($1, $2)"

_PAYLOADS = """
    select id, coalesce(edited, payload)::text from inbox where id = any($1::bigint[])"""

# Whoever waited here for another worker sees whether that one has put the entry off.
_CLAIM = """
    select id, attempts, attempts_before from inbox
    where id = any($1::bigint[]) and state = 'PENDING'
      and (not_before is null or not_before <= clock_timestamp())
    order by id for update"""

_WAITING = """
    select holds_back, id, not_before from inbox
    where state = 'PENDING' and holds_back = any($1::text[]) and not id = any($2::bigint[])"""

# Nearly all events are marked so.
_APPLIED = """
    update inbox set state = 'APPLIED', attempts = attempts + 1, note = null, error_code = null,
        error = null, worked_at = $1, not_before = null, holds_back = null
    where id = any($2::bigint[])"""

_MARK = """
    update inbox i set state = m.state, attempts = i.attempts + 1, note = m.note,
        error_code = m.error_code, error = m.error, worked_at = $1::timestamptz,
        not_before = $1::timestamptz + make_interval(secs => m.delay_seconds),
        holds_back = m.holds_back
    from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[],
                $8::text[])
        m (id, state, note, error_code, error, delay_seconds, holds_back)
    where i.id = m.id"""

_FAILED = """
    with failed as (
        update inbox set state = 'DEAD', attempts = attempts + 1, error_code = 'INTERNAL',
            error = $2, worked_at = clock_timestamp(), not_before = null
        where id = $1 and state = 'PENDING'
        returning id, attempts, error_code, error, worked_at
    )
    insert into inbox_history (inbox_id, step, actor, attempt, error_code, error, recorded_at)
    select id, $3, $4, attempts, error_code, error, worked_at from failed"""


class NewEvent(NamedTuple):
    """An event as it is put into the inbox."""

    event_id: str
    type: str
    payload: str
    payload_hash: bytes


class StoredEvent(NamedTuple):
    """What became of putting an event in: one that is not fresh was there already, under another
    id of the inbox than this."""

    event_id: str
    id: int
    fresh: bool
    differs: bool = False
    """Whether it was there with another payload; that one stays."""


class PendingEvent(NamedTuple):
    """An event to be worked."""

    id: int
    source: str
    event_id: str
    attempts: int
    """Since it was stored, or put back by somebody."""
    edited: bool
    """Whether it is worked by another payload than it came with."""
    size: int
    """Bytes of what it is worked by, as the database keeps it."""


class Claim(NamedTuple):
    """An entry that is locked to be worked: how often it was tried, and how often of that before
    somebody put it back."""

    attempts: int
    before: int


class Mark(NamedTuple):
    """What became of working an event. With `delay_seconds` it is tried again after that."""

    id: int
    state: str
    note: str | None = None
    error_code: str | None = None
    error: str | None = None
    delay_seconds: float | None = None
    holds_back: str | None = None
    """The key that nothing may overtake while it waits."""


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
    _, rows = await client.execute_query(_STORE, [source, list(events)])
    known = {event_id for event_id, _, fresh in rows if not fresh}
    other: set[str] = set()
    if known:
        again = [(one.event_id, one.payload_hash) for one in events if one.event_id in known]
        found = await client.execute_query_dict(_OTHER_PAYLOAD, [source, *columns(again, 2)])
        other = {row["event_id"] for row in found}
    return [StoredEvent(event_id, id, fresh, event_id in other) for event_id, id, fresh in rows]


async def read_pending(
    database: Database, limit: int, but_for: Sequence[int] = ()
) -> list[PendingEvent]:
    """Events that are due, but for those with the ids `but_for`, in the order they came."""
    rows = await database.records(_PENDING, [limit, but_for])
    return [PendingEvent(*row) for row in rows]


async def read_payloads(database: Database, ids: Sequence[int]) -> dict[int, str]:
    """What events are worked by, as JSON."""
    return {row[0]: row[1] for row in await database.records(_PAYLOADS, [ids])}


async def count_pending(database: Database) -> int:
    """Events not yet worked, due or waiting for another try."""
    rows = await database.fetch("select count(*) as waiting from inbox where state = 'PENDING'")
    return int(rows[0]["waiting"])


async def claim_events(connection: asyncpg.Connection, ids: Iterable[int]) -> dict[int, Claim]:
    """Lock those of `ids` that nobody has worked yet and that are due."""
    rows = await connection.fetch(_CLAIM, list(ids))
    return {row["id"]: Claim(row["attempts"], row["attempts_before"]) for row in rows}


async def read_waiting(
    connection: asyncpg.Connection, keys: Iterable[str], claimed: Iterable[int]
) -> dict[str, list[Waiting]]:
    """Events that wait for another try and hold back one of `keys`, but for those in `claimed`."""
    found: dict[str, list[Waiting]] = {}
    for key, id, until in await connection.fetch(_WAITING, list(keys), list(claimed)):
        found.setdefault(key, []).append(Waiting(id, until))
    return found


async def mark_events(connection: asyncpg.Connection, marks: Sequence[Mark], now: datetime) -> None:
    """Record what became of events, in the transaction of their effect."""
    plain = [mark.id for mark in marks if mark.state == "APPLIED"]
    if plain:
        await connection.execute(_APPLIED, now, plain)
    others = [mark for mark in marks if mark.state != "APPLIED"]
    if others:
        await connection.execute(_MARK, now, *columns(others, 7))


async def mark_failed(database: Database, id: int, error: str) -> None:
    """Set an event aside whose working failed for a reason nobody foresaw."""
    await database.fetch(_FAILED, [id, error, LetterStep.FAILED.value, HUB])
