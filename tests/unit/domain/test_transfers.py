"""Units and claims move from one location to another; units may be taken out of sale."""

import pytest

from hub.domain.commands import Command, Condition
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    IsKit,
    ReservationEnded,
    ReservationLineMismatch,
    ReservationNotFound,
    UnknownLocation,
    UnknownSku,
)
from hub.domain.movements import MovementKind
from tests.unit.builders import (
    Amount,
    adjust,
    item,
    kit,
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
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import commit, expire, release, reserve, transfer


@pytest.fixture
def room() -> Stockroom:
    """Five mugs in BER of which three are held for a minute, and two in HAM."""
    room = Stockroom().stock(BER=5, HAM=2)
    room.do(reserve(("MUG", 3), seconds=60))
    return room


def short(asked: Amount, left: Amount) -> InsufficientStock:
    """The refusal of more mugs than there are."""
    return InsufficientStock(
        lines=[{"sku": "MUG", "requested": units(asked), "available": units(left)}]
    )


def test_another_location_serves_a_part_of_a_hold(room: Stockroom) -> None:
    moved = room.do(transfer(("MUG", 2)))
    here, there = moved.lines
    assert (here.held, here.moved) == (units(1), units(2))
    assert (there.location, there.held, there.since_version) == ("HAM", units(2), 2)
    assert (room.at("BER").reserved, room.at("HAM").reserved) == (units(1), units(2))
    assert (room.kinds("BER")[-1], room.kinds("HAM")[-1]) == (
        MovementKind.RELEASED,
        MovementKind.RESERVED,
    )
    assert room.availability().quantity == units(4)


def test_another_location_serves_all_that_an_order_waits_for(room: Stockroom) -> None:
    room.stock(HAM=3)
    room.do(commit())
    here, there = room.do(transfer()).lines
    assert (here.allocated, there.allocated) == (0, units(3))
    assert (room.at("BER").allocated, room.at("HAM").allocated) == (0, units(3))
    room.do(ship())
    assert (room.at("BER").on_hand, room.at("HAM").on_hand) == (units(5), 0)


def test_of_a_hold_past_its_end_only_what_its_order_took_can_move(room: Stockroom) -> None:
    room.do(commit(("MUG", 1)))
    room.wait(60)
    assert [one.allocated for one in room.do(transfer()).lines] == [0, units(1)]
    room.do(expire())
    assert (room.at("BER").reserved, room.at("HAM").reserved) == (0, 0)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (transfer(), short(3, 2)),
        (
            transfer(("MUG", 4)),
            ReservationLineMismatch(
                id="hold", sku="MUG", verb="transferred", asked="4", possible="3"
            ),
        ),
        (
            transfer(end="CPH"),
            InvalidInput(
                field="toLocation",
                problem="must be another location of the pool of web: BER, HAM",
            ),
        ),
        (
            transfer(end="BER"),
            InvalidInput(
                field="toLocation",
                problem="must be another location of the pool of web: BER, HAM",
            ),
        ),
        (transfer(end="NIL"), UnknownLocation(location="NIL")),
        (transfer(id="nil"), ReservationNotFound(id="nil")),
    ],
)
def test_a_claim_that_cannot_move_stays(
    room: Stockroom, command: Command, refusal: HubError
) -> None:
    assert room.refusal(command) == refusal


def test_what_has_ended_cannot_move(room: Stockroom) -> None:
    room.do(release())
    assert room.refusal(transfer()) == ReservationEnded(
        id="hold", state="RELEASED", reason="RELEASED", verb="transferred"
    )


def test_what_lapsed_cannot_move(room: Stockroom) -> None:
    room.wait(60)
    assert isinstance(room.refusal(transfer()), ReservationEnded)


