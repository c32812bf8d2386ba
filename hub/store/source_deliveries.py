"""Deliveries of sources: what came, as it came, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from hub.domain.source_deliveries import (
    MAX_SHOWN_BYTES,
    DeliveryFinding,
    DeliveryReport,
    Received,
    SourceDelivery,
    SourceDeliveryState,
)
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, rows_of

FORGET_ROWS: Final = 500
_ADVISORY_LOCK: Final = 0x4855420B
"""What is sent twice at a time is heard one after the other."""

_COLUMNS: Final = """d.id, d.source, d.sender_id, d.received_at, d.headers::text as headers,
           d.media_type, d.digest, length(d.body) as size, d.state, d.report::text as report"""

_READ: Final = f"select {_COLUMNS}, d.body from delivery d"  # noqa: S608 - the columns are a constant

_LOCK: Final = "select pg_advisory_xact_lock($1, hashtext($2))"

# No index knows `is not distinct from`: those with an id are asked for apart from those without.
_SAME: Final = f"""{_READ}
    where d.source = $1 and d.sender_id = $2 and d.digest = $3
    union all
    {_READ}
    where d.source = $1 and d.sender_id is null and $2::text is null and d.digest = $3"""

_UNDER_ITS_ID: Final = """
    select d.digest = $3 as same, d.state from delivery d
    where d.source = $1 and d.sender_id = $2 and (d.digest = $3 or d.state = 'ACCEPTED')
    union all
    select true, d.state from delivery d
    where d.source = $1 and d.sender_id is null and $2::text is null and d.digest = $3"""

_ADD: Final = """
    insert into delivery (source, sender_id, received_at, headers, media_type, body, digest, state,
                          report)
    values ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9::text::jsonb)
    on conflict (source, sender_id, digest) do nothing returning id"""

_ADD_MANY: Final = """
    insert into delivery (source, sender_id, received_at, headers, media_type, body, digest, state,
                          report)
    select $1, sender_id, received_at, headers::jsonb, media_type, body, digest, state,
           report::jsonb
    from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[], $7::bytea[],
                $8::text[], $9::text[])
        g (sender_id, received_at, headers, media_type, body, digest, state, report)
    on conflict (source, sender_id, digest) do nothing"""

_KEPT: Final = """
    select d.sender_id, d.digest, d.state from delivery d
    where d.source = $1 and d.sender_id = any($2::text[])
    union all
    select null, d.digest, d.state from delivery d
    where d.source = $1 and d.sender_id is null and d.digest = any($3::bytea[])"""

_REPORT: Final = """
    update delivery set state = $2, report = $3::text::jsonb where id = $1"""

_SHOWN: Final = f"""
    select {_COLUMNS}, substring(d.body for {MAX_SHOWN_BYTES}) as body from delivery d
