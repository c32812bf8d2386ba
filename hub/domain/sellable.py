"""How units are counted that can be sold: from a location, in kits, and beyond stock.

Answers and reservations count alike, for both count here.
"""

from datetime import datetime

from hub.domain.item import Item
from hub.domain.policies import UNLIMITED, Rules
from hub.domain.values import UNIT, ChannelId, Quantity


def sellable(
    free: Quantity, waiting: Quantity, safety_stock: Quantity, step: Quantity = UNIT
) -> Quantity:
    """Units of one location that can be sold, in whole steps of the item, never below 0: what is
    free beyond the safety stock and what those in line wait for, who come first."""
    units = free - waiting - safety_stock
    return units - units % step if units > 0 else 0


def spare(free: Quantity, waiting: Quantity, safety_stock: Quantity, step: Quantity) -> Quantity:
    """The same; below 0 where so many units must come in before one can be sold."""
    units = free - waiting - safety_stock
    return units - units % step


def in_kits(units: Quantity, per_kit: Quantity, kit: Item) -> Quantity:
    """How many of a kit can be made of so many units of a component."""
    if units >= UNLIMITED:
        return UNLIMITED
    whole = units * UNIT // per_kit
    return whole - whole % kit.quantity_step


def beyond_stock(
    item: Item, waiting: Quantity, rules: Rules, channel: ChannelId, now: datetime
) -> Quantity:
    """Units that may still be sold beyond stock, with `waiting` units of the pool sold so."""
    if item.discontinued:
        return 0
    limit = rules.beyond_stock(item, channel, now).value
    if limit >= UNLIMITED:
        return UNLIMITED
    room = limit - waiting
    return room - room % item.quantity_step if room > 0 else 0
