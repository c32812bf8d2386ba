"""What comes in goes to those who wait, first come, first served."""

import pytest

from hub.domain.commands import Command
from hub.domain.movements import MovementKind
from hub.domain.reservations import ReservationState
from tests.unit.builders import (
    Amount,
    adjust,
    cancel,
    item,
    line,
    mark,
    move,
    place,
    policy,
    receive,
    rules,
    schedule,
    set_stock,
    ship,
    take_back,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import call_back, commit, expire, fulfil, release, reserve


@pytest.fixture
def room() -> Stockroom:
    """Three wait in BER for three mugs in all: `a` for one, then O-1 for one, then `b` for one."""
    room = Stockroom(item(backorders=9), item("LAMP", backorders=9))
    room.do(set_stock(0))
    room.do(reserve(("MUG", 1), id="a", seconds=60))
    room.wait(1)
    room.do(place(line("MUG", 1)))
    room.wait(1)
    room.do(reserve(("MUG", 1), id="b", seconds=60))
    return room


def got(room: Stockroom) -> dict[str, tuple[Amount, Amount]]:
    """What each reservation has got, and what it still waits for."""
    return {
        id: (
            sum(line.held + line.allocated for line in one.lines) // 1000,
            sum(line.backordered for line in one.lines) // 1000,
        )
        for id, one in room.reservations.items()
    }


@pytest.mark.parametrize("came", [receive(2), adjust(2), set_stock(2)])
def test_whatever_lets_units_come_in_they_go_to_those_who_came_first(
    room: Stockroom, came: Command
) -> None:
    room.do(came)
    changed = room.settle()
    assert got(room) == {"a": (1, 0), "of-O-1": (1, 0), "b": (0, 1)}
    assert [one.id for one in changed] == ["a", "of-O-1"]
    assert (room.at().reserved, room.at().allocated, room.at().backordered) == (
        units(1),
        units(1),
        units(1),
    )
    assert room.kinds()[-2:] == [MovementKind.FILLED] * 2
    assert room.to_settle == {}


def test_units_come_one_after_the_other_and_the_line_moves_up(room: Stockroom) -> None:
    for expected in (
        {"a": (1, 0), "of-O-1": (0, 1), "b": (0, 1)},
        {"a": (1, 0), "of-O-1": (1, 0), "b": (0, 1)},
        {"a": (1, 0), "of-O-1": (1, 0), "b": (1, 0)},
    ):
        room.do(receive(1))
        room.settle()
        assert got(room) == expected
    room.do(receive(1))
    room.settle()
    assert room.availability().breakdown.available_to_sell == units(1)


def test_units_that_become_sellable_again_go_to_those_who_wait(room: Stockroom) -> None:
    room.decide(mark(1), receive(1))
    assert room.settle() == []
    room.do(mark(-1))
    room.settle()
    assert got(room)["a"] == (1, 0)


def test_what_another_gives_up_goes_to_those_who_wait(room: Stockroom) -> None:
    room.do(receive(1))
    room.settle()
    room.do(release(id="a"))
    room.settle()
    assert got(room) == {"a": (0, 0), "of-O-1": (1, 0), "b": (0, 1)}
    room.do(cancel())
    room.settle()
    assert got(room)["b"] == (1, 0)


@pytest.mark.parametrize("gone", [release(id="a"), expire("a")])
def test_when_one_leaves_the_line_the_others_move_up_to_earlier_dates(
    room: Stockroom, gone: Command
) -> None:
    room.do(schedule(1))
    room.settle()
    assert room.reservations["of-O-1"].lines[0].document is None
    room.wait(60 if gone == expire("a") else 0)
    room.do(gone)
    (changed, *_) = room.settle()
    assert (changed.id, changed.lines[0].document) == ("of-O-1", "PO-1")


def test_a_place_in_line_that_has_lapsed_gets_nothing(room: Stockroom) -> None:
    room.wait(58)
    room.do(receive(1))
    room.settle()
    assert got(room) == {"a": (0, 1), "of-O-1": (1, 0), "b": (0, 1)}
    room.do(expire("a"))
    room.do(receive(1))
    room.settle()
    assert got(room)["b"] == (1, 0)


def test_what_an_order_waits_for_stays_its_own_when_the_rest_of_its_cart_has_lapsed() -> None:
    room = Stockroom(item("MUG"), item("LAMP", backorders=9)).stock(BER=2)
    room.do(reserve(("MUG", 2), ("LAMP", 1), seconds=60))
    room.do(commit(("MUG", 1), ("LAMP", 1)))
    room.wait(60)
    room.do(receive(1, sku="LAMP"))
    (changed,) = room.settle()
    assert [(one.sku, one.held, one.allocated) for one in changed.lines] == [
        ("MUG", units(1), units(1)),
        ("LAMP", 0, units(1)),
    ]
    assert room.do(expire()).state is ReservationState.COMMITTED


def test_goods_that_came_to_another_location_of_the_pool_serve_those_who_wait(
    room: Stockroom,
) -> None:
    room.do(receive(2, "HAM"))
    assert list(room.to_settle) == ["MUG"]
    room.settle()
    assert got(room) == {"a": (1, 0), "of-O-1": (1, 0), "b": (0, 1)}
    first, second = room.reservations["a"].lines
    assert (first.moved, first.backordered) == (units(1), 0)
    assert (second.location, second.held) == ("HAM", units(1))
    assert (room.at("BER").backordered, room.at("HAM").reserved) == (units(1), units(1))


@pytest.mark.parametrize(
    "landing",
    [
        lambda room: room.do(adjust(1, "HAM")),
        lambda room: room.do(set_stock(1, "HAM")),
        lambda room: (room.do(set_stock(1, "CPH")), room.do(move(1, "CPH", "HAM"))),
    ],
)
def test_however_they_came_there(room: Stockroom, landing: object) -> None:
    landing(room)  # type: ignore[operator]
    room.settle()
    assert got(room)["a"] == (1, 0)


def test_a_location_outside_the_pool_serves_nobody(room: Stockroom) -> None:
    room.do(receive(9, "CPH"))
    assert room.settle() == []


def test_the_safety_stock_of_another_location_is_left_alone() -> None:
    known = rules({("location", "HAM"): policy(safety=1)})
    room = Stockroom(item(backorders=9), rules_=known)
    room.do(reserve(("MUG", 2)))
    room.do(receive(2, "HAM"))
    room.settle()
    assert got(room) == {"hold": (1, 1)}


def test_who_waits_even_gets_the_safety_stock_of_his_own_location() -> None:
    room = Stockroom(item(backorders=9, safety=5))
    room.do(reserve(("MUG", 2)))
    room.do(receive(2))
    room.settle()
    assert got(room) == {"hold": (2, 0)}


def test_what_was_filled_is_shipped_cancelled_and_returned_like_anything_else(
    room: Stockroom,
) -> None:
    room.do(receive(3))
    room.settle()
    room.decide(commit(id="a", order="O-2"), commit(id="b", order="O-3"))
    room.decide(fulfil(id="a"), call_back(id="b"), ship())
    assert [room.reservations[id].state.value for id in ("a", "b", "of-O-1")] == [
        "FULFILLED",
        "CANCELLED",
        "FULFILLED",
    ]
    room.do(take_back())
    assert (room.at().on_hand, room.at().free) == (units(2), units(2))


def test_settled_again_nothing_changes(room: Stockroom) -> None:
    room.do(receive(2))
    room.settle()
    before = dict(room.reservations)
    room.to_settle = {"MUG": None}
    assert room.settle() == []
    assert room.reservations == before


def test_two_who_came_at_the_same_moment_are_served_in_the_order_of_their_ids() -> None:
    room = Stockroom(item(backorders=9))
    room.decide(reserve(("MUG", 1), id="y"), reserve(("MUG", 1), id="x"))
    room.do(receive(1))
    room.settle()
    assert got(room) == {"y": (0, 1), "x": (1, 0)}
