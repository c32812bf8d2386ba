"""Whether an item that is near its low-stock mark is still said to be low.

It is low at its mark and below, and not low from its end on (`Rules.low_stock_end`). In between it
is what it was last, so that it does not flap: that follows from the ledger's own entries, and so is
the same for whoever asks, in whatever process, at the same version. A label may be late to go, and
is never untrue: the quantity next to it is exact.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

from hub.domain.item import Item
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.sellable import sellable
from hub.domain.values import ChannelId, LocationId, Quantity

MOST_PAST: Final = 100
"""Entries of a position that are looked back at: what has been near its mark for longer counts as
not low."""


def is_near_mark(item: Item, positions: Sequence[Position], rules: Rules) -> bool:
    """Whether an item may be near its mark in a channel, so that its past matters. Most are not,
    and that is to be found out fast."""
    bounds = rules.near_low_stock(item)
    if bounds is None or item.discontinued:
        return False
    least, smallest_part = bounds
    together = 0
    is_each_enough = True
    for one in positions:
        # Without the property, which would take as long as all the rest.
        free = one.on_hand - one.unavailable - one.allocated - one.reserved + one.lapsed + one.own
        if free > 0:
            together += free
            if free < smallest_part or one.backordered:
                is_each_enough = False
    # Whatever the pool is.
    if is_each_enough or together <= least:
        return False
    return any(
        rules.low_stock_mark(item, channel.id).value
        < _units(item, positions, rules, channel.id, channel.pool, {})
        < rules.low_stock_end(item, channel.id)
        for channel in rules.channels.values()
    )


def stays_low(
    item: Item, pool: Sequence[Position], rules: Rules, channel: ChannelId, units: Quantity
) -> bool:
    """Whether an item of which so many units can be sold, more than its mark, is low as it was."""
    for position in pool:
        if position.past:
            break
    else:
        return False
    end = rules.low_stock_end(item, channel)
    if units >= end:
        return False
    mark = rules.low_stock_mark(item, channel).value
    locations = [position.location for position in pool]
    for free in _backwards(pool):
        before = _units(item, pool, rules, channel, locations, free)
        if before <= mark or before >= end:
            return before <= mark
    return False


def _backwards(pool: Sequence[Position]) -> Iterable[dict[LocationId, Quantity]]:
    """What was free at each location, from the newest entry back to the oldest that is known."""
    # As the newest entries left it: a hold that lapses is free before an entry says so.
    free = {one.location: one.past[0].free for one in pool if one.past}
    yield free
    cut_off = [one.past[-1].at for one in pool if len(one.past) == MOST_PAST]
    undone = [
        (past.at, position.location, before.free)
        for position in pool
        for past, before in pairwise(position.past)
        # Of what was before, one of them is not known.
        if all(past.at > at for at in cut_off)
    ]
    undone.sort(key=itemgetter(0), reverse=True)
    # What was written together was never seen apart.
    for _, together in groupby(undone, key=itemgetter(0)):
        free |= {location: before for _, location, before in together}
        yield free


def _units(
    item: Item,
    positions: Iterable[Position],
    rules: Rules,
    channel: ChannelId,
    pool: Sequence[LocationId],
    free: dict[LocationId, Quantity],
) -> Quantity:
    return sum(
        sellable(
            free.get(one.location, one.free),
            one.waiting,
            rules.withheld(item, one.location, channel, one.on_hand).value,
            item.quantity_step,
        )
        for one in positions
        if one.location in pool
    )
