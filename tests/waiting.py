"""Waiting for a condition instead of for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

POLL_SECONDS = 0.01


@overload
async def eventually(
    ask: Callable[[], Awaitable[T]],
    is_right: Callable[[T], object] = ...,
    within_seconds: float = ...,
) -> T: ...
@overload
async def eventually(
    ask: Callable[[], T], is_right: Callable[[T], object] = ..., within_seconds: float = ...
) -> T: ...
async def eventually(
    ask: Callable[[], Any],
    is_right: Callable[[Any], object] = bool,
    within_seconds: float = 5.0,
) -> Any:
    """The first right answer to a question that is asked again and again; fails with the last
    answer when none is right in time."""
    deadline = time.monotonic() + within_seconds
    while True:
        asked = ask()
        answer = await asked if inspect.isawaitable(asked) else asked
        if is_right(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_seconds} s; the last answer was {answer!r}")
        await asyncio.sleep(POLL_SECONDS)
