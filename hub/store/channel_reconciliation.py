"""Holding what the other side lists against what it was told, and how a target stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from hub.store.channel_sync import UNKNOWN_THERE
from hub.store.database import Database

MARKED_ITEMS = 5_000
"""Items that one statement marks as unknown there."""

_ASK = """
    update channel_target set pass_asked_at = clock_timestamp() where target = $1
    returning pass_asked_at"""

_IS_DUE = """
    select pass_asked_at > coalesce(pass_began_at, '-infinity')
           or ($2 > 0 and coalesce(pass_began_at, '-infinity')
                          < now() - make_interval(secs => $2)) as due,
           clock_timestamp() as now
    from channel_target where target = $1"""

# It has drifted where nothing was to be pushed and they have another quantity all the same. Where
# something was, theirs is only what the next push starts from.
_COMPARE = """
    with found as (
        select i.*, v.units,
               coalesce(i.changed_at is null and i.wanted = i.theirs and v.units <> i.wanted, false)
                   as drifted,
               i.theirs is distinct from v.units and v.units is distinct from i.wanted as moved
        from unnest($2::text[], $3::bigint[]) v (external_id, units)
        join channel_target_item i on i.target = $1 and i.external_id = v.external_id
    ), written as (
        update channel_target_item i
        set seen_at = clock_timestamp(),
            theirs = case when f.drifted and not $4 then i.theirs else f.units end,
            due_at = case when f.moved and i.theirs is not null and ($4 or not f.drifted)
                          then now() + make_interval(secs => $5)
                          when i.problem = $6 then now() else i.due_at end,
            pending_since = case when i.changed_at is null and i.wanted = i.theirs then now()
                                 else i.pending_since end,
            problem = nullif(i.problem, $6),
            problem_since = case when i.problem = $6 then null else i.problem_since end,
            drifted_to = case when f.drifted then f.units
                              when i.wanted = f.units then null else i.drifted_to end,
            drifted_since = case when f.drifted then coalesce(i.drifted_since, now())
                                 when i.wanted = f.units then null else i.drifted_since end
        from found f where i.target = f.target and i.sku = f.sku
        returning i.sku, i.drifted_since)
    select f.external_id, f.sku, f.wanted, f.units, f.drifted, w.drifted_since
    from found f join written w on w.sku = f.sku"""

_MISSING = """
    select count(*) filter (where coalesce(seen_at, mapped_at) < $3) as missing, count(*) as items
    from channel_target_item where target = $1 and problem is distinct from $2"""

_NOT_SEEN = """
    with missing as (
        select sku from channel_target_item
        where target = $1 and coalesce(seen_at, mapped_at) < $3
          and problem is distinct from $2
        order by sku limit $4
    ), written as (
        update channel_target_item i
        set problem_since = now(), problem = $2, due_at = 'infinity'
        from missing m where i.target = $1 and i.sku = m.sku
        returning 1)
    select count(*) from written"""

_TELL = """
    update channel_target set pass_began_at = $2, report = $3::text::jsonb where target = $1"""

_STATUS = """
    select t.target, t.problem, t.problem_since, t.report, coalesce(i.items, 0) as items,
           coalesce(i.pending, 0) as pending, coalesce(i.refused, 0) as refused,
           coalesce(i.unknown_there, 0) as unknown_there, coalesce(i.drifted, 0) as drifted,
           i.pending_since
    from channel_target t left join (
        select target, count(*) as items,
               count(*) filter (where pending) as pending,
               count(*) filter (where problem <> $2) as refused,
               count(*) filter (where problem = $2) as unknown_there,
               count(drifted_since) as drifted,
               min(pending_since) filter (where pending) as pending_since
        from (
            select *, problem is null
                   and (changed_at is not null or wanted is distinct from theirs) as pending
            from channel_target_item
        ) items
        group by target
    ) i on i.target = t.target
    where t.target = any($1::text[]) order by t.target"""

_PROBLEMS = """
    select sku, external_id, wanted, theirs, problem, problem_since
    from channel_target_item where target = $1 and problem is not null
    order by problem_since, sku limit $2"""

_DRIFTED = """
    select sku, external_id, wanted, drifted_to, drifted_since
    from channel_target_item where target = $1 and drifted_since is not null
    order by drifted_since, sku limit $2"""


class Compared(NamedTuple):
    """An item of a page of theirs that is pushed to them."""

    external_id: str
    sku: str
    wanted: int | None
    units: int
    """What they have."""
    drifted: bool
    drifted_since: datetime | None


class TargetStatus(NamedTuple):
    """How a target stands."""

    target: str
    problem: str | None
    """Why nothing can be pushed."""
    problem_since: datetime | None
    report: Mapping[str, Any] | None
    """Of the newest comparison."""
    items: int
    pending: int
    """Items that are to be pushed."""
    refused: int
    unknown_there: int
    drifted: int
    """Items that they have another quantity of, though nothing was to be pushed."""
    pending_since: datetime | None
    """Since when the longest of those has been waiting."""


class Problem(NamedTuple):
    """An item that is not pushed any more until something changes."""

    sku: str
    external_id: str
    wanted: int | None
    theirs: int | None
    problem: str
    since: datetime


class Drift(NamedTuple):
    """An item that they have another quantity of."""

    sku: str
    external_id: str
    wanted: int | None
    theirs: int
    since: datetime


async def ask_for_pass(database: Database, target: str) -> datetime:
    """Have all that they have gone through once more, soon; when that was asked."""
    rows = await database.fetch(_ASK, [target])
    asked: datetime = rows[0]["pass_asked_at"]
    return asked


async def read_due_pass(database: Database, target: str, interval_seconds: int) -> datetime | None:
    """The time of now, where it is time to go through all that they have; else None."""
    rows = await database.fetch(_IS_DUE, [target, interval_seconds])
    return rows[0]["now"] if rows[0]["due"] else None


async def compare(
    database: Database, target: str, units: Mapping[str, int], *, push: bool, grace_seconds: float
) -> list[Compared]:
    """Hold quantities of theirs, by their id, against what they were told; of those that are pushed
    there. With `push`, what has drifted is pushed again after the time of grace."""
    rows = await database.fetch(
        _COMPARE,
        [target, list(units), list(units.values()), push, grace_seconds, UNKNOWN_THERE],
    )
    return [Compared(**row) for row in rows]


async def read_missing(database: Database, target: str, began: datetime) -> tuple[int, int]:
    """How many items were not seen since then, and of how many that they are said to have."""
    rows = await database.fetch(_MISSING, [target, UNKNOWN_THERE, began])
    return int(rows[0]["missing"]), int(rows[0]["items"])


async def end_pass(database: Database, target: str, began: datetime) -> None:
    """What was not seen since then they do not have: it is not pushed any more until it is seen."""
    values = [target, UNKNOWN_THERE, began, MARKED_ITEMS]
    while (await database.fetch(_NOT_SEEN, values))[0]["count"]:
        pass


async def tell(database: Database, target: str, began: datetime, report: Mapping[str, Any]) -> None:
    """Keep the report of the newest pass, which began then."""
    await database.fetch(_TELL, [target, began, orjson.dumps(report).decode()])


async def read_status(database: Database, targets: Sequence[str]) -> list[TargetStatus]:
    """How targets stand; those that have begun."""
    rows = await database.fetch(_STATUS, [list(targets), UNKNOWN_THERE])
    return [
        TargetStatus(**{**row, "report": row["report"] and orjson.loads(row["report"])})
        for row in rows
    ]


async def read_problems(database: Database, target: str, limit: int) -> list[Problem]:
    """Items that they refuse or do not know, the longest first."""
    rows = await database.fetch(_PROBLEMS, [target, limit])
    return [Problem(*row.values()) for row in rows]


async def read_drifted(database: Database, target: str, limit: int) -> list[Drift]:
    """Items that have drifted, the longest first."""
    rows = await database.fetch(_DRIFTED, [target, limit])
    return [Drift(*row.values()) for row in rows]
