"""How a source is configured to be compared, and when it is time for that."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.reconciliations import ReconciliationPolicy
from hub.domain.source_reconciliation import DueState, Reconciling, standing_of
from hub.domain.sources import Source, source_from
from hub.domain.values import UNIT

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = Reconciling(timedelta(days=7))


def source(**reconciliation: Any) -> Source:
    return source_from({"name": "acme", "format": "csv", "reconciliation": reconciliation})


def test_what_is_configured_is_read_and_written_back() -> None:
    given = {"every": "7d", "policy": "correct", "max_units": 5, "max_share": 0.1}
    read = source(**given)
    expected = Reconciling(timedelta(days=7), ReconciliationPolicy.CORRECT, 5 * UNIT, 0.1)
    assert read.reconciliation == expected
    assert read.as_plain()["reconciliation"] == given
    assert source_from(read.as_plain()) == read
    assert "reconciliation" not in source(policy="report").as_plain()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"every": "weekly"}, "reconciliation.every"),
        ({"policy": "always"}, "reconciliation.policy"),
        ({"max_units": 0}, "reconciliation.max_units"),
        ({"max_units": True}, "reconciliation.max_units"),
        ({"max_share": 1.5}, "reconciliation.max_share"),
        ({"max_share": 0}, "reconciliation.max_share"),
        ({"limit": 5}, "reconciliation.limit"),
    ],
)
def test_what_can_not_be_is_refused_by_its_key(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        source(**given)
    assert refused.value.field == field


def test_counts_that_include_orders_are_not_compared() -> None:
    with pytest.raises(InvalidInput) as refused:
        source_from(
            {
                "name": "acme",
                "format": "csv",
                "counts": {"include_orders": "time"},
                "reconciliation": {"every": "7d"},
            }
        )
    assert refused.value.field == "reconciliation"


@pytest.mark.parametrize(
    ("days", "compared", "state"),
    [
        (1, False, DueState.DUE),
        (11, False, DueState.OVERDUE),
        (6.9, True, DueState.ON_TIME),
        (7, True, DueState.DUE),
        (10.4, True, DueState.DUE),
        (10.6, True, DueState.OVERDUE),
    ],
)
def test_a_source_is_due_and_then_overdue(days: float, compared: bool, state: DueState) -> None:
    last = NOON if compared else None
    known_since = NOON - timedelta(days=99) if compared else NOON
    standing = standing_of("acme", WEEK, known_since, last, NOON + timedelta(days=days))
    assert standing is not None
    assert standing.state is state
    assert standing.due_at == (NOON + timedelta(days=7) if compared else NOON)


def test_who_is_only_compared_when_asked_is_never_due() -> None:
    assert standing_of("acme", Reconciling(), NOON, None, NOON + timedelta(days=999)) is None


def test_what_operators_read_can_be_configured() -> None:
    text = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    begin = text.index("    [reconciliation]\n")
    shown = tomllib.loads(text[begin : text.index("\n\n", begin)])
    assert source(**shown["reconciliation"]).as_plain()["reconciliation"] == {
        "every": "7d",
        "policy": "correct",
    }, "the limits that are shown are the usual ones"
