"""Alerts: opened and cleared by what was found of items, read in pages, and acknowledged.

There is at most one that is not resolved of each kind and subject. Each change of one is in the
change log, written by the same statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.alerts import Alert, AlertKind, Finding
from hub.store.database import Database, Reader

FORGET_ROWS: Final = 5_000
"""Alerts that are removed by one statement."""

_SUBJECT: Final = ("sku", "channel", "location", "document", "source")
_COLUMNS: Final = ", ".join(f"a.{name}" for name in Alert._fields)

# One that clears and is found again goes on as if nothing had been, and is not told anew. They are
# locked before any is opened: one that is resolved at the same moment is over, and another opens.
_WRITE = """
    with found as materialized (
        select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::boolean[], $8::jsonb[])
            f (kind, sku, channel, location, document, opens, facts)
    ), present as materialized (
        select a.id, a.clears_at, f.kind is not null as found, coalesce(f.opens, false) as opens
        from alert a left join found f
          on f.sku = a.sku and f.kind = a.kind and f.channel = a.channel
         and f.location = a.location and f.document = a.document
        where a.sku = any($1::text[]) and a.resolved_at is null
        for update of a
    ), kept as (
        update alert a set clears_at = null
        from present p where p.id = a.id and p.opens and p.clears_at is not null
    ), clearing as (
        update alert a set clears_at = now() + $9::interval
        from present p where p.id = a.id and not p.found and p.clears_at is null
    ), opened as (
        insert into alert (kind, sku, channel, location, document, facts, opened_at)
        select kind, sku, channel, location, document, facts, now()
        from found, (select count(*) from present) locked where opens
        order by sku, kind, channel, location, document
        on conflict (sku, kind, channel, location, document, source) where resolved_at is null
        do nothing
        returning id
    ), logged as (
        insert into change (alerts, cause, recorded_at)
        select array_agg(id), 'ALERT', now() from opened having count(*) > 0
    )
    select count(*) as opened from opened"""

_FORGET_CHANNELS = """
    update alert set clears_at = now()
    where resolved_at is null and clears_at is null
      and channel <> '' and not channel = any($1::text[])"""

_FORGET = """
    with gone as (
        delete from alert where id in (
            select id from alert where resolved_at < now() - $1::interval limit $2)
        returning 1)
    select count(*) as rows from gone"""

_BY_ID = f"select {_COLUMNS} from alert a where a.id = any($1::bigint[]) order by a.id"  # noqa: S608

_PAGE = f"""
    select {_COLUMNS} from alert a
    where ($1::bigint is null or a.id < $1)
      and ($2::text[] is null or a.kind = any($2))
      and ($3::text is null or a.sku = $3) and ($4::text is null or a.channel = $4)
      and ($5::text is null or a.location = $5)
      and ($6::boolean is null or (a.resolved_at is null) = $6)
      and ($7::boolean is null or (a.acknowledged_at is not null) = $7)
    order by a.id desc limit $8"""  # noqa: S608 - the columns are a constant

_ACKNOWLEDGE = f"""
    with acknowledged as (
        update alert set acknowledged_at = now(), acknowledged_by = $2
        where id = $1 and acknowledged_at is null
        returning *
    ), logged as (
        insert into change (alerts, cause, recorded_at)
        select array[id], 'ALERT', now() from acknowledged
    )
    select {_COLUMNS} from acknowledged a
    union all
    select {_COLUMNS} from alert a
    where a.id = $1 and not exists (select from acknowledged)"""  # noqa: S608


class Sought(NamedTuple):
    """Which alerts: all that is given must hold."""

    kinds: tuple[AlertKind, ...] | None = None
    sku: str | None = None
    channel: str | None = None
    location: str | None = None
    unresolved: bool | None = None
    acknowledged: bool | None = None


async def write_findings(
    client: BaseDBAsyncClient,
    skus: Sequence[str],
    findings: Iterable[Finding],
    calm: timedelta,
) -> int:
    """Open the alerts that were found of these items, and let those clear of which nothing was:
    they are resolved after `calm`. How many were opened."""
    rows = [(*one[:-1], orjson.dumps(one.facts).decode()) for one in findings]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 7
    (written,) = await client.execute_query_dict(_WRITE, [list(skus), *columns, calm])
    opened: int = written["opened"]
    return opened


async def clear_other_channels(database: Database, known: Iterable[str]) -> None:
    """Let the alerts of channels clear that no longer exist."""
    await database.fetch(_FORGET_CHANNELS, [list(known)])


async def forget_alerts(database: Database, older: timedelta) -> int:
    """Remove alerts that were resolved so long ago; how many those were."""
    forgotten = 0
    while rows := (await database.fetch(_FORGET, [older, FORGET_ROWS]))[0]["rows"]:
        forgotten += rows
    return forgotten


async def read_alerts(reader: Reader, ids: Iterable[int]) -> list[Alert]:
    """The alerts that exist among `ids`, the oldest first."""
    return [_alert(dict(row)) for row in await reader.records(_BY_ID, [list(ids)])]


async def read_alert_page(
    database: Database, sought: Sought, before: int | None, limit: int
) -> list[Alert]:
    """Alerts, the newest first, behind the one with the id `before`."""
    kinds = None if sought.kinds is None else [kind.value for kind in sought.kinds]
    rows = await database.fetch(_PAGE, [before, kinds, *sought[1:], limit])
    return [_alert(row) for row in rows]


async def acknowledge(client: BaseDBAsyncClient, id: int, name: str) -> Alert | None:
    """Note that somebody has seen an alert, unless somebody had; None where there is none."""
    rows = await client.execute_query_dict(_ACKNOWLEDGE, [id, name])
    return _alert(rows[0]) if rows else None


def _alert(row: Mapping[str, Any]) -> Alert:
    subject = {name: row[name] or None for name in _SUBJECT}
    facts = row["facts"] if isinstance(row["facts"], dict) else orjson.loads(row["facts"])
    return Alert(**{**row, **subject, "kind": AlertKind(row["kind"]), "facts": facts})
