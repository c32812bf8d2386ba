"""An order that a shop took is allocated: through its hold, from stock, or beyond it."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import (
    HubError,
    InvalidInput,
    ReservationNotFound,
    UnknownChannel,
    UnknownSku,
)
from hub.domain.movements import MovementKind
from hub.domain.reservations import Reservation, ReservationState
from tests.unit.builders import cancel, channel, item, line, place, policy, rules, set_stock, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import commit, expire, release, reserve

DUPLICATE = "DUPLICATE: the order is already allocated"


def allocated(room: Stockroom, order: str = "O-1") -> list[tuple[str, str, int]]:
    """What an order waits for, and where."""
    return [
        (one.sku, one.location, one.allocated)
        for reservation in room.reservations.values()
        if reservation.order == order
        for one in reservation.lines
    ]


def test_an_order_without_a_hold_is_allocated_from_stock() -> None:
    room = Stockroom().stock(BER=5)
    change = room.do(place(line("MUG", 2)))
    (reservation,) = change.reservations
    assert (change.order, change.note) == ("O-1", None)
    assert reservation == room.reservations["of-O-1"]
    assert (reservation.state, reservation.order, reservation.expires_at) == (
        ReservationState.COMMITTED,
        "O-1",
        None,
    )
    assert (reservation.version, reservation.created_at) == (1, room.now)
    assert allocated(room) == [("MUG", "BER", units(2))]
    last = room.movements[-1]
    assert (last.kind, last.cause, last.order, last.reservation) == (
        MovementKind.ALLOCATED,
        "place_order",
        "O-1",
        "of-O-1",
    )


def test_an_order_that_names_its_hold_redeems_it() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    (redeemed,) = room.do(place(line("MUG", 2, hold="hold"))).reservations
    assert (redeemed.id, redeemed.state, redeemed.order) == (
        "hold",
        ReservationState.COMMITTED,
        "O-1",
    )
    assert (room.at().reserved, room.at().allocated) == (0, units(2))
    assert list(room.reservations) == ["hold"]


def test_what_the_hold_does_not_cover_is_allocated_besides() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    order = place(line("MUG", 2, hold="hold"), line("MUG", 1), line("LAMP", 1))
    change = room.do(order)
    assert [one.id for one in change.reservations] == ["hold", "of-O-1"]
    assert sorted(allocated(room)) == [
        ("LAMP", "BER", units(1)),
        ("MUG", "BER", units(1)),
        ("MUG", "BER", units(2)),
    ]


def test_an_order_may_redeem_several_holds() -> None:
    room = Stockroom().stock(BER=5)
    room.decide(reserve(("MUG", 1), id="a"), reserve(("MUG", 2), id="b"))
    change = room.do(place(line("MUG", 1, hold="a"), line("MUG", 2, hold="b")))
    assert [one.state for one in change.reservations] == [ReservationState.COMMITTED] * 2
    assert (room.at().reserved, room.at().allocated) == (0, units(3))


def test_two_lines_that_name_one_hold_redeem_it_once() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 3)))
    (redeemed,) = room.do(
        place(line("MUG", 1, hold="hold"), line("MUG", 2, hold="hold"))
    ).reservations
    assert (redeemed.version, room.at().allocated) == (2, units(3))


@pytest.mark.parametrize("end", [release(), expire(), commit(order="O-9")])
def test_an_order_whose_hold_was_lost_is_allocated_anew(end: Command) -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2), seconds=60))
    if end == expire():
        room.wait(60)
    lost: Reservation = room.do(end)
    change = room.do(place(line("MUG", 2, hold="hold")))
    assert [one.id for one in change.reservations] == ["of-O-1"]
    assert allocated(room) == [("MUG", "BER", units(2))]
    assert room.reservations["hold"] == lost


def test_a_hold_that_has_lapsed_covers_nothing_even_before_it_is_swept() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2), seconds=60))
    room.wait(60)
    room.do(place(line("MUG", 2, hold="hold")))
    room.do(expire())
    assert (room.at().reserved, room.at().allocated, room.at().shortfall) == (0, units(2), 0)


def test_the_lapsed_hold_of_an_order_does_not_stand_in_its_own_way() -> None:
    room = Stockroom().stock(BER=0, HAM=1)
    room.do(reserve(("MUG", 1), seconds=60))
    room.wait(60)
    room.do(place(line("MUG", 1, hold="hold")))
    assert allocated(room) == [("MUG", "HAM", units(1))]
    assert (room.at("BER").shortfall, room.at("HAM").reserved) == (0, 0)
    assert room.reservations["hold"].state is ReservationState.EXPIRED


def test_what_a_hold_has_beyond_its_order_is_free_again() -> None:
    room = Stockroom().stock(BER=9)
    room.do(reserve(("MUG", 5)))
    room.do(place(line("MUG", 3, hold="hold")))
    assert (room.at().reserved, room.at().allocated) == (0, units(3))
    (part,) = room.reservations["hold"].lines
    assert (part.allocated, part.released) == (units(3), units(2))


def test_a_hold_on_nothing_that_the_order_names_is_released() -> None:
    room = Stockroom(item("MUG"), item("LAMP")).stock(BER=9)
    room.do(reserve(("MUG", 2)))
    room.do(place(line("LAMP", 1, hold="hold")))
    hold = room.reservations["hold"]
    assert (hold.state, hold.ended_reason, hold.order) == (
        ReservationState.RELEASED,
        "NOT_IN_ORDER",
        None,
    )
    assert room.at().reserved == 0


def test_of_two_orders_that_name_one_hold_the_first_redeems_it() -> None:
    room = Stockroom().stock(BER=3)
    room.do(reserve(("MUG", 2)))
    room.decide(
        place(line("MUG", 2, hold="hold"), order="O-1"),
        place(line("MUG", 2, hold="hold"), order="O-2"),
    )
    assert room.reservations["hold"].order == "O-1"
    assert allocated(room, "O-2") == [("MUG", "BER", units(2))]
    assert room.at().shortfall == units(1)


def test_one_location_that_has_all_of_it_serves_an_order_alone() -> None:
    room = Stockroom().stock(BER=2, HAM=3)
    room.do(place(line("MUG", 3)))
    assert allocated(room) == [("MUG", "HAM", units(3))]


def test_the_buffer_is_touched_only_when_nothing_else_is_left() -> None:
    known = rules({("location", "BER"): policy(safety=2)})
    room = Stockroom(rules_=known).stock(BER=3, HAM=1)
    room.do(place(line("MUG", 2), order="O-1"))
    assert allocated(room) == [("MUG", "BER", units(1)), ("MUG", "HAM", units(1))]
    room.do(place(line("MUG", 2), order="O-2"))
    assert allocated(room, "O-2") == [("MUG", "BER", units(2))]
    assert {one.shortfall for one in room.positions.values()} == {0}


def test_an_order_beyond_stock_takes_all_there_is_and_the_rest_falls_to_the_first_location() -> (
    None
):
    room = Stockroom().stock(BER=1, HAM=2)
    room.do(place(line("MUG", 5)))
    assert allocated(room) == [("MUG", "BER", units(3)), ("MUG", "HAM", units(2))]
    assert (room.at("BER").shortfall, room.at("HAM").shortfall) == (units(2), 0)


def test_an_order_for_what_was_never_in_stock_is_a_shortfall_and_not_lost() -> None:
    room = Stockroom(rules_=rules(channels=[channel("shop", "HAM", "BER")]))
    room.do(place(line("MUG", 2), channel="shop"))
    assert allocated(room) == [("MUG", "HAM", units(2))]
    assert room.at("HAM").shortfall == units(2)


def test_a_shop_may_sell_what_is_discontinued() -> None:
    room = Stockroom(item(discontinued=True)).stock(BER=5)
    room.do(place(line("MUG", 2)))
    assert allocated(room) == [("MUG", "BER", units(2))]


@pytest.mark.parametrize("hold", [None, "hold"])
def test_an_order_told_again_is_allocated_once(hold: str | None) -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    first = room.do(place(line("MUG", 2, hold=hold)))
    outcome = room.decide(place(line("MUG", 2, hold=hold), id="another"))
    (again,) = outcome.results
    assert again == first._replace(note=DUPLICATE)
    assert (outcome.movements, outcome.created, outcome.changed) == ([], [], [])


def test_an_order_told_twice_in_one_batch_is_allocated_once() -> None:
    room = Stockroom().stock(BER=5)
    results = room.decide(place(line("MUG", 2)), place(line("MUG", 2), id="another")).results
    assert [one.note for one in results] == [None, DUPLICATE]
    assert room.at().allocated == units(2)


def test_an_order_that_was_cancelled_is_not_allocated_by_a_repetition() -> None:
    room = Stockroom().stock(BER=5)
    room.decide(place(line("MUG", 2)), cancel())
    assert room.do(place(line("MUG", 2), id="another")).note == DUPLICATE
    assert room.at().allocated == 0


def test_an_order_told_again_with_more_is_allocated_what_is_new() -> None:
    room = Stockroom().stock(BER=5)
    room.do(place(line("MUG", 2)))
    room.do(place(line("MUG", 3), line("LAMP", 1), id="more"))
    assert allocated(room) == [
        ("MUG", "BER", units(2)),
        ("MUG", "BER", units(1)),
        ("LAMP", "BER", units(1)),
    ]


def test_a_hold_committed_to_the_order_before_covers_it() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    room.do(commit(order="O-1"))
    assert room.do(place(line("MUG", 2))).note == DUPLICATE
    assert room.at().allocated == units(2)


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (place(line("MUG", 1), line("NIL", 1)), UnknownSku(skus=["NIL"])),
        (place(line("MUG", 1), channel="kiosk"), UnknownChannel(channel="kiosk")),
        (
            place(line("LAMP", 1), line("MUG", 1.5)),
            InvalidInput(field="quantity", problem="MUG is counted in steps of 1"),
        ),
        (
            place(line("MUG", 1), line("MUG", 1, hold="nil")),
            ReservationNotFound(id="nil"),
        ),
    ],
)
def test_an_order_with_something_unknown_moves_nothing(order: Command, refusal: HubError) -> None:
    room = Stockroom().stock(BER=5)
    room.do(set_stock(5, sku="LAMP"))
    assert room.refusal(order) == refusal
