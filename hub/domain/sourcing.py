"""Which locations serve a reservation.

A strategy only says in which order the pool is asked. What each location gives is taken by the
function below from the same numbers that availability is made of, so that what an answer promises
is what a reservation gets, whatever the strategy.
"""

from collections.abc import Callable, Mapping, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from hub.domain.values import LocationId, Quantity, Sku

Sellable = Callable[[Sku, LocationId], Quantity]


class Place(NamedTuple):
    """Where a location is; latitude and longitude in degrees."""

    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Part(NamedTuple):
    """What one location gives of an item."""

    sku: Sku
    location: LocationId
    quantity: Quantity


class Demand(NamedTuple):
    """What a strategy is asked about: all items of a reservation together."""

    needs: Mapping[Sku, Quantity]
    pool: tuple[LocationId, ...]
    sellable: Sellable
    places: Mapping[LocationId, Place]
    destination: str | None = None
    """A country code, or `latitude,longitude` in degrees."""

    def served_by(self, location: LocationId, needs: Mapping[Sku, Quantity]) -> Quantity:
        """Units of `needs` that one location has."""
        return sum(min(units, self.sellable(sku, location)) for sku, units in needs.items())


Strategy = Callable[[Demand], Sequence[LocationId]]
"""The pool in the order in which it is asked. What it leaves out is asked last, and what is not in
the pool is never asked."""


def source(demand: Demand, strategy: Strategy) -> tuple[list[Part], dict[Sku, Quantity]]:
    """What each location gives, and what no location can give."""
    order = _order(demand, strategy)
    parts: list[Part] = []
    missing: dict[Sku, Quantity] = {}
    for sku, quantity in demand.needs.items():
        for location in order:
            units = min(quantity, demand.sellable(sku, location))
            if units > 0:
                parts.append(Part(sku, location, units))
                quantity -= units
                if not quantity:
                    break
        if quantity:
            missing[sku] = quantity
    return parts, missing


def priority(demand: Demand) -> Sequence[LocationId]:
    """The pool as the channel lists it."""
    return demand.pool


def most_stock(demand: Demand) -> Sequence[LocationId]:
    """The location with the most of what is asked for comes first: stock evens out."""
    stock = {one: sum(demand.sellable(sku, one) for sku in demand.needs) for one in demand.pool}
    return sorted(demand.pool, key=lambda one: -stock[one])


def fewest_parcels(demand: Demand) -> Sequence[LocationId]:
    """A location that has everything, else always the one that has most of what is left."""
    for location in demand.pool:
        if all(demand.sellable(sku, location) >= units for sku, units in demand.needs.items()):
            return (location,)
    left = dict(demand.needs)
    everything = sum(left.values())
    order: list[LocationId] = []
    rest = list(demand.pool)
    while rest and everything:
        best, most = rest[0], -1
        for location in rest:
            units = demand.served_by(location, left)
            if units > most:
                best, most = location, units
        rest.remove(best)
        order.append(best)
        left = {sku: units - min(units, demand.sellable(sku, best)) for sku, units in left.items()}
        everything = sum(left.values())
    return [*order, *rest]


def nearest(demand: Demand) -> Sequence[LocationId]:
    """The closest location to the destination first; where no distance is known, those in the
    destination's country, then the pool as the channel lists it."""
    point = _point(demand.destination)

    def distance(location: LocationId) -> float:
        place = demand.places.get(location, Place())
        if point is not None and place.latitude is not None and place.longitude is not None:
            return _kilometres(point, (place.latitude, place.longitude))
        known = demand.destination is not None and place.country == demand.destination
        return _SAME_COUNTRY if known else _UNKNOWN

    return sorted(demand.pool, key=distance)


FEWEST_PARCELS: Final = "fewest_parcels"
STRATEGIES: Final[Mapping[str, Strategy]] = {
    FEWEST_PARCELS: fewest_parcels,
    "priority": priority,
    "most_stock": most_stock,
    "nearest": nearest,
}

_EARTH_RADIUS_KILOMETRES: Final = 6371.0
_SAME_COUNTRY: Final = 1e6
_UNKNOWN: Final = 2e6
"""Farther than anything on Earth: a known distance goes before a country, a country before none."""


def _order(demand: Demand, strategy: Strategy) -> Sequence[LocationId]:
    if len(demand.pool) == 1:
        return demand.pool
    asked = dict.fromkeys(one for one in strategy(demand) if one in demand.pool)
    return [*asked, *(one for one in demand.pool if one not in asked)]


def _point(destination: str | None) -> tuple[float, float] | None:
    latitude, comma, longitude = (destination or "").partition(",")
    try:
        return (float(latitude), float(longitude)) if comma else None
    except ValueError:
        return None


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance by the haversine formula."""
    (north, east), (far_north, far_east) = (tuple(map(radians, point)) for point in (one, other))
    chord = (
        sin((far_north - north) / 2) ** 2
        + cos(north) * cos(far_north) * sin((far_east - east) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KILOMETRES * asin(sqrt(chord))
