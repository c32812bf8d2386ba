"""A hold is brought to other quantities: all of them at once, or none."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    ReservationEnded,
    ReservationNotFound,
    UnknownSku,
)
from hub.domain.movements import MovementKind
from hub.domain.reservations import EndReason, ReservationState
from tests.unit.builders import Amount, item, kit, later, policy, rules, set_stock, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import change, commit, release, reserve


@pytest.fixture
def room() -> Stockroom:
    """Five mugs, two of them held for a minute, and two lamps of which one is held with them."""
    room = Stockroom().stock(BER=5)
    room.do(set_stock(2, sku="LAMP"))
    room.do(reserve(("MUG", 2), ("LAMP", 1), seconds=60))
    return room


def held(room: Stockroom) -> dict[str, Amount]:
    """Units that the hold holds, by item."""
    units_of: dict[str, Amount] = {}
    for line in room.reservations["hold"].lines:
        units_of[line.sku] = units_of.get(line.sku, 0) + line.held // 1000
    return units_of


@pytest.mark.parametrize(
    ("lines", "after"),
    [
        ([("MUG", 4)], {"MUG": 4, "LAMP": 1}),
        ([("MUG", 1)], {"MUG": 1, "LAMP": 1}),
        ([("MUG", 0)], {"MUG": 0, "LAMP": 1}),
        ([("MUG", 5), ("LAMP", 0)], {"MUG": 5, "LAMP": 0}),
        ([("MUG", 1), ("LAMP", 2)], {"MUG": 1, "LAMP": 2}),
        ([("MUG", 1), ("MUG", 2)], {"MUG": 3, "LAMP": 1}),
    ],
)
def test_named_items_are_brought_to_their_quantity_and_others_stay(
    room: Stockroom, lines: list[tuple[str, Amount]], after: dict[str, Amount]
) -> None:
    changed = room.do(change(*lines))
    assert held(room) == after
    assert (changed.state, changed.version) == (ReservationState.HELD, 2)
    assert changed.expires_at == later(60)
    assert room.at().reserved == units(after["MUG"])
    assert room.at(sku="LAMP").reserved == units(after["LAMP"])


def test_more_units_come_on_a_line_of_their_own_so_that_the_first_answer_can_be_told_again(
    room: Stockroom,
) -> None:
    room.do(change(("MUG", 3)))
    first, _, more = room.do(change(("MUG", 4))).lines
    assert (first.quantity, first.since_version) == (units(2), 1)
    assert (more.quantity, more.held, more.since_version) == (units(2), units(2), 2)
    assert room.movements[-1].opens_line is None


def test_what_came_last_is_given_back_first(room: Stockroom) -> None:
    room.stock(HAM=9)
    room.decide(change(("MUG", 4)), change(("MUG", 1)))
    first, _, *more = room.reservations["hold"].lines
    assert first.held == units(1)
    assert [line.held for line in more] == [0]
    assert room.kinds()[-1] is MovementKind.RELEASED


def test_an_item_can_be_added() -> None:
    room = Stockroom(item("MUG"), item("LAMP")).stock(BER=5)
    room.do(set_stock(2, "HAM", "LAMP"))
    room.do(reserve(("MUG", 1)))
    room.do(change(("LAMP", 2)))
    assert held(room) == {"MUG": 1, "LAMP": 2}
    assert room.at("HAM", "LAMP").reserved == units(2)


def test_nothing_left_of_it_is_the_end_of_a_hold(room: Stockroom) -> None:
    room.do(change(("MUG", 0), ("LAMP", 0)))
    hold = room.reservations["hold"]
    assert (hold.state, hold.ended_reason) == (ReservationState.RELEASED, EndReason.RELEASED)
    assert isinstance(room.refusal(change(("MUG", 1))), ReservationEnded)


@pytest.mark.parametrize("lines", [[("MUG", 2)], [("MUG", 2), ("LAMP", 1)]])
def test_what_is_held_already_changes_nothing(
    room: Stockroom, lines: list[tuple[str, Amount]]
) -> None:
    outcome = room.decide(change(*lines))
    assert outcome.results == [room.reservations["hold"]]
    assert (outcome.movements, outcome.changed) == ([], [])


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (
            change(("LAMP", 0), ("MUG", 6)),
            InsufficientStock(lines=[{"sku": "MUG", "requested": 4000, "available": 3000}]),
        ),
        (
            change(("MUG", 6), ("LAMP", 3)),
            InsufficientStock(
                lines=[
                    {"sku": "MUG", "requested": 4000, "available": 3000},
                    {"sku": "LAMP", "requested": 2000, "available": 1000},
                ]
            ),
        ),
        (change(("LAMP", 0), ("NIL", 1)), UnknownSku(skus=["NIL"])),
        (
            change(("LAMP", 0), ("MUG", 2.5)),
            InvalidInput(field="quantity", problem="MUG is counted in steps of 1"),
        ),
        (change(("MUG", 1), id="nil"), ReservationNotFound(id="nil")),
    ],
)
def test_all_of_it_is_done_or_nothing(room: Stockroom, command: Command, refusal: HubError) -> None:
    assert room.refusal(command) == refusal
    assert held(room) == {"MUG": 2, "LAMP": 1}


def test_what_the_same_change_gives_back_can_be_had_again() -> None:
    known = rules(kits={"SET": kit(MUG=1, LAMP=1)})
    room = Stockroom(item("MUG"), item("LAMP"), item("SET"), rules_=known).stock(BER=2)
    room.do(set_stock(1, sku="LAMP"))
    room.do(reserve(("MUG", 2)))
    room.do(change(("MUG", 1), ("SET", 1)))
    assert [(line.kit, line.held) for line in room.reservations["hold"].lines if line.held] == [
        (None, units(1)),
        ("SET", units(1)),
        ("SET", units(1)),
    ]
    assert room.at().reserved == units(2)


def test_more_is_had_under_the_rules_of_the_channel_the_hold_was_made_in() -> None:
    room = Stockroom(rules_=rules({("channel", "web"): policy(safety=2)})).stock(BER=5)
    room.do(reserve(("MUG", 2)))
    assert room.refusal(change(("MUG", 4))) == InsufficientStock(
        lines=[{"sku": "MUG", "requested": 2000, "available": 1000}]
    )


@pytest.mark.parametrize(
    ("before", "state"),
    [(release(), "RELEASED"), (commit(), "COMMITTED"), (commit(("MUG", 1)), "COMMITTED")],
)
def test_only_what_is_still_a_hold_can_be_changed(
    room: Stockroom, before: Command, state: str
) -> None:
    room.do(before)
    refused = room.refusal(change(("MUG", 1)))
    assert isinstance(refused, ReservationEnded)
    assert (refused.state, refused.verb) == (state, "changed")


def test_a_hold_that_has_lapsed_can_not_be_changed(room: Stockroom) -> None:
    room.wait(60)
    assert room.refusal(change(("MUG", 1))) == ReservationEnded(
        id="hold", state="EXPIRED", reason="EXPIRED", verb="changed"
    )
