"""The label of an item near its low-stock mark: it waits, it does not flap, and it never lies."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.availability import availability_of
from hub.domain.item import Item
from hub.domain.lowness import MOST_PAST, is_near_mark
from hub.domain.policies import Policy, Rules
from hub.domain.position import Past, Position
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT
from tests.unit.builders import NOW, item, kit, position, rules, units
from tests.unit.domain.exploration import explored

MARK, END = 5, 7
LIMITED = AvailabilityStatus.LIMITED_AVAILABILITY


class Step(NamedTuple):
    """So many units more at a location, with the entry before or by itself."""

    location: str
    delta: int
    together: bool = False


def label_of(
    positions: Sequence[Position], of: Item | None = None, by: Rules | None = None
) -> bool:
    """Whether a mug is said to be low in the channel `web`, which sells from BER and HAM."""
    by = by or rules()
    answer = availability_of(of or item(), positions, by, by.channel("web"), UNIT, NOW)
    return answer.status is LIMITED


def walked(*frees: int, location: str = "BER") -> Position:
    """A position that had these units, the newest last, each by an entry of its own."""
    past = [Past(NOW + timedelta(seconds=place), units(n)) for place, n in enumerate(frees)]
    return position(location, frees[-1])._replace(past=tuple(reversed(past))[:MOST_PAST])


@pytest.mark.parametrize(
    ("frees", "low"),
    [
        ([6], False),
        ([10, 6], False),
        ([5, 6], True),
        ([0, 6], True),
        ([3, 6, 6, 6], True),
        ([5, 7, 6], False),
        ([5, 6, 7], False),
        ([9, 5, 6], True),
        ([9, 6, 5], True),
        ([5, 100, 6], False),
    ],
)
def test_an_item_enters_at_its_mark_and_leaves_at_the_end_of_the_margin(
    frees: list[int], low: bool
) -> None:
    assert label_of([walked(*frees)]) is low


def test_what_was_written_together_was_never_seen_apart() -> None:
    # Three units go from one location to the other: there were never only four.
    start, moved = NOW, NOW + timedelta(seconds=1)
    here = position("BER", 1)._replace(past=(Past(moved, units(1)), Past(start, units(4))))
    there = position("HAM", 5)._replace(past=(Past(moved, units(5)), Past(start, units(2))))
    assert label_of([here, there]) is False


def test_a_hold_that_has_lapsed_was_low_before_anybody_swept_it() -> None:
    lapsed = position("BER", 6, reserved=1, lapsed=1)._replace(past=(Past(NOW, units(5)),))
    assert lapsed.free == units(6)
    assert label_of([lapsed]) is True


def test_what_has_been_near_its_mark_for_long_counts_as_not_low() -> None:
    assert label_of([walked(5, *[6] * (MOST_PAST - 1))]) is True
    assert label_of([walked(5, *[6] * MOST_PAST)]) is False


def test_what_one_location_no_longer_tells_ends_the_past_of_all() -> None:
    busy = walked(*[3] * (MOST_PAST + 5))
    quiet = position("HAM", 3)._replace(
        past=(Past(NOW, units(3)), Past(NOW - timedelta(days=1), units(0)))
    )
    assert label_of([busy, quiet]) is False


def test_the_margin_is_a_rule() -> None:
    by = rules({("global", ""): Policy(low_stock_mark=units(5), low_stock_margin=units(10))})
    assert label_of([walked(5, 14)], by=by) is True
    assert label_of([walked(5, 15)], by=by) is False
    by = rules({("global", ""): Policy(low_stock_margin=0)})
    assert label_of([walked(5, 6)], by=by) is False


def test_a_kit_is_low_at_its_mark_and_nowhere_else() -> None:
    by = rules(kits={"SET": kit(MUG=1)})
    assert is_near_mark(item("SET"), [], by) is False


def test_what_is_far_from_its_mark_needs_no_past() -> None:
    by = rules()
    near = {n: is_near_mark(item(), [position(on_hand=n)], by) for n in (0, 5, 6, 7, 50)}
    assert near == {0: False, 5: False, 6: True, 7: False, 50: False}
    assert is_near_mark(item(), [position("BER", 100), position("CPH", 6)], by) is False
    assert is_near_mark(item(), [position("BER", 3), position("HAM", 3)], by) is True
    assert is_near_mark(item(discontinued=True), [position(on_hand=6)], by) is False
    assert is_near_mark(item(low=0), [position(on_hand=1)], by) is False
    assert is_near_mark(item(low=9), [position(on_hand=10)], by) is True
    safe = rules({("location", "BER"): Policy(safety_stock=units(20))})
    assert is_near_mark(item(), [position(on_hand=26)], safe) is True


STEPS = st.lists(
    st.builds(Step, st.sampled_from(["BER", "HAM"]), st.integers(-4, 4), st.booleans()),
    min_size=1,
    max_size=40,
)


@explored(300)
@given(STEPS)
def test_on_any_walk_the_label_changes_only_as_the_band_is_crossed(steps: list[Step]) -> None:
    free = {"BER": 10, "HAM": 0}
    past: dict[str, list[Past]] = {"BER": [Past(NOW, units(10))], "HAM": [Past(NOW, units(0))]}
    is_low, at = False, NOW
    for place, step in enumerate(steps):
        if not step.together:
            at += timedelta(seconds=1)
        free[step.location] = max(0, free[step.location] + step.delta)
        past[step.location].insert(0, Past(at, units(free[step.location])))
        if place + 1 < len(steps) and steps[place + 1].together:
            # The rest of the same transaction is still to come: nobody sees this.
            continue
        left = sum(free.values())
        is_low = left <= MARK or (is_low and left < END)
        held = [
            position(name, free[name])._replace(past=tuple(past[name])) for name in ("BER", "HAM")
        ]
        if is_near_mark(item(), held, rules()):
            assert label_of(held) is is_low
        else:
            # What is read of it has no past.
            plain = [one._replace(past=()) for one in held]
            assert label_of(plain) is (is_low and left > 0)
