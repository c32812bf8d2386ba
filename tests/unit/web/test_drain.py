"""The steps in which a process lets its clients go."""

import asyncio
import time

from hub.web.connections import Connections
from hub.web.drain import Drain, DrainTimes
from tests.waiting import eventually

LONG = 60.0


class Answering:
    """A connection whose client waits for an answer; it ends once that is given."""

    slot = 0

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.asked_to_end = False

    def look(self, now: float) -> float:
        return now + 1

    def retire(self) -> None:
        self.asked_to_end = True

    def answer(self) -> None:
        self._connections.leave(self)


async def test_first_it_is_told_and_everything_goes_on() -> None:
    connections = Connections(600)
    drain = Drain(connections, DrainTimes(LONG, LONG, LONG))
    announcing = asyncio.create_task(drain.announce())
    await eventually(lambda: connections.draining)
    assert not connections.closed
    assert not announcing.done()
    drain.hurry()
    await announcing


async def test_without_a_notice_it_goes_on_at_once() -> None:
    drain = Drain(Connections(600), DrainTimes(0, LONG, LONG))
    await asyncio.wait_for(drain.announce(), LONG / 2)


async def test_the_end_is_when_the_last_answer_was_given() -> None:
    connections = Connections(600)
    one = Answering(connections)
    connections.enter(one)
    drain = Drain(connections, DrainTimes(0, 1, LONG))
    ending = asyncio.create_task(drain.let_go())
    await eventually(lambda: one.asked_to_end)
    await asyncio.sleep(0.2)
    assert not ending.done()
    one.answer()
    await asyncio.wait_for(ending, LONG / 2)


async def test_answers_are_not_waited_for_without_end() -> None:
    connections = Connections(600)
    connections.enter(Answering(connections))
    await asyncio.wait_for(Drain(connections, DrainTimes(0, 1, 0.1)).let_go(), LONG / 2)
    assert connections.closed


async def test_a_hurry_skips_the_batches_and_asks_everybody_at_once() -> None:
    connections = Connections(600)
    many = [Answering(connections) for _ in range(1000)]
    for one in many:
        connections.enter(one)
    drain = Drain(connections, DrainTimes(0, LONG, 0.1))
    drain.hurry()
    began = time.monotonic()
    await drain.let_go()
    assert all(one.asked_to_end for one in many)
    assert time.monotonic() - began < LONG / 2
