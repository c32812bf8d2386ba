"""The loop behind the demo: actions when due, refusals shrugged off, outages waited out."""

import asyncio

from hub.domain.errors import InsufficientStock, Unavailable
from workers.demo.agenda import Agenda


async def test_actions_are_done_in_the_order_they_are_due() -> None:
    agenda, stop, done = Agenda(), asyncio.Event(), list[str]()

    async def first() -> None:
        done.append("first")

    async def second() -> None:
        done.append("second")
        stop.set()

    agenda.add(0.02, second)
    agenda.add(0.01, first)
    await asyncio.wait_for(agenda.run(stop), 5)
    assert done == ["first", "second"]


async def test_a_refusal_ends_its_action_and_nothing_else() -> None:
    agenda, stop, tries = Agenda(), asyncio.Event(), list[int]()

    async def refused() -> None:
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise InsufficientStock(lines=[])

    agenda.repeat(lambda: 0.001, refused)
    await asyncio.wait_for(agenda.run(stop), 5)
    assert len(tries) == 3


async def test_while_the_database_is_away_an_action_is_tried_again() -> None:
    agenda, stop, tries = Agenda(), asyncio.Event(), list[int]()

    async def away_at_first() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable
        stop.set()

    agenda.add(0, away_at_first)
    await asyncio.wait_for(agenda.run(stop), 5)
    assert len(tries) == 2


async def test_an_outage_does_not_multiply_what_repeats() -> None:
    agenda, stop, tries = Agenda(), asyncio.Event(), list[int]()

    async def away_at_first() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable

    async def end() -> None:
        stop.set()

    agenda.repeat(lambda: 0.1, away_at_first)
    agenda.add(1.15, end)
    await asyncio.wait_for(agenda.run(stop), 5)
    # One in the first 0.1 s, half a second of backing off, then one each 0.1 s.
    assert 2 <= len(tries) <= 8


async def test_stopping_leaves_undone_what_is_due_later() -> None:
    agenda, stop, done = Agenda(), asyncio.Event(), list[int]()

    async def later() -> None:
        done.append(1)

    agenda.add(60, later)
    asyncio.get_running_loop().call_later(0.01, stop.set)
    await asyncio.wait_for(agenda.run(stop), 5)
    assert done == []
