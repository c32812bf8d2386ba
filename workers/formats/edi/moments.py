"""Dates and times as X12 and EDIFACT write them."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from workers.formats.times import OUT_OF_YEARS, can_be_meant

_UTC_NAMES: Final = {"UT", "GM", "UTC", "GMT", "Z"}

_PATTERNS: Final = {
    "2": "%d%m%y",
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "202": "%y%m%d%H%M%S",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
    "303": "%Y%m%d%H%M",
    "304": "%Y%m%d%H%M%S",
    "610": "%Y%m",
}
_LENGTHS: Final = {
    name: sum(4 if part == "Y" else 2 for part in pattern.split("%")[1:])
    for name, pattern in _PATTERNS.items()
}
_PERIODS: Final = {"718": "102", "719": "203"}
"""Periods, from and to with a hyphen between: the first moment counts as when it begins."""


def x12_moment(date: str, time: str, zone: tzinfo, zone_code: str = "") -> datetime:
    """`CCYYMMDD` or `YYMMDD`, and `HHMM`, `HHMMSS` or nothing, which is the day's first moment.
    Raises `ValueError` that says what is wrong."""
    pattern = {6: "%y%m%d", 8: "%Y%m%d"}.get(len(date))
    if pattern is None or not _digits(date):
        raise ValueError(f"{date!r} is not a date such as 20260131")
    if time and (not _digits(time) or len(time) not in (4, 6, 7, 8)):
        raise ValueError(f"{time!r} is not a time such as 0930 or 093015")
    clock = {0: "", 4: "%H%M"}.get(len(time), "%H%M%S")
    return _parsed(date + time[:6], pattern + clock, UTC if zone_code in _UTC_NAMES else zone)


def edifact_moment(value: str, form: str, zone: tzinfo) -> datetime:
    """A date by its format qualifier (element 2379); of a period its begin. Raises `ValueError`
    that says what is wrong."""
    form = form or "102"
    if form in _PERIODS:
        value, form = value.partition("-")[0], _PERIODS[form]
    if form == "205":
        return _with_offset(value)
    if form not in _PATTERNS:
        raise ValueError(f"{form!r} is not a format of dates that is read here")
    length = _LENGTHS[form]
    if form in ("303", "304") and value[length:].strip().upper() in _UTC_NAMES:
        zone = UTC
    if form in ("303", "304"):
        value = value[:length]
    if len(value) != length or not _digits(value):
        raise ValueError(f"{value!r} is not a date in format {form}")
    return _parsed(value, _PATTERNS[form], zone)


def _with_offset(value: str) -> datetime:
    if not re.fullmatch(r"[0-9]{12}[+-][0-9]{4}", value):
        raise ValueError(f"{value!r} is not a date in format 205, such as 202601310930+0100")
    return _parsed(value, "%Y%m%d%H%M%z", None)


def _parsed(text: str, pattern: str, zone: tzinfo | None) -> datetime:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is put in below
    except ValueError:
        raise ValueError(f"{text!r} is no date that the calendar has") from None
    if not can_be_meant(moment):
        raise ValueError(f"{text!r} {OUT_OF_YEARS}")
    return moment if zone is None else moment.replace(tzinfo=zone)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
