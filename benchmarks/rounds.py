"""How things are measured: sides take turns, and many callers wait for their answers.

A noisy machine is as noisy for one side as for the other if they alternate, so ratios of one run
mean something where rates of two runs do not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

T = TypeVar("T")

Tell = Callable[[str, int, int], None]
"""Told what runs now, the steps done and the steps there are."""


async def alternate(
    rounds: int, sides: Mapping[str, Callable[[], Awaitable[T]]], tell: Tell
) -> list[dict[str, T]]:
    """What each side gave in each round, the sides taking turns."""
    results = []
    steps = rounds * len(sides)
    for number in range(rounds):
        result = {}
        for place, (side, measure) in enumerate(sides.items()):
            tell(side, number * len(sides) + place, steps)
            result[side] = await measure()
        results.append(result)
    tell("done", steps, steps)
    return results


async def rate_of(callers: int, seconds: float, call: Callable[[], Awaitable[object]]) -> float:
    """Calls per second of `callers` who each wait for an answer before they call again."""
    done = 0
    started = time.perf_counter()
    end = started + seconds

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await call()
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - started)
