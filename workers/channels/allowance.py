"""How fast the other side may be asked: a bucket of points that fills with time, as they say it.

It begins empty: whoever was restarted does not know what he has spent a moment ago.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

_LEAST: Final = 1e-6
"""Of a point: what is missing by rounding alone is not waited for."""


class Allowance:
    """Points that requests cost. Time is passed in; seconds of a clock that only goes on."""

    def __init__(
        self,
        most_points: float,
        points_per_second: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = most_points
        self._per_second = points_per_second
        self._now = now
        self._sleep = sleep
        self._points = 0.0
        self._at = now()
        self._not_before = self._at

    async def take(self, points: float) -> None:
        """Wait until a request of so many points is allowed, and spend them; one that costs more
        than there can ever be is allowed when all of them are there."""
        while (seconds := self.seconds_until(points)) > 0:
            await self._sleep(seconds)
        self._points -= min(points, self._most)

    def seconds_until(self, points: float) -> float:
        """How long such a request has to wait."""
        now = self._now()
        self._points = min(self._most, self._points + (now - self._at) * self._per_second)
        self._at = now
        missing = min(points, self._most) - self._points
        filling = missing / self._per_second if missing > _LEAST else 0.0
        return max(filling, self._not_before - now)

    def pause(self, seconds: float) -> None:
        """They ask to be left alone for so long."""
        self._not_before = max(self._not_before, self._now() + seconds)

    def told(self, points: float, most_points: float, points_per_second: float) -> None:
        """They say what is left, how much there can be, and how fast it fills."""
        self._most = most_points
        self._per_second = points_per_second
        self._points = min(points, most_points)
        self._at = self._now()
