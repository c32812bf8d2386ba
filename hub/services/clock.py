"""The database's time, without asking the database each time."""

import time
from datetime import UTC, datetime, timedelta


class DatabaseClock:
    """Remembers what the database's clock said last and counts on from there.

    For display and for reads; whether a hold has ended is decided by the database itself. Until
    the first observation it shows this machine's time.
    """

    def __init__(self) -> None:
        self._observed = datetime.now(UTC)
        self._at = time.monotonic()

    def observe(self, now: datetime) -> None:
        """Take the database's own time as the newest truth."""
        self._observed = now
        self._at = time.monotonic()

    def now(self) -> datetime:
        """The database's time, right to within the delay of the answer that told it."""
        return self._observed + timedelta(seconds=time.monotonic() - self._at)
