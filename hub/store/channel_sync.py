"""What is to be pushed to a target, and what its side has said: one statement for many items each.

Only the process that holds the target writes, but for what people import.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import run_tx

UNKNOWN_THERE: Final = "UNKNOWN_THERE"
"""The other side has no such item; it is tried again once it has."""

_BEGIN = "insert into channel_target (target) values ($1) on conflict do nothing"

_FORGET = """
    with known as (
        select sku from channel_target_item
        where target = $1 and (theirs is not null or problem is not null)
        order by sku limit $2
    ), forgotten as (
        update channel_target_item i
        set theirs = null, due_at = now(), pending_since = now(), problem = null,
            problem_since = null, drifted_to = null, drifted_since = null, mapped_at = now()
        from known k where i.target = $1 and i.sku = k.sku
        returning 1)
    select count(*) from forgotten"""

_TRY_AGAIN = """
    update channel_target_item set due_at = now(), problem = null, problem_since = null
    where target = $1 and problem <> $2"""

_MAP = """
    with given as (
        select * from unnest($2::text[], $3::text[]) v (sku, external_id)
    ), written as (
        insert into channel_target_item (target, sku, external_id)
        select $1, g.sku, g.external_id from given g join item i on i.sku = g.sku
        where not $4 or not exists (
            select from channel_target_item t
            where t.target = $1 and (t.sku = g.sku or t.external_id = g.external_id))
        on conflict (target, sku) do update set
            external_id = excluded.external_id, theirs = null, changed_at = now(), due_at = now(),
            pending_since = now(),
            problem = null, problem_since = null, drifted_to = null, drifted_since = null,
            seen_at = null, mapped_at = now()
        where channel_target_item.external_id <> excluded.external_id
        returning 1)
    select (select count(*) from written) as written,
           array(select g.sku from given g left join item i on i.sku = g.sku
                 where i.sku is null order by 1) as unknown"""

_CLAIMED = """
    select v.external_id, i.sku
    from unnest($2::text[], $3::text[]) v (sku, external_id)
    join channel_target_item i on i.target = $1 and i.external_id = v.external_id
    where i.sku <> v.sku"""

# What the hub says now is asked when it is pushed.
_CHANGED = """
    update channel_target_item
    set changed_at = coalesce(changed_at, now()),
        pending_since = case when changed_at is null and wanted is not distinct from theirs
                             then now() else pending_since end
    where target = $1 and sku = any($2::text[])"""

_CHANGED_ALL = """
    insert into channel_target_item as known (target, sku, external_id)
    select $1, i.sku, i.sku from item i where i.sku = any($2::text[])
    on conflict (target, sku) do update
    set changed_at = coalesce(known.changed_at, now()),
        pending_since = case when known.changed_at is null
                              and known.wanted is not distinct from known.theirs
                             then now() else known.pending_since end"""

_TO_ASK = """
    select sku from channel_target_item where target = $1 and changed_at is not null
    order by changed_at limit $2"""

# A refusal was of another quantity: what is refused is tried again when it changes, and what they
# do not know only when they do.
_WANT = """
    update channel_target_item i
    set wanted = v.units, changed_at = null,
        due_at = case when i.wanted is distinct from v.units and i.problem <> $4
                      then now() else i.due_at end,
        problem = case when i.wanted is distinct from v.units and i.problem <> $4
                       then null else i.problem end
    from unnest($2::text[], $3::bigint[]) v (sku, units)
    where i.target = $1 and i.sku = v.sku"""

_DUE = """
    select sku, external_id, wanted, theirs from channel_target_item
    where target = $1 and wanted is distinct from theirs and changed_at is null
      and wanted is not null and due_at <= now()
    order by due_at limit $2"""

_SAID = """
    update channel_target_item i
    set theirs = v.units, due_at = now(), problem = null, problem_since = null,
        seen_at = now(),
        drifted_since = case when i.wanted = v.units then null else i.drifted_since end,
        drifted_to = case when i.wanted = v.units then null else i.drifted_to end
    from unnest($2::text[], $3::bigint[]) v (sku, units)
    where i.target = $1 and i.sku = v.sku"""

# Somebody else changed it. What they have when the rest is over is asked for then: of what sells
# faster than that, a push from the quantity of now would never be taken.
_MOVED = """
    update channel_target_item i
    set theirs = case when i.wanted = v.units then v.units end, seen_at = now(),
        due_at = case when i.wanted = v.units then now()
                      else now() + make_interval(secs => $4) end
    from unnest($2::text[], $3::bigint[]) v (sku, units)
    where i.target = $1 and i.sku = v.sku"""

_REFUSED = """
    update channel_target_item i
    set problem_since = case when i.problem = v.problem then i.problem_since else now() end,
        problem = v.problem, due_at = 'infinity'
    from unnest($2::text[], $3::text[]) v (sku, problem)
    where i.target = $1 and i.sku = v.sku"""

_ANSWERED = """
    update channel_target set pushes = pushes + 1 where target = $1"""

_PROBLEM = """
    update channel_target
    set problem_since = case when problem is null then now() else problem_since end, problem = $2
    where target = $1"""

_NO_PROBLEM = """
    update channel_target set problem = null, problem_since = null
    where target = $1 and problem is not null"""


FORGOTTEN_ITEMS: Final = 5_000
"""Items whose answers one statement forgets."""


class PendingPush(NamedTuple):
    """A quantity that the other side is to have."""

    sku: str
    external_id: str
    units: int
    theirs: int | None
    """What they said last; None where they have not been asked yet."""


class Mapped(NamedTuple):
    """What became of ids that were given."""

    written: int
    unknown: list[str]
    """Skus that no item has."""


async def begin_target(database: Database, target: str) -> None:
    """Let there be a target; one that is there stays as it is."""
    await database.fetch(_BEGIN, [target])


async def read_settings(database: Database, target: str) -> str | None:
    """The digest of the settings that a target was pushed to by; None where it was not yet."""
    rows = await database.fetch("select settings from channel_target where target = $1", [target])
    return rows[0]["settings"] if rows else None


async def note_settings(database: Database, target: str, settings: str) -> None:
    """Say by which settings a target is pushed to."""
    statement = "update channel_target set settings = $2 where target = $1"
    await database.fetch(statement, [target, settings])


async def forget_answers(database: Database, target: str) -> None:
    """Forget all that they have said; their ids are kept."""
    while (await database.fetch(_FORGET, [target, FORGOTTEN_ITEMS]))[0]["count"]:
        pass


async def try_refused_again(database: Database, target: str) -> None:
    """Let what was refused be due once more: somebody may have mended the settings."""
    await database.fetch(_TRY_AGAIN, [target, UNKNOWN_THERE])


async def map_ids(
    database: Database, target: str, ids: Mapping[str, str], *, only_new: bool = False
) -> Mapped:
    """Know their ids of items, by sku; an item of which another id was known is begun anew, or with
    `only_new` left as it is."""
    rows = await database.fetch(_MAP, [target, list(ids), list(ids.values()), only_new])
    return Mapped(**rows[0])


async def read_claimed(database: Database, target: str, ids: Mapping[str, str]) -> dict[str, str]:
    """Those of their ids that other items have already, and which."""
    rows = await database.fetch(_CLAIMED, [target, list(ids), list(ids.values())])
    return {row["external_id"]: row["sku"] for row in rows}


async def note_changed(
    client: BaseDBAsyncClient, target: str, skus: Iterable[str], *, all_items: bool
) -> None:
    """Ask the hub of these items again before they are pushed; with `all_items` also of those that
    are pushed for the first time, whose id is their sku."""
    await client.execute_query(_CHANGED_ALL if all_items else _CHANGED, [target, sorted(set(skus))])


async def read_to_ask(database: Database, target: str, limit: int) -> list[str]:
    """Items of which the hub has to be asked, the longest changed first."""
    return [row["sku"] for row in await database.fetch(_TO_ASK, [target, limit])]


async def want(database: Database, target: str, units: Mapping[str, int]) -> None:
    """Write down what the hub says of items."""
    await database.fetch(_WANT, [target, list(units), list(units.values()), UNKNOWN_THERE])


async def read_due(database: Database, target: str, limit: int) -> list[PendingPush]:
    """What is to be pushed now, the longest due first."""
    rows = await database.fetch(_DUE, [target, limit])
    return [PendingPush(*row.values()) for row in rows]


async def read_pushes(database: Database, target: str) -> int:
    """How many answers have been taken in."""
    rows = await database.fetch("select pushes from channel_target where target = $1", [target])
    return int(rows[0]["pushes"])


async def record_answer(
    database: Database,
    target: str,
    *,
    said: Mapping[str, int],
    refused: Mapping[str, str],
    moved: Mapping[str, int],
    grace_seconds: float,
) -> None:
    """Take in an answer, by sku: what they have now, what they refuse and why, and what somebody
    else has changed, which is left alone for the time of grace."""

    async def work(client: BaseDBAsyncClient) -> None:
        await client.execute_query(_ANSWERED, [target])
        if said:
            await client.execute_query(_SAID, [target, *_sorted(said)])
        if refused:
            await client.execute_query(_REFUSED, [target, *_sorted(refused)])
        if moved:
            await client.execute_query(_MOVED, [target, *_sorted(moved), grace_seconds])

    await run_tx(database, work)


async def note_problem(database: Database, target: str, problem: str | None) -> None:
    """Say why nothing can be pushed to a target, or that it can."""
    if problem is None:
        await database.fetch(_NO_PROBLEM, [target])
    else:
        await database.fetch(_PROBLEM, [target, problem])


def _sorted(by_sku: Mapping[str, Any]) -> list[Sequence[Any]]:
    # In one order, as everybody takes locks.
    return columns(sorted(by_sku.items()), 2)
