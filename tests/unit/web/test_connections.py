"""One timer for all connections, and their end in batches."""

import asyncio
from contextlib import ExitStack

import pytest

from hub.web.connections import SLOT_SECONDS, Connections
from tests.waiting import eventually


class Looked:
    """A connection that keeps when it was looked at, and wants so again after some time."""

    slot = 0

    def __init__(self, every_seconds: float) -> None:
        self.every_seconds = every_seconds
        self.looks: list[float] = []
        self.retired = False

    def look(self, now: float) -> float:
        self.looks.append(now)
        return now + self.every_seconds

    def retire(self) -> None:
        self.retired = True


class Broken(Looked):
    """One that cannot be looked at."""

    def look(self, now: float) -> float:
        super().look(now)
        raise RuntimeError


async def test_each_is_looked_at_when_it_is_due() -> None:
    connections = Connections(600)
    often, seldom = Looked(0), Looked(1000)
    with connections.open(often), connections.open(seldom):
        await eventually(lambda: len(often.looks) > 2)
        assert len(seldom.looks) == 1
        assert len(connections) == 2
    assert often.looks[1] - often.looks[0] == pytest.approx(SLOT_SECONDS, abs=SLOT_SECONDS)
    assert len(connections) == 0


async def test_who_has_left_is_not_looked_at_any_more_and_the_timer_rests() -> None:
    connections = Connections(600)
    gone = Looked(0)
    with connections.open(gone):
        pass
    await eventually(lambda: connections._timer is None)
    assert gone.looks == []
    with connections.open(gone):
        await eventually(lambda: gone.looks)


async def test_one_that_fails_takes_no_other_with_it() -> None:
    connections = Connections(600)
    with ExitStack() as stack:
        broken, others = Broken(0), [Looked(0) for _ in range(5)]
        for one in (broken, *others):
            stack.enter_context(connections.open(one))
        await eventually(lambda: all(len(one.looks) > 1 for one in others))
        assert len(connections) == 6


async def test_few_are_ended_at_once_and_many_in_batches() -> None:
    connections = Connections(600)
    with ExitStack() as stack:
        few = [Looked(1000) for _ in range(40)]
        for one in few:
            stack.enter_context(connections.open(one))
        await connections.retire_in_batches(60)
        assert all(one.retired for one in few)
    connections = Connections(600)
    with ExitStack() as stack:
        many = [Looked(1000) for _ in range(400)]
        for one in many:
            stack.enter_context(connections.open(one))
        ending = asyncio.create_task(connections.retire_in_batches(4 * SLOT_SECONDS))
        await eventually(lambda: any(one.retired for one in many))
        assert not all(one.retired for one in many)
        await ending
        assert all(one.retired for one in many)


async def test_one_that_comes_too_late_is_asked_to_go() -> None:
    connections = Connections(600)
    connections.retire_all()
    late = Looked(0)
    with connections.open(late):
        assert late.retired


async def test_who_leaves_while_others_are_ended_is_let_be() -> None:
    connections = Connections(600)
    with ExitStack() as stack:
        many = [Looked(1000) for _ in range(200)]
        for one in many:
            stack.enter_context(connections.open(one))
        ending = asyncio.create_task(connections.retire_in_batches(1))
        await eventually(lambda: any(one.retired for one in many))
        left = [one for one in many if not one.retired]
        for one in left:
            connections.leave(one)
        await ending
        assert left
        assert not any(one.retired for one in left)


async def test_one_that_cannot_be_ended_takes_no_other_with_it() -> None:
    class Unending(Looked):
        def retire(self) -> None:
            raise RuntimeError

    connections = Connections(600)
    with ExitStack() as stack:
        others = [Looked(1000) for _ in range(20)]
        for one in (*others[:10], Unending(1000), *others[10:]):
            stack.enter_context(connections.open(one))
        await connections.retire_in_batches(1)
        assert all(one.retired for one in others)
        connections.retire_all()
