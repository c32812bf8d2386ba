"""What a process remembers of positions, and when it had better not."""

import time

import pytest

from hub.domain.position import Position, PositionKey
from hub.services.remembered import KEEP_SECONDS, MAX_PAUSE, MAX_POSITIONS, RememberedPositions

HERE = Position("A-1", "BER", 5000, version=1)
THERE = Position("A-1", "AMS", 3000, version=1)


@pytest.fixture
def remembered() -> RememberedPositions:
    one = RememberedPositions()
    one.remember([HERE, THERE])
    return one


def recalled(remembered: RememberedPositions, *keys: PositionKey) -> list[Position] | None:
    positions = remembered.recall(keys)
    return None if positions is None else [one.stored() for one in positions.values()]


def test_positions_are_recalled_as_they_were_told_last(remembered: RememberedPositions) -> None:
    assert recalled(remembered, HERE.key, THERE.key) == [HERE, THERE]
    newer = HERE._replace(reserved=1000, version=2)
    remembered.remember([newer])
    assert recalled(remembered, HERE.key) == [newer]


def test_what_is_worked_on_is_what_is_remembered(remembered: RememberedPositions) -> None:
    positions = remembered.recall([HERE.key])
    assert positions is not None
    positions[HERE.key].reserved += 2000
    assert recalled(remembered, HERE.key) == [HERE._replace(reserved=2000)]


def test_all_are_known_or_none_is_told(remembered: RememberedPositions) -> None:
    assert recalled(remembered, HERE.key, ("B-1", "BER")) is None
    remembered.forget([HERE.key, ("B-1", "BER")])
    assert recalled(remembered, HERE.key, THERE.key) is None
    assert recalled(remembered, THERE.key) == [THERE]


def test_what_is_read_is_taken_only_where_nothing_is_known(
    remembered: RememberedPositions,
) -> None:
    other = Position("B-1", "BER", 9000, version=1)
    assert remembered.missing([HERE.key, other.key]) == [other.key]
    remembered.learn([HERE._replace(on_hand=1000), other])
    assert recalled(remembered, HERE.key, other.key) == [HERE, other]


def test_an_item_that_ran_out_is_left_to_the_ledger_until_there_is_enough(
    remembered: RememberedPositions,
) -> None:
    remembered.remember([HERE, THERE, Position("B-1", "BER")], short={"B-1"})
    assert remembered.is_short(["A-1", "B-1"])
    assert not remembered.is_short(["A-1"])
    remembered.remember([Position("B-1", "BER", 5000)])
    assert not remembered.is_short(["B-1"])


def test_everything_is_forgotten_in_time(
    remembered: RememberedPositions, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.monotonic() + KEEP_SECONDS + 0.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert remembered.missing([HERE.key]) == [HERE.key]
    assert recalled(remembered, HERE.key) is None
    remembered.remember([HERE])
    assert recalled(remembered, HERE.key) == [HERE]


def test_there_is_a_bound(remembered: RememberedPositions) -> None:
    many = [Position(f"SKU-{number}", "BER") for number in range(MAX_POSITIONS)]
    remembered.remember(many)
    assert remembered.missing([HERE.key]) == [HERE.key]
    assert recalled(remembered, many[0].key) is None


def pauses(remembered: RememberedPositions) -> int:
    """Batches under locks until memory speaks again."""
    batches = 0
    while remembered.silent:
        remembered.remember([])
        batches += 1
    return batches


def test_each_mistake_keeps_it_silent_twice_as_long(remembered: RememberedPositions) -> None:
    lengths = []
    for _ in range(12):
        remembered.was_wrong()
        lengths.append(pauses(remembered))
    assert lengths[:4] == [1, 2, 4, 8]
    assert lengths[-1] == MAX_PAUSE


def test_being_right_is_forgiven_step_by_step(remembered: RememberedPositions) -> None:
    for _ in range(4):
        remembered.was_wrong()
        pauses(remembered)
    remembered.was_right()
    remembered.was_wrong()
    assert pauses(remembered) == 8
    for _ in range(20):
        remembered.was_right()
    remembered.was_wrong()
    assert pauses(remembered) == 1
