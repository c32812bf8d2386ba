"""A kit is had as often as its components allow, and holding it holds them."""

import pytest

from hub.domain.errors import InsufficientStock, InvalidInput
from hub.domain.item import Item
from hub.domain.reservations import ReservationState
from tests.unit.builders import (
    Amount,
    item,
    kit,
    line,
    place,
    rules,
    schedule,
    set_stock,
    ship,
    take_back,
    units,
)
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import change, commit, release, reserve, transfer

KITS = {"SET": kit(MUG=2, LAMP=1), "PAIR": kit(MUG=1, LAMP=1), "HALF": kit(OIL=0.5)}


def shop(*items: Item, **stock: Amount) -> Stockroom:
    """A shop of kits with so much of each component in BER."""
    known = {one: item(one) for one in ("MUG", "LAMP", "SET", "PAIR")}
    known |= {"OIL": item("OIL", step=0.5), "HALF": item("HALF")}
    known |= {one.sku: one for one in items}
    room = Stockroom(*known.values(), rules_=rules(kits=KITS))
    for sku, amount in stock.items():
        room.do(set_stock(amount, sku=sku))
    return room


def short(sku: str, asked: Amount, left: Amount) -> InsufficientStock:
    """The refusal of more than there is."""
    return InsufficientStock(
        lines=[{"sku": sku, "requested": units(asked), "available": units(left)}]
    )


@pytest.mark.parametrize(
    ("mugs", "lamps", "sets"), [(6, 3, 3), (7, 3, 3), (5, 3, 2), (9, 1, 1), (1, 5, 0), (0, 0, 0)]
)
def test_a_kit_can_be_had_as_often_as_the_component_that_runs_out_first(
    mugs: int, lamps: int, sets: int
) -> None:
    room = shop(MUG=mugs, LAMP=lamps)
    answer = room.availability("SET")
    assert answer.quantity == units(sets)
    assert [(one.sku, one.per_kit) for one in answer.components] == [("MUG", 2000), ("LAMP", 1000)]
    assert answer.can_fulfil is (sets >= 1)
    if sets:
        room.do(reserve(("SET", sets)))
    assert room.refusal(reserve(("SET", sets + 1), id="more")).code == "INSUFFICIENT_STOCK"


def test_a_no_names_the_component_that_is_short() -> None:
    answer = shop(MUG=9).availability("SET")
    assert (answer.limiting_reason, answer.limiting_rule) == ("NOT_STOCKED", "component:LAMP")


def test_a_kit_is_back_when_the_last_of_its_missing_components_is() -> None:
    room = shop(MUG=9, LAMP=0)
    room.do(schedule(3, sku="LAMP"))
    answer = room.availability("SET")
    assert answer.message.code == "BACK_BY"
    assert answer.next_supply_at is not None


def test_holding_a_kit_holds_its_components_and_says_which_kit_they_are_part_of() -> None:
    room = shop(MUG=9, LAMP=9)
    held = room.do(reserve(("SET", 2)))
    assert [(one.sku, one.held, one.kit, one.asked_as) for one in held.lines] == [
        ("MUG", units(4), "SET", "SET"),
        ("LAMP", units(2), "SET", "SET"),
    ]
    assert (room.at().reserved, room.at(sku="LAMP").reserved) == (units(4), units(2))
    assert room.movements[-1].kit == "SET"
    assert room.at(sku="SET").version == 0
    room.do(release())
    assert (room.at().reserved, room.at(sku="LAMP").reserved) == (0, 0)


def test_two_kits_that_share_a_component_cannot_pass_twice() -> None:
    room = shop(MUG=3, LAMP=9)
    assert room.refusal(reserve(("SET", 1), ("PAIR", 2))) == short("MUG", 4, 3)
    held = room.do(reserve(("SET", 1), ("PAIR", 1)))
    assert sum(one.held for one in held.lines if one.sku == "MUG") == units(3)


def test_a_kit_and_its_component_on_another_line_cannot_pass_twice() -> None:
    room = shop(MUG=3, LAMP=9)
    assert room.refusal(reserve(("SET", 1), ("MUG", 2))) == short("MUG", 4, 3)
    held = room.do(reserve(("MUG", 1), ("SET", 1)))
    assert [(one.sku, one.kit, one.held) for one in held.lines] == [
        ("MUG", None, units(1)),
        ("MUG", "SET", units(2)),
        ("LAMP", "SET", units(1)),
    ]


