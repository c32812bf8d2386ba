"""The database's time, without asking the database each time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

CLOCK_JITTER: Final = timedelta(seconds=1)
"""Observations may come so late: a clock that is further back was set."""


class DatabaseClock:
    """Remembers what the database's clock said last and counts on from there. It rather stands
    still than goes back, unless the database's own clock was set back.

    For display and for reads; whether a hold has ended is decided by the database itself. Until
    the first observation it shows this machine's time.
    """

    def __init__(self) -> None:
        self._observed = self._latest = datetime.now(UTC)
        self._at = time.monotonic()

    def observe(self, now: datetime) -> None:
        """Take the database's own time as the newest truth."""
        self._observed = now
        self._at = time.monotonic()
        # What was observed is not gone back behind, either.
        self.now()

    def now(self) -> datetime:
        """The database's time, right to within the delay of the answer that told it."""
        now = self._observed + timedelta(seconds=time.monotonic() - self._at)
        if not now < self._latest < now + CLOCK_JITTER:
            self._latest = now
        return self._latest
