"""What may be sold beyond stock, how much of it, and what each place in line is promised."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import InsufficientStock
from hub.domain.item import Item
from hub.domain.movements import MovementKind
from hub.domain.policies import UNLIMITED
from hub.domain.reservations import Reservation, ReservationState
from hub.domain.status import AvailabilityStatus
from tests.unit.builders import (
    Amount,
    call_off,
    cancel,
    item,
    later,
    line,
    place,
    policy,
    receive,
    reschedule,
    rules,
    schedule,
    set_stock,
    ship,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import commit, expire, release, reserve, transfer

ANY = UNLIMITED // 1000
LATER = later(days=20)


def parts(reservation: Reservation) -> list[tuple[str, Amount, Amount, str | None]]:
    """Where each line is, what it holds, what it waits for, and on which document."""
    return [
        (one.location, one.held // 1000, one.backordered // 1000, one.document)
        for one in reservation.lines
    ]


@pytest.mark.parametrize(
    ("of", "most", "status"),
    [
        (item(), 2, "LIMITED_AVAILABILITY"),
        (item(backorders=0), 2, "LIMITED_AVAILABILITY"),
        (item(backorders=3), 5, "IN_STOCK"),
        (item(backorders=ANY), None, "IN_STOCK"),
        (item(preorders=3), 2, "LIMITED_AVAILABILITY"),
        (item(preorders=3, backorders=9, released=LATER), 5, "PRE_ORDER"),
        (item(backorders=9, released=LATER), 2, "PRE_ORDER"),
        (item(preorders=3, backorders=1, released=later(-1)), 3, "IN_STOCK"),
        (item(preorders=ANY, released=LATER), None, "PRE_ORDER"),
        (item(backorders=3, discontinued=True), 0, "DISCONTINUED"),
    ],
)
def test_stock_and_what_may_be_sold_beyond_it_can_be_ordered_and_not_one_more(
    of: Item, most: int | None, status: str
) -> None:
    room = Stockroom(of).stock(BER=2)
    answer = room.availability()
    assert answer.quantity == (None if most is None else units(most))
    assert answer.status is AvailabilityStatus(status)
    if most is None:
        room.do(reserve(("MUG", 1_000_000)))
        assert room.availability("MUG", units(1_000_000)).can_fulfil
        return
    asked = {"sku": "MUG", "requested": units(most + 1), "available": units(most)}
    assert room.refusal(reserve(("MUG", most + 1))) == InsufficientStock(lines=[asked])
    if most:
        room.do(reserve(("MUG", most)))
        assert room.availability().quantity == 0


def test_a_limit_may_come_from_a_rule_and_counts_for_the_whole_pool() -> None:
    room = Stockroom(rules_=rules({("channel", "web"): policy(backorders=3)}))
    room.do(reserve(("MUG", 2), id="a"))
    assert room.availability().quantity == units(1)
    room.do(schedule(9, "HAM"))
    assert parts(room.do(reserve(("MUG", 1), id="b"))) == [("HAM", 0, 1, "PO-1")]
    assert isinstance(room.refusal(reserve(("MUG", 1), id="c")), InsufficientStock)


def test_a_limit_is_rounded_down_to_whole_steps() -> None:
    room = Stockroom(item(step=2, backorders=5))
    assert room.availability().quantity == units(4)


def test_a_request_is_split_in_what_is_there_and_what_comes_earliest() -> None:
    room = Stockroom(item(backorders=ANY)).stock(BER=2)
    room.decide(
        schedule(4, document="late", eta=later(days=9)),
        schedule(3, "HAM", document="early", eta=later(days=4)),
    )
    held = room.do(reserve(("MUG", 10)))
    assert parts(held) == [
        ("BER", 2, 0, None),
        ("HAM", 0, 3, "early"),
        ("BER", 0, 4, "late"),
        ("BER", 0, 1, None),
    ]
    assert [one.promised_at for one in held.lines] == [None, later(days=4), later(days=9), None]
    assert (room.at("HAM").backordered, room.at("BER").backordered) == (units(3), units(5))
    assert room.movements[-1].kind is MovementKind.BACKORDERED
    assert room.at("BER").shortfall == 0


def test_who_comes_later_is_promised_what_those_before_him_leave() -> None:
    room = Stockroom(item(backorders=ANY))
    room.decide(schedule(3, eta=later(days=4)), schedule(3, document="PO-2", eta=later(days=9)))
    assert parts(room.do(reserve(("MUG", 2), id="a"))) == [("BER", 0, 2, "PO-1")]
    assert parts(room.do(reserve(("MUG", 2), id="b"))) == [
        ("BER", 0, 1, "PO-1"),
        ("BER", 0, 1, "PO-2"),
    ]
    assert room.availability().next_supply_at == later(days=9)


def test_nobody_jumps_the_queue_when_stock_has_come_in_but_is_not_given_out_yet() -> None:
    room = Stockroom(item(backorders=5))
    room.do(reserve(("MUG", 3), id="a"))
    room.do(receive(4))
    answer = room.availability("MUG", units(4))
    assert (answer.breakdown.available_to_sell, answer.quantity) == (units(1), units(3))
    assert (answer.limiting_reason, answer.limiting_rule) == ("BACKORDERED", None)
    assert parts(room.do(reserve(("MUG", 2), id="b"))) == [
        ("BER", 1, 0, None),
        ("BER", 0, 1, None),
    ]


def test_an_order_takes_what_may_be_backordered_before_it_is_a_shortfall() -> None:
    room = Stockroom(item(backorders=3)).stock(BER=1)
    room.do(schedule(9))
    room.do(place(line("MUG", 3)))
    (allocated, waiting) = room.reservations["of-O-1"].lines
    assert (allocated.allocated, waiting.backordered, waiting.document) == (
        units(1),
        units(2),
        "PO-1",
    )
    assert room.at().shortfall == 0
    room.do(place(line("MUG", 2), order="O-2"))
    assert room.at().shortfall == units(2)


def test_what_the_shop_shipped_was_there_even_if_the_hub_still_waits_for_it() -> None:
    room = Stockroom(item(backorders=9)).stock(BER=1)
    room.decide(place(line("MUG", 3)), ship())
    assert (room.at().on_hand, room.at().backordered, room.at().shortfall) == (
        units(-2),
        0,
        units(2),
    )
    assert room.reservations["of-O-1"].state is ReservationState.FULFILLED


@pytest.mark.parametrize("end", [release(), expire(), release(("MUG", 3))])
def test_a_place_in_line_that_is_given_up_can_be_had_by_others(end: Command) -> None:
    room = Stockroom(item(backorders=3))
    room.do(reserve(("MUG", 3), seconds=60))
    assert room.availability().quantity == 0
    room.wait(60 if end == expire() else 0)
    room.do(end)
    assert (room.at().backordered, room.availability().quantity) == (0, units(3))


def test_a_place_in_line_that_has_lapsed_blocks_nobody_swept_or_not() -> None:
    room = Stockroom(item(backorders=3))
    room.do(reserve(("MUG", 3), seconds=60))
    room.wait(60)
    assert room.availability().quantity == units(3)
    assert parts(room.do(reserve(("MUG", 3), id="next"))) == [("BER", 0, 3, None)]
    assert room.reservations["hold"].state is ReservationState.EXPIRED


def test_an_order_that_waits_is_cancelled_out_of_the_line() -> None:
    room = Stockroom(item(backorders=3))
    room.decide(place(line("MUG", 3)), cancel(line("MUG", 2)))
    assert room.at().backordered == units(1)
    room.do(cancel())
    assert room.reservations["of-O-1"].state is ReservationState.CANCELLED


def test_a_hold_that_waits_is_committed_and_waits_on_without_an_end() -> None:
    room = Stockroom(item(backorders=3))
    room.do(reserve(("MUG", 3), seconds=60))
    done = room.do(commit())
    assert (done.state, done.expires_at) == (ReservationState.COMMITTED, None)
    assert parts(done) == [("BER", 0, 3, None)]
    assert [one.id for one in room.do(place(line("MUG", 3))).reservations] == ["hold"]
    assert room.at().backordered == units(3)


def test_what_waits_cannot_be_transferred() -> None:
    room = Stockroom(item(backorders=3)).stock(HAM=9)
    room.do(set_stock(0, "HAM"))
    room.do(reserve(("MUG", 3)))
    room.stock(HAM=9)
    before = room.reservations["hold"]
    assert room.do(transfer()) == before


@pytest.mark.parametrize(
    ("word", "promises"),
    [
        (reschedule(eta=later(days=30)), [("PO-2", later(days=9)), ("PO-1", later(days=30))]),
        (reschedule(5), [("PO-1", later(days=3)), ("PO-1", later(days=3))]),
        (reschedule(1), [("PO-2", later(days=9)), (None, None)]),
        (call_off(), [("PO-2", later(days=9)), (None, None)]),
    ],
)
def test_promises_follow_the_supply_they_rest_on(
    word: Command, promises: list[tuple[object, object]]
) -> None:
    room = Stockroom(item(backorders=ANY))
    room.decide(schedule(2), schedule(2, document="PO-2", eta=later(days=9)))
    room.decide(reserve(("MUG", 2), id="a"), reserve(("MUG", 2), id="b"))
    room.do(word)
    assert list(room.to_settle) == ["MUG"]
    changed = room.settle()
    now = [(one.lines[0].document, one.lines[0].promised_at) for one in room.reservations.values()]
    assert now == promises
    assert {one.id for one in changed} <= {"a", "b"}
    assert changed
