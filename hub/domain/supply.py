"""Expected receipts, and the promises that rest on them.

Units sold beyond stock wait in line at the location that expects goods: first come, first served.
A place in the line is pegged to the supply line that reaches it, when supply lines are taken in
the order of their dates; so a promise follows from the line and the supply, and from nothing else.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.values import LocationId, Quantity, Sku


class SupplyLine(NamedTuple):
    """An expected receipt: what of `document` is still to come."""

    sku: Sku
    location: LocationId
    document: str
    quantity: Quantity
    received: Quantity
    eta: datetime
    told_at: datetime | None = None
    """Source time of the newest word on it."""

    @property
    def open(self) -> Quantity:
        """Units still to come."""
        return max(0, self.quantity - self.received)


class Peg(NamedTuple):
    """So many units that wait at a location for a document; for none that is known yet: None."""

    location: LocationId
    document: str | None
    quantity: Quantity
    promised_at: datetime | None = None


def in_order(lines: Iterable[SupplyLine]) -> list[SupplyLine]:
    """Supply lines with something to come, in the order in which they are expected."""
    return sorted((line for line in lines if line.open), key=lambda one: (one.eta, one.document))


def pegs_for(
    quantity: Quantity,
    supply: Iterable[SupplyLine],
    waiting: dict[LocationId, Quantity],
    home: LocationId,
) -> list[Peg]:
    """Where `quantity` more units beyond stock wait, the earliest dates first.

    `waiting` says how many units stand in line at each location already. What no supply line
    reaches waits at `home`, without a date.
    """
    pegs: list[Peg] = []
    ahead = dict(waiting)
    for line in in_order(supply):
        # Those ahead take from the earliest lines; what they leave of this one can be promised.
        taken = min(line.open, ahead.get(line.location, 0))
        ahead[line.location] = ahead.get(line.location, 0) - taken
        units = min(quantity, line.open - taken)
        if units > 0:
            pegs.append(Peg(line.location, line.document, units, line.eta))
            quantity -= units
    if quantity > 0:
        pegs.append(Peg(home, None, quantity))
    return pegs


def document_for(place: Quantity, supply: Iterable[SupplyLine]) -> str | None:
    """The document that brings the unit at this place in the line of one location, if any."""
    reached = 0
    for line in in_order(supply):
        reached += line.open
        if reached >= place:
            return line.document
    return None
