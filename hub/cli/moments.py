"""Points in time as commands take them."""

from datetime import UTC, datetime
from typing import Final

FORMATS: Final = [
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
]


def shown(time: datetime) -> str:
    """A time as people read it in a table: to the second, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(given: datetime | None) -> datetime | None:
    """A time that was given; in UTC where it says no offset."""
    return None if given is None else given.replace(tzinfo=given.tzinfo or UTC)
