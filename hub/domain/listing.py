"""What pages of items are filtered by: facts of an item, as the formula said them last."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from hub.domain.availability import Availability, availability_in
from hub.domain.item import Item
from hub.domain.policies import Channel, Rules
from hub.domain.position import Position
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT, ChannelId, Sku

NEVER_COUNTED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a count that never came: older than every moment anybody may ask about."""


class Listed(NamedTuple):
    """What is said of an item in a channel."""

    channel: ChannelId
    sku: Sku
    status: AvailabilityStatus
    low: bool
    """At or below its low-stock mark, sold out too; never what is no longer sold."""
    counted_at: datetime | None
    """Newest count of the pool's position that has waited longest for one; None for an item that
    no location of the pool knows, as a kit is."""


def listed_in(
    items: Mapping[Sku, Item],
    positions: Mapping[Sku, Sequence[Position]],
    sku: Sku,
    rules: Rules,
    channel: Channel,
    now: datetime,
) -> Listed:
    """What is said of an item in a channel at `now`. `items` and `positions` must hold the item
    and, for a kit, its components."""
    answer = availability_in(items, positions, sku, rules, channel, UNIT, now)
    return listed_as(answer, items[sku], positions[sku], rules, channel)


def listed_as(
    answer: Availability, item: Item, positions: Sequence[Position], rules: Rules, channel: Channel
) -> Listed:
    """The same, of an answer for one unit that is there already."""
    mark = rules.low_stock_mark(item, channel.id).value
    counts = [
        position.counted_at or NEVER_COUNTED
        for position in positions
        if position.location in channel.pool
    ]
    return Listed(
        channel=channel.id,
        sku=item.sku,
        status=answer.status,
        low=not item.discontinued and answer.breakdown.available_to_sell <= mark,
        counted_at=min(counts, default=None),
    )
