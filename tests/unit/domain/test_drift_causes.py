"""Why an item differs: a rule for each cause, and sums that add up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.drift_causes import (
    ChannelEvidence,
    DriftTotals,
    Since,
    SourceEvidence,
    cause_of,
    channel_cause_of,
    channel_item_of,
    item_of,
    still_to_book,
)
from hub.domain.reconciliations import BOOKED_BY_CHOICE, DriftCause, DriftState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def evidence(**told: Any) -> SourceEvidence:
    """10 on hand, of which the source says 7."""
    usual = SourceEvidence(
        "A-1", "BER", 7, NOON, True, True, 10, 4, NOON - timedelta(days=1), 0, 0, 0, 0, 0, 0, 0, 0,
        (),
    )  # fmt: skip
    return usual._replace(**told)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({}, DriftCause.SHRINKAGE),
        ({"source": 12}, DriftCause.SURPLUS),
        ({"known": False, "dead": 1}, DriftCause.UNKNOWN_SKU),
        ({"counted_at": LATER, "moved_since": 3}, DriftCause.COUNT_IS_OLDER),
        ({"counted_at": NOON}, DriftCause.SHRINKAGE),
        ({"moved_since": 3, "orders_since": -1}, DriftCause.MOVED_SINCE),
        ({"source": 12, "moved_since": -2, "orders_since": -2}, DriftCause.ORDERS_SINCE),
        ({"source": 12, "moved_since": -1, "orders_since": -1}, DriftCause.SURPLUS),
        ({"dead": 1, "waiting": 2}, DriftCause.DEAD_LETTER),
        ({"waiting": 2, "allocated": 3}, DriftCause.EVENTS_WAITING),
        ({"source": None}, DriftCause.MISSING_IN_SOURCE),
        ({"source": None, "counted_at": LATER}, DriftCause.MISSING_IN_SOURCE),
        ({"allocated": 3}, DriftCause.ORDERS_UNDER_WAY),
        ({"allocated": 5, "reserved": 3}, DriftCause.ORDERS_UNDER_WAY),
        ({"allocated": 2, "reserved": 1}, DriftCause.ORDERS_UNDER_WAY),
        ({"allocated": 7, "open_lines": (4, 3)}, DriftCause.ORDERS_UNDER_WAY),
        ({"allocated": 7, "open_lines": (5, 2)}, DriftCause.SHRINKAGE),
        ({"source": 13, "allocated": 3}, DriftCause.SURPLUS),
        ({"held": False, "on_hand": 0, "counted_at": None}, DriftCause.MISSING_IN_HUB),
        ({"told_by_differences": 1}, DriftCause.EVENT_MISSED),
        ({"source": 12, "discarded": 1}, DriftCause.EVENT_MISSED),
    ],
)
def test_the_first_cause_that_fits_is_the_one(told: dict[str, Any], cause: DriftCause) -> None:
    assert cause_of(evidence(**told)) is cause


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({}, DriftCause.CHANGED_THERE),
        ({"alike": 3}, DriftCause.CAPPED_THERE),
        ({"alike": 2}, DriftCause.CHANGED_THERE),
        ({"alike": 3, "theirs": 0}, DriftCause.CHANGED_THERE),
        ({"alike": 3, "theirs": 12}, DriftCause.CHANGED_THERE),
        ({"pending": True}, DriftCause.NOT_PUSHED_YET),
        ({"pending": True, "problem": "TOO_MANY"}, DriftCause.REFUSED_THERE),
        ({"missing": True, "theirs": None}, DriftCause.UNKNOWN_THERE),
    ],
)
def test_a_sales_channel_differs_for_its_own_causes(
    told: dict[str, Any], cause: DriftCause
) -> None:
    usual = ChannelEvidence("A-1", "gid-1", 10, 7, False, None, False, 0)
    found = usual._replace(**told)
    assert channel_cause_of(found) is cause
    assert channel_item_of(1, found).state is DriftState.TOLD


@pytest.mark.parametrize(
    ("since", "state"),
    [
        (Since(4, 0, None, False), DriftState.ASKED),
        (Since(5, -1, None, False), DriftState.ASKED),
        (Since(5, -3, None, False), DriftState.OVERTAKEN),
        (Since(5, 1, "a count", False), DriftState.OVERTAKEN),
        (Since(5, -3, "another correction", True), DriftState.BOOKED),
    ],
)
def test_a_correction_is_booked_once_and_not_after_newer_word(
    since: Since, state: DriftState
) -> None:
    assert still_to_book(-3, since)[0] is state


units = st.integers(-50, 50)
counts = st.integers(0, 3)
EVIDENCE = st.builds(
    evidence,
    source=st.none() | units,
    known=st.booleans(),
    held=st.booleans(),
    on_hand=units,
    counted_at=st.sampled_from([None, NOON - timedelta(days=1), NOON, LATER]),
    allocated=st.integers(0, 50),
    reserved=st.integers(0, 50),
    moved_since=units,
    orders_since=units,
    told_by_differences=counts,
    discarded=counts,
    waiting=counts,
    dead=counts,
    open_lines=st.lists(st.integers(1, 50), max_size=3).map(tuple),
)


@given(st.lists(EVIDENCE, max_size=30))
def test_sums_by_cause_add_up_to_the_whole(found: list[SourceEvidence]) -> None:
    items = [item_of(number, one) for number, one in enumerate(found, 1)]
    totals = DriftTotals()
    totals.add(items[:7])
    totals.add(items[7:])
    assert sum(one.items for one in totals.causes) == len(items)
    assert sum(one.units for one in totals.causes) == sum(abs(one.difference) for one in items)
    assert sum(one.correction for one in totals.causes) == sum(one.correction for one in items)
    assert len({one.cause for one in totals.causes}) == len(totals.causes)


@given(EVIDENCE)
def test_what_is_booked_leaves_what_the_source_said_and_what_moved_since(
    found: SourceEvidence,
) -> None:
    item = item_of(1, found)
    if item.state is DriftState.OPEN:
        assert item.cause in BOOKED_BY_CHOICE
        assert found.on_hand + item.correction == (found.source or 0) + found.moved_since
        assert item.difference == item.correction - found.moved_since
    else:
        assert item.correction == 0
