"""Quantities are exact and times are unmistakable, whichever way a client writes them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, parse_value
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.values import MAX_QUANTITY
from schema.scalars import SCALARS, Quantity

QUANTITY = SCALARS[Quantity]
TIME = SCALARS[datetime]


def _scalar(name: str) -> GraphQLScalarType:
    definition = QUANTITY if name == "Quantity" else TIME
    return GraphQLScalarType(
        name, serialize=definition.serialize, parse_value=definition.parse_value
    )


def _literal(name: str, text: str) -> Any:
    return _scalar(name).parse_literal(parse_value(text))


@pytest.mark.parametrize(
    ("written", "thousandths"),
    [
        (3, 3000),
        (2.5, 2500),
        ("2.5", 2500),
        (0.1, 100),
        (-1.125, -1125),
        ("1000000000", MAX_QUANTITY),
        (999_999_999.999, 999_999_999_999),
    ],
)
def test_a_quantity_is_read_exactly(written: object, thousandths: int) -> None:
    assert _scalar("Quantity").parse_value(written) == thousandths


@pytest.mark.parametrize(
    "written",
    [
        True,
        None,
        [],
        {},
        "",
        "three",
        "NaN",
        "Infinity",
        float("nan"),
        float("inf"),
        1.0005,
        "0.0001",
        1_000_000_000.001,
        "1e999999999",
        "9" * 5000,
        10**400,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_exact_quantity_is_refused(written: object) -> None:
    with pytest.raises(GraphQLError, match="A quantity "):
        _scalar("Quantity").parse_value(written)


@pytest.mark.parametrize("text", ["true", "[1]", "{a: 1}", "ONE", '"x"', "1.2345", "9" * 5000])
def test_what_is_no_quantity_in_a_document_is_refused(text: str) -> None:
    with pytest.raises((GraphQLError, ValueError)):
        _literal("Quantity", text)


@pytest.mark.parametrize(
    ("thousandths", "number"), [(3000, 3), (2500, 2.5), (1, 0.001), (-1500, -1.5), (0, 0)]
)
def test_a_quantity_leaves_as_a_number(thousandths: int, number: float) -> None:
    left = _scalar("Quantity").serialize(thousandths)
    assert left == number
    assert isinstance(left, int) is isinstance(number, int)


@given(st.integers(-MAX_QUANTITY, MAX_QUANTITY))
def test_a_quantity_comes_back_as_it_left(thousandths: int) -> None:
    scalar = _scalar("Quantity")
    assert scalar.parse_value(scalar.serialize(thousandths)) == thousandths


@pytest.mark.parametrize(
    "written",
    [
        "2011-01-18T10:00:00Z",
        "2011-01-18t10:00:00z",
        "2011-01-18T11:00:00+01:00",
        "2011-01-18T10:00:00.000Z",
    ],
)
def test_a_time_is_read_in_any_offset(written: str) -> None:
    assert _scalar("DateTime").parse_value(written) == datetime(2011, 1, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2011-01-18T10:00:00",
        "2011-01-18",
        "yesterday",
        "0001-01-01T00:00:00+14:00",
        "T",
        1295344800,
        None,
    ],
)
def test_a_time_without_its_offset_is_refused(written: object) -> None:
    with pytest.raises(GraphQLError, match="RFC 3339"):
        _scalar("DateTime").parse_value(written)


def test_a_time_leaves_in_utc_with_a_z() -> None:
    berlin = timezone(timedelta(hours=1))
    left = _scalar("DateTime").serialize(datetime(2011, 1, 18, 11, 0, 0, 120_000, berlin))
    assert left == "2011-01-18T10:00:00.120000Z"
