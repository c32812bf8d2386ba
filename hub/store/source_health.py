"""How sources are doing, as it is noted; what changes by that is told with it.

Whoever notes something has the row of the source locked, and tells what follows in the same
transaction: the alert of its state, and the items whose answers rest on what it has told.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.alerts import alert_of_source
from hub.domain.plain_table import Table
from hub.domain.policies import Doubt
from hub.domain.source_freshness import (
    DISBELIEVED,
    HALF_OPEN,
    Freshness,
    Health,
    SourceState,
    Standing,
    Withheld,
    freshness_from,
    plain_freshness,
    plain_withheld,
    standing_of,
    withheld_from,
)
from hub.domain.sources import Source
from hub.domain.values import LocationId
from hub.store.database import Database
from hub.store.locations_heard import PART_ITEMS
from hub.store.transactions import Transaction, rows_of

# What waits in quarantine is in doubt until something newer is applied.
_COLUMNS: Final = """
    h.*, h.freshness::text as settings, clock_timestamp() as now, (
        select min(q.received_at) from stock_snapshot q
        where q.source = h.source and q.state = 'QUARANTINED' and not exists (
            select from stock_snapshot a
            where a.source = q.source and a.state = 'APPLIED' and a.id > q.id)) as quarantined_at"""

_LOCK = f"select {_COLUMNS} from source_health h where h.source = $1 for update of h"  # noqa: S608

_READ = f"""
    select {_COLUMNS} from source_health h
    where h.freshness is not null and ($1::text[] is null or h.source = any($1))
    order by h.source"""  # noqa: S608

_DUE = "select source from source_health where next_at <= clock_timestamp() order by next_at"

_DOUBTS = """
    select source, since, lowered, withheld from source_health
    where lowered <> '{}' order by source"""

# What was told of it before stays until it is settled, which is due at once.
_FOLLOW = """
    insert into source_health (source, freshness, locations, next_at)
    values ($1, $2::text::jsonb, $3::text[], clock_timestamp())
    on conflict (source) do update set
        watched_since = case when source_health.freshness is null
                        then excluded.watched_since else source_health.watched_since end,
        freshness = excluded.freshness, locations = excluded.locations,
        next_at = excluded.next_at"""

_UNFOLLOW = """
    update source_health set freshness = null, next_at = clock_timestamp() where source = $1"""

_SAVE = """
    update source_health set
        state = $2, since = $3, heard_at = $4, failed_at = $5, failing_since = $6, failures = $7,
        problem = $8, retry_at = $9, opened_at = $10, try_at = $11, lowered = $12::text[],
        withheld = $13, next_at = $14
    where source = $1"""

_FORGET = "delete from source_health where source = $1"

# The first who asks once the wait is over has the next try, and all others wait for it.
_CLAIM = """
    with known as materialized (
        select source, greatest(retry_at, try_at) as until from source_health
        where source = $1 for update
    ), claimed as (
        update source_health h set try_at = clock_timestamp() + $2::interval
        from known where h.source = known.source and h.opened_at is not null
          and coalesce(known.until, '-infinity') <= clock_timestamp()
    )
    select until from known where until > clock_timestamp()"""

_ALERT = """
    with over as (
        update alert set resolved_at = clock_timestamp(), clears_at = null
        where source = $1 and resolved_at is null and kind is distinct from $2
        returning id
    ), opened as (
        insert into alert (kind, source, facts, opened_at)
        select $2, $1, $3::text::jsonb, clock_timestamp() where $2::text is not null
        on conflict (sku, kind, channel, location, document, source) where resolved_at is null
        do nothing
        returning id
    )
    insert into change (alerts, cause, recorded_at)
    select array_agg(id), 'ALERT', clock_timestamp()
    from (select id from over union all select id from opened) told having count(*) > 0"""

# A location may have a million items.
_PATIENCE = "select set_config('statement_timeout', '60s', true)"

_TELL = f"""
    with revised as (
        update rules_revision set revision = revision + 1
    ), parts as (
        select sku, (row_number() over (order by sku) - 1) / {PART_ITEMS} as part
        from (select distinct sku from listing_stock where location = any($1::text[])) i
    )
    insert into change (skus, cause, recorded_at)
    select array_agg(sku), 'TIME', clock_timestamp() from parts group by part"""  # noqa: S608

Note = Callable[[Health, Freshness, datetime], Health]
"""What is noted of a source after something has happened at a time."""


class Watched(NamedTuple):
    """A source with what is noted of it."""

    source: str
    freshness: Freshness
    locations: tuple[LocationId, ...]
    """That it tells of."""
    health: Health
    now: datetime


class Settled(NamedTuple):
    """What has changed for others."""

    before: SourceState
    now: SourceState | None
    """None where the source was removed."""


class _Lowered(NamedTuple):
    """What withholds something because a source is not believed."""

    locations: tuple[LocationId, ...] = ()
    withheld: Withheld | None = None
    since: datetime | None = None


async def follow_source(client: Transaction, source: Source) -> None:
    """Watch a source from now on, or by other settings."""
    plain = orjson.dumps(plain_freshness(source.freshness)).decode()
    await rows_of(client, _FOLLOW, [source.name, plain, source.told_locations])


async def unfollow_source(client: Transaction, name: str) -> None:
    """Watch a source no longer."""
    await rows_of(client, _UNFOLLOW, [name])


async def settle(client: BaseDBAsyncClient, source: str, note: Note) -> Settled | None:
    """Note something of a source, and tell what follows; None where nothing does."""
    rows = await client.execute_query_dict(_LOCK, [source])
    if not rows:
        return None
    row = rows[0]
    before, lowered_before = SourceState(row["state"]), _lowered(row)
    if row["settings"] is None:
        await client.execute_query(_FORGET, [source])
        await client.execute_query(_ALERT, [source, None, "{}"])
        await _tell(client, lowered_before, _Lowered())
        return Settled(before, None)
    watched = _watched(row)
    health = note(watched.health, watched.freshness, watched.now)
    standing = standing_of(health, watched.freshness, watched.now)
    lowered = _lowers(watched, standing)
    await client.execute_query(_SAVE, [source, *_values(health, standing, lowered, watched.now)])
    if standing.state is not before:
        kind = alert_of_source(standing.state)
        facts = orjson.dumps(_facts(health, standing)).decode()
        await client.execute_query(_ALERT, [source, kind and kind.value, facts])
    is_told = await _tell(client, lowered_before, lowered)
    return Settled(before, standing.state) if is_told or standing.state is not before else None


async def claim_try(database: Database, source: str) -> datetime | None:
    """Until when a source is to be left alone; None for who may try it now."""
    rows = await database.fetch(_CLAIM, [source, HALF_OPEN])
    return rows[0]["until"] if rows else None


async def read_due(database: Database) -> list[str]:
    """The sources whose state may have changed."""
    return [row["source"] for row in await database.fetch(_DUE)]


async def read_health(database: Database, names: Sequence[str] | None) -> list[Watched]:
    """These sources, or all, by name."""
    wanted = None if names is None else list(names)
    return [_watched(row) for row in await database.fetch(_READ, [wanted])]


async def read_doubts(database: Database) -> dict[LocationId, list[Doubt]]:
    """The locations that are told of by a source which is not believed."""
    doubts: dict[LocationId, list[Doubt]] = {}
    for row in await database.fetch(_DOUBTS):
        lowered = _lowered(row)
        for location in lowered.locations:
            doubt = Doubt(row["source"], row["since"], lowered.withheld)
            doubts.setdefault(location, []).append(doubt)
    return doubts


async def _tell(client: BaseDBAsyncClient, before: _Lowered, now: _Lowered) -> bool:
    if before == now:
        return False
    await client.execute_query(_PATIENCE)
    await client.execute_query(_TELL, [sorted({*before.locations, *now.locations})])
    return True


def _lowers(watched: Watched, standing: Standing) -> _Lowered:
    if standing.state not in DISBELIEVED or not watched.locations:
        return _Lowered()
    return _Lowered(watched.locations, watched.freshness.withhold, standing.since)


def _lowered(row: Mapping[str, Any]) -> _Lowered:
    locations = tuple(row["lowered"])
    text = row["withheld"]
    withheld = withheld_from(int(text) if text and text.isdigit() else text, "withheld")
    return _Lowered(locations, withheld, row["since"]) if locations else _Lowered()


def _values(health: Health, standing: Standing, lowered: _Lowered, now: datetime) -> list[object]:
    withheld = plain_withheld(lowered.withheld)
    return [
        standing.state.value,
        standing.since,
        health.heard_at,
        health.failed_at,
        health.failing_since,
        health.failures,
        health.problem,
        health.retry_at,
        health.opened_at,
        health.try_at,
        list(lowered.locations),
        None if withheld is None else str(withheld),
        standing.next_at(now),
    ]


def _facts(health: Health, standing: Standing) -> dict[str, Any]:
    """What the alert of a state rests on, by the names of the parameters of its message."""
    if standing.state in (SourceState.LATE, SourceState.STALE):
        return {"time": (health.heard_at or health.watched_since).isoformat()}
    if standing.state in (SourceState.FAILING, SourceState.CIRCUIT_OPEN):
        return {"problem": health.problem, "count": health.failures}
    return {}


def _watched(row: Mapping[str, Any]) -> Watched:
    names = set(Health._fields) - {"state"}
    health = Health(state=SourceState(row["state"]), **{name: row[name] for name in names})
    freshness = freshness_from(Table(orjson.loads(row["settings"])))
    return Watched(row["source"], freshness, tuple(row["locations"]), health, row["now"])
