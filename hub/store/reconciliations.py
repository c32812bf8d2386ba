"""Comparisons of two sides: their heads, and the items that differ."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.drift_causes import ChannelEvidence, Since
from hub.domain.guard_rails import Tripped
from hub.domain.reconciliations import (
    EVENT_PREFIX,
    DriftCause,
    DriftItem,
    DriftOfCause,
    DriftState,
    Reconciliation,
    ReconciliationKind,
    ReconciliationPolicy,
)
from hub.store.channel_sync import UNKNOWN_THERE
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, rows_of

MAX_ASKED: Final = 20_000
"""Items that one request has booked: they are marked by one statement."""
FORGET_RUNS: Final = 100
FORGET_ITEMS: Final = 50_000
"""So many comparisons, with so many items together, one statement removes; one that alone has more
is removed alone."""

_COLUMNS: Final = """
    id, kind, source, name, policy, actor, as_of, compared_at, compared, drifted, units, kept,
    refused_rows, causes::text as causes, report::text as report, open, asked, booked, overtaken,
    refused, note"""

_PAGE: Final = f"""
    select {_COLUMNS} from reconciliation
    where ($1::text is null or source = $1) and ($2::text is null or kind = $2)
      and ($3::bigint is null or id < $3)
    order by id desc limit $4"""  # noqa: S608 - the columns are a constant

_BY_ID: Final = f"select {_COLUMNS} from reconciliation where id = $1"  # noqa: S608 - as above

_NEWEST: Final = f"""
    select distinct on (kind, source) {_COLUMNS} from reconciliation
    order by kind, source, id desc"""  # noqa: S608 - as above

# One that is not to be believed does not count: the next snapshot is compared instead.
_LAST: Final = """
    select source, max(compared_at) as last from reconciliation
    where kind = 'SOURCE' and report = '[]' and source = any($1::text[]) group by source"""

_DUE: Final = """
    select coalesce(max(compared_at) + $2::interval <= clock_timestamp(), true) as due
    from reconciliation where kind = 'SOURCE' and report = '[]' and source = $1"""

_ITEM_COLUMNS: Final = """
    number, sku, location, hub, source, correction, cause, evidence::text as evidence, version,
    state, decided_at, decided_by, reason, note"""

_ITEMS: Final = f"""
    select {_ITEM_COLUMNS} from reconciliation_item
    where run = $1 and number > $2 and ($3::text[] is null or cause = any($3))
      and ($4::text[] is null or state = any($4))
    order by number limit $5"""  # noqa: S608 - as above

_NAMED: Final = f"""
    select {_ITEM_COLUMNS} from reconciliation_item i
    join unnest($2::text[], $3::text[]) n (wanted, place)
        on n.wanted = i.sku and n.place = i.location
    where i.run = $1 order by number"""  # noqa: S608 - as above

_LOCK: Final = "select id from reconciliation where id = $1 for update"

ASK: Final = """
    with asked as (
        update reconciliation_item set state = 'ASKED', decided_at = clock_timestamp(),
            decided_by = $2, reason = $3
        where run = $1 and number in (
            select number from reconciliation_item
            where run = $1 and state = 'OPEN'
              and ($4::text[] is null or cause = any($4))
              and ($5::bigint[] is null or number = any($5))
              and ($6::bigint is null or abs(correction) <= $6)
            order by number limit $7)
        returning 1
    ), counted as (
        update reconciliation r set open = r.open - a.many, asked = r.asked + a.many
        from (select count(*) as many from asked) a where r.id = $1 and a.many > 0
    )
    select count(*) as many from asked"""

# A movement that is newer than the comparison and sets the position says more than it does.
_TO_BOOK: Final = """
    select i.run, i.number, i.sku, i.location, i.correction, i.cause, i.decided_by, i.reason,
           coalesce(p.version, 0) as version, coalesce(m.moved, 0)::bigint as moved, m.set_by,
           coalesce(m.own, false) as own
    from reconciliation_item i
    left join position p on p.sku = i.sku and p.location = i.location, lateral (
        select sum(m.on_hand) as moved,
               bool_or(m.source_event = $1 || i.run) as own,
               max(case when m.kind = 'COUNTED' then 'a count'
                        when m.kind in ('CORRECTED', 'RECONCILED') then 'another correction' end)
                   as set_by
        from movement m
        where m.sku = i.sku and m.location = i.location and m.version > i.version
    ) m
    where i.state = 'ASKED' and ($2::bigint is null or i.run = $2)
    order by i.run, i.number limit $3"""

_SETTLE: Final = """
    with settled as (
        update reconciliation_item i set state = s.state, note = s.note,
            decided_at = clock_timestamp()
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) s (run, number, state, note)
        where i.run = s.run and i.number = s.number and i.state = 'ASKED'
        returning i.run, i.state
    ), sums as (
        select run, count(*) as many,
               count(*) filter (where state = 'BOOKED') as booked,
               count(*) filter (where state = 'OVERTAKEN') as overtaken,
               count(*) filter (where state = 'REFUSED') as refused
        from settled group by run
    )
    update reconciliation r set asked = r.asked - s.many, booked = r.booked + s.booked,
        overtaken = r.overtaken + s.overtaken, refused = r.refused + s.refused
    from sums s where r.id = s.run"""

# By the newest that is believed of a source it is known when the next one is due.
_FORGET: Final = """
    with forgotten as (
        delete from reconciliation where id in (
            select id from (
                select id, row_number() over up_to_it as place, sum(kept) over up_to_it as items
                from reconciliation r
                where compared_at < clock_timestamp() - $1::interval and asked = 0
                  and not (kind = 'SOURCE' and report = '[]' and not exists (
                    select from reconciliation n
                    where n.source = r.source and n.kind = r.kind and n.report = '[]'
                      and n.id > r.id))
                window up_to_it as (order by id)
                order by id limit $2
            ) old where place = 1 or items <= $3)
        returning 1)
    select count(*) as many from forgotten"""

_CHANNEL: Final = """
    select sku, external_id, wanted, case when problem = $2 then null
               else coalesce(drifted_to, theirs) end as theirs,
           changed_at is not null or (drifted_since is null and wanted is distinct from theirs)
               as pending,
           nullif(problem, $2) as problem, coalesce(problem = $2, false) as missing,
           count(*) filter (where drifted_to < wanted) over (partition by drifted_to) as alike
    from channel_target_item
    where target = $1 and (problem is not null or drifted_since is not null
                           or changed_at is not null or wanted is distinct from theirs)
    order by abs(coalesce(drifted_to, theirs, 0) - coalesce(wanted, 0)) desc, sku limit $3"""


class ToBook(NamedTuple):
    """An item whose correction is to be booked, and what has become of its position."""

    run: int
    number: int
    sku: str
    location: str
    correction: int
    cause: str
    by: str
    reason: str
    since: Since


class Settled(NamedTuple):
    """What has become of such an item."""

    run: int
    number: int
    state: DriftState
    note: str | None


async def read_page(
    database: Database,
    source: str | None,
    kind: ReconciliationKind | None,
    before: int | None,
    limit: int,
) -> list[Reconciliation]:
    """Comparisons, the newest first."""
    values = [source, None if kind is None else kind.value, before, limit]
    return [_head(row) for row in await database.fetch(_PAGE, values)]


async def read_one(client: Database | Transaction, id: int) -> Reconciliation | None:
    """A comparison, if there is one of that id."""
    rows = await rows_of(client, _BY_ID, [id])
    return _head(rows[0]) if rows else None


async def read_newest(database: Database) -> list[Reconciliation]:
    """The newest comparison of each source and each target."""
    return [_head(row) for row in await database.fetch(_NEWEST)]


async def read_last(database: Database, sources: Sequence[str]) -> dict[str, datetime]:
    """When each source was compared last in a way that is to be believed."""
    rows = await database.fetch(_LAST, [list(sources)])
    return {row["source"]: row["last"] for row in rows}


async def is_due(database: Database, source: str, every: timedelta) -> bool:
    """Whether a source was not compared for so long."""
    return bool((await database.fetch(_DUE, [source, every]))[0]["due"])


async def read_items(
    database: Database,
    run: int,
    causes: Iterable[DriftCause] | None,
    states: Iterable[DriftState] | None,
    after: int,
    limit: int,
) -> list[DriftItem]:
    """Items of a comparison, the furthest off first, behind the one with the number `after`."""
    values = [run, after, _plain(causes), _plain(states), limit]
    return [_item(row) for row in await database.fetch(_ITEMS, values)]


async def read_named(
    client: Transaction, run: int, keys: Sequence[tuple[str, str]]
) -> list[DriftItem]:
    """The items of a comparison that are named by sku and location."""
    return [_item(row) for row in await rows_of(client, _NAMED, [run, *columns(keys, 2)])]


async def lock(client: Transaction, run: int) -> bool:
    """Keep others from deciding on the items of a comparison; whether there is one."""
    return bool(await rows_of(client, _LOCK, [run]))


async def ask(
    client: Transaction,
    run: int,
    by: str,
    reason: str,
    causes: Iterable[DriftCause] | None,
    numbers: Sequence[int] | None,
) -> int:
    """Have what is open booked, of these causes and with these numbers, the furthest off first and
    at most `MAX_ASKED`; how many items that are."""
    values = [run, by, reason, _plain(causes), numbers, None, MAX_ASKED]
    return int((await rows_of(client, ASK, values))[0]["many"])


async def read_to_book(database: Database, run: int | None, limit: int) -> list[ToBook]:
    """The next items that are to be booked, of one comparison or of all."""
    rows = await database.records(_TO_BOOK, [EVENT_PREFIX, run, limit])
    return [ToBook._make((*row[:8], Since._make(row[8:]))) for row in rows]


async def settle(database: Database, settled: Sequence[Settled]) -> None:
    """Note what has become of items that were to be booked."""
    if settled:
        await database.fetch(_SETTLE, columns(settled, len(Settled._fields)))


async def forget(database: Database, older: timedelta) -> int:
    """Remove comparisons that are so old and have nothing left to book, but for the newest of each
    source that is believed; how many those were."""
    forgotten = 0
    values = [older, FORGET_RUNS, FORGET_ITEMS]
    while many := (await database.fetch(_FORGET, values))[0]["many"]:
        forgotten += many
    return forgotten


async def read_channel_drift(database: Database, target: str, limit: int) -> list[ChannelEvidence]:
    """The items of which the other side of a channel has another quantity than it is to have."""
    rows = await database.records(_CHANNEL, [target, UNKNOWN_THERE, limit])
    return [ChannelEvidence(*row) for row in rows]


def _plain(values: Iterable[DriftCause] | Iterable[DriftState] | None) -> list[str] | None:
    return None if values is None else [value.value for value in values]


def _head(row: Any) -> Reconciliation:
    causes = [
        DriftOfCause(DriftCause(cause), *sums) for cause, *sums in orjson.loads(row["causes"])
    ]
    return Reconciliation(
        **{
            **row,
            "kind": ReconciliationKind(row["kind"]),
            "policy": ReconciliationPolicy(row["policy"]),
            "causes": tuple(causes),
            "report": tuple(Tripped(**one) for one in orjson.loads(row["report"])),
        }
    )


def _item(row: Any) -> DriftItem:
    return DriftItem(
        **{
            **row,
            "cause": DriftCause(row["cause"]),
            "evidence": orjson.loads(row["evidence"]),
            "state": DriftState(row["state"]),
        }
    )
