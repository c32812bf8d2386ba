"""Which location gives what: by the strategy of the channel, and never less than is there."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.commands import Command
from hub.domain.errors import InvalidInput
from hub.domain.sourcing import (
    STRATEGIES,
    Demand,
    Place,
    Strategy,
    fewest_parcels,
    most_stock,
    nearest,
    priority,
    source,
)
from hub.domain.values import LocationId, Sku
from tests.unit.builders import channel, line, place, rules, units
from tests.unit.domain.exploration import explored
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import reserve

PLACES = {
    "BER": Place("DE", 52.5, 13.4),
    "HAM": Place("DE", 53.6, 10.0),
    "CPH": Place("DK", 55.7, 12.6),
    "OSL": Place("NO"),
}
Stock = Mapping[LocationId, int]


def demand(
    needs: Mapping[Sku, int], stock: Mapping[Sku, Stock], destination: str | None = None
) -> Demand:
    """What is asked of a pool of all the locations that have anything, or nothing, of it."""
    pool = tuple(dict.fromkeys(location for there in stock.values() for location in there))
    return Demand(needs, pool, lambda sku, one: max(0, stock[sku].get(one, 0)), PLACES, destination)


def sourced(
    quantity: int, strategy: Strategy = fewest_parcels, **stock: int
) -> tuple[list[tuple[str, int]], int]:
    """Where a quantity of one item comes from, and what is missing."""
    parts, missing = source(demand({"MUG": quantity}, {"MUG": stock}), strategy)
    return [(part.location, part.quantity) for part in parts], missing.get("MUG", 0)


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [(2, [("BER", 2)]), (3, [("BER", 3)]), (4, [("HAM", 4)]), (5, [("HAM", 5)]), (6, [("CPH", 6)])],
)
def test_the_first_location_that_can_serve_all_of_it_sends_one_parcel(
    quantity: int, parts: list[tuple[str, int]]
) -> None:
    assert sourced(quantity, BER=3, HAM=5, CPH=9) == (parts, 0)


def test_where_no_location_can_serve_all_of_it_the_one_with_most_gives_first() -> None:
    assert sourced(7, BER=3, HAM=2, CPH=4) == ([("CPH", 4), ("BER", 3)], 0)
    assert sourced(8, BER=3, HAM=2, CPH=4) == ([("CPH", 4), ("BER", 3), ("HAM", 1)], 0)


def test_a_location_that_can_serve_the_rest_is_asked_before_one_with_more_of_nothing() -> None:
    assert sourced(6, BER=1, HAM=5, CPH=2) == ([("HAM", 5), ("BER", 1)], 0)


def test_one_location_that_has_every_item_is_better_than_two_that_are_first() -> None:
    stock = {"MUG": {"BER": 9, "HAM": 1, "CPH": 2}, "LAMP": {"BER": 0, "HAM": 9, "CPH": 1}}
    parts, missing = source(demand({"MUG": 2, "LAMP": 1}, stock), fewest_parcels)
    assert ({part.location for part in parts}, missing) == ({"CPH"}, {})


def test_by_priority_the_pool_is_asked_as_the_channel_lists_it() -> None:
    assert sourced(4, priority, BER=1, HAM=2, CPH=9) == ([("BER", 1), ("HAM", 2), ("CPH", 1)], 0)


def test_by_most_stock_the_fullest_location_gives_first_and_of_equals_the_first_listed() -> None:
    assert sourced(4, most_stock, BER=2, HAM=2, CPH=3) == ([("CPH", 3), ("BER", 1)], 0)
    assert sourced(1, most_stock, BER=2, HAM=2) == ([("BER", 1)], 0)


@pytest.mark.parametrize(
    ("destination", "order"),
    [
        ("55.6,12.5", ["CPH", "HAM", "BER", "OSL"]),
        ("52.4,13.1", ["BER", "HAM", "CPH", "OSL"]),
        ("NO", ["OSL", "CPH", "BER", "HAM"]),
        ("DE", ["BER", "HAM", "OSL", "CPH"]),
        ("XX", ["OSL", "CPH", "BER", "HAM"]),
        (None, ["OSL", "CPH", "BER", "HAM"]),
        ("somewhere, else", ["OSL", "CPH", "BER", "HAM"]),
    ],
)
def test_the_nearest_location_is_the_closest_one_or_one_in_the_same_country(
    destination: str | None, order: list[str]
) -> None:
    pool = {"OSL": 1, "CPH": 1, "BER": 1, "HAM": 1}
    assert list(nearest(demand({"MUG": 4}, {"MUG": pool}, destination))) == order


def test_without_a_destination_it_does_not_matter_whose_country_is_known() -> None:
    asked = Demand({"MUG": 1}, ("BER", "MUC"), lambda sku, one: 1, PLACES)
    assert list(nearest(asked)) == ["BER", "MUC"]


def test_locations_without_anything_to_sell_are_passed_over() -> None:
    assert sourced(3, BER=0, HAM=-2, CPH=2, MUC=1) == ([("CPH", 2), ("MUC", 1)], 0)


def test_what_no_location_can_serve_is_missing() -> None:
    assert sourced(9, BER=3, HAM=2) == ([("BER", 3), ("HAM", 2)], 4)
    assert sourced(1, BER=0) == ([], 1)
    assert sourced(1) == ([], 1)


nonsense = st.lists(st.sampled_from(["BER", "HAM", "CPH", "OSL", "", "nowhere"]), max_size=6)
amounts = st.integers(0, 5)


@explored(100)
@given(
    answer=nonsense,
    stock=st.dictionaries(st.sampled_from(["BER", "HAM", "CPH"]), amounts, min_size=1),
    asked=st.integers(1, 16),
)
def test_whatever_a_strategy_answers_all_that_is_there_is_given(
    answer: list[str], stock: dict[str, int], asked: int
) -> None:
    def odd(demand: Demand) -> Sequence[LocationId]:
        return answer

    there = sum(stock.values())
    for strategy in (odd, *STRATEGIES.values()):
        parts, missing = sourced(asked, strategy, **stock)
        assert sum(units for _, units in parts) == min(asked, there) == asked - missing
        assert len({location for location, _ in parts}) == len(parts)
        assert all(0 < units <= stock[location] for location, units in parts)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("priority", {"BER": 1, "HAM": 2}),
        ("most_stock", {"CPH": 3}),
        ("fewest_parcels", {"CPH": 3}),
        ("nearest", {"HAM": 2, "BER": 1}),
        ("odd", {"HAM": 2, "BER": 1}),
    ],
)
def test_a_channel_is_served_by_the_strategy_it_names(name: str, taken: dict[str, int]) -> None:
    strategies = {**STRATEGIES, "odd": lambda demand: ["moon", "HAM", "HAM"]}
    web = channel("web", "BER", "HAM", "CPH", sourcing=name)
    room = Stockroom(rules_=rules(channels=[web], places=PLACES, strategies=strategies))
    room.stock(BER=1, HAM=2, CPH=4)
    held = room.do(reserve(("MUG", 3), destination="53.5,10.1"))
    assert {line.location: line.held for line in held.lines} == {
        location: units(amount) for location, amount in taken.items()
    }


@pytest.mark.parametrize(
    "command", [reserve(("MUG", 1), id="new"), place(line("MUG", 1, hold="hold"))]
)
def test_a_strategy_nobody_knows_is_refused_before_anything_moves(command: Command) -> None:
    room = Stockroom().stock(BER=3)
    room.do(reserve(("MUG", 1), seconds=60))
    room.wait(60)
    room.rules = rules(channels=[channel("web", "BER", "HAM", sourcing="best")])
    refused = room.refusal(command)
    assert isinstance(refused, InvalidInput)
    assert refused.field == "sourcing"
