"""How fast an item sells, and how long it lasts."""

import pytest

from hub.domain.demand import Demand, DemandForecast, forecast_of
from tests.unit.builders import NOW, later, units


def test_what_sold_in_the_window_says_how_long_the_stock_lasts() -> None:
    told = forecast_of(Demand(units(56), 20, 28.0), units(11), NOW)
    assert told == DemandForecast(units(2), 28.0, units(56), 5.5, later(days=5, seconds=43_200))


def test_a_shorter_window_is_a_higher_rate() -> None:
    told = forecast_of(Demand(units(56), 20, 7.0), units(11), NOW)
    assert (told.demand_per_day, told.days_of_cover) == (units(8), 1.4)


@pytest.mark.parametrize(
    "demand",
    [
        Demand(),
        Demand(units(400), 4, 28.0),
        Demand(units(400), 90, 0.9),
        Demand(0, 90, 28.0),
        Demand(units(-3), 90, 28.0),
    ],
    ids=["none", "four orders", "less than a day", "all given back", "more given back"],
)
def test_too_little_demand_says_nothing(demand: Demand) -> None:
    told = forecast_of(demand, units(11), NOW)
    assert told == DemandForecast(None, demand.window_days, demand.units)


def test_what_lasts_beyond_ten_years_lasts() -> None:
    told = forecast_of(Demand(units(5), 5, 28.0), units(10_000), NOW)
    assert (told.days_of_cover, told.lasts_until) == (None, None)
    assert told.demand_per_day == 179


def test_nothing_lasts_no_time() -> None:
    told = forecast_of(Demand(units(28), 28, 28.0), 0, NOW)
    assert (told.days_of_cover, told.lasts_until) == (0.0, NOW)
