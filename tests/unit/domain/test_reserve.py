"""A hold takes all of its lines or nothing."""

from datetime import timedelta

import pytest

from hub.domain.commands import Command
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    UnknownChannel,
    UnknownSku,
)
from hub.domain.movements import Movement, MovementKind
from hub.domain.reservations import (
    HoldStage,
    Reservation,
    ReservationLine,
    ReservationState,
)
from tests.unit.builders import (
    NOW,
    Amount,
    channel,
    item,
    line,
    place,
    policy,
    rules,
    set_stock,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import HOLD_SECONDS, reserve


def short(*lines: tuple[str, Amount, Amount]) -> InsufficientStock:
    """The refusal for lines of (sku, asked for, left)."""
    return InsufficientStock(
        lines=[
            {"sku": sku, "requested": units(asked), "available": units(left)}
            for sku, asked, left in lines
        ]
    )


def parcels(reservation: Reservation) -> list[tuple[str, str, int]]:
    """What each line of a reservation holds, and where."""
    return [(one.sku, one.location, one.held) for one in reservation.lines]


def test_a_hold_takes_units_out_of_what_others_can_have_until_it_ends() -> None:
    room = Stockroom().stock(BER=5)
    held = room.do(reserve(("MUG", 2), holder="cart-7"))
    assert held == Reservation(
        id="hold",
        state=ReservationState.HELD,
        channel="web",
        holder="cart-7",
        address=None,
        stage=HoldStage.CART,
        order=None,
        ordered_at=None,
        ttl_seconds=HOLD_SECONDS,
        created_at=NOW,
        expires_at=NOW + timedelta(seconds=HOLD_SECONDS),
        ended_reason=None,
        version=1,
        lines=(ReservationLine(0, "MUG", "BER", units(2), held=units(2)),),
    )
    assert (room.at().reserved, room.at().on_hand) == (units(2), units(5))
    assert room.availability().quantity == units(3)


def test_the_movement_of_a_hold_says_what_caused_it_and_what_is_left() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    assert room.movements[-1] == Movement(
        sku="MUG",
        location="BER",
        version=2,
        kind=MovementKind.RESERVED,
        on_hand=0,
        unavailable=0,
        allocated=0,
        reserved=units(2),
        backordered=0,
        incoming=0,
        available_after=units(3),
        cause="reserve",
        actor="tester",
        source_event=None,
        reservation="hold",
        order=None,
        reason=None,
        document=None,
        kit=None,
        opens_line=0,
    )


def test_two_buyers_cannot_hold_the_last_one() -> None:
    room = Stockroom().stock(BER=1)
    first, second = room.decide(reserve(("MUG", 1), id="a"), reserve(("MUG", 1), id="b")).results
    assert first.state is ReservationState.HELD
    assert second == short(("MUG", 1, 0))
    assert list(room.reservations) == ["a"]


def test_what_is_left_is_named_for_each_line_that_falls_short_and_nothing_moves() -> None:
    room = Stockroom(item("MUG"), item("LAMP"), item("BOWL")).stock(BER=1, HAM=1)
    room.do(set_stock(9, sku="LAMP"))
    refused = room.refusal(reserve(("MUG", 3), ("LAMP", 2), ("BOWL", 1)))
    assert refused == short(("MUG", 3, 2), ("BOWL", 1, 0))
    assert room.at(sku="LAMP").reserved == 0


def test_the_same_item_on_two_lines_is_one_demand_and_cannot_pass_twice() -> None:
    room = Stockroom().stock(BER=3)
    assert room.refusal(reserve(("MUG", 2), ("MUG", 2))) == short(("MUG", 4, 3))
    held = room.do(reserve(("MUG", 2), ("MUG", 1)))
    assert parcels(held) == [("MUG", "BER", units(3))]


def test_several_lines_are_held_together() -> None:
    room = Stockroom().stock(BER=3)
    room.do(set_stock(2, "HAM", "LAMP"))
    held = room.do(reserve(("LAMP", 2), ("MUG", 1)))
    assert parcels(held) == [("LAMP", "HAM", units(2)), ("MUG", "BER", units(1))]
    assert [one.line for one in held.lines] == [0, 1]


def test_one_parcel_comes_first_even_from_a_later_location() -> None:
    held = Stockroom().stock(BER=2, HAM=3).do(reserve(("MUG", 3)))
    assert parcels(held) == [("MUG", "HAM", units(3))]


def test_else_the_location_that_has_most_of_it_gives_first() -> None:
    room = Stockroom().stock(BER=2, HAM=3)
    held = room.do(reserve(("MUG", 4)))
    assert parcels(held) == [("MUG", "HAM", units(3)), ("MUG", "BER", units(1))]
    assert (room.at("BER").reserved, room.at("HAM").reserved) == (units(1), units(3))


def test_a_location_outside_the_pool_gives_nothing() -> None:
    room = Stockroom().stock(CPH=9)
    assert room.refusal(reserve(("MUG", 1))) == short(("MUG", 1, 0))


def test_the_safety_stock_of_each_location_is_left_alone() -> None:
    known = rules({("location", "BER"): policy(safety=2)})
    room = Stockroom(rules_=known).stock(BER=3, HAM=1)
    assert room.refusal(reserve(("MUG", 3))) == short(("MUG", 3, 2))
    assert parcels(room.do(reserve(("MUG", 2)))) == [
        ("MUG", "BER", units(1)),
        ("MUG", "HAM", units(1)),
    ]


def test_a_channel_with_another_rule_may_take_what_this_one_must_leave() -> None:
    known = rules({("channel", "web"): policy(safety=2)}, [channel("shop", "BER")])
    room = Stockroom(rules_=known).stock(BER=2)
    assert room.refusal(reserve(("MUG", 1))) == short(("MUG", 1, 0))
    assert room.do(reserve(("MUG", 2), channel="shop")).channel == "shop"


def test_a_discontinued_item_cannot_be_held() -> None:
    room = Stockroom(item(discontinued=True)).stock(BER=5)
    assert room.refusal(reserve(("MUG", 1))) == short(("MUG", 1, 0))


def test_a_shortfall_leaves_nothing_to_hold_there_but_does_not_touch_other_locations() -> None:
    room = Stockroom().stock(BER=1, HAM=2)
    room.do(place(line("MUG", 5)))
    assert room.at("BER").shortfall == units(2)
    room.stock(HAM=4)
    assert parcels(room.do(reserve(("MUG", 2)))) == [("MUG", "HAM", units(2))]


@pytest.mark.parametrize(("step", "amount"), [(1, 1.5), (1, 0.001), (0.25, 0.3), (6, 8)])
def test_a_quantity_between_two_steps_is_refused(step: Amount, amount: Amount) -> None:
    room = Stockroom(item(step=step)).stock(BER=96)
    refused = room.refusal(reserve(("MUG", amount)))
    assert refused == InvalidInput(field="quantity", problem=f"MUG is counted in steps of {step}")


@pytest.mark.parametrize(("step", "amount"), [(1, 2), (0.25, 0.75), (6, 12), (0.001, 0.007)])
def test_a_whole_number_of_steps_can_be_held(step: Amount, amount: Amount) -> None:
    room = Stockroom(item(step=step)).stock(BER=96)
    assert parcels(room.do(reserve(("MUG", amount)))) == [("MUG", "BER", units(amount))]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (reserve(("MUG", 1), ("NIL", 1), ("NUL", 1)), UnknownSku(skus=["NIL", "NUL"])),
        (reserve(("mug", 1)), UnknownSku(skus=["mug"])),
        (reserve(("MUG", 1), channel="kiosk"), UnknownChannel(channel="kiosk")),
    ],
)
def test_what_nobody_knows_is_named_and_nothing_is_held(
    command: Command, refusal: HubError
) -> None:
    room = Stockroom().stock(BER=5)
    assert room.refusal(command) == refusal
