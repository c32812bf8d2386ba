"""The plainest format there is, for tests of what comes after formats: a JSON object a line, which
is a change as the hub's formats tell it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from hub.domain.errors import InvalidInput
from workers.formats.reading import (
    Change,
    Envelope,
    Finding,
    Format,
    Place,
    Reading,
    Reply,
    Severity,
)


def check(options: Mapping[str, Any]) -> None:
    """There are no options."""
    for name in options:
        raise InvalidInput(field=name, problem="is no option of this format")


def read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    """A change for each line, and a reply at the end."""
    line = 0
    for line, text in enumerate(content, 1):
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            if line == 1:
                raise InvalidInput(field="line 1", problem="is no JSON") from None
            yield Finding(Severity.ERROR, "NOT_JSON", str(error), Place(line))
            continue
        time = told.pop("time", None)
        yield Change(
            told.pop("type", "stock.set"),
            {name: value for name, value in told.items() if name not in ("id", "snapshot")},
            Place(line),
            None if time is None else datetime.fromisoformat(time),
            told.get("id"),
            told.get("snapshot", False),
        )
    yield Reply(f"{line} lines".encode(), "text/plain")


LINES = Format("lines", "A change a line.", (), check, read)
