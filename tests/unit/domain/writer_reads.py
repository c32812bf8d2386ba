"""What the stock writer reads and locks for a batch, as `hub.services.writer_batch` does it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.domain.commands import Command, Reserve, SetStock
from hub.domain.errors import UnknownChannel
from hub.domain.item import Item
from hub.domain.ledger import Facts, Watermark
from hub.domain.policies import Rules
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.supply import SupplyLine
from hub.domain.touches import Touches


class Limits(NamedTuple):
    """How many live holds one may have."""

    per_holder: int | None = None
    per_address: int | None = None


NO_LIMITS = Limits()


def reservations_for(
    touches: Touches, stored: Iterable[Reservation], rules: Rules
) -> list[Reservation]:
    """The reservations of a batch, oldest first; adds what they touch to `touches`."""
    stored = list(stored)
    touches.reservations |= {
        one.id
        for one in stored
        if any(line.sku in touches.waiting and line.backordered for line in one.lines)
    }
    found = sorted(
        (one for one in stored if one.id in touches.reservations or one.order in touches.orders),
        key=lambda one: (one.created_at, one.id),
    )
    for one in found:
        for line in one.lines:
            touches.positions.add((line.sku, line.location))
            touches.skus.add(line.sku)
            more = touches.pools.get(one.id)
            if more is None and not touches.waiting:
                continue
            try:
                pool = rules.channel(one.channel).pool
            except UnknownChannel:
                continue
            for sku in (line.sku, *(more or ())):
                touches.positions.update((sku, location) for location in pool)
    return found


def supply_for(
    touches: Touches, items: Iterable[Item], stored: Iterable[SupplyLine], rules: Rules
) -> list[SupplyLine]:
    """The supply lines that are named, and the open ones of what may be sold beyond stock."""
    beyond = touches.waiting | {item.sku for item in items if rules.may_sell_beyond_stock(item)}
    return [
        one
        for one in stored
        if (one.sku, one.location, one.document) in touches.supply
        or (one.sku in beyond and one.open)
    ]


def facts_for(
    commands: Sequence[Command],
    touches: Touches,
    stored: Iterable[Reservation],
    limits: Limits,
    now: datetime,
) -> Facts:
    """Live holds of those who ask for more, and what orders mean for the counts of a batch."""
    stored = list(stored)
    reserves = [one for one in commands if isinstance(one, Reserve)]
    live = [
        one
        for one in stored
        if one.state is ReservationState.HELD
        and one.expires_at is not None
        and one.expires_at > now
    ]
    holders = {one.holder for one in reserves}
    addresses = {one.address for one in reserves}
    return Facts(
        {(one.sku, one.location): _watermark(one, stored) for one in touches.watermarks},
        {},
        Counter(one.holder for one in live if one.holder in holders and one.holder),
        Counter(one.address for one in live if one.address in addresses and one.address),
        limits.per_holder,
        limits.per_address,
    )


def _watermark(count: SetStock, stored: Iterable[Reservation]) -> Watermark:
    ordered = [one for one in stored if one.ordered_at is not None]
    moment = count.includes_orders_to
    if moment is None:
        moments = [one.ordered_at for one in ordered if one.order == count.includes_order]
        moment = max((one for one in moments if one is not None), default=None)
    if moment is None:
        return Watermark(None, 0, 0)
    before = after = 0
    for one in ordered:
        for line in one.lines:
            if (line.sku, line.location) == (count.sku, count.location):
                assert one.ordered_at is not None
                if one.ordered_at <= moment:
                    before += line.allocated
                else:
                    after += line.fulfilled - line.returned
    return Watermark(moment, before, after)