def test_the_safety_stock_of_the_other_location_is_left_alone() -> None:
    room = Stockroom(rules_=rules({("location", "HAM"): policy(safety=1)})).stock(BER=3, HAM=2)
    room.do(reserve(("MUG", 2)))
    room.do(transfer(("MUG", 1)))
    assert room.refusal(transfer(("MUG", 1))) == short(1, 0)


def test_units_nobody_has_a_claim_on_are_carried_over(room: Stockroom) -> None:
    change = room.do(move(2, reason="for the fair"))
    assert (change.position.location, change.position.on_hand) == ("BER", units(3))
    assert room.at("HAM").on_hand == units(4)
    out, back = room.movements[-2:]
    assert (out.kind, out.on_hand, out.reason) == (
        MovementKind.TRANSFERRED,
        units(-2),
        "to HAM: for the fair",
    )
    assert (back.on_hand, back.reason) == (units(2), "from BER: for the fair")


def test_units_that_are_held_stay_where_they_are(room: Stockroom) -> None:
    assert room.refusal(move(3)) == short(3, 2)


def test_what_is_carried_in_closes_a_shortfall(room: Stockroom) -> None:
    room.do(adjust(-4))
    assert room.at().shortfall == units(2)
    room.do(move(2, "HAM", "BER"))
    assert (room.at().shortfall, room.at().free) == (0, 0)


@pytest.mark.parametrize("condition", list(Condition))
def test_damaged_units_are_on_hand_and_cannot_be_sold(
    room: Stockroom, condition: Condition
) -> None:
    room.do(mark(1, condition=condition, reason="fell"))
    assert (room.at().on_hand, room.at().unavailable) == (units(5), units(1))
    assert room.availability().quantity == units(3)
    last = room.movements[-1]
    assert (last.kind, last.reason) == (MovementKind.MARKED, f"{condition}: fell")
    room.do(mark(-1, condition=condition))
    assert room.availability().quantity == units(4)


def test_damaged_units_that_were_promised_open_a_shortfall(room: Stockroom) -> None:
    room.do(mark(4))
    assert (room.at().shortfall, room.at().reserved) == (units(2), units(3))
    room.do(mark(-2))
    assert room.at().shortfall == 0


SET = rules(kits={"SET": kit(MUG=2)})


@pytest.mark.parametrize(
    "command",
    [
        set_stock(1, sku="SET"),
        adjust(1, sku="SET"),
        mark(1, sku="SET"),
        move(1, sku="SET"),
        schedule(1, sku="SET"),
        receive(1, sku="SET"),
    ],
)
def test_a_kit_has_no_stock_of_its_own(command: Command) -> None:
    room = Stockroom(item("MUG"), item("SET"), rules_=SET)
    assert room.refusal(command) == IsKit(sku="SET", components=["MUG"])


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (mark(0), InvalidInput(field="quantity", problem="must not be 0")),
        (mark(-1), InvalidInput(field="quantity", problem="only 0 are unavailable")),
        (mark(0.5), InvalidInput(field="quantity", problem="MUG is counted in steps of 1")),
        (move(0.5), InvalidInput(field="quantity", problem="MUG is counted in steps of 1")),
        (
            move(1, "BER", "BER"),
            InvalidInput(field="toLocation", problem="must be another location"),
        ),
        (move(1, "NIL"), UnknownLocation(location="NIL")),
        (move(1, end="NIL"), UnknownLocation(location="NIL")),
        (move(1, sku="NIL"), UnknownSku(skus=["NIL"])),
        (mark(1, sku="NIL"), UnknownSku(skus=["NIL"])),
    ],
)
def test_bad_input_is_named_and_nothing_moves(
    room: Stockroom, command: Command, refusal: HubError
) -> None:
    assert room.refusal(command) == refusal


def test_units_others_wait_for_are_not_carried_off() -> None:
    room = Stockroom(item(backorders=9))
    room.do(reserve(("MUG", 2)))
    room.do(receive(3))
    assert room.refusal(move(2)) == short(2, 1)
    assert room.do(place(line("MUG", 1))).note is None
