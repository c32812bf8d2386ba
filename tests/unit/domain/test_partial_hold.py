"""A hold may be committed, released, shipped, cancelled and returned in parts."""

import pytest

from hub.domain.commands import Command
from hub.domain.errors import HubError, ReservationEnded, ReservationLineMismatch
from hub.domain.movements import MovementKind
from hub.domain.reservations import EndReason, ReservationState, as_read
from tests.unit.builders import Amount, item, later, line, place, schedule, set_stock, ship, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import (
    call_back,
    change,
    commit,
    expire,
    extend,
    fulfil,
    give_back,
    release,
    reserve,
)

HELD, COMMITTED = ReservationState.HELD, ReservationState.COMMITTED
FULFILLED, CANCELLED = ReservationState.FULFILLED, ReservationState.CANCELLED


@pytest.fixture
def room() -> Stockroom:
    """Nine mugs, five of them held for a minute with a lamp."""
    room = Stockroom().stock(BER=9)
    room.do(set_stock(1, sku="LAMP"))
    room.do(reserve(("MUG", 5), ("LAMP", 1), seconds=60))
    return room


def mugs(room: Stockroom) -> tuple[Amount, ...]:
    """Held, allocated, fulfilled, released and returned mugs of the hold."""
    (one, *_) = room.reservations["hold"].lines
    return tuple(
        units // 1000
        for units in (one.held, one.allocated, one.fulfilled, one.released, one.returned)
    )


def mismatch(verb: str, asked: str, possible: str) -> ReservationLineMismatch:
    """The refusal of more mugs than there are."""
    return ReservationLineMismatch(id="hold", sku="MUG", verb=verb, asked=asked, possible=possible)


def test_what_is_not_committed_stays_held_until_its_end(room: Stockroom) -> None:
    part = room.do(commit(("MUG", 3)))
    assert mugs(room) == (2, 3, 0, 0, 0)
    assert (part.state, part.order, part.expires_at) == (COMMITTED, "O-1", later(60))
    assert (room.at().reserved, room.at().allocated) == (units(2), units(3))
    room.wait(60)
    swept = room.do(expire())
    assert mugs(room) == (0, 3, 0, 2, 0)
    assert (swept.state, swept.expires_at, swept.ended_reason) == (COMMITTED, None, None)
    assert room.kinds()[-1] is MovementKind.EXPIRED
    assert room.at().reserved == room.at(sku="LAMP").reserved == 0


def test_a_reader_sees_the_rest_go_at_its_end_before_the_sweeper_comes(room: Stockroom) -> None:
    room.decide(commit(("MUG", 3)), ship())
    room.wait(60)
    seen = as_read(room.reservations["hold"], room.now)
    assert room.availability().quantity == units(6)
    swept = room.do(expire())
    assert seen == swept._replace(version=seen.version)
    assert swept.state is FULFILLED


def test_the_rest_can_be_committed_to_the_same_order_later(room: Stockroom) -> None:
    room.do(commit(("MUG", 3)))
    room.do(commit(("MUG", 1), ("LAMP", 1)))
    assert mugs(room) == (1, 4, 0, 0, 0)
    done = room.do(commit())
    assert mugs(room) == (0, 5, 0, 0, 0)
    assert (done.state, done.expires_at) == (COMMITTED, None)
    outcome = room.decide(commit())
    assert (outcome.results, outcome.movements) == ([done], [])


def test_the_rest_cannot_be_committed_to_another_order(room: Stockroom) -> None:
    room.do(commit(("MUG", 3)))
    refused = room.refusal(commit(order="O-2"))
    assert refused == ReservationEnded(id="hold", state="COMMITTED", reason=None, verb="committed")


def test_the_rest_can_be_extended_and_released(room: Stockroom) -> None:
    room.decide(commit(("MUG", 3)), extend(seconds=600))
    room.wait(599)
    room.do(release(("MUG", 1)))
    assert mugs(room) == (1, 3, 0, 1, 0)
    room.do(release())
    assert mugs(room) == (0, 3, 0, 2, 0)
    assert room.reservations["hold"].state is COMMITTED
    assert room.reservations["hold"].expires_at is None


def test_what_was_released_of_a_hold_is_free_and_the_rest_is_kept(room: Stockroom) -> None:
    part = room.do(release(("MUG", 2), reason="one is enough"))
    assert mugs(room) == (3, 0, 0, 2, 0)
    assert (part.state, part.ended_reason, part.expires_at) == (HELD, None, later(60))
    assert room.movements[-1].reason == "one is enough"
    assert room.availability().quantity == units(6)
    gone = room.do(release(("MUG", 3), ("LAMP", 1)))
    assert (gone.state, gone.ended_reason) == (ReservationState.RELEASED, EndReason.RELEASED)


