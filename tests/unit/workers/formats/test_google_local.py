"""What the hub answers becomes what Google shows of a store, and never more than that store has."""

from collections.abc import Iterable
from typing import Any

import pytest

from hub.domain.availability import availability_of
from hub.domain.item import Item
from hub.domain.position import Position
from hub.domain.status import AvailabilityStatus
from tests.unit.builders import NOW, channel, item, later, position, rules, schedule, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.workers.formats.golden_samples import told
from workers.formats.google_local import (
    FEED_HEADER,
    FORMAT,
    StoreOffer,
    local_inventory,
    store_offers,
)

DAY = later(days=3)


def offers(of: Item, positions: Iterable[Position]) -> list[tuple[Any, ...]]:
    answer = availability_of(of, positions, rules(), channel(), units(1), NOW)
    return [tuple(one[:1] + one[2:]) for one in store_offers(answer)]


def test_each_store_says_what_can_be_taken_along_there() -> None:
    stock = [position("BER", 5, reserved=2), position("HAM", 1, allocated=1)]
    assert offers(item(), stock) == [("BER", 3, "in_stock", ""), ("HAM", 0, "out_of_stock", "")]


def test_safety_stock_is_not_for_the_feed() -> None:
    assert offers(item(safety=2), [position("BER", 5)]) == [("BER", 3, "in_stock", "")]


def test_only_whole_units_count() -> None:
    halves = [position("BER", 2.5), position("HAM", 0.5)]
    assert offers(item(step=0.5), halves) == [
        ("BER", 2, "in_stock", ""),
        ("HAM", 0, "out_of_stock", ""),
    ]


def test_a_backorder_has_a_date_or_is_out_of_stock() -> None:
    room = Stockroom(item(backorders=9)).stock(BER=0)
    without = room.availability(quantity=units(1))
    room.do(schedule(2, eta=DAY))
    with_date = room.availability(quantity=units(1))
    assert without.status is with_date.status is AvailabilityStatus.BACK_ORDER
    assert list(store_offers(without)) == [StoreOffer("BER", "MUG", 0, "out_of_stock")]
    assert list(store_offers(with_date)) == [
        StoreOffer("BER", "MUG", 0, "backorder", DAY.isoformat())
    ]
    assert list(store_offers(with_date, ahead=False)) == list(store_offers(without))


@pytest.mark.parametrize("on_hand", [0, 4])
def test_a_preorder_is_one_in_every_store_with_its_date(on_hand: int) -> None:
    soon = item(preorders=9, released=DAY)
    stock = [position("BER", on_hand)]
    assert offers(soon, stock) == [("BER", 0, "preorder", DAY.isoformat())]


def test_what_is_discontinued_is_out_of_stock() -> None:
    stock = [position("BER", 0)]
    assert offers(item(discontinued=True), stock) == [("BER", 0, "out_of_stock", "")]


def test_the_feed_can_be_read_as_it_is_written() -> None:
    answers = [
        availability_of(item(sku), [position("BER", 5, sku=sku)], rules(), channel(), units(1), NOW)
        for sku in ("MUG", "x" * 50, "x" * 51)
    ]
    feed = FEED_HEADER + b"".join(local_inventory(answers))
    # Google takes no id of 51 characters.
    assert [one["data"] for one in told(FORMAT, feed, {})] == [
        {"sku": sku, "location": "BER", "onHand": 5} for sku in ("MUG", "x" * 50)
    ]
