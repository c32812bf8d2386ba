"""What of the log lies behind a place in it, in order and in pieces of a bounded size.

The order is that of the transactions' numbers among those that came into sight together; what
several transactions touched is named once, where it was touched last.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hub.store.database import Reader
from hub.store.log_cursor import NEWS, LogCursor
from hub.store.moments import Moment

_EVERYTHING = f"select exists (select from change where {NEWS} and rules) as changed"  # noqa: S608 - a constant

_MANY = f"""
    select count(*) > $2::bigint as many
    from (select from change where {NEWS} limit $2::bigint + 1) behind"""  # noqa: S608 - a constant

_MANY_NAMED = f"""
    select count(*) > $2::bigint
           or sum(cardinality(skus) + cardinality(reservations) + cardinality(alerts)) > $3::bigint
           as many
    from (
        select skus, reservations, alerts from change where {NEWS} limit $2::bigint + 1
    ) behind"""  # noqa: S608 - a constant

_FORGOTTEN = f"""
    select exists (
        select from change c, unnest(c.alerts) t (id)
        where {NEWS} and not exists (select from alert a where a.id = t.id)) as forgotten"""  # noqa: S608 - a constant

# `$2` and `$3` are a transaction of which what stands before a key is known already. It comes
# first, so that who is cut off again in the midst of it is at no third place.
_ORDER: Final = "order by last.xid is distinct from $2::bigint, last.xid, last.key limit $4"
_NOT_KNOWN: Final = "($2::bigint is null or touched.xid <> $2::bigint or touched.key > $3::text)"

_ITEMS = f"""
    with behind as materialized (
        select xid::text::bigint as xid, skus, recorded_at from change where {NEWS}
    ), touched as (
        select t.sku as key, b.xid, b.recorded_at from behind b, unnest(b.skus) t (sku)
        union all
        select k.kit, b.xid, b.recorded_at
        from behind b, unnest(b.skus) t (sku) join kit_component k on k.component = t.sku
    ), last as (
        select key, max(xid) as xid, max(recorded_at) as recorded_at from touched
        where {_NOT_KNOWN}
          and ($5::text is null or key <= $5::text)
          and ($6::text[] is null or key = any($6::text[]))
          and ($7::text is null or exists (
              select from item i where i.sku = touched.key and i.category = $7::text))
        group by key
    )
    select last.* from last {_ORDER}"""  # noqa: S608 - only constants are put in

_RESERVATIONS = f"""
    with behind as materialized (
        select xid::text::bigint as xid, reservations, recorded_at from change where {NEWS}
    ), touched as (
        select t.id::text as key, b.xid, b.recorded_at
        from behind b, unnest(b.reservations) t (id)
    ), last as (
        select key, max(xid) as xid, max(recorded_at) as recorded_at from touched
        where {_NOT_KNOWN}
          and ($5::text is null or key <= $5::text)
          and ($6::text is null or exists (
              select from reservation r where r.id = key::uuid and r.channel = $6::text))
        group by key
    )
    select last.* from last {_ORDER}"""  # noqa: S608 - only constants are put in

# Keys are put so that they sort as numbers do.
_ALERTS = f"""
    with touched as (
        select lpad(t.id::text, 19, '0') as key, c.xid::text::bigint as xid, c.recorded_at
        from change c, unnest(c.alerts) t (id) where {NEWS}
    ), last as (
        select key, max(xid) as xid, max(recorded_at) as recorded_at from touched
        where {_NOT_KNOWN} and ($5::text is null or key <= $5::text)
        group by key
    )
    select last.* from last {_ORDER}"""  # noqa: S608 - only constants are put in


class Touch(NamedTuple):
    """Something that transactions touched: the number and the time of the last one. Where all
    is gone through it is none: minus the first number not seen, and the time of the moment."""

    key: str
    xid: int
    time: datetime


class Window(NamedTuple):
    """What of the log is asked for."""

    known: LogCursor
    """What this sees is known."""
    xid: int | None
    """Of this transaction, what comes up to `key` is known as well."""
    key: str
    until_key: str | None
    """What comes after this key is not asked for."""
    limit: int


async def has_new_rules(moment: Moment, known: LogCursor) -> bool:
    """Whether rules changed, so that any answer may have."""
    (row,) = await moment.records(_EVERYTHING, [known.snapshot])
    return bool(row["changed"])


async def has_more_behind(reader: Reader, known: LogCursor, entries: int) -> bool:
    """Whether the log has more than so many entries behind a cursor."""
    (row,) = await reader.records(_MANY, [known.snapshot, entries])
    return bool(row["many"])


async def has_more_named_behind(moment: Moment, known: LogCursor, entries: int, names: int) -> bool:
    """Whether the log has more than so many entries behind a cursor, or names more than so many
    things there."""
    (row,) = await moment.records(_MANY_NAMED, [known.snapshot, entries, names])
    return bool(row["many"])


async def has_forgotten_alerts(reader: Reader, known: LogCursor) -> bool:
    """Whether an alert changed behind a cursor of which nothing is kept any more."""
    (row,) = await reader.records(_FORGOTTEN, [known.snapshot])
    return bool(row["forgotten"])


async def read_touched_items(
    moment: Moment, window: Window, skus: Sequence[str] | None, category: str | None
) -> list[Touch]:
    """The items, and the kits that they are part of, of `skus` or of all, of a category or all."""
    return await _read(moment, _ITEMS, window, skus, category)


async def read_touched_reservations(
    moment: Moment, window: Window, channel: str | None
) -> list[Touch]:
    """The reservations, of a channel or of all."""
    return await _read(moment, _RESERVATIONS, window, channel)


async def read_touched_alerts(moment: Moment, window: Window) -> list[Touch]:
    """The alerts, all of them."""
    return await _read(moment, _ALERTS, window)


async def _read(moment: Moment, statement: str, window: Window, *chosen: object) -> list[Touch]:
    known, xid, key, until_key, limit = window
    values = [known.snapshot, xid, key, limit, until_key, *chosen]
    return [Touch(*row.values()) for row in await moment.records(statement, values)]


def known_until(before: LogCursor, seen: LogCursor, xid: int) -> LogCursor:
    """What is known to who knew what `before` sees, and then was told what `seen` sees of the
    transactions below a number; yet without its mark."""
    end = max(before.end, min(xid, seen.end))
    running = tuple(
        one
        for one in sorted({*before.running, *seen.running})
        if one < end and not _sees(before, one) and not (one < xid and _sees(seen, one))
    )
    return LogCursor(running[0] if running else end, end, running, "")


def _sees(cursor: LogCursor, xid: int) -> bool:
    return xid < cursor.end and xid not in cursor.running
