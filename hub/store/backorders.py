"""Finding items of which units are free while others wait for some."""

from typing import NamedTuple

from hub.domain.values import Sku
from hub.store.database import Database

# The index on those that wait is small; each item in it is then one look at its positions.
_FILLABLE = """
    select w.sku, p.versions, (select revision from rules_revision) as revision
    from (select distinct sku from position where backordered > 0) w,
    lateral (
        select sum(version)::bigint as versions,
               max(on_hand - unavailable - allocated - reserved) as free
        from position where sku = w.sku) p
    where p.free > 0
    order by w.sku"""


class Fillable(NamedTuple):
    """An item with units that wait and units that are free, maybe where they cannot be had."""

    sku: Sku
    versions: int
    """Sum of its positions' versions: it grows with each entry."""
    revision: int
    """Revision of the rules at the time of the read."""


async def read_fillable(database: Database) -> list[Fillable]:
    """The items that have both, by sku."""
    return [Fillable(**row) for row in await database.fetch(_FILLABLE)]