"""  # noqa: S608 - the columns are a constant

_PAGE: Final = f"""{_SHOWN}
    where ($1::text is null or d.source = $1) and ($2::text[] is null or d.state = any($2))
      and ($3::bigint is null or d.id < $3)
    order by d.id desc limit $4"""

_BY_ID: Final = f"{_SHOWN} where d.id = $1"

_RANGE: Final = f"""{_READ}
    where d.source = $1 and ($2::timestamptz is null or d.received_at >= $2)
      and d.received_at < $3 and d.id > $4
    order by d.id limit $5"""

_FORGET: Final = """
    with gone as (
        delete from delivery where id in (
            select id from delivery where received_at < clock_timestamp() - $1::interval limit $2)
        returning id)
    select count(*) as rows from gone"""


async def read_same_delivery(database: Database, received: Received) -> SourceDelivery | None:
    """The delivery that is kept of the same bytes under the same id, if there is one."""
    rows = await database.fetch(_SAME, [received.source, received.sender_id, received.digest])
    return _delivery(rows[0]) if rows else None


class Claim(NamedTuple):
    """What is kept under the id of something that came; it stays so until the transaction ends."""

    same: SourceDeliveryState | None
    """What became of the same bytes, if they came before."""
    other: bool
    """Other bytes, and they were accepted."""


class StillClaimed(Exception):
    """Others who send the same have it to themselves for longer than a lock is waited for."""


async def claim_delivery(client: Transaction, received: Received) -> Claim:
    """Have the id, or without one the bytes, to oneself until the transaction ends. Raises
    `StillClaimed`."""
    values = [received.source, received.sender_id, received.digest]
    key = f"{received.source}\n{received.sender_id or received.digest.hex()}"
    try:
        await client.execute_query(_LOCK, [_ADVISORY_LOCK, key])
    except asyncpg.LockNotAvailableError as waited:
        raise StillClaimed from waited
    found = {row["same"]: row["state"] for row in await rows_of(client, _UNDER_ITS_ID, values)}
    same = found.get(True)
    return Claim(None if same is None else SourceDeliveryState(same), False in found)


async def add_delivery(
    client: Transaction, received: Received, state: SourceDeliveryState, report: DeliveryReport
) -> int | None:
    """Keep what came; its id. None where the same was kept before."""
    rows = await rows_of(
        client,
        _ADD,
        [received.source, received.sender_id, received.received_at, _json(dict(received.headers)),
         received.media_type, received.body, received.digest, state, _json(report.as_dict())],
    )  # fmt: skip
    return int(rows[0]["id"]) if rows else None


class Reported(NamedTuple):
    """Something that came, and what became of it."""

    received: Received
    state: SourceDeliveryState
    report: DeliveryReport


async def add_deliveries(client: Transaction, source: str, reported: Iterable[Reported]) -> None:
    """Keep many that came from a source. One that is kept meanwhile by somebody else stays as he
    has it."""
    # In one order, so that two who keep the same do not wait for each other.
    ordered = sorted(reported, key=lambda one: (one.received.sender_id or "", one.received.digest))
    rows = [
        (came.sender_id, came.received_at, _json(dict(came.headers)), came.media_type, came.body,
         came.digest, state.value, _json(report.as_dict()))
        for came, state, report in ordered
    ]  # fmt: skip
    await client.execute_query(_ADD_MANY, [source, *columns(rows, 8)])


async def read_kept(
    database: Database, source: str, received: Sequence[Received]
) -> dict[str | None, dict[bytes, SourceDeliveryState]]:
    """What became of what is kept under the ids of what came, and without one of the same bytes, by
    its digest."""
    ids = [one.sender_id for one in received if one.sender_id is not None]
    digests = [one.digest for one in received if one.sender_id is None]
    found: dict[str | None, dict[bytes, SourceDeliveryState]] = {}
    for row in await database.fetch(_KEPT, [source, ids, digests]):
        states = found.setdefault(row["sender_id"], {})
        states[row["digest"]] = SourceDeliveryState(row["state"])
    return found


async def report_delivery(
    client: Transaction, id: int, state: SourceDeliveryState, report: DeliveryReport
) -> None:
    """Put down what became of a delivery this time."""
    await client.execute_query(_REPORT, [id, state, _json(report.as_dict())])


async def read_delivery_page(
    database: Database,
    source: str | None,
    states: Iterable[SourceDeliveryState] | None,
    before: int | None,
    limit: int,
) -> list[SourceDelivery]:
    """Deliveries of a source, or of all, the newest first."""
    wanted = None if states is None else list(states)
    rows = await database.fetch(_PAGE, [source, wanted, before, limit])
    return [_delivery(row) for row in rows]


async def read_delivery(database: Database, id: int) -> SourceDelivery | None:
    """A delivery; of its body the beginning."""
    rows = await database.fetch(_BY_ID, [id])
    return _delivery(rows[0]) if rows else None


async def read_delivery_range(
    database: Database, source: str, begin: datetime | None, end: datetime, after: int, limit: int
) -> list[SourceDelivery]:
    """Deliveries of a source that came between two times, the end not included, behind the one of
    that id; the oldest first."""
    rows = await database.fetch(_RANGE, [source, begin, end, after, limit])
    return [_delivery(row) for row in rows]


async def forget_source_deliveries(database: Database, kept: timedelta) -> int:
    """Remove deliveries that are older than that; how many they were. Their events stay."""
    forgotten = 0
    while rows := (await database.fetch(_FORGET, [kept, FORGET_ROWS]))[0]["rows"]:
        forgotten += rows
    return forgotten


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _delivery(row: Mapping[str, Any]) -> SourceDelivery:
    report = orjson.loads(row["report"])
    findings = tuple(DeliveryFinding(**one) for one in report.pop("findings"))
    received = Received(
        source=row["source"],
        sender_id=row["sender_id"],
        received_at=row["received_at"],
        headers=orjson.loads(row["headers"]),
        media_type=row["media_type"],
        body=row["body"],
        digest=row["digest"],
    )
    return SourceDelivery(
        row["id"],
        received,
        row["size"],
        SourceDeliveryState(row["state"]),
        DeliveryReport(**report, findings=findings),
    )
