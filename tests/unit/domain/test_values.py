"""Quantities are exact and identifiers are opaque."""

from decimal import Decimal

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.values import (
    MAX_QUANTITY,
    identifier_from,
    quantity_from,
    quantity_number,
    quantity_text,
    text_from,
)


@pytest.mark.parametrize(
    ("value", "thousandths"),
    [
        (3, 3000),
        (0, 0),
        (-2, -2000),
        (0.1, 100),
        (2.675, 2675),
        (-0.0, 0),
        ("0.25", 250),
        ("-1.5", -1500),
        ("3.000", 3000),
        ("3.0000000000000000000000000000000000", 3000),
        ("1e3", 1_000_000),
        (Decimal("0.001"), 1),
        (1_000_000_000, MAX_QUANTITY),
        ("-1000000000", -MAX_QUANTITY),
        (999_999_999.999, 999_999_999_999),
    ],
)
def test_a_number_or_a_decimal_string_is_read_exactly(value: object, thousandths: int) -> None:
    assert quantity_from(value) == thousandths


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert quantity_from(0.1) + quantity_from(0.2) == quantity_from(0.3)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "must be a number or a decimal string, such as 3"),
        (True, "must be a number or a decimal string, such as 3"),
        ([1], "must be a number or a decimal string, such as 3"),
        ("three", "'three' is not a decimal number"),
        ("", "'' is not a decimal number"),
        ("1,5", "'1,5' is not a decimal number"),
        (0.0001, "0.0001 has more than 3 decimals"),
        ("1.0005", "1.0005 has more than 3 decimals"),
        (float("nan"), "must be a finite number"),
        ("sNaN", "must be a finite number"),
        (float("-inf"), "must be a finite number"),
        (1_000_000_001, "must be between -1000000000 and 1000000000"),
        ("-1000000000.001", "must be between -1000000000 and 1000000000"),
        (2**64, "must be between -1000000000 and 1000000000"),
    ],
)
def test_what_is_no_quantity_is_refused_with_field_and_reason(value: object, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        quantity_from(value, "data.onHand")
    assert refused.value.data == {"field": "data.onHand", "problem": problem}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1e999999", "must be between"),
        ("1e9999999", "must be between"),
        ("1e99999999999999999999", "is not a decimal number"),
        ("1." + "0" * 40 + "1", "has more than 3 decimals"),
        ("1e-1000030", "has more than 3 decimals"),
        ("1000000000." + "0" * 40 + "1", "must be between"),
    ],
)
def test_a_number_that_arithmetic_would_round_or_overflow_is_refused_all_the_same(
    text: str, problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        quantity_from(text)


@pytest.mark.parametrize(
    ("thousandths", "number", "text"),
    [
        (3000, 3, "3"),
        (0, 0, "0"),
        (250, 0.25, "0.25"),
        (-1500, -1.5, "-1.5"),
        (1, 0.001, "0.001"),
        (100_000, 100, "100"),
        (MAX_QUANTITY, 1_000_000_000, "1000000000"),
        (MAX_QUANTITY - 1, 999_999_999.999, "999999999.999"),
    ],
)
def test_a_quantity_is_shown_without_superfluous_digits(
    thousandths: int, number: float, text: str
) -> None:
    shown = quantity_number(thousandths)
    assert shown == number
    assert type(shown) is type(number)
    assert quantity_text(thousandths) == text
    assert quantity_from(shown) == quantity_from(text) == thousandths


@pytest.mark.parametrize("value", ["A", "a-1/B_2", "Ångström", " ", "x" * 64])
def test_an_identifier_is_kept_as_it_is(value: str) -> None:
    assert identifier_from(value, "sku") == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "must have 1 to 64 characters"),
        ("x" * 65, "must have 1 to 64 characters"),
        ("a\nb", "must hold printable characters only"),
        ("a\x00", "must hold printable characters only"),
        ("\ud800", "must hold printable characters only"),
        (23166, "must be a string (a number may already have been rounded)"),
        (None, "must be a string (a number may already have been rounded)"),
    ],
)
def test_what_is_no_identifier_is_refused_with_field_and_reason(
    value: object, problem: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        identifier_from(value, "data.sku")
    assert refused.value.data == {"field": "data.sku", "problem": problem}


@pytest.mark.parametrize("value", ["x", " stocktaking, 2nd floor ", "Bruch – Glas", "x" * 500])
def test_a_line_of_text_is_kept_as_it_is(value: str) -> None:
    assert text_from(value, "reason") == value


@pytest.mark.parametrize("value", ["", "  ", "x" * 501, "two\nlines", "a\x00", "\ud800", 5, None])
def test_what_is_no_line_of_text_is_refused_with_field_and_reason(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        text_from(value, "data.reason")
    assert refused.value.data == {
        "field": "data.reason",
        "problem": "must be one line of 1 to 500 printable characters",
    }
