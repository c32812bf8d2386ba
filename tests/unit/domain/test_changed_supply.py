"""What is expected changes, is called off, is told out of order or comes before it is told."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import HubError, InvalidInput, UnknownSupply
from hub.domain.movements import MovementKind
from tests.unit.builders import call_off, later, receive, reschedule, schedule, units
from tests.unit.domain.stockroom import Stockroom


@pytest.fixture
def room() -> Stockroom:
    """Six mugs are expected in three days, as was told now; two of them have come."""
    room = Stockroom()
    room.decide(schedule(6, told_at=later(0)), receive(2))
    return room


def expected(room: Stockroom, document: str = "PO-1") -> int:
    """What is still to come, which the position must know as well."""
    incoming = room.at().incoming
    assert incoming == sum(line.open for line in room.supply_lines.values())
    return room.supply_lines["MUG", "BER", document].open


def test_another_quantity_or_date_replaces_what_was_said_and_leaves_the_rest(
    room: Stockroom,
) -> None:
    assert room.do(reschedule(5)).applied
    assert expected(room) == units(3)
    assert room.supply_lines["MUG", "BER", "PO-1"].eta == later(days=3)
    assert room.do(reschedule(eta=later(days=9))).applied
    assert expected(room) == units(3)
    assert room.availability().next_supply_at == later(days=9)
    assert room.kinds()[-1] is MovementKind.SUPPLY_SCHEDULED


def test_what_was_expected_anyway_is_no_change(room: Stockroom) -> None:
    outcome = room.decide(reschedule(6), reschedule(eta=later(days=3)), reschedule())
    assert {(one.applied, one.note) for one in outcome.results} == {
        (False, "UNCHANGED: this receipt is already expected")
    }
    assert (outcome.movements, outcome.supply_lines) == ([], [])


def test_what_is_called_off_is_not_expected_any_more_but_what_came_stays(room: Stockroom) -> None:
    assert room.do(call_off()).applied
    assert (expected(room), room.at().on_hand) == (0, units(2))
    last = room.movements[-1]
    assert (last.kind, last.incoming, last.document) == (
        MovementKind.SUPPLY_CANCELLED,
        units(-4),
        "PO-1",
    )
    again = room.do(call_off())
    assert (again.applied, again.note) == (False, "NOTHING_LEFT: nothing more was expected")


def test_what_was_called_off_may_be_expected_again_and_may_come_all_the_same(
    room: Stockroom,
) -> None:
    room.do(call_off())
    room.do(receive(1))
    assert (expected(room), room.at().on_hand) == (0, units(3))
    room.do(schedule(6))
    assert expected(room) == units(3)


@pytest.mark.parametrize(
    "command",
    [
        schedule(9, told_at=later(-1)),
        reschedule(9, told_at=later(-1)),
        call_off(told_at=later(-0.000001)),
    ],
)
def test_an_older_word_than_the_newest_changes_nothing_and_says_why(
    room: Stockroom, command: Command
) -> None:
    outcome = room.decide(command)
    (result,) = outcome.results
    assert result.applied is False
    assert result.note == "STALE: a word of 2031-05-01T12:00:00+00:00 on it is already applied"
    assert (outcome.movements, outcome.supply_lines) == ([], [])


@pytest.mark.parametrize(
    "command",
    [
        schedule(9, told_at=later(0)),
        reschedule(9, told_at=later(1)),
        schedule(9),
        reschedule(9),
    ],
)
def test_a_word_as_new_or_newer_or_without_a_time_is_taken(
    room: Stockroom, command: Command
) -> None:
    assert room.do(command).applied
    assert expected(room) == units(7)


def test_words_in_any_order_end_in_the_newest_one() -> None:
    words: list[Command] = [
        schedule(6, told_at=later(1)),
        reschedule(4, told_at=later(2)),
        reschedule(5, told_at=later(3)),
    ]
    for order in ((0, 1, 2), (0, 2, 1)):
        room = Stockroom()
        room.decide(*(words[place] for place in order))
        assert expected(room) == units(5)


def test_what_came_before_it_was_told_of_is_not_expected_again() -> None:
    room = Stockroom()
    room.do(receive(2))
    assert expected(room) == 0
    room.do(schedule(6, told_at=later(-3600)))
    assert (expected(room), room.at().on_hand) == (units(4), units(2))
    assert room.supply_lines["MUG", "BER", "PO-1"].eta == later(days=3)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (reschedule(3, document="PO-9"), "PO-9"),
        (call_off(document="PO-9"), "PO-9"),
        (call_off("HAM"), "PO-1"),
    ],
)
def test_what_nobody_told_of_can_neither_change_nor_be_called_off(
    room: Stockroom, command: Command, refusal: str
) -> None:
    refused = room.refusal(command)
    assert isinstance(refused, UnknownSupply)
    assert refused.document == refusal


@pytest.mark.parametrize("command", [schedule(0.5), reschedule(0.5), receive(0.5)])
def test_a_quantity_between_two_steps_is_refused(room: Stockroom, command: Command) -> None:
    refusal: HubError = InvalidInput(field="quantity", problem="MUG is counted in steps of 1")
    assert room.refusal(command) == refusal