def test_what_is_short_is_told_in_the_words_of_the_request() -> None:
    room = shop(MUG=5, LAMP=1)
    assert room.refusal(reserve(("SET", 3))) == short("SET", 3, 1)
    assert room.refusal(reserve(("SET", 3), ("MUG", 1))).lines == [
        {"sku": "MUG", "requested": units(7), "available": units(5)},
        {"sku": "SET", "requested": units(3), "available": units(1)},
    ]


def test_a_discontinued_kit_is_not_to_be_had_though_its_components_are() -> None:
    room = shop(item("SET", discontinued=True), MUG=9, LAMP=9)
    assert room.availability("SET").limiting_reason == "DISCONTINUED"
    assert room.refusal(reserve(("SET", 2))) == short("SET", 2, 0)
    assert room.do(place(line("SET", 1))).note is None


def test_a_kit_with_a_discontinued_component_is_not_to_be_had() -> None:
    room = shop(item("LAMP", discontinued=True), MUG=9, LAMP=9)
    assert room.availability("SET").quantity == 0
    assert room.refusal(reserve(("SET", 1))) == short("SET", 1, 0)


def test_components_come_from_several_locations() -> None:
    room = shop(MUG=3, LAMP=1)
    room.do(set_stock(1, "HAM"))
    room.do(set_stock(1, "HAM", "LAMP"))
    held = room.do(reserve(("SET", 2)))
    assert sorted((one.sku, one.location, one.held) for one in held.lines) == [
        ("LAMP", "BER", units(1)),
        ("LAMP", "HAM", units(1)),
        ("MUG", "BER", units(3)),
        ("MUG", "HAM", units(1)),
    ]
    assert {one.kit for one in held.lines} == {"SET"}


def test_a_kit_is_changed_committed_shipped_and_returned_as_a_kit() -> None:
    room = shop(MUG=9, LAMP=9)
    room.do(reserve(("SET", 2), ("MUG", 1)))
    room.do(change(("SET", 3)))
    assert room.at().reserved == units(7)
    room.do(change(("SET", 2)))
    room.do(commit(("SET", 1)))
    assert (room.at().reserved, room.at().allocated) == (units(3), units(2))
    room.do(ship(line("SET", 1)))
    assert (room.at().on_hand, room.at(sku="LAMP").on_hand) == (units(7), units(8))
    room.do(take_back(line("SET", 1)))
    assert (room.at().on_hand, room.at(sku="LAMP").on_hand) == (units(9), units(9))
    refused = room.refusal(ship(line("MUG", 1)))
    assert refused.code == "ORDER_LINE_MISMATCH"
    room.do(release(("MUG", 1)))
    assert room.refusal(release(("MUG", 1))).code == "RESERVATION_LINE_MISMATCH"


def test_an_order_for_a_kit_redeems_the_hold_on_the_kit() -> None:
    room = shop(MUG=9, LAMP=9)
    room.do(reserve(("SET", 2)))
    change_ = room.do(place(line("SET", 2, hold="hold"), line("PAIR", 1)))
    assert [one.id for one in change_.reservations] == ["hold", "of-O-1"]
    assert room.reservations["hold"].state is ReservationState.COMMITTED
    assert (room.at().reserved, room.at().allocated) == (0, units(5))


def test_a_kit_is_moved_component_by_component() -> None:
    room = shop(MUG=2, LAMP=1)
    room.do(set_stock(5, "HAM"))
    room.do(set_stock(5, "HAM", "LAMP"))
    room.do(reserve(("SET", 1)))
    if room.reservations["hold"].lines[0].location == "HAM":
        room.do(transfer(start="HAM", end="BER"))
    else:
        room.do(transfer(("SET", 1)))
    assert {
        (one.kit, one.since_version) for one in room.reservations["hold"].lines if one.held
    } == {("SET", 2)}


def test_a_kit_may_hold_a_part_of_a_component_but_not_less_than_a_thousandth() -> None:
    room = shop(OIL=2)
    assert room.availability("HALF").quantity == units(4)
    room.do(reserve(("HALF", 3)))
    assert room.at(sku="OIL").reserved == units(1.5)
    odd = Stockroom(
        item("OIL", step=0.001),
        item("DROP", step=0.5),
        rules_=rules(kits={"DROP": kit(OIL=0.001)}),
    )
    odd.do(set_stock(9, sku="OIL"))
    assert odd.refusal(reserve(("DROP", 0.5))) == InvalidInput(
        field="quantity", problem="asks for a part of a component's unit"
    )
