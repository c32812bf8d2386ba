"""A batch is decided in its order; each command sees what those before it did, or moves nothing."""

import pytest

from hub.domain.commands import Command
from hub.domain.decide import decide
from hub.domain.errors import HubError, InsufficientStock
from hub.domain.ledger import Ledger
from hub.domain.reservations import ReservationState
from tests.unit.builders import (
    NOW,
    adjust,
    cancel,
    item,
    line,
    place,
    position,
    receive,
    rules,
    schedule,
    set_stock,
    ship,
    take_back,
    units,
)
from tests.unit.domain.stockroom import NOTHING, Stockroom
from tests.unit.holds import commit, extend, release, reserve


def test_an_empty_batch_decides_nothing() -> None:
    outcome = decide([], Ledger(), rules(), NOW)
    assert outcome == ([], *NOTHING)


def test_results_are_in_the_order_of_the_commands_refusals_among_them() -> None:
    outcome = Stockroom().decide(
        reserve(("MUG", 1), id="too early"), set_stock(1), reserve(("MUG", 1)), release()
    )
    early, count, held, released = outcome.results
    assert isinstance(early, InsufficientStock)
    assert count.position.on_hand == units(1)
    assert (held.state, released.state) == (ReservationState.HELD, ReservationState.RELEASED)


def test_a_refused_command_leaves_the_next_one_what_it_would_have_taken() -> None:
    room = Stockroom().stock(BER=3)
    outcome = room.decide(reserve(("MUG", 3), ("LAMP", 1), id="a"), reserve(("MUG", 3), id="b"))
    assert isinstance(outcome.results[0], HubError)
    assert [one.id for one in outcome.created] == ["b"]


def test_a_position_is_written_once_with_the_version_it_was_read_at() -> None:
    room = Stockroom().stock(BER=5)
    outcome = room.decide(adjust(1), adjust(1), reserve(("MUG", 1)))
    ((written, version_read),) = outcome.positions
    assert (written.version, version_read, written.on_hand) == (4, 1, units(7))
    assert [one.version for one in outcome.movements] == [2, 3, 4]
    assert [one.available_after for one in outcome.movements] == [units(n) for n in (6, 7, 6)]


def test_a_reservation_made_and_ended_in_one_batch_is_created_as_it_was_and_then_changed() -> None:
    room = Stockroom().stock(BER=5)
    outcome = room.decide(reserve(("MUG", 2)), extend(seconds=9999), release())
    (created,) = outcome.created
    assert created == outcome.results[0]
    (changed,) = outcome.changed
    assert (created.state, created.version) == (ReservationState.HELD, 1)
    assert (changed.state, changed.version) == (ReservationState.RELEASED, 3)
    assert room.at().reserved == 0


def test_a_reservation_changed_twice_in_one_batch_is_written_once() -> None:
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2)))
    outcome = room.decide(extend(seconds=9999), commit())
    (changed,) = outcome.changed
    assert (changed.state, changed.version) == (ReservationState.COMMITTED, 3)
    assert (outcome.results[0].version, outcome.created) == (2, [])


def test_the_whole_life_of_an_order_fits_in_one_batch() -> None:
    room = Stockroom()
    outcome = room.decide(
        schedule(5),
        receive(5),
        reserve(("MUG", 2)),
        place(line("MUG", 2, hold="hold"), line("MUG", 1)),
        ship(line("MUG", 2)),
        cancel(line("MUG", 1)),
        take_back(line("MUG", 1)),
    )
    assert not any(isinstance(result, HubError) for result in outcome.results)
    assert (room.at().on_hand, room.at().free) == (units(4), units(4))
    assert [one.received for one in outcome.supply_lines] == [units(5)]
    assert {one.id: one.state for one in outcome.changed} == {
        "hold": ReservationState.FULFILLED,
        "of-O-1": ReservationState.CANCELLED,
    }


def test_every_movement_names_its_actor_and_the_event_behind_it() -> None:
    told = adjust(1)
    told = told._replace(origin=told.origin._replace(source_event="wms/17"))
    (movement,) = Stockroom().decide(told).movements
    assert (movement.actor, movement.source_event) == ("tester", "wms/17")


@pytest.mark.parametrize(
    "command",
    [set_stock(1), adjust(-1), receive(1), reserve(("MUG", 1)), place(line("MUG", 1))],
)
def test_deciding_leaves_what_was_read_as_it_was(command: Command) -> None:
    read = position(on_hand=5)
    decide([command], Ledger([item()], [read]), rules(), NOW)
    assert read == position(on_hand=5)