def test_an_order_that_asks_for_more_takes_the_rest_of_the_hold_it_took_a_part_of(
    room: Stockroom,
) -> None:
    room.do(commit(("MUG", 3)))
    change_ = room.do(place(line("MUG", 4, hold="hold")))
    assert [one.id for one in change_.reservations] == ["hold"]
    assert mugs(room) == (1, 4, 0, 0, 0)
    assert room.do(place(line("MUG", 4, hold="hold"))).note is not None


def test_an_order_is_not_covered_by_what_its_cart_still_holds(room: Stockroom) -> None:
    room.do(commit(("MUG", 3)))
    room.do(place(line("MUG", 5)))
    assert [one.allocated for one in room.reservations["of-O-1"].lines] == [units(2)]


def test_units_of_a_reservation_are_shipped_cancelled_and_returned_in_parts(
    room: Stockroom,
) -> None:
    room.do(commit(("MUG", 5), ("LAMP", 1)))
    room.do(fulfil(("MUG", 2)))
    assert mugs(room) == (0, 3, 2, 0, 0)
    assert room.at().on_hand == units(7)
    room.do(call_back(("MUG", 1)))
    assert mugs(room) == (0, 2, 2, 1, 0)
    room.do(give_back(("MUG", 1)))
    assert mugs(room) == (0, 2, 2, 1, 1)
    assert (room.at().on_hand, room.at().allocated) == (units(8), units(2))
    done = room.do(fulfil())
    assert (mugs(room), done.state) == ((0, 0, 4, 1, 1), FULFILLED)
    assert room.do(give_back()).lines[0].returned == units(4)
    assert room.at().on_hand == units(8 - 2 + 3)


@pytest.mark.parametrize("command", [fulfil(), call_back(), give_back()])
def test_done_again_for_all_of_it_it_changes_nothing(room: Stockroom, command: Command) -> None:
    room.do(commit())
    if command == give_back():
        room.do(fulfil())
    before = room.do(command)
    outcome = room.decide(command)
    assert (outcome.results, outcome.movements, outcome.changed) == ([before], [], [])


def test_cancelled_wholly_a_reservation_is_cancelled(room: Stockroom) -> None:
    room.do(commit())
    gone = room.do(call_back())
    assert (gone.state, gone.ended_reason) == (CANCELLED, EndReason.CANCELLED)
    assert room.kinds()[-1] is MovementKind.DEALLOCATED
    assert room.availability().quantity == units(9)


@pytest.mark.parametrize(
    ("before", "command", "refusal"),
    [
        ([], commit(("LAMP", 1), ("MUG", 6)), mismatch("committed", "6", "5")),
        ([], release(("LAMP", 1), ("MUG", 6)), mismatch("released", "6", "5")),
        ([commit(("MUG", 4))], commit(("MUG", 2)), mismatch("committed", "2", "1")),
        ([commit()], fulfil(("LAMP", 1), ("MUG", 6)), mismatch("fulfilled", "6", "5")),
        ([commit()], call_back(("MUG", 6)), mismatch("cancelled", "6", "5")),
        ([commit()], give_back(("MUG", 1)), mismatch("returned", "1", "0")),
        ([commit(("MUG", 2))], fulfil(("MUG", 3)), mismatch("fulfilled", "3", "2")),
        (
            [],
            fulfil(("MUG", 1)),
            ReservationEnded(id="hold", state="HELD", reason=None, verb="fulfilled"),
        ),
        (
            [commit()],
            change(("MUG", 1)),
            ReservationEnded(id="hold", state="COMMITTED", reason=None, verb="changed"),
        ),
    ],
)
def test_more_than_there_is_is_refused_and_nothing_moves(
    room: Stockroom, before: list[Command], command: Command, refusal: HubError
) -> None:
    for one in before:
        room.do(one)
    assert room.refusal(command) == refusal


def test_of_a_part_what_waited_beyond_it_is_given_up() -> None:
    room = Stockroom(item(backorders=9)).stock(BER=2)
    room.do(schedule(9))
    room.do(reserve(("MUG", 5)))
    room.do(commit(("MUG", 3)))
    held, waiting = room.reservations["hold"].lines
    assert held.allocated == units(2)
    assert (waiting.backordered, waiting.released) == (units(1), units(2))
    assert room.reservations["hold"].expires_at is None
