"""Going through all that a feed may tell of, a bounded piece at a time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hub.store.moments import Moment

_ITEMS = """
    select sku as key from item
    where sku > $1 and ($3::text[] is null or sku = any($3::text[]))
      and ($4::text is null or category = $4::text)
    order by sku limit $2"""

# However many have ended long ago: a piece is what has been looked at, not what was found.
_RESERVATIONS = """
    with piece as materialized (
        select id, state, channel from reservation
        where ($1::text = '' or id > nullif($1::text, '')::uuid) order by id limit $2
    )
    select p.id::text as key,
           p.state in ('HELD', 'COMMITTED') and ($3::text is null or p.channel = $3::text) as wanted
    from piece p order by p.id"""

_ALERTS = """
    select lpad(id::text, 19, '0') as key from alert
    where resolved_at is null and ($1::text = '' or id > nullif($1::text, '')::bigint)
    order by id limit $2"""

_OF_CATEGORY = "select sku from item where sku = any($1::text[]) and category = $2"


class Piece(NamedTuple):
    """Some keys in their order, and the one to go on behind; None where there are no more."""

    keys: list[str]
    until_key: str | None


async def read_items_behind(
    moment: Moment, key: str, limit: int, skus: Sequence[str] | None, category: str | None
) -> Piece:
    """The next items, of `skus` or of all, of a category or all."""
    rows = await moment.records(_ITEMS, [key, limit, skus, category])
    keys = [row["key"] for row in rows]
    return Piece(keys, keys[-1] if len(keys) == limit else None)


async def read_unresolved_alerts_behind(moment: Moment, key: str, limit: int) -> Piece:
    """The next alerts that are not resolved."""
    keys = [row["key"] for row in await moment.records(_ALERTS, [key, limit])]
    return Piece(keys, keys[-1] if len(keys) == limit else None)


async def read_live_reservations_behind(
    moment: Moment, key: str, limit: int, channel: str | None
) -> Piece:
    """The next reservations that have not ended, of a channel or of all."""
    rows = await moment.records(_RESERVATIONS, [key, limit, channel])
    until_key = rows[-1]["key"] if len(rows) == limit else None
    return Piece([row["key"] for row in rows if row["wanted"]], until_key)


async def read_skus_of_category(
    moment: Moment, skus: Iterable[str], category: str
) -> frozenset[str]:
    """Those of some items that are in a category."""
    rows = await moment.records(_OF_CATEGORY, [list(skus), category])
    return frozenset(row["sku"] for row in rows)
