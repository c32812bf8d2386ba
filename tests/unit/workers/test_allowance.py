"""How fast the other side may be asked."""

import pytest

from workers.channels.allowance import Allowance


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let it pass."""
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


def allowance(clock: Clock, most: float = 10, per_second: float = 2) -> Allowance:
    """A bucket by that clock."""
    return Allowance(most, per_second, clock, clock.sleep)


async def test_whoever_was_restarted_begins_with_nothing(clock: Clock) -> None:
    await allowance(clock).take(4)
    assert clock.now == pytest.approx(102)


async def test_after_a_pause_there_is_as_much_as_fits_in(clock: Clock) -> None:
    one = allowance(clock)
    clock.now += 60
    await one.take(10)
    assert clock.now == 160
    await one.take(1)
    assert clock.now == pytest.approx(160.5)


async def test_what_they_say_is_left_counts(clock: Clock) -> None:
    one = allowance(clock)
    one.told(points=1, most_points=100, points_per_second=50)
    await one.take(51)
    assert clock.now == pytest.approx(101)


async def test_they_are_left_alone_for_as_long_as_they_ask(clock: Clock) -> None:
    one = allowance(clock)
    clock.now += 60
    one.pause(7)
    await one.take(1)
    assert clock.now == pytest.approx(167)


async def test_a_request_that_costs_more_than_there_can_be_is_allowed_once_all_is_there(
    clock: Clock,
) -> None:
    one = allowance(clock)
    await one.take(1_000)
    assert clock.now == pytest.approx(105)


async def test_never_more_is_spent_than_the_bucket_had_and_got(clock: Clock) -> None:
    one = allowance(clock, most=5, per_second=3)
    spent = 0.0
    for number in range(200):
        points = number % 5 + 0.5
        await one.take(points)
        spent += points
        assert spent <= 5 + (clock.now - 100) * 3 + 1e-6
