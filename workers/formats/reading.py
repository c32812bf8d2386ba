"""What every format is read into: changes, and findings about what could not be read."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, NamedTuple


class Place(NamedTuple):
    """Where something stands in what was sent; what does not apply is None."""

    line: int | None = None
    """Counted from 1. Of text its line, of a list its entry, of EDI its segment."""
    column: str | None = None
    """A column, a path into JSON or XML, or an element of a segment such as `QTY02`."""


class Severity(StrEnum):
    """What a finding means for what it was found in."""

    WARNING = "WARNING"
    """It was read all the same."""
    ERROR = "ERROR"
    """The row, or what it stands for, was left out."""


class Finding(NamedTuple):
    """Something that a person should know of."""

    severity: Severity
    code: str
    """Stable, for machines, such as `CONTROL_COUNT`."""
    problem: str
    """What is wrong, what would be right."""
    place: Place = Place()


class Change(NamedTuple):
    """What one row, message or line of a document says, in the shape of an event's data.

    `data` is that of the CloudEvent `type` (docs/guides/send-events.md), with the sender's names of
    items, locations and channels. Quantities are exact: whole numbers or decimal text, never a
    float.
    """

    type: str
    data: dict[str, Any]
    place: Place = Place()
    time: datetime | None = None
    """The sender's time, if he tells one."""
    id: str | None = None
    """The sender's own id of this change, the same when he sends it again, if he has one."""
    snapshot: bool = False
    """Whether it is part of a whole: what the whole leaves out is not there any more."""


class Reply(NamedTuple):
    """An answer that the sender expects in his own format, such as a 997."""

    content: bytes
    media_type: str


Reading = Change | Finding | Reply


def printable(text: str) -> str:
    """What people and the database can be shown of a text that holds what was sent."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class Envelope(NamedTuple):
    """What came with the bytes."""

    received_at: datetime
    name: str | None = None
    """Of the file."""
    headers: Mapping[str, str] = {}
    """Of the request or message; names in lower case."""


class Format(NamedTuple):
    """A way to write what happened to stock."""

    name: str
    """As settings say it, such as `x12`."""
    summary: str
    """One sentence for people who choose."""
    media_types: tuple[str, ...]
    """What HTTP calls it."""
    check: Callable[[Mapping[str, Any]], None]
    """Raises `InvalidInput` with field and problem for options that the format does not have."""
    read: Callable[[BinaryIO, Mapping[str, Any], Envelope], Iterator[Reading]]
    """The changes and findings of what was sent, one at a time and in its order; memory does not
    grow with its length where the format allows it. Options were checked before. Never raises
    anything but `InvalidInput`, for what is not of this format at all."""
