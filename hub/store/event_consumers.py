"""The consumers of the change log that go on where they were: what is new for one, and how far it
has come.

A consumer is held by one process at a time. It is saved in one transaction with what was made of
the events, where that is in the database, and only if nobody else has taken it over.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.log_cursor import MARK_AT_CURSOR, NEWS, NOTHING_SEEN, OUTSIDE, LogCursor
from hub.store.transactions import Transaction, rows_of, run_tx

_BEGIN = """
    insert into event_consumer (name, cursor, rules, sweep_after, sweep_tells_all)
    values ($1, $2, $3, $4, $5)
    on conflict (name) do nothing"""

_HAS_BEGUN = "select exists (select from event_consumer where name = $1) as has_begun"

_COLUMNS = """name, cursor, target, after_xid, after_place, rules, sweep_after, sweep_xid,
              sweep_tells_all, turn"""

# Renewed when half of the time is over, so that who finds nothing to do writes next to nothing.
_HOLD = """
    update event_consumer
    set holder = $2, held_until = clock_timestamp() + make_interval(secs => $3)
    where name = $1 and (holder is null or held_until < clock_timestamp() or (
        holder = $2 and held_until < clock_timestamp() + make_interval(secs => $3 / 2)))"""

_HELD = f"""
    select {_COLUMNS} from event_consumer
    where name = $1 and holder = $2 and held_until > clock_timestamp()"""  # noqa: S608 - the columns are a constant

_LET_GO = """
    update event_consumer set holder = null, held_until = null where name = $1 and holder = $2"""

_DROP = "delete from event_consumer where name = $1"

_END = f"{_DROP} and holder = $2"

# Of what one transaction touched, everything has a place of its own; where a transaction has
# several rows, two may have the same, and come together.
_ENTRIES = f"""
    select c.xid::text::bigint as xid, touched.place, touched.sku, touched.reservation,
           touched.alert, touched.notice, touched.rules, c.recorded_at
    from change c, lateral (
        select t.place, t.sku, null::text as reservation, null::bigint as alert,
               null::text as notice, false as rules
        from unnest(c.skus) with ordinality t (sku, place)
        union all
        select cardinality(c.skus) + t.place, null, t.id::text, null, null, false
        from unnest(c.reservations) with ordinality t (id, place)
        union all
        select cardinality(c.skus) + t.place, null, null, t.id, null, false
        from unnest(c.alerts) with ordinality t (id, place)
        union all
        select cardinality(c.skus) + t.place, null, null, null, t.id::text, false
        from unnest(c.notices) with ordinality t (id, place)
        union all
        select cardinality(c.skus) + cardinality(c.reservations) + 1, null, null, null, null, true
        where c.rules
    ) touched
    where {NEWS} and c.xid >= $3::bigint::text::xid8
      and pg_visible_in_snapshot(c.xid, $2::text::pg_snapshot)
      and (c.xid > $3::bigint::text::xid8 or touched.place > $4::bigint)
    order by c.xid, touched.place
    fetch first ($5::bigint) rows with ties"""  # noqa: S608 - NEWS is a constant

# Numbers of transactions follow the time of their entries, but for those that took long.
_LAST_BEFORE = """
    select xid::text::bigint as xid from change
    where recorded_at < $1::timestamptz - interval '1 minute'
    order by xid desc limit 1"""

_MOVE_ON = """
    update event_consumer set
        cursor = $4, target = $5, after_xid = $6, after_place = $7, rules = $8,
        sweep_after = $9, sweep_xid = $10, sweep_tells_all = $11, turn = turn + 1
    where name = $1 and turn = $2 and holder = $3
    returning turn"""

_TOLD = """
    select t.channel, t.sku, t.digest
    from unnest($2::text[], $3::text[]) k (channel, sku)
    join event_told t on t.consumer = $1 and t.channel = k.channel and t.sku = k.sku"""

_TELL = """
    insert into event_told (consumer, channel, sku, digest)
    select $1, * from unnest($2::text[], $3::text[], $4::bytea[])
    on conflict (consumer, channel, sku) do update set digest = excluded.digest"""

_FORGET_TOLD = """
    with gone as (
        delete from event_told where (consumer, channel, sku) in (
            select consumer, channel, sku from event_told where consumer = $1 limit $2)
        returning 1)
    select count(*) as rows from gone"""

FORGET_ROWS = 5_000


class Place(NamedTuple):
    """How far a consumer has come."""

    name: str
    cursor: str
    """Of the change log: what came before is told."""
    target: str | None
    """The cursor that will be reached by the pass that is under way."""
    after_xid: int
    after_place: int
    """Of the pass, what comes before these is told."""
    rules: bytes
    """Digest of the rules that items were told by."""
    sweep_after: str | None
    """All items behind this one still have to be gone through; None when that is done."""
    sweep_xid: int
    """The transaction that made it necessary, or a number that is greater than those of all."""
    sweep_tells_all: bool
    """Whether items are told that say the same as before."""
    turn: int


class Entry(NamedTuple):
    """One thing that a transaction touched."""

    xid: int
    place: int
    sku: str | None
    reservation: str | None
    alert: int | None
    notice: str | None
    rules: bool
    recorded_at: datetime


class ToldDigest(NamedTuple):
    """What was told last of an item in a channel."""

    channel: str
    sku: str
    digest: bytes


class Overtaken(Exception):
    """Another process has taken the consumer over."""


async def begin_consumer(client: Database | Transaction, place: Place) -> None:
    """Let a consumer begin at a place, unless it has begun before."""
    values = [place.name, place.cursor, place.rules, place.sweep_after, place.sweep_tells_all]
    await rows_of(client, _BEGIN, values)


async def drop_consumer(client: Transaction, name: str) -> None:
    """Let a consumer be as if it had never begun, but for what it told."""
    await client.execute_query(_DROP, [name])


async def has_begun(client: Database | Transaction, name: str) -> bool:
    """Whether there is such a consumer."""
    (row,) = await rows_of(client, _HAS_BEGUN, [name])
    return bool(row["has_begun"])


async def forget_consumer(
    database: Database, name: str, unless: Callable[[Transaction], Awaitable[bool]] | None
) -> bool:
    """Let a consumer be as if it had never begun, `unless` something in the same transaction says
    otherwise; whether it is."""

    async def work(client: Transaction) -> bool:
        if unless is not None and await unless(client):
            return False
        await drop_consumer(client, name)
        return True

    if not await run_tx(database, work):
        return False
    while (await database.fetch(_FORGET_TOLD, [name, FORGET_ROWS]))[0]["rows"]:
        pass
    return True


async def hold_consumer(database: Database, name: str, holder: str, seconds: float) -> Place | None:
    """Hold a consumer for so long; where it is. None where another process holds it, or it has not
    begun."""
    await database.fetch(_HOLD, [name, holder, seconds])
    rows = await database.fetch(_HELD, [name, holder])
    return Place(**rows[0]) if rows else None


async def let_go_of_consumer(database: Database, name: str, holder: str) -> None:
    """Let another process hold it."""
    await database.fetch(_LET_GO, [name, holder])


async def end_consumer(database: Database, name: str, holder: str) -> None:
    """Forget a consumer that saves nothing of what it tells, if it is held by this one."""
    await database.fetch(_END, [name, holder])


async def read_cursor_before(client: Transaction, time: datetime) -> str:
    """A cursor behind which all is that was recorded from then on, and a little more. Where the log
    does not reach back so far, it is of no log."""
    rows = await rows_of(client, _LAST_BEFORE, [time])
    if not rows:
        return OUTSIDE.text
    end = rows[0]["xid"] + 1
    cursor = LogCursor(end, end, (), NOTHING_SEEN)
    (log,) = await rows_of(client, MARK_AT_CURSOR, [cursor.snapshot])
    return cursor._replace(mark=log["known"]).text


async def read_consumers(database: Database, prefix: str) -> list[str]:
    """The names of the consumers that begin so."""
    rows = await database.fetch(
        "select name from event_consumer where starts_with(name, $1) order by name", [prefix]
    )
    return [row["name"] for row in rows]


async def read_entries(database: Database, place: Place, target: str, limit: int) -> list[Entry]:
    """The next entries of a pass in the order of their transactions; fewer than `limit` where it
    ends. Both cursors must be of this log."""
    since, until = LogCursor.parse(place.cursor), LogCursor.parse(target)
    assert since is not None
    assert until is not None
    values = [since.snapshot, until.snapshot, place.after_xid, place.after_place, limit]
    rows = await database.fetch(_ENTRIES, values)
    return [Entry(**row) for row in rows]


async def read_told(
    database: Database, name: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """What was told last, by channel and item."""
    rows = await database.fetch(_TOLD, [name, *columns(keys, 2)])
    return {(row["channel"], row["sku"]): row["digest"] for row in rows}


async def save_consumer(
    database: Database,
    place: Place,
    holder: str,
    told: Iterable[ToldDigest],
    also: Callable[[Transaction], Awaitable[None]] | None,
) -> int:
    """Save how far a consumer has come since its turn, with what it told, and do `also` what
    belongs to it in the same transaction; its next turn. Raises `Overtaken`."""

    async def work(client: Transaction) -> int:
        moved = await client.execute_query_dict(
            _MOVE_ON, [place.name, place.turn, holder, *place[1:-1]]
        )
        if not moved:
            raise Overtaken
        news = sorted(told)
        if news:
            await client.execute_query(_TELL, [place.name, *columns(news, 3)])
        if also is not None:
            await also(client)
        return int(moved[0]["turn"])

    return await run_tx(database, work)
