"""The order in which a database's log tells its changes, kept where they come in another."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from workers.formats.json_fields import warning
from workers.formats.reading import Change, Reading

_MAX_KEYS: Final = 100_000
"""Items at locations whose newest count is remembered; of more, the time alone decides."""

Place = tuple[Any, ...]
"""Where a change stands in a log; compares with others of the same log and kind."""


class LogOrder:
    """Leaves out counts that the log has told later already.

    A count carries its time, and the hub leaves out the older; but many changes share a
    millisecond, or with Maxwell a second, and within it only the log knows which came first.
    """

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str, str], Place] = {}

    def newest(
        self, readings: Iterable[Reading], log: str, place: Place | None
    ) -> Iterator[Reading]:
        """The readings of a change that stands at `place`, a warning for each count too late."""
        for reading in readings:
            if place is None or not isinstance(reading, Change) or reading.type != "stock.set":
                yield reading
                continue
            sku, location = reading.data["sku"], reading.data["location"]
            key = log, sku, location
            known = self._newest.get(key)
            if known is not None and place < known:
                problem = f"a later count of {sku} at {location} has come already"
                yield warning("SUPERSEDED", problem, reading.place.line)
                continue
            if known is not None or len(self._newest) < _MAX_KEYS:
                self._newest[key] = place
            yield reading


def binlog_place(file: str, position: int) -> Place:
    """What a place in MySQL's binlog compares by: `bin.1000000` comes after `bin.999999`."""
    name, _, number = file.rpartition(".")
    if number.isascii() and number.isdigit() and len(number) <= 20:
        return name, int(number), position
    return file, 0, position
