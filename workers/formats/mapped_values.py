"""Values as people and programs write them into cells, and what they are: ids, exact quantities,
moments."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from hub.domain.errors import InvalidInput
from hub.domain.events import MAX_LINES
from hub.domain.values import (
    MAX_IDENTIFIER_LENGTH,
    identifier_from,
    quantity_exact,
    quantity_from,
    text_from,
)
from workers.formats.times import OUT_OF_YEARS, can_be_meant, zone_from

MAX_NUMBER_LENGTH: Final = 64
MAX_ID_LENGTH: Final = 255
_SAFE_DIGITS: Final = 9
"""Digits of a whole number that is surely within the hub's bounds."""
_SPACES: Final = re.compile("(?<=[0-9])[ \u00a0\u2009\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
_BY_MARK: Final = {
    mark: re.compile(rf"([+-]?)([1-9][0-9]{{0,2}}(?:{re.escape(other)}[0-9]{{3}})+|[0-9]*)"
                     rf"(?:{re.escape(mark)}([0-9]*))?")
    for mark, other in ((".", ","), (",", "."))
}  # fmt: skip
_ROUNDED: Final = re.compile(r"[0-9][.,][0-9]+E\+[0-9]{1,3}")
_FORMULA: Final = re.compile(r'="(.*)"', re.DOTALL)
"""How people keep Excel from taking the zeros off a number."""


class Unfit(Exception):
    """A value that is not what it should be: a stable code, and what would be right."""

    def __init__(self, code: str, problem: str) -> None:
        self.code = code
        self.problem = problem
        super().__init__(problem)


class ExactNumber(float):
    """A number with decimals that still knows how it was written."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> "ExactNumber":
        """The number of a JSON text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __add__(self, other: float, /) -> "ExactNumber":
        return ExactNumber(str(Decimal(self.text) + Decimal(str(other))))

    __radd__ = __add__

    def __str__(self) -> str:
        return self.text


# Libraries tell kinds of values by the names of their types, and this is a number to them.
ExactNumber.__name__ = "float"


def identifier(value: object) -> str:
    """An id, exactly as it was sent."""
    # Nearly all are so. Of blanks only the ordinary one is printable.
    if (
        isinstance(value, str)
        and 1 <= len(value) <= MAX_IDENTIFIER_LENGTH
        and value.isprintable()
        and value[0] not in " ="
        and value[-1] != " "
        and "E+" not in value
    ):
        return value
    if not isinstance(value, str):
        value = _whole_number_text(value)
    if value is None:
        raise Unfit("NOT_AN_ID", "must be text or a whole number")
    text = value.strip()
    if text.startswith("=") and (formula := _FORMULA.fullmatch(text)) is not None:
        text = formula[1]
    if "E+" in text and _ROUNDED.fullmatch(text):
        raise Unfit("ROUNDED_ID", f"{text[:64]} was rounded by a spreadsheet; export it as text")
    try:
        return identifier_from(text, "")
    except InvalidInput as error:
        raise Unfit("NOT_AN_ID", error.problem) from None


def _whole_number_text(value: object) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**MAX_ID_LENGTH:
        return None
    return str(value)


def event_id(value: object) -> str:
    """The sender's id of a change."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not 1 <= len(text) <= MAX_ID_LENGTH or not text.isprintable():
        raise Unfit("NOT_AN_ID", f"must have 1 to {MAX_ID_LENGTH} printable characters")
    return text


def free_text(value: object) -> str:
    """One line for people."""
    try:
        return text_from(value.strip() if isinstance(value, str) else value, "")
    except InvalidInput as error:
        raise Unfit("NOT_A_LINE", error.problem) from None


class Numbers:
    """Reads quantities by the decimal mark that was named, or by any that leaves no doubt."""

    def __init__(self, mark: str | None, *, doubts_dot: bool = False) -> None:
        """With `doubts_dot`, `1.234` is as doubtful as `1,234` where no mark is named."""
        self._mark = mark
        self._doubts_dot = doubts_dot

    def quantity(self, value: object) -> int | str:
        """Whole units as a number, others as decimal text."""
        if isinstance(value, str):
            if len(value) <= _SAFE_DIGITS and value.isascii() and value.isdigit():
                return int(value)
            value = self._decimal_text(value)
        elif isinstance(value, float):
            value = str(value)
            if len(value) > MAX_NUMBER_LENGTH:
                raise Unfit("NOT_A_NUMBER", "has too many digits")
        try:
            return quantity_exact(quantity_from(value))
        except InvalidInput as error:
            raise Unfit("NOT_A_NUMBER", error.problem[:200]) from None

    def _decimal_text(self, value: str) -> str:
        text = value.strip()
        if len(text) > MAX_NUMBER_LENGTH:
            raise Unfit("NOT_A_NUMBER", f"is longer than {MAX_NUMBER_LENGTH} characters")
        bare = _SPACES.sub("", text.replace("\u2212", "-"))
        if bare.endswith("-") and not bare.startswith(("-", "+")):
            bare = "-" + bare[:-1].rstrip()
        marks = _BY_MARK if self._mark is None else {self._mark: _BY_MARK[self._mark]}
        readings = {mark: _plain(found) for mark, pattern in marks.items()
                    if (found := pattern.fullmatch(bare)) is not None}  # fmt: skip
        readings = {mark: plain for mark, plain in readings.items() if plain}
        if not readings:
            raise Unfit("NOT_A_NUMBER", f"{text!r} is not a number{self._wanted()}")
        if len(set(readings.values())) == 1:
            return next(iter(readings.values()))
        if "." in bare and not self._doubts_dot:
            return readings["."]
        thousand, fraction = sorted(readings.values(), key=len)
        raise Unfit(
            "AMBIGUOUS_NUMBER",
            f"{text!r} can be {thousand} or {fraction}; set the option decimal to . or ,",
        )

    def _wanted(self) -> str:
        return "" if self._mark is None else f" with the decimal mark {self._mark}"


def _plain(found: re.Match[str]) -> str:
    sign, whole, fraction = found.groups()
    if not whole and not fraction:
        return ""
    digits = (whole.replace(",", "").replace(".", "").lstrip("0")) or "0"
    return "".join((sign.replace("+", ""), digits, "." + fraction if fraction else ""))


class Times:
    """Reads moments, as the options `time_format` and `time_zone` say."""

    def __init__(self, format: str | None, zone: tzinfo | None) -> None:
        self._format = format
        self._zone = zone
        self._known: tuple[str | None, str] = None, ""

    def moment(self, value: object) -> datetime:
        """A moment in UTC."""
        text = str(value).strip() if isinstance(value, int | float | str) else ""
        if not text or len(text) > MAX_NUMBER_LENGTH:
            raise self._no_time()
        try:
            if self._format in ("unix", "unix_ms"):
                seconds = Decimal(text) / (1000 if self._format == "unix_ms" else 1)
                time = datetime.fromtimestamp(float(seconds), UTC)
            elif self._format is None:
                time = datetime.fromisoformat(text)
            else:
                time = datetime.strptime(text, self._format)  # noqa: DTZ007 (the zone is next)
            if not can_be_meant(time):
                raise Unfit("NOT_A_TIME", f"{text} {OUT_OF_YEARS}; leave it empty if it is unknown")
            if time.tzinfo is None:
                if self._zone is None:
                    problem = f"{text} has no offset; set the option time_zone"
                    raise Unfit("NO_TIME_ZONE", problem)
                time = time.replace(tzinfo=self._zone)
            return time.astimezone(UTC)
        except (ValueError, OverflowError, OSError, ArithmeticError):
            raise self._no_time() from None

    def text(self, value: object) -> str:
        """The same by RFC 3339."""
        if not isinstance(value, str):
            return self.moment(value).isoformat()
        # Nearly all rows of a file have the time of the one before.
        if self._known[0] != value:
            self._known = value, self.moment(value).isoformat()
        return self._known[1]

    def _no_time(self) -> Unfit:
        wanted = self._format or "ISO 8601, such as 2026-01-31T08:00:00Z"
        return Unfit("NOT_A_TIME", f"is not a time by {wanted}")


def check_time_options(options: Mapping[str, Any]) -> Times:
    """What reads times by these options; `InvalidInput` for ones that name nothing."""
    format, zone = options.get("time_format"), options.get("time_zone")
    if format is not None and format not in ("unix", "unix_ms"):
        sample = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
        try:
            datetime.strptime(sample.strftime(format), format)  # noqa: DTZ007 (nobody keeps it)
        except (ValueError, TypeError):
            raise InvalidInput(
                field="time_format",
                problem="must be unix, unix_ms or a format such as %d.%m.%Y %H:%M",
            ) from None
    return Times(format, None if zone is None else zone_from(zone, "time_zone"))


def order_lines(value: object, numbers: Numbers) -> list[dict[str, Any]]:
    """The lines of an order, each with its item and quantity."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LINES:
        raise Unfit("NOT_LINES", f"must be a list of 1 to {MAX_LINES} lines")
    return [_order_line(line, numbers) for line in value]


def _order_line(line: object, numbers: Numbers) -> dict[str, Any]:
    if not isinstance(line, Mapping) or line.get("sku") is None or line.get("quantity") is None:
        raise Unfit("NOT_LINES", "must be objects with sku and quantity")
    data: dict[str, Any] = {
        "sku": identifier(line["sku"]),
        "quantity": numbers.quantity(line["quantity"]),
    }
    for name in ("location", "reservation"):
        if line.get(name) is not None:
            data[name] = identifier(line[name])
    return data
