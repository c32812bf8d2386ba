"""One parcel where one location can serve all of it, else parts in the pool's order."""

import pytest

from hub.domain.sourcing import Part, source


def sourced(quantity: int, **sellable: int) -> tuple[list[Part], int]:
    """Where a quantity comes from; the pool is in the order of the arguments."""
    return source(quantity, list(sellable), lambda location: sellable[location])


@pytest.mark.parametrize(
    ("quantity", "parts"),
    [(2, [("BER", 2)]), (3, [("BER", 3)]), (4, [("HAM", 4)]), (5, [("HAM", 5)]), (6, [("CPH", 6)])],
)
def test_the_first_location_that_can_serve_all_of_it_sends_one_parcel(
    quantity: int, parts: list[Part]
) -> None:
    assert sourced(quantity, BER=3, HAM=5, CPH=9) == (parts, 0)


def test_where_no_location_can_serve_all_of_it_each_gives_what_it_has_in_order() -> None:
    assert sourced(6, BER=3, HAM=2, CPH=4) == ([("BER", 3), ("HAM", 2), ("CPH", 1)], 0)


def test_a_location_behind_the_last_part_gives_nothing() -> None:
    assert sourced(5, BER=3, HAM=2, CPH=4) == ([("BER", 3), ("HAM", 2)], 0)


def test_locations_without_anything_to_sell_are_passed_over() -> None:
    assert sourced(3, BER=0, HAM=-2, CPH=2, MUC=1) == ([("CPH", 2), ("MUC", 1)], 0)


def test_what_no_location_can_serve_is_missing() -> None:
    assert sourced(9, BER=3, HAM=2) == ([("BER", 3), ("HAM", 2)], 4)
    assert sourced(1, BER=0) == ([], 1)
    assert sourced(1) == ([], 1)
