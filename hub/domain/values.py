"""The small words of the domain: identifiers, exact quantities and the scope of an answer.

A quantity is an `int` of thousandths of a unit everywhere in the hub, so that 0.1 + 0.2 is exactly
0.3 and a database column can hold it; it becomes a decimal only where it leaves the process.
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput

Sku = str
LocationId = str
ChannelId = str
ReservationId = str
OrderId = str
Quantity = int
"""Thousandths of a unit: 1 unit is 1000."""

UNIT: Final[Quantity] = 1000
MAX_QUANTITY: Final[Quantity] = 1_000_000_000 * UNIT
"""A billion units: far above any stock, far below what a 64-bit sum of positions can hold."""
_MAX_UNITS: Final = MAX_QUANTITY // UNIT

MAX_IDENTIFIER_LENGTH: Final = 64
MAX_TEXT_LENGTH: Final = 500
_THOUSANDTH: Final = Decimal("0.001")


class Scope(NamedTuple):
    """What an answer holds for: a channel, and who is asking."""

    channel: ChannelId
    destination: str | None = None
    holder: str | None = None


class Line(NamedTuple):
    """So many units of one item."""

    sku: Sku
    quantity: Quantity


def quantity_from(value: object, field: str = "quantity") -> Quantity:
    """Thousandths from a JSON number or a decimal string; `InvalidInput` names `field` otherwise.

    A float is read through its shortest decimal text, which is the text the sender wrote, so no
    binary rounding ever enters the ledger.
    """
    if type(value) is int and -_MAX_UNITS <= value <= _MAX_UNITS:
        return value * UNIT
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidInput(field=field, problem="must be a number or a decimal string, such as 3")
    try:
        units = Decimal(str(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise InvalidInput(field=field, problem=f"{value!r} is not a decimal number") from None
    if not units.is_finite():
        raise InvalidInput(field=field, problem="must be a finite number")
    # Decimals compare exactly but compute to 28 digits: nothing is computed before the bounds hold.
    if units.copy_abs() > _MAX_UNITS:
        raise InvalidInput(field=field, problem="must be between -1000000000 and 1000000000")
    rounded = units.quantize(_THOUSANDTH)
    if rounded != units:
        raise InvalidInput(field=field, problem=f"{value} has more than 3 decimals")
    return int(rounded * UNIT)


def quantity_number(quantity: Quantity) -> int | float:
    """The JSON number of a quantity: whole units as an integer, else with up to 3 decimals."""
    units, rest = divmod(quantity, UNIT)
    return units if rest == 0 else quantity / UNIT


def quantity_exact(quantity: Quantity) -> int | str:
    """A quantity as events carry it: a whole number of units, else decimal text."""
    units, rest = divmod(quantity, UNIT)
    return units if rest == 0 else quantity_text(quantity)


def quantity_text(quantity: Quantity) -> str:
    """A quantity as people write it: `3`, `0.25`, `-1.5`."""
    text = f"{Decimal(quantity).scaleb(-3):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def identifier_from(value: object, field: str) -> str:
    """An opaque, case-sensitive id of 1 to 64 printable characters; `InvalidInput` otherwise."""
    if not isinstance(value, str):
        raise InvalidInput(
            field=field, problem="must be a string (a number may already have been rounded)"
        )
    if not 1 <= len(value) <= MAX_IDENTIFIER_LENGTH:
        raise InvalidInput(field=field, problem="must have 1 to 64 characters")
    if not value.isprintable():
        raise InvalidInput(field=field, problem="must hold printable characters only")
    return value


def text_from(value: object, field: str) -> str:
    """One line of free text for people: 1 to 500 printable characters; `InvalidInput` otherwise."""
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > MAX_TEXT_LENGTH
        or not value.isprintable()
    ):
        raise InvalidInput(
            field=field,
            problem=f"must be one line of 1 to {MAX_TEXT_LENGTH} printable characters",
        )
    return value


def time_from(value: object, field: str) -> datetime:
    """A point in time by RFC 3339, in UTC; `InvalidInput` for any other, or one without offset."""
    problem = "must be an RFC 3339 time with offset, such as 2026-11-21T10:00:00Z"
    if not isinstance(value, str):
        raise InvalidInput(field=field, problem=problem)
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        # The second: a time in the year 1 or 9999 that has no equal in UTC.
        pass
    raise InvalidInput(field=field, problem=problem)
