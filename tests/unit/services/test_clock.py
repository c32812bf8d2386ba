"""The database's time goes on between two looks at it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from hub.services.clock import DatabaseClock
from tests.unit.builders import NOW, later


class Monotonic:
    """A monotonic clock one moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    """The clock that the database's clock counts on with."""
    moved = Monotonic()
    monkeypatch.setattr(time, "monotonic", moved)
    return moved


def test_until_the_database_was_asked_this_machine_tells_the_time() -> None:
    before = datetime.now(UTC)
    now = DatabaseClock().now()
    assert timedelta(0) <= now - before < timedelta(seconds=5)
    assert now.tzinfo is UTC


def test_the_database_is_believed_however_far_off_this_machine_is(monotonic: Monotonic) -> None:
    clock = DatabaseClock()
    clock.observe(NOW)
    assert clock.now() == NOW


def test_time_goes_on_from_the_last_look(monotonic: Monotonic) -> None:
    clock = DatabaseClock()
    clock.observe(NOW)
    monotonic.seconds += 2.5
    assert clock.now() == later(2.5)
    clock.observe(later(3))
    assert clock.now() == later(3)
    monotonic.seconds += 1
    assert clock.now() == later(4)


def test_an_observation_that_comes_late_does_not_turn_time_back(monotonic: Monotonic) -> None:
    clock = DatabaseClock()
    clock.observe(NOW)
    clock.observe(later(-0.5))
    assert clock.now() == NOW
    monotonic.seconds += 1
    assert clock.now() == later(0.5)


def test_a_database_clock_that_was_set_back_is_believed(monotonic: Monotonic) -> None:
    clock = DatabaseClock()
    clock.observe(NOW)
    clock.observe(later(-60))
    assert clock.now() == later(-60)
