"""What became of each row of an upload. Rows whose events are in the inbox say where, so that what
becomes of them later is told as well.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from asyncpg import Record

from hub.domain.uploads import UploadRow, UploadRowStatus
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, rows_of

ROWS_AT_ONCE: Final = 10_000
"""Rows that one statement looks at, so that it ends in time."""

_ADD: Final = """
    insert into upload_row (upload, number, line, column_name, status, code, reason, event_id,
                            inbox)
    select $1, $2 + place, line, column_name, status, code, reason, event_id, inbox
    from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::bigint[])
        with ordinality g (line, column_name, status, code, reason, event_id, inbox, place)"""

_REFUSALS_FROM: Final = 1 << 40
"""What is refused of a snapshot is numbered from here on, by its lines."""

_END: Final = (1 << 63) - 1

_STATUS: Final = "case r.status when 'ACCEPTED' then i.state else r.status end"

# What was refused of a snapshot is with the snapshot, and grows while that is applied.
_PAGE: Final = f"""
    (select r.number, r.line, r.column_name, {_STATUS} as status,
            coalesce(i.error_code, r.code) as code, coalesce(i.error, i.note, r.reason) as reason,
            r.event_id
     from upload_row r left join inbox i on i.id = r.inbox
     where r.upload = $1 and r.number > $2 and r.number <= $5
       and ($3::text[] is null or {_STATUS} = any($3))
     order by r.number limit $4)
    union all
    (select {_REFUSALS_FROM} + f.line, f.line, f.column_name, 'REFUSED', f.code, f.problem, null
     from upload u join stock_snapshot_refusal f on f.snapshot = u.snapshot
     where u.id = $1 and f.line > $2 - {_REFUSALS_FROM} and f.line <= $5 - {_REFUSALS_FROM}
       and ($3::text[] is null or 'REFUSED' = any($3))
     order by f.line limit $4)
    order by number limit $4"""  # noqa: S608 - only constants are put in

_TALLY: Final = """
    select i.state, count(*) as many from upload_row r join inbox i on i.id = r.inbox
    where r.upload = $1 and r.number > $2 and r.number <= $3 group by i.state"""

_LAST: Final = "select coalesce(max(number), 0) as last from upload_row where upload = $1"

_FORGET: Final = """
    with gone as (
        delete from upload_row where upload = $1 and number in (
            select number from upload_row where upload = $1 order by number limit $2)
        returning number)
    select count(*) as gone from gone"""


class NewRow(NamedTuple):
    """A row as it is put down."""

    line: int | None
    column: str | None
    status: str
    """`ACCEPTED`, or what it is for good."""
    code: str | None = None
    reason: str | None = None
    event_id: str | None = None
    inbox: int | None = None


async def add_rows(client: Transaction, upload: int, rows: Sequence[NewRow]) -> None:
    """Put rows down behind those that are there."""
    if rows:
        last = await last_row(client, upload)
        await rows_of(client, _ADD, [upload, last, *columns(rows, len(NewRow._fields))])


async def last_row(client: Database | Transaction, upload: int) -> int:
    """The number of the last row."""
    return int((await rows_of(client, _LAST, [upload]))[0]["last"])


async def read_rows(
    database: Database,
    upload: int,
    statuses: Sequence[UploadRowStatus] | None,
    after: int,
    limit: int,
) -> list[UploadRow]:
    """The rows behind that of a number, in the order of the file."""
    wanted = None if statuses is None else [one.value for one in statuses]
    # Of some statuses there may be few among many: no statement looks at all of them.
    last = after if wanted is None else await last_row(database, upload)
    rows: list[Record] = []
    while len(rows) < limit:
        until = after + ROWS_AT_ONCE if after + ROWS_AT_ONCE < last else _END
        values = [upload, after, wanted, limit - len(rows), until]
        rows += await database.records(_PAGE, values)
        if until == _END:
            break
        after = until
    return [
        UploadRow(row[0], row[1], row[2], UploadRowStatus(row[3]), row[4], row[5], row[6])
        for row in rows
    ]


async def tally_rows(database: Database, upload: int) -> dict[str, int]:
    """How many events of an upload there are in each state of the inbox."""
    found: dict[str, int] = {}
    last = await last_row(database, upload)
    for first in range(0, last, ROWS_AT_ONCE):
        for row in await database.fetch(_TALLY, [upload, first, first + ROWS_AT_ONCE]):
            found[row["state"]] = found.get(row["state"], 0) + row["many"]
    return found


async def forget_rows_of(client: Database | Transaction, upload: int) -> None:
    """Remove all rows of an upload."""
    while (await rows_of(client, _FORGET, [upload, ROWS_AT_ONCE]))[0]["gone"]:
        pass
