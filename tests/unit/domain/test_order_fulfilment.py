"""Orders are cancelled, shipped and returned: wholly, in part, or not at all."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import (
    HubError,
    InvalidInput,
    OrderLineMismatch,
    UnknownLocation,
    UnknownOrder,
    UnknownSku,
)
from hub.domain.movements import MovementKind
from hub.domain.reservations import ReservationState
from tests.unit.builders import Amount, cancel, item, line, place, set_stock, ship, take_back, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import reserve

COMMITTED, FULFILLED = ReservationState.COMMITTED, ReservationState.FULFILLED
CANCELLED = ReservationState.CANCELLED


@pytest.fixture
def room() -> Stockroom:
    """An order of six mugs, four from BER and two from HAM, and of a lamp; nothing else is left."""
    room = Stockroom().stock(BER=4, HAM=2)
    room.do(set_stock(1, sku="LAMP"))
    room.do(place(line("MUG", 6), line("LAMP", 1)))
    return room


def parts(room: Stockroom) -> list[tuple[Amount, Amount, Amount, Amount]]:
    """Allocated, fulfilled, released and returned units of each line: BER, HAM, the lamp."""
    return [
        (one.allocated / 1000, one.fulfilled / 1000, one.released / 1000, one.returned / 1000)
        for one in room.reservations["of-O-1"].lines
    ]


def state(room: Stockroom) -> ReservationState:
    """Where the order's allocation is in its life."""
    return room.reservations["of-O-1"].state


def test_a_whole_order_ships_off_the_shelves_it_was_allocated_on(room: Stockroom) -> None:
    change = room.do(ship())
    assert parts(room) == [(0, 4, 0, 0), (0, 2, 0, 0), (0, 1, 0, 0)]
    assert change.reservations == (room.reservations["of-O-1"],)
    assert (state(room), change.reservations[0].version) == (FULFILLED, 2)
    for one in room.positions.values():
        assert (one.on_hand, one.allocated, one.shortfall) == (0, 0, 0)
    last = room.movements[-1]
    assert (last.kind, last.cause, last.order) == (MovementKind.SHIPPED, "order_shipped", "O-1")


def test_a_whole_order_is_cancelled_and_its_units_can_be_sold_again(room: Stockroom) -> None:
    room.do(cancel())
    assert parts(room) == [(0, 0, 4, 0), (0, 0, 2, 0), (0, 0, 1, 0)]
    assert (state(room), room.reservations["of-O-1"].ended_reason) == (CANCELLED, "CANCELLED")
    assert room.availability().quantity == units(6)
    assert room.kinds()[-1] is MovementKind.DEALLOCATED


def test_a_whole_order_comes_back_onto_the_shelves_it_left(room: Stockroom) -> None:
    room.decide(ship(), take_back())
    assert parts(room) == [(0, 4, 0, 4), (0, 2, 0, 2), (0, 1, 0, 1)]
    assert state(room) is FULFILLED
    assert room.availability().quantity == units(6)
    assert room.kinds()[-1] is MovementKind.RETURNED


def test_parts_are_taken_from_the_lines_in_their_order(room: Stockroom) -> None:
    room.do(ship(line("MUG", 5)))
    assert parts(room) == [(0, 4, 0, 0), (1, 1, 0, 0), (1, 0, 0, 0)]
    assert state(room) is COMMITTED
    room.do(cancel(line("MUG", 1)))
    assert parts(room) == [(0, 4, 0, 0), (0, 1, 1, 0), (1, 0, 0, 0)]
    room.do(ship(line("LAMP", 1)))
    room.do(take_back(line("MUG", 5)))
    assert parts(room) == [(0, 4, 0, 4), (0, 1, 1, 1), (0, 1, 0, 0)]


def test_a_whole_event_without_lines_takes_what_is_left(room: Stockroom) -> None:
    room.decide(ship(line("MUG", 1)), cancel(line("LAMP", 1)), ship())
    assert parts(room) == [(0, 4, 0, 0), (0, 2, 0, 0), (0, 0, 1, 0)]
    assert state(room) is FULFILLED


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([cancel(line("MUG", 6)), ship(line("LAMP", 1))], FULFILLED),
        ([ship(line("LAMP", 1)), cancel(line("MUG", 6))], FULFILLED),
        ([ship(line("LAMP", 1)), take_back(line("LAMP", 1)), cancel()], FULFILLED),
        ([cancel(line("LAMP", 1)), cancel(line("MUG", 6))], CANCELLED),
        ([cancel(line("MUG", 5)), ship(line("LAMP", 1))], COMMITTED),
    ],
)
def test_an_order_is_settled_once_nothing_waits_any_more(
    room: Stockroom, events: list[Command], end: ReservationState
) -> None:
    for event in events:
        room.do(event)
    assert state(room) is end


def test_units_shipped_from_another_location_leave_that_one_and_free_this_one(
    room: Stockroom,
) -> None:
    room.stock(CPH=3)
    room.do(ship(line("MUG", 3, location="CPH")))
    assert (room.at("BER").on_hand, room.at("BER").allocated) == (units(4), units(1))
    assert (room.at("CPH").on_hand, room.at("CPH").allocated) == (0, 0)
    assert (room.kinds("BER")[-1], room.kinds("CPH")[-1]) == (
        MovementKind.DEALLOCATED,
        MovementKind.SHIPPED,
    )
    assert parts(room)[0] == (1, 0, 0, 0)
    first, *_, shipped = room.reservations["of-O-1"].lines
    assert first.moved == units(3)
    assert (shipped.location, shipped.fulfilled, shipped.since_version) == ("CPH", units(3), 2)
    assert room.availability().quantity == units(3)


