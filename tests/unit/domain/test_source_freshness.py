"""Whether a source is believed follows from when it was heard, how it failed, and the time."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.plain_table import Table, plain_duration
from hub.domain.source_freshness import (
    FIRST_BACKOFF,
    MAX_BACKOFF,
    MAX_PROBLEM_LENGTH,
    MAX_RETRY_AFTER,
    Freshness,
    Health,
    SourceState,
    Withheld,
    after_answer,
    after_failure,
    after_heard,
    backoff,
    freshness_from,
    plain_freshness,
    standing_of,
)
from hub.domain.sources import Source, source_from
from hub.domain.values import UNIT
from tests.unit.builders import NOW

HOUR = timedelta(hours=1)
HOURLY = Freshness(expected_every=HOUR)
NEW = Health(watched_since=NOW)
HEARD = after_heard(NEW, NOW)


def failed(
    health: Health, times: int = 1, retry_after: timedelta | None = None, at: Any = NOW
) -> Health:
    for _ in range(times):
        health = after_failure(health, HOURLY, "503", retry_after, at, lambda: 1.0)
    return health


@pytest.mark.parametrize(
    ("health", "after", "state", "since"),
    [
        (NEW, HOUR, SourceState.WAITING, timedelta()),
        (NEW, 1.5 * HOUR, SourceState.LATE, 1.5 * HOUR),
        (HEARD, 1.4 * HOUR, SourceState.FRESH, timedelta()),
        (HEARD, 2 * HOUR, SourceState.LATE, 1.5 * HOUR),
        (HEARD, 3 * HOUR, SourceState.STALE, 3 * HOUR),
        (failed(HEARD), HOUR, SourceState.FRESH, timedelta()),
        (failed(HEARD, 2), HOUR, SourceState.FAILING, timedelta()),
        (failed(HEARD, 2), 3 * HOUR, SourceState.STALE, 3 * HOUR),
        (failed(HEARD, 5), 3 * HOUR, SourceState.CIRCUIT_OPEN, timedelta()),
        (HEARD._replace(quarantined_at=NOW), HOUR, SourceState.DOUBTFUL, timedelta()),
        (HEARD._replace(quarantined_at=NOW), 3 * HOUR, SourceState.STALE, 3 * HOUR),
    ],
)
def test_of_what_is_the_matter_the_worst_counts(
    health: Health, after: timedelta, state: SourceState, since: timedelta
) -> None:
    standing = standing_of(health, HOURLY, NOW + after)
    assert (standing.state, standing.since) == (state, NOW + since)


def test_of_a_source_that_nothing_is_expected_of_silence_says_nothing() -> None:
    standing = standing_of(HEARD, Freshness(), NOW + timedelta(days=365))
    assert (standing.state, standing.late_at, standing.stale_at) == (SourceState.FRESH, None, None)


def test_who_is_heard_has_not_failed() -> None:
    health = after_heard(failed(HEARD, 7), NOW + HOUR)
    assert (health.failures, health.problem, health.opened_at) == (0, None, None)
    assert health.failed_at == NOW
    assert health.not_before(NOW + HOUR) is None
    # What was told late does not make it older.
    assert after_heard(health, NOW).heard_at == NOW + HOUR


def test_what_came_before_a_failure_does_not_undo_it() -> None:
    health = after_heard(failed(HEARD, 2), NOW - timedelta(seconds=1))
    assert (health.failures, health.heard_at) == (2, NOW)


@given(
    heard=st.none() | st.integers(0, 10_000),
    failures=st.integers(0, 8),
    after=st.integers(0, 20_000),
)
def test_the_state_stays_until_the_moment_that_is_named(
    heard: int | None, failures: int, after: int
) -> None:
    """Or nobody would tell of it."""
    health = NEW if heard is None else after_heard(NEW, NOW + timedelta(seconds=heard))
    health = failed(health, failures)
    now = NOW + timedelta(seconds=after)
    standing = standing_of(health, HOURLY, now)
    upcoming = standing.next_at(now)
    last = now + timedelta(days=30) if upcoming is None else upcoming - timedelta(microseconds=1)
    later = standing_of(health, HOURLY, last)
    assert (later.state, later.since) == (standing.state, standing.since)


@given(tries=st.integers(0, 10_000), dice=st.floats(0, 1))
def test_a_wait_doubles_up_to_its_bound_and_is_never_the_same_for_all(
    tries: int, dice: float
) -> None:
    wait = backoff(tries, lambda: dice)
    most = backoff(tries, lambda: 1.0)
    assert most / 2 <= wait <= most <= MAX_BACKOFF
    assert most == min(MAX_BACKOFF, 2 * backoff(tries - 1, lambda: 1.0) if tries else FIRST_BACKOFF)


def test_a_circuit_opens_after_so_many_failures_and_waits_longer_with_each() -> None:
    fourth, fifth, sixth = (failed(HEARD, times) for times in (4, 5, 6))
    assert (fourth.opened_at, fourth.not_before(NOW)) == (None, None)
    assert (fifth.opened_at, fifth.not_before(NOW)) == (NOW, NOW + FIRST_BACKOFF)
    assert (sixth.opened_at, sixth.not_before(NOW)) == (NOW, NOW + 2 * FIRST_BACKOFF)


def test_who_wants_to_be_left_alone_is_but_not_for_ever() -> None:
    once = failed(HEARD, 1, timedelta(minutes=7))
    assert once.not_before(NOW) == NOW + timedelta(minutes=7)
    assert once.not_before(NOW + timedelta(minutes=7)) is None
    assert after_heard(once, NOW).not_before(NOW) == NOW + timedelta(minutes=7)
    assert failed(HEARD, 1, timedelta(days=9)).not_before(NOW) == NOW + MAX_RETRY_AFTER
    assert failed(HEARD, 1, -HOUR).not_before(NOW) is None
    # The longer of both waits holds.
    assert failed(HEARD, 5, timedelta(hours=5)).not_before(NOW) == NOW + 5 * HOUR


def test_a_problem_is_kept_so_that_it_can_be_shown() -> None:
    shown = after_failure(HEARD, HOURLY, "\0\ud800\x1b[31m" + "x" * 999, None, NOW, lambda: 0.0)
    assert shown.problem is not None
    assert shown.problem.startswith("???[31mxx")
    assert len(shown.problem) == MAX_PROBLEM_LENGTH


@pytest.mark.parametrize(
    ("withheld", "on_hand", "step", "units"),
    [
        (Withheld(units=2 * UNIT), 10 * UNIT, UNIT, 2 * UNIT),
        (Withheld(percent=25), 10 * UNIT, UNIT, 3 * UNIT),
        (Withheld(percent=25), 10 * UNIT, 250, 2_500),
        (Withheld(percent=100), 7 * UNIT, UNIT, 7 * UNIT),
        (Withheld(percent=100), -3 * UNIT, UNIT, 0),
    ],
)
def test_a_part_is_withheld_in_whole_steps(
    withheld: Withheld, on_hand: int, step: int, units: int
) -> None:
    assert withheld.of(on_hand, step) == units


def read(**freshness: Any) -> Freshness:
    return freshness_from(Table(freshness, "freshness"))


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"expected_every": "90s", "late_after": "2m", "stale_after": "7d"},
        {"expected_every": "1h", "stale_after": "1h", "open_after": 3, "withhold": 2},
        {"withhold": "25%", "locations": ["BER", "AMS"]},
    ],
)
def test_what_is_configured_is_written_as_it_was_read(plain: dict[str, Any]) -> None:
    assert plain_freshness(read(**plain)) == plain


@pytest.mark.parametrize(
    ("plain", "field"),
    [
        ({"expected_every": "soon"}, "expected_every"),
        ({"expected_every": 60}, "expected_every"),
        ({"expected_every": "0m"}, "expected_every"),
        ({"expected_every": "367d"}, "expected_every"),
        ({"late_after": "1h"}, "late_after"),
        ({"stale_after": "1h"}, "stale_after"),
        ({"expected_every": "1h", "late_after": "59m"}, "late_after"),
        ({"expected_every": "1h", "stale_after": "59m"}, "stale_after"),
        ({"expected_every": "1h", "late_after": "2h", "stale_after": "90m"}, "stale_after"),
        ({"open_after": 0}, "open_after"),
        ({"open_after": True}, "open_after"),
        ({"withhold": 0}, "withhold"),
        ({"withhold": "0%"}, "withhold"),
        ({"withhold": "101%"}, "withhold"),
        ({"withhold": "some"}, "withhold"),
        ({"locations": [""]}, "locations"),
        ({"expected": "1h"}, "expected"),
    ],
)
def test_what_is_wrong_is_refused_by_its_path(plain: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(**plain)
    assert refused.value.data["field"] == f"freshness.{field}"


def test_what_is_late_is_never_later_than_what_is_stale() -> None:
    early = read(expected_every="1h", stale_after="65m")
    assert early.late == early.stale == timedelta(minutes=65)
    late = read(expected_every="1h", late_after="5h")
    assert late.late == late.stale == timedelta(hours=5)


@given(seconds=st.integers(1, 366 * 86_400))
def test_a_duration_is_read_as_it_was_written(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert Table({"every": plain_duration(duration)}).duration("every") == duration


def acme(**sections: Any) -> Source:
    return source_from({"name": "acme", "format": "csv"} | sections)


def test_a_source_tells_of_the_locations_that_its_names_stand_for_unless_some_are_set() -> None:
    locations = {"default": "BER", "names": {"Lager 2": "AMS", "Lager 3": "AMS"}}
    assert acme(locations=locations).told_locations == ["AMS", "BER"]
    set_too = acme(locations=locations, freshness={"locations": ["PAR"]})
    assert set_too.told_locations == ["PAR"]
    assert source_from(set_too.as_plain()) == set_too
    with pytest.raises(InvalidInput) as refused:
        acme(freshness={"withhold": 1})
    assert refused.value.data["field"] == "freshness.locations"


def test_a_source_that_answers_with_nothing_does_not_fail_and_is_not_heard() -> None:
    answered = after_answer(failed(HEARD, 5))
    assert answered == HEARD._replace(failed_at=NOW)
    assert standing_of(answered, HOURLY, NOW + 3 * HOUR).state is SourceState.STALE
    assert standing_of(after_answer(failed(NEW, 2)), HOURLY, NOW).state is SourceState.WAITING
    # It may have asked to be left alone all the same.
    left_alone = after_answer(failed(HEARD, 1, HOUR))
    assert left_alone.not_before(NOW) == NOW + HOUR
