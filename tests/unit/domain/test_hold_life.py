"""What becomes of a hold: extended, committed, released or expired, each once."""

from datetime import timedelta

import pytest

from hub.domain.commands import (
    ChangeReservation,
    Command,
    CommitReservation,
    ExtendReservation,
    ReleaseReservation,
)
from hub.domain.errors import ReservationChanged, ReservationEnded, ReservationNotFound
from hub.domain.movements import MovementKind
from hub.domain.reservations import EndReason, ReservationState, as_read
from tests.unit.builders import NOW, later, set_stock, ship, units
from tests.unit.domain.stockroom import Stockroom
from tests.unit.holds import change, commit, expire, extend, release, reserve

HELD, COMMITTED = ReservationState.HELD, ReservationState.COMMITTED
RELEASED, EXPIRED = ReservationState.RELEASED, ReservationState.EXPIRED


@pytest.fixture
def room() -> Stockroom:
    """Five mugs, two of them held for a minute."""
    room = Stockroom().stock(BER=5)
    room.do(reserve(("MUG", 2), seconds=60))
    return room


def ended(state: str, verb: str, reason: str | None = None) -> ReservationEnded:
    """The refusal of what comes too late for a hold."""
    return ReservationEnded(id="hold", state=state, reason=reason, verb=verb)


def test_extending_moves_the_end_and_no_stock(room: Stockroom) -> None:
    room.wait(30)
    outcome = room.decide(extend(seconds=60))
    (held,) = outcome.results
    assert (held.expires_at, held.version, held.state) == (later(90), 2, HELD)
    assert (outcome.movements, outcome.positions, outcome.changed) == ([], [], [held])


@pytest.mark.parametrize("seconds", [1, 59, 60])
def test_extending_never_brings_the_end_nearer(room: Stockroom, seconds: int) -> None:
    outcome = room.decide(extend(seconds=seconds))
    assert outcome.results == [room.reservations["hold"]]
    assert outcome.results[0].expires_at == later(60)
    assert (outcome.changed, outcome.movements) == ([], [])


def test_committing_turns_what_is_reserved_into_what_is_allocated(room: Stockroom) -> None:
    committed = room.do(commit(order="O-9"))
    (line,) = committed.lines
    assert (committed.state, committed.order, committed.expires_at) == (COMMITTED, "O-9", None)
    assert (line.held, line.allocated, committed.version) == (0, units(2), 2)
    assert (room.at().reserved, room.at().allocated) == (0, units(2))
    assert room.availability().quantity == units(3)
    last = room.movements[-1]
    assert (last.kind, last.cause, last.order) == (MovementKind.ALLOCATED, "commit", "O-9")
    assert last.reservation == "hold"


def test_a_committed_hold_does_not_expire(room: Stockroom) -> None:
    committed = room.do(commit())
    room.wait(3600)
    assert room.do(expire()) == committed == room.reservations["hold"]
    assert room.availability().quantity == units(3)


def test_releasing_gives_the_units_back_and_keeps_the_history(room: Stockroom) -> None:
    released = room.do(release(reason="cart emptied"))
    (line,) = released.lines
    assert (released.state, released.ended_reason, released.version) == (
        RELEASED,
        EndReason.RELEASED,
        2,
    )
    assert (line.quantity, line.held, line.released) == (units(2), 0, units(2))
    assert room.at().reserved == 0
    assert room.availability().quantity == units(5)
    assert (room.kinds()[-1], room.movements[-1].reason) == (MovementKind.RELEASED, "cart emptied")


def test_releasing_without_a_reason_says_that_it_was_released(room: Stockroom) -> None:
    assert room.do(release()).ended_reason == "RELEASED"


def test_all_lines_of_a_hold_end_together() -> None:
    room = Stockroom().stock(BER=1, HAM=1)
    room.do(set_stock(4, sku="LAMP"))
    room.do(reserve(("MUG", 2), ("LAMP", 3)))
    assert [one.released for one in room.do(release()).lines] == [units(n) for n in (1, 1, 3)]
    assert {one.reserved for one in room.positions.values()} == {0}


@pytest.mark.parametrize(
    ("wait", "state"), [(59.999999, HELD), (60, EXPIRED), (60.000001, EXPIRED), (3600, EXPIRED)]
)
def test_a_hold_ends_exactly_at_its_end(
    room: Stockroom, wait: float, state: ReservationState
) -> None:
    room.wait(wait)
    result = room.do(expire())
    assert result.state is state
    assert room.at().reserved == (units(2) if state is HELD else 0)
    if state is EXPIRED:
        assert result.ended_reason == "EXPIRED"
        assert room.kinds()[-1] is MovementKind.EXPIRED


