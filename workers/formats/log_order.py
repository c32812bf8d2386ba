"""The order in which a database's log tells its changes, and what comes out of it."""

from collections.abc import Iterator
from typing import Any, Final

from workers.formats.json_fields import warning
from workers.formats.reading import Finding

_MAX_LOGS: Final = 100
"""Databases that one delivery speaks of; beyond them, order is not looked at."""


class LogOrder:
    """Tells where a change comes after one that stands behind it in the log.

    It is read all the same: a count carries the time it was taken, and the older of two changes
    nothing; a change sent again has the id that it had before.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[Any, ...]] = {}

    def check(self, log: str, place: tuple[Any, ...], line: int) -> Iterator[Finding]:
        """A warning if `place` lies before the last of the same log."""
        last = self._last.get(log)
        if last is None and len(self._last) == _MAX_LOGS:
            return
        if last is not None and place < last:
            problem = "comes after a change that was made later: was it sent again?"
            yield warning("OUT_OF_ORDER", problem, line)
            return
        self._last[log] = place


def binlog_place(file: str, position: int) -> tuple[str, int, int]:
    """What a place in MySQL's binlog compares by: `bin.1000000` comes after `bin.999999`."""
    name, _, number = file.rpartition(".")
    if number.isascii() and number.isdigit() and len(number) <= 20:
        return name, int(number), position
    return file, 0, position