def test_units_shipped_from_the_location_they_wait_at_are_an_ordinary_shipment(
    room: Stockroom,
) -> None:
    room.do(ship(line("MUG", 2, location="BER")))
    assert room.kinds("BER")[-1] is MovementKind.SHIPPED
    assert (room.at("BER").on_hand, room.at("BER").allocated) == (units(2), units(2))


def test_units_come_back_to_the_location_that_is_told(room: Stockroom) -> None:
    room.do(ship())
    room.do(take_back(line("MUG", 5, location="CPH")))
    assert room.at("CPH").on_hand == units(5)
    assert (room.at("BER").on_hand, room.at("HAM").on_hand) == (0, 0)


def test_shipping_what_the_ledger_never_saw_arrive_leaves_a_negative_count() -> None:
    room = Stockroom()
    room.decide(place(line("MUG", 2)), ship())
    assert (room.at().on_hand, room.at().allocated, room.at().shortfall) == (
        units(-2),
        0,
        units(2),
    )


def test_not_even_a_thousandth_of_a_unit_is_left_behind() -> None:
    room = Stockroom(item(step=0.001)).stock(BER=0.001, HAM=1)
    room.do(place(line("MUG", 1.001)))
    room.do(ship(line("MUG", 1.001)))
    assert [one.fulfilled for one in room.reservations["of-O-1"].lines] == [units(1), 1]
    room.decide(place(line("MUG", 0.001), order="O-2"), ship(order="O-2"))
    assert [one.fulfilled for one in room.reservations["of-O-2"].lines] == [1]


def test_the_oldest_reservation_of_an_order_is_served_first() -> None:
    room = Stockroom().stock(BER=9)
    room.do(reserve(("MUG", 2)))
    room.wait(1)
    room.do(place(line("MUG", 2, hold="hold"), line("MUG", 3)))
    room.do(ship(line("MUG", 3)))
    assert room.reservations["hold"].state is FULFILLED
    assert [one.fulfilled for one in room.reservations["of-O-1"].lines] == [units(1)]
    room.do(cancel())
    assert room.reservations["hold"].version == 3
    assert state(room) is FULFILLED


def test_a_hold_that_was_redeemed_in_the_same_batch_is_older_all_the_same() -> None:
    room = Stockroom().stock(BER=9)
    room.do(reserve(("MUG", 2)))
    room.wait(1)
    room.do(place(line("MUG", 3)))
    room.decide(place(line("MUG", 5, hold="hold"), id="more"), ship(line("MUG", 2)))
    assert room.reservations["hold"].state is FULFILLED
    assert state(room) is COMMITTED


STEPS = "MUG is counted in steps of 1"


def mismatch(sku: str, verb: str, asked: str, possible: str) -> OrderLineMismatch:
    """The refusal of more than an order has left."""
    return OrderLineMismatch(order="O-1", sku=sku, verb=verb, asked=asked, possible=possible)


@pytest.mark.parametrize(
    ("event", "refusal"),
    [
        (ship(line("MUG", 7)), mismatch("MUG", "shipped", "7", "6")),
        (ship(line("MUG", 5.5)), InvalidInput(field="quantity", problem=STEPS)),
        (ship(line("LAMP", 1), line("MUG", 7)), mismatch("MUG", "shipped", "7", "6")),
        (ship(line("MUG", 4), line("MUG", 3)), mismatch("MUG", "shipped", "3", "2")),
        (ship(line("BOWL", 1), line("LAMP", 1)), UnknownSku(skus=["BOWL"])),
        (cancel(line("MUG", 7, location="CPH")), mismatch("MUG", "cancelled", "7", "6")),
        (cancel(line("BOWL", 1)), UnknownSku(skus=["BOWL"])),
        (take_back(line("MUG", 1)), mismatch("MUG", "returned", "1", "0")),
        (ship(line("LAMP", 1, location="NIL")), UnknownLocation(location="NIL")),
        (ship(line("MUG", 1), line("MUG", 1, location="NIL")), UnknownLocation(location="NIL")),
        (ship(order="O-2"), UnknownOrder(order="O-2", verb="shipped")),
        (cancel(line("MUG", 1), order="O-2"), UnknownOrder(order="O-2", verb="cancelled")),
        (take_back(order="O-2"), UnknownOrder(order="O-2", verb="returned")),
    ],
)
def test_more_than_is_left_or_something_unknown_is_refused_and_nothing_moves(
    room: Stockroom, event: Command, refusal: HubError
) -> None:
    assert room.refusal(event) == refusal


@pytest.mark.parametrize(
    ("before", "event", "verb"),
    [
        ([ship()], ship(), "shipped"),
        ([cancel()], cancel(), "cancelled"),
        ([cancel()], ship(), "shipped"),
        ([ship()], cancel(), "cancelled"),
        ([], take_back(), "returned"),
        ([ship(), take_back()], take_back(), "returned"),
    ],
)
def test_an_event_for_the_rest_where_nothing_is_left_changes_nothing(
    room: Stockroom, before: list[Command], event: Command, verb: str
) -> None:
    for one in before:
        room.do(one)
    outcome = room.decide(event)
    (change,) = outcome.results
    assert change.note == f"NOTHING_LEFT: order O-1 has nothing left that can be {verb}"
    assert change.reservations == (room.reservations["of-O-1"],)
    assert (outcome.movements, outcome.changed) == ([], [])


def test_units_cannot_come_back_twice(room: Stockroom) -> None:
    room.decide(ship(), take_back(line("MUG", 4)))
    refused = room.refusal(take_back(line("MUG", 3)))
    assert refused == mismatch("MUG", "returned", "3", "2")
