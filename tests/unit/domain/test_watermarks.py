"""A count may say which orders it has taken off already; nothing is ever deducted twice."""

from datetime import timedelta

import pytest

from hub.domain.errors import StockConflict, UnknownOrder, VersionConflict
from hub.domain.reservations import ReservationState
from tests.unit.builders import (
    NOW,
    adjust,
    cancel,
    later,
    line,
    place,
    position,
    receive,
    set_stock,
    ship,
    take_back,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import commit, reserve

MINUTE = 60


@pytest.fixture
def room() -> Stockroom:
    """Ten mugs; two orders, O-1 for two and a minute later O-2 for three."""
    room = Stockroom().stock(BER=10)
    room.wait(MINUTE)
    room.do(place(line("MUG", 2), ordered_at=room.now))
    room.wait(MINUTE)
    room.do(place(line("MUG", 3), order="O-2", ordered_at=room.now))
    room.wait(MINUTE)
    return room


def test_an_erp_that_took_the_orders_off_does_not_have_them_deducted_twice(
    room: Stockroom,
) -> None:
    """It counts, orders come, it counts again without what they take: five are free, not none."""
    assert room.at().free == units(5)
    room.do(set_stock(5, orders_to=room.now))
    assert (room.at().on_hand, room.at().allocated, room.at().free) == tuple(
        units(n) for n in (10, 5, 5)
    )
    room.do(ship())
    room.do(set_stock(5, orders_to=room.now))
    assert (room.at().on_hand, room.at().free) == (units(8), units(5))


@pytest.mark.parametrize("watermark", [{"orders_to": later(90)}, {"order": "O-1"}])
def test_what_was_ordered_after_the_watermark_stays_deducted(
    room: Stockroom, watermark: dict[str, object]
) -> None:
    room.do(set_stock(8, **watermark))  # type: ignore[arg-type]
    assert (room.at().on_hand, room.at().free) == (units(10), units(5))
    expected = later(90) if "orders_to" in watermark else later(60)
    assert room.at().counted_through == expected
    assert room.movements[-1].reason == f"includes orders to {expected.isoformat()}"


def test_what_later_orders_took_off_the_shelf_is_gone_though_the_count_has_it(
    room: Stockroom,
) -> None:
    room.do(ship(order="O-2"))
    room.do(set_stock(8, order="O-1"))
    assert (room.at().on_hand, room.at().free) == (units(7), units(5))
    room.do(take_back(line("MUG", 1), order="O-2"))
    room.do(set_stock(8, order="O-1"))
    assert (room.at().on_hand, room.at().free) == (units(8), units(6))


def test_what_earlier_orders_took_off_the_shelf_is_not_in_the_count(room: Stockroom) -> None:
    room.do(ship())
    room.do(set_stock(8, order="O-1"))
    assert (room.at().on_hand, room.at().free) == (units(8), units(5))


def test_a_cancelled_order_waits_for_nothing_any_more(room: Stockroom) -> None:
    room.do(cancel())
    room.do(set_stock(8, order="O-1"))
    assert (room.at().on_hand, room.at().free) == (units(8), units(5))


def test_an_order_that_comes_in_late_was_taken_off_already(room: Stockroom) -> None:
    room.do(set_stock(4, orders_to=room.now))
    free = room.at().free
    before = room.now - timedelta(seconds=1)
    room.do(place(line("MUG", 1), order="O-3", ordered_at=before))
    assert room.at().free == free
    assert (room.at().on_hand, room.at().allocated) == (units(4 + 5 + 1), units(6))
    room.do(ship(order="O-3"))
    assert room.at().free == free


def test_an_order_that_redeems_its_hold_late_was_taken_off_already(room: Stockroom) -> None:
    room.do(reserve(("MUG", 2)))
    room.do(set_stock(3, orders_to=room.now))
    assert room.at().free == units(1)
    room.do(place(line("MUG", 2, hold="hold"), order="O-3", ordered_at=room.now))
    assert room.at().free == units(3)
    assert room.reservations["hold"].state is ReservationState.COMMITTED


def test_an_order_placed_after_the_watermark_is_deducted(room: Stockroom) -> None:
    room.do(set_stock(5, orders_to=room.now))
    room.do(place(line("MUG", 1), order="O-3", ordered_at=room.now + timedelta(seconds=1)))
    assert room.at().free == units(4)


def test_a_count_of_the_shelf_takes_no_order_off_not_even_a_late_one(room: Stockroom) -> None:
    room.do(set_stock(5, orders_to=room.now))
    room.do(set_stock(10))
    assert room.at().counted_through is None
    room.do(place(line("MUG", 1), order="O-3", ordered_at=NOW))
    assert (room.at().on_hand, room.at().free) == (units(10), units(4))


def test_neither_an_adjustment_nor_a_receipt_moves_the_watermark(room: Stockroom) -> None:
    room.do(set_stock(5, orders_to=room.now))
    room.decide(adjust(1), receive(1))
    assert room.at().counted_through == room.now


def test_a_hold_that_is_committed_is_ordered_now(room: Stockroom) -> None:
    room.do(reserve(("MUG", 1)))
    room.do(commit(order="O-3"))
    assert room.reservations["hold"].ordered_at == room.now
    room.do(set_stock(4, order="O-3"))
    assert (room.at().on_hand, room.at().free) == (units(10), units(4))


def test_a_stale_count_moves_no_watermark(room: Stockroom) -> None:
    room.do(set_stock(5, orders_to=room.now))
    before = room.at()
    assert room.do(set_stock(9, as_of=later(0), orders_to=later(1))).applied is False
    assert room.at() == before


def test_an_order_nobody_knows_cannot_be_in_a_count(room: Stockroom) -> None:
    refused = room.refusal(set_stock(9, order="O-9"))
    assert refused == UnknownOrder(order="O-9", verb="included in a count")


def test_a_writer_who_expected_another_quantity_is_told_the_right_one(room: Stockroom) -> None:
    assert room.refusal(set_stock(9, if_on_hand=8)) == StockConflict(expected="8", actual="10")
    assert room.refusal(adjust(1, if_on_hand=8)) == StockConflict(expected="8", actual="10")
    assert room.refusal(adjust(1, if_version=1)) == VersionConflict(expected=1, actual=3)
    assert room.do(adjust(1, if_on_hand=10, if_version=3)).position.on_hand == units(11)
    assert room.do(set_stock(9, if_on_hand=11)).position.on_hand == units(9)


def test_nothing_on_hand_can_be_expected_as_well() -> None:
    assert Stockroom().do(set_stock(3, if_on_hand=0, if_version=0)).applied
    assert position(on_hand=0).on_hand == 0
