"""Demand as it was, and how long the stock lasts at that rate."""

from datetime import datetime

import strawberry

from hub.domain import demand
from schema.scalars import Quantity
from schema.shape import shape_of


@shape_of(
    demand.DemandForecast,
    "How fast an item sells from a pool, by its latest orders, and how long it lasts at that rate.",
)
class DemandForecast:
    """How fast an item sells, and how long it lasts."""

    demand_per_day: Quantity | None = strawberry.field(
        description="Units that orders took a day, on average over the window; null where there "
        f"were fewer than {demand.MIN_ORDERS} orders, or less than a day of them."
    )
    window_days: float = strawberry.field(
        description=f"The days that were looked at, up to now: {demand.WINDOW_DAYS}, or fewer of "
        "an item with very many movements."
    )
    ordered_units: Quantity = strawberry.field(
        description="Units that were allocated to orders in the window, less those given back."
    )
    days_of_cover: float | None = strawberry.field(
        description="How many days the units that can be sold now last at that rate; null where "
        "no rate is known, and beyond ten years."
    )
    lasts_until: datetime | None = strawberry.field(description="The same as a point in time.")
