"""Which times can be meant, and where: the same for all formats."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.domain.errors import InvalidInput

_YEARS: Final = range(1980, 2200)
OUT_OF_YEARS: Final = "is not between 1980 and 2199"


def can_be_meant(time: datetime) -> bool:
    """Whether it is a time of stock. 0001, 1900 and 1970 are what programs write where they know
    of none, or where a number is of another unit; a count as of then would never take effect."""
    return time.year in _YEARS


def zone_from(value: Any, field: str) -> ZoneInfo:
    """The time zone of an option; raises `InvalidInput`."""
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        # KeyError: of a name that is well written and none.
        raise InvalidInput(field=field, problem="must be a name such as Europe/Berlin") from None
