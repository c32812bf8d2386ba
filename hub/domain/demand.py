"""What orders have asked for lately, and how long the stock lasts at that rate."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hub.domain.values import Quantity

WINDOW_DAYS: Final = 28
"""Four whole weeks: every day of the week counts alike."""
MIN_ORDERS: Final = 5
"""Fewer orders say nothing of the next ones."""
MAX_DAYS_OF_COVER: Final = 3_650.0
"""Beyond ten years no number means anything."""


class Demand(NamedTuple):
    """What the ledger has of the orders for an item in a window that ends now."""

    units: Quantity = 0
    """Units allocated to orders, less those that were given back."""
    orders: int = 0
    window_days: float = WINDOW_DAYS


class DemandForecast(NamedTuple):
    """Demand as it was, taken for what it will be. None where there is too little of it."""

    demand_per_day: Quantity | None
    window_days: float
    ordered_units: Quantity
    days_of_cover: float | None = None
    lasts_until: datetime | None = None


def forecast_of(demand: Demand, available_to_sell: Quantity, now: datetime) -> DemandForecast:
    """How fast an item sells, and until when so many units of it last at that rate."""
    if demand.orders < MIN_ORDERS or demand.window_days < 1 or demand.units <= 0:
        return DemandForecast(None, demand.window_days, demand.units)
    units_a_day = demand.units / demand.window_days
    days = available_to_sell / units_a_day
    known = DemandForecast(round(units_a_day), demand.window_days, demand.units)
    if days > MAX_DAYS_OF_COVER:
        return known
    days_told = round(days, 1)
    return known._replace(days_of_cover=days_told, lasts_until=now + timedelta(days=days))