@pytest.mark.parametrize(
    ("command", "verb"), [(extend(), "extended"), (commit(), "committed"), (release(), "released")]
)
def test_at_its_end_a_hold_can_do_nothing_more_swept_or_not(
    room: Stockroom, command: Command, verb: str
) -> None:
    room.wait(60)
    assert room.refusal(command) == ended("EXPIRED", verb, "EXPIRED")
    room.do(expire())
    assert room.refusal(command) == ended("EXPIRED", verb, "EXPIRED")


@pytest.mark.parametrize("command", [extend(), commit(), release()])
def test_just_before_its_end_a_hold_can_still_do_everything(
    room: Stockroom, command: Command
) -> None:
    room.wait(59.999999)
    assert room.do(command).version == 2


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (commit(), commit()),
        (release(), release()),
        (release(reason="cart emptied"), release(reason="another reason")),
    ],
)
def test_the_same_end_told_again_changes_nothing(
    room: Stockroom, first: Command, again: Command
) -> None:
    before = room.do(first)
    outcome = room.decide(again)
    assert outcome.results == [before]
    assert (outcome.movements, outcome.changed, outcome.positions) == ([], [], [])


def test_committed_again_after_shipping_it_stays_fulfilled(room: Stockroom) -> None:
    room.do(commit())
    room.do(ship())
    outcome = room.decide(commit())
    assert outcome.results[0].state is ReservationState.FULFILLED
    assert outcome.movements == []


def test_an_expiry_told_again_changes_nothing(room: Stockroom) -> None:
    room.wait(60)
    before = room.do(expire())
    assert room.decide(expire()).results == [before]
    assert room.kinds().count(MovementKind.EXPIRED) == 1


@pytest.mark.parametrize(
    ("first", "then", "refusal"),
    [
        (commit(), release(), ended("COMMITTED", "released")),
        (commit(), extend(), ended("COMMITTED", "extended")),
        (commit(order="O-1"), commit(order="O-2"), ended("COMMITTED", "committed")),
        (release(), commit(), ended("RELEASED", "committed", "RELEASED")),
        (release(reason="gone"), extend(), ended("RELEASED", "extended", "RELEASED")),
    ],
)
def test_what_has_ended_one_way_cannot_end_another(
    room: Stockroom, first: Command, then: Command, refusal: ReservationEnded
) -> None:
    room.do(first)
    assert room.refusal(then) == refusal


@pytest.mark.parametrize(
    "command", [extend("nil"), commit(id="nil"), release(id="nil"), expire("nil")]
)
def test_a_hold_nobody_made_is_not_found(command: Command) -> None:
    assert Stockroom().refusal(command) == ReservationNotFound(id="nil")


def test_a_lapsed_hold_is_free_when_read_and_can_be_taken_once_it_is_swept(
    room: Stockroom,
) -> None:
    assert room.availability().quantity == units(3)
    room.wait(60)
    answer = room.availability()
    assert (answer.quantity, answer.breakdown.reserved) == (units(5), 0)
    _, taken = room.decide(expire(), reserve(("MUG", 5), id="next")).results
    assert taken.state is HELD


@pytest.mark.parametrize(("wait", "state"), [(59.999999, HELD), (60, EXPIRED)])
def test_a_reader_sees_a_lapsed_hold_as_expired_before_the_sweeper_comes(
    room: Stockroom, wait: float, state: ReservationState
) -> None:
    stored = room.reservations["hold"]
    seen = as_read(stored, NOW + timedelta(seconds=wait))
    assert seen.state is state
    if state is HELD:
        assert seen is stored
    else:
        room.wait(wait)
        swept = room.do(expire())
        assert seen == swept._replace(version=stored.version)


def test_ends_are_those_states_that_nothing_leads_out_of() -> None:
    assert {state for state in ReservationState if not state.ended} == {HELD, COMMITTED}


@pytest.mark.parametrize(
    "step", [change(("MUG", 1)), extend(seconds=90), commit(), release()], ids=str
)
def test_a_step_is_taken_only_at_the_version_it_was_meant_for(
    room: Stockroom,
    step: ChangeReservation | ExtendReservation | CommitReservation | ReleaseReservation,
) -> None:
    outcome = room.decide(step._replace(if_version=2))
    assert outcome.results == [ReservationChanged(id="hold", expected=2, actual=1)]
    assert (outcome.changed, outcome.movements) == ([], [])
    assert room.do(step._replace(if_version=1)).version == 2
