"""The scalars of the API: exact quantities and points in time."""

from datetime import UTC, datetime
from typing import Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from hub.domain.errors import InvalidInput
from hub.domain.values import UNIT, quantity_from, quantity_number

Quantity = NewType("Quantity", int)
"""Thousandths of a unit inside the hub, a JSON number of units outside."""

ONE: Final = Quantity(UNIT)


def _quantity_in(value: object) -> int:
    try:
        return quantity_from(value)
    except InvalidInput as error:
        raise GraphQLError(f"A quantity {error.problem}.") from None
    except (ArithmeticError, ValueError):
        # An exponent or a number of digits beyond what a decimal can hold.
        raise GraphQLError("A quantity must be between -1000000000 and 1000000000.") from None


def _time_in(value: object) -> datetime:
    if isinstance(value, str) and "T" in value.upper():
        try:
            time = datetime.fromisoformat(value.upper())
        except ValueError:
            time = None
        # Without an offset it would be a guess, and a guess of hours.
        if time is not None and time.tzinfo is not None:
            try:
                return time.astimezone(UTC)
            except OverflowError:
                pass
    raise GraphQLError("A DateTime must be RFC 3339 with an offset, such as 2011-01-18T10:00:00Z.")


def _time_out(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


SCALARS: Final[dict[object, ScalarDefinition]] = {
    Quantity: strawberry.scalar(
        name="Quantity",
        description=(
            "Units of an item: a JSON number with at most 3 decimals, exact from end to end. "
            'As input it may also be a string, such as "2.5".'
        ),
        serialize=quantity_number,
        parse_value=_quantity_in,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time by RFC 3339, in UTC: `2011-01-18T10:00:00Z`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_time_out,
        parse_value=_time_in,
    ),
}
