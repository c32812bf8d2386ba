"""Guard rails: what is too much to be believed, and what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.guard_rails import Evidence, GuardRails, guard_rails_from, tripped_by
from hub.domain.values import UNIT

NOW = datetime(2031, 5, 1, tzinfo=UTC)
CALM = Evidence(
    rows=100,
    in_stock=100,
    zeroed=0,
    total_before=1_000 * UNIT,
    total_after=1_000 * UNIT,
    jumped=0,
    jump=None,
    unknown=0,
    as_of=NOW,
    newest_before=NOW,
)
JUMP = ("A-1", "BER", 10 * UNIT, 1_001 * UNIT)


@pytest.mark.parametrize(
    ("rail", "evidence"),
    [
        ("zeroed_share", {"zeroed": 31}),
        ("total_drop_share", {"total_after": 499 * UNIT}),
        ("jump_factor", {"jumped": 1, "jump": JUMP}),
        ("unknown_share", {"unknown": 11}),
        ("days_out_of_order", {"as_of": NOW - timedelta(days=2, seconds=1)}),
    ],
)
def test_each_rail_trips_by_itself_and_not_when_it_is_off(
    rail: str, evidence: dict[str, Any]
) -> None:
    beyond = CALM._replace(**evidence)
    (tripped,) = tripped_by(beyond, GuardRails())
    assert tripped.rail == rail
    assert tripped.actual > tripped.limit == getattr(GuardRails(), rail)
    assert tripped_by(beyond, guard_rails_from({rail: None})) == []


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"zeroed": 30},
        {"total_after": 500 * UNIT},
        {"total_after": 5_000 * UNIT},
        {"unknown": 10},
        {"as_of": NOW - timedelta(days=2)},
        {"as_of": NOW + timedelta(days=30)},
        {"newest_before": None},
        {"as_of": None},
        {"rows": 4, "in_stock": 4, "zeroed": 4, "total_after": 0},
        {"rows": 4, "unknown": 4},
        {"in_stock": 0, "total_before": 0},
    ],
)
def test_what_stays_within_its_limits_is_believed(evidence: dict[str, Any]) -> None:
    assert tripped_by(CALM._replace(**evidence), GuardRails()) == []


def test_a_feed_of_nothing_but_zeros_trips_two_and_says_so() -> None:
    zeros = CALM._replace(zeroed=100, total_after=0)
    first, second = tripped_by(zeros, GuardRails())
    assert first.problem == (
        "would leave nothing of 100 of the 100 items in stock (100%; up to 30% is believed)"
    )
    assert (second.rail, second.actual) == ("total_drop_share", 1.0)


def test_settings_name_what_differs_from_the_defaults() -> None:
    assert guard_rails_from({}) == GuardRails()
    given = {"zeroed_share": 0.5, "jump_factor": None, "jump_from": 3, "from_items": 1}
    assert guard_rails_from(given) == GuardRails(
        zeroed_share=0.5, jump_factor=None, jump_from=3 * UNIT, from_items=1
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"zeroed": 0.5}, "guard_rails.zeroed"),
        ({"zeroed_share": 1.5}, "guard_rails.zeroed_share"),
        ({"zeroed_share": -0.1}, "guard_rails.zeroed_share"),
        ({"zeroed_share": "a half"}, "guard_rails.zeroed_share"),
        ({"unknown_share": True}, "guard_rails.unknown_share"),
        ({"total_drop_share": float("nan")}, "guard_rails.total_drop_share"),
        ({"jump_factor": 0.5}, "guard_rails.jump_factor"),
        ({"from_items": None}, "guard_rails.from_items"),
        ({"from_items": 0}, "guard_rails.from_items"),
        ({"jump_from": 1.5}, "guard_rails.jump_from"),
        ({"days_out_of_order": 1e12}, "guard_rails.days_out_of_order"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        guard_rails_from(given)
    assert refused.value.data["field"] == field
