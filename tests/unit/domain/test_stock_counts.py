"""Counts are absolute and ordered by their source's time; adjustments are changes with a reason."""

from datetime import datetime

import pytest

from hub.domain.commands import Command
from hub.domain.errors import (
    HubError,
    InvalidInput,
    UnknownLocation,
    UnknownSku,
    VersionConflict,
)
from hub.domain.movements import MovementKind
from tests.unit.builders import NOW, Amount, adjust, later, receive, schedule, set_stock, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import reserve


def test_a_first_count_makes_the_position() -> None:
    room = Stockroom()
    change = room.do(set_stock(5, unavailable=1, reason="stocktaking"))
    assert (change.applied, change.note) == (True, None)
    assert change.position == room.at()
    assert (room.at().on_hand, room.at().unavailable, room.at().version) == (units(5), units(1), 1)
    (movement,) = room.movements
    assert (movement.kind, movement.on_hand, movement.unavailable) == (
        MovementKind.COUNTED,
        units(5),
        units(1),
    )
    assert (movement.cause, movement.reason) == ("set_stock", "stocktaking")
    assert movement.available_after == units(4)


def test_a_count_replaces_what_was_there_and_books_the_difference() -> None:
    room = Stockroom().stock(BER=5)
    room.do(set_stock(3))
    assert room.at().on_hand == units(3)
    assert room.movements[-1].on_hand == units(-2)


def test_a_count_that_says_nothing_of_unsellable_units_leaves_them() -> None:
    room = Stockroom()
    room.do(set_stock(5, unavailable=2))
    room.do(set_stock(6))
    assert room.at().unavailable == units(2)
    room.do(set_stock(6, unavailable=0))
    assert room.availability().quantity == units(6)


def test_a_count_leaves_holds_and_expected_supply_alone() -> None:
    room = Stockroom().stock(BER=5)
    room.decide(reserve(("MUG", 2)), schedule(4))
    room.do(set_stock(9))
    assert (room.at().reserved, room.at().incoming) == (units(2), units(4))
    assert room.availability().quantity == units(7)


def test_a_count_may_be_negative() -> None:
    room = Stockroom()
    room.do(set_stock(-2))
    assert (room.at().on_hand, room.at().shortfall) == (units(-2), units(2))
    assert room.availability().quantity == 0


@pytest.mark.parametrize("age", [-1, -0.000001])
def test_a_count_older_than_the_newest_one_changes_nothing(age: float) -> None:
    room = Stockroom()
    room.do(set_stock(5, as_of=NOW))
    outcome = room.decide(set_stock(9, as_of=later(age)))
    (change,) = outcome.results
    assert change.applied is False
    assert change.note == "STALE: a count of 2031-05-01T12:00:00+00:00 is already applied"
    assert (outcome.movements, outcome.positions) == ([], [])
    assert change.position == room.at()


@pytest.mark.parametrize("age", [0, 0.000001])
def test_a_count_as_old_as_the_newest_one_or_newer_is_taken(age: float) -> None:
    room = Stockroom()
    room.do(set_stock(5, as_of=NOW))
    assert room.do(set_stock(9, as_of=later(age))).applied
    assert (room.at().on_hand, room.at().counted_at) == (units(9), later(age))


@pytest.mark.parametrize(("told", "counted_at"), [(None, later(30)), (later(-3600), later(-3600))])
def test_a_count_without_a_time_was_taken_now(told: datetime | None, counted_at: datetime) -> None:
    room = Stockroom()
    room.wait(30)
    room.do(set_stock(5, as_of=told))
    assert room.at().counted_at == counted_at


def test_a_count_from_the_future_would_outdate_every_later_one_and_is_refused() -> None:
    room = Stockroom()
    refusal = room.refusal(set_stock(5, as_of=later(301)))
    assert isinstance(refusal, InvalidInput)
    assert refusal.data["field"] == "asOf"
    assert room.do(set_stock(5, as_of=later(300))).applied


def test_only_counts_have_a_time_that_others_can_be_too_old_for() -> None:
    room = Stockroom()
    room.do(set_stock(5, as_of=later(-60)))
    room.decide(adjust(1), receive(1), reserve(("MUG", 1)))
    assert room.at().counted_at == later(-60)
    assert room.do(set_stock(4, as_of=later(-30))).applied


def test_each_location_has_its_own_newest_count() -> None:
    room = Stockroom()
    room.do(set_stock(5, "BER", as_of=NOW))
    assert room.do(set_stock(5, "HAM", as_of=later(-60))).applied


def test_a_writer_who_read_an_older_version_is_told_the_newer_one() -> None:
    room = Stockroom().stock(BER=5)
    room.do(adjust(1))
    assert room.refusal(set_stock(9, if_version=1)) == VersionConflict(expected=1, actual=2)
    assert room.do(set_stock(9, if_version=2)).position.version == 3
    assert room.do(set_stock(1, "HAM", if_version=0)).position.version == 1


def test_of_two_writers_who_read_the_same_version_the_second_is_refused() -> None:
    room = Stockroom().stock(BER=5)
    results = room.decide(set_stock(6, if_version=1), set_stock(7, if_version=1)).results
    assert results[0].applied
    assert results[1] == VersionConflict(expected=1, actual=2)
    assert room.at().on_hand == units(6)


@pytest.mark.parametrize(("delta", "left"), [(2, 7), (-2, 3), (-7, -2)])
def test_an_adjustment_adds_to_what_is_there(delta: Amount, left: Amount) -> None:
    room = Stockroom().stock(BER=5)
    change = room.do(adjust(delta))
    assert (change.applied, change.position.on_hand) == (True, units(left))
    last = room.movements[-1]
    assert (last.kind, last.on_hand, last.cause, last.reason) == (
        MovementKind.ADJUSTED,
        units(delta),
        "adjust_stock",
        "found or lost",
    )


def test_an_adjustment_by_nothing_is_refused() -> None:
    refused = Stockroom().refusal(adjust(0))
    assert refused == InvalidInput(field="delta", problem="must not be 0")


@pytest.mark.parametrize("command", [set_stock(1), adjust(1), schedule(1), receive(1)])
def test_an_item_or_a_location_nobody_knows_is_named(command: Command) -> None:
    for wrong, refusal in (
        ({"sku": "NIL"}, UnknownSku(skus=["NIL"])),
        ({"location": "NIL"}, UnknownLocation(location="NIL")),
    ):
        asked: Command = command._replace(**wrong)  # type: ignore[arg-type]
        refused: HubError = Stockroom().refusal(asked)
        assert refused == refusal
