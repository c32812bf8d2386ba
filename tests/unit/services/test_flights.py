"""How many batches of holds set out, by what those before them had to wait for."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub.services.flights import CALM_FLIGHTS, FLIGHTS, SMALL_FLIGHT, Flights


class Clock:
    """Time as the test tells it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("hub.services.flights.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
async def task() -> AsyncIterator[asyncio.Task[None]]:
    one = asyncio.create_task(asyncio.sleep(0))
    yield one
    await one


def write(flights: Flights, clock: Clock, sent_at: float, locked: float, ended: float) -> None:
    """A batch that was sent, had its first lock and was written at these times."""
    clock.now = ended
    flights.written(sent_at, locked - sent_at)


async def test_many_go_in_two_halves_and_few_in_one(task: asyncio.Task[None]) -> None:
    flights = Flights()
    assert flights.may_launch(1)
    assert flights.size(SMALL_FLIGHT) == SMALL_FLIGHT
    assert flights.size(65) == 33
    flights.launched(task, 33)
    assert flights.size(32) == 32
    assert not flights.may_launch(16)
    assert flights.may_launch(17)


async def test_there_are_never_more_than_two(task: asyncio.Task[None]) -> None:
    other = asyncio.create_task(asyncio.sleep(0))
    flights = Flights()
    flights.launched(task, 10)
    flights.launched(other, 10)
    assert len(flights) == FLIGHTS
    assert not flights.may_launch(1_000)
    flights.landed(task)
    assert flights.may_launch(1_000)
    await other


def test_one_who_is_in_the_way_makes_batches_whole_until_nobody_was_for_a_while(
    clock: Clock,
) -> None:
    flights = Flights()
    write(flights, clock, sent_at=0.0, locked=0.5, ended=1.0)
    assert flights.crowded
    assert flights.size(500) == 500
    for start in range(1, 1 + CALM_FLIGHTS):
        assert flights.crowded
        write(flights, clock, sent_at=start, locked=start + 0.01, ended=start + 1.0)
    assert not flights.crowded
    assert flights.size(500) == 250


async def test_no_second_one_sets_out_into_a_crowd(clock: Clock, task: asyncio.Task[None]) -> None:
    flights = Flights()
    write(flights, clock, sent_at=0.0, locked=0.5, ended=1.0)
    flights.launched(task, 10)
    assert not flights.may_launch(1_000)


def test_waiting_for_the_batch_before_is_no_crowd(clock: Clock) -> None:
    flights = Flights()
    write(flights, clock, sent_at=0.0, locked=0.0, ended=1.0)
    write(flights, clock, sent_at=0.5, locked=1.0, ended=2.0)
    assert not flights.crowded


def test_the_batch_before_explains_only_as_long_as_it_had_the_lock(clock: Clock) -> None:
    flights = Flights()
    # Both stood in line behind somebody else: ours had the lock for a tenth of the time.
    write(flights, clock, sent_at=0.0, locked=0.9, ended=1.0)
    for start in (2.0, 4.0, 6.0, 8.0):
        write(flights, clock, sent_at=start, locked=start, ended=start + 0.1)
    assert not flights.crowded
    write(flights, clock, sent_at=10.0, locked=10.0, ended=10.1)
    write(flights, clock, sent_at=9.9, locked=11.0, ended=11.1)
    assert flights.crowded
