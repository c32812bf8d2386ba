"""Expected receipts are counted as incoming until they arrive."""

from datetime import datetime

import pytest

from hub.domain.movements import MovementKind
from tests.unit.builders import Amount, later, receive, schedule, units
from tests.unit.domain.stockroom import Stockroom


def test_an_expected_receipt_is_incoming_and_cannot_be_sold_yet() -> None:
    room = Stockroom()
    assert room.do(schedule(6)).applied
    assert (room.at().incoming, room.at().on_hand) == (units(6), 0)
    assert (room.kinds(), room.movements[-1].document) == ([MovementKind.SUPPLY_SCHEDULED], "PO-1")
    answer = room.availability()
    assert (answer.quantity, answer.message.code) == (0, "BACK_BY")


def test_the_same_document_told_again_replaces_what_was_expected_of_it() -> None:
    room = Stockroom()
    room.do(schedule(6))
    room.do(schedule(4))
    assert room.at().incoming == units(4)
    assert room.movements[-1].incoming == units(-2)
    room.do(schedule(0))
    assert room.at().incoming == 0


def test_the_same_receipt_told_again_changes_nothing() -> None:
    room = Stockroom()
    room.do(schedule(6))
    outcome = room.decide(schedule(6))
    (change,) = outcome.results
    assert (change.applied, change.note) == (False, "UNCHANGED: this receipt is already expected")
    assert (outcome.movements, outcome.supply_lines) == ([], [])


def test_a_new_date_is_a_change_even_for_the_same_quantity() -> None:
    room = Stockroom()
    room.do(schedule(6, eta=later(days=3)))
    assert room.do(schedule(6, eta=later(days=9))).applied
    assert room.at().incoming == units(6)
    assert room.availability().next_supply_at == later(days=9)


def test_documents_add_up_and_the_earliest_one_gives_the_date() -> None:
    room = Stockroom()
    room.decide(
        schedule(6, document="PO-1", eta=later(days=9)),
        schedule(2, document="PO-2", eta=later(days=4)),
        schedule(1, "HAM", document="PO-1", eta=later(days=5)),
    )
    assert (room.at("BER").incoming, room.at("HAM").incoming) == (units(8), units(1))
    assert room.availability().next_supply_at == later(days=4)


@pytest.mark.parametrize(
    ("arrived", "incoming", "next_supply"),
    [(2, 4, later(days=3)), (6, 0, None), (8, 0, None)],
)
def test_what_arrives_is_on_hand_and_no_longer_expected(
    arrived: Amount, incoming: Amount, next_supply: datetime | None
) -> None:
    room = Stockroom()
    room.do(schedule(6))
    room.do(receive(arrived))
    assert (room.at().on_hand, room.at().incoming) == (units(arrived), units(incoming))
    last = room.movements[-1]
    assert (last.kind, last.on_hand, last.document) == (
        MovementKind.RECEIVED,
        units(arrived),
        "PO-1",
    )
    assert room.availability().next_supply_at == next_supply


def test_parts_of_a_receipt_may_arrive_one_after_the_other() -> None:
    room = Stockroom()
    room.decide(schedule(6), receive(2), receive(3))
    assert (room.at().on_hand, room.at().incoming) == (units(5), units(1))
    assert room.supply_lines[("MUG", "BER", "PO-1")].received == units(5)


def test_a_receipt_lowered_below_what_has_arrived_expects_nothing_more() -> None:
    room = Stockroom()
    room.decide(schedule(6), receive(4), schedule(3))
    assert (room.at().on_hand, room.at().incoming) == (units(4), 0)
    room.do(schedule(7))
    assert room.at().incoming == units(3)


def test_units_that_nobody_expected_are_on_hand_all_the_same() -> None:
    room = Stockroom()
    room.do(schedule(6, document="PO-1"))
    room.do(receive(2, document="PO-2"))
    assert (room.at().on_hand, room.at().incoming) == (units(2), units(6))
    assert room.supply_lines[("MUG", "BER", "PO-2")].open == 0
