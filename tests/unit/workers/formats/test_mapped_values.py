"""What cells hold: exact quantities, ids as they were sent, and moments; in doubt nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.values import UNIT, quantity_from
from workers.formats.mapped_values import (
    ExactNumber,
    Numbers,
    Unfit,
    check_time_options,
    event_id,
    free_text,
    identifier,
    order_lines,
)


@pytest.mark.parametrize(
    ("written", "mark", "units"),
    [
        ("12", None, 12),
        ("0012", None, 12),
        (" -3 ", None, -3),
        ("+3", None, 3),
        ("3-", None, -3),
        ("\u22123", None, -3),
        ("1.5", None, "1.5"),
        (".5", None, "0.5"),
        ("5.", None, 5),
        ("2,5", None, "2.5"),
        ("0,500", None, "0.5"),
        ("1.234", None, "1.234"),
        ("1234,567", None, "1234.567"),
        ("1.234,5", None, "1234.5"),
        ("1,234.5", None, "1234.5"),
        ("1.234.567", None, 1_234_567),
        ("1'234.5", None, "1234.5"),
        ("1\u202f234,5", None, "1234.5"),
        ("12 345 678", None, 12_345_678),
        ("1.234", ",", 1234),
        ("1,234", ",", "1.234"),
        ("1,234", ".", 1234),
        ("1,234,567.25", ".", "1234567.25"),
        ("5.5000", None, "5.5"),
        ("1000000000", None, 1_000_000_000),
    ],
)
def test_a_quantity_is_read_exactly(written: str, mark: str | None, units: int | str) -> None:
    assert Numbers(mark).quantity(written) == units


@pytest.mark.parametrize(
    ("written", "mark", "code"),
    [
        ("1,234", None, "AMBIGUOUS_NUMBER"),
        ("12,345", None, "AMBIGUOUS_NUMBER"),
        ("1.5", ",", "NOT_A_NUMBER"),
        ("1,2345", ".", "NOT_A_NUMBER"),
        ("1.23.4", None, "NOT_A_NUMBER"),
        ("1,2,3", None, "NOT_A_NUMBER"),
        ("1 2", None, "NOT_A_NUMBER"),
        ("", None, "NOT_A_NUMBER"),
        (",", None, "NOT_A_NUMBER"),
        ("-", None, "NOT_A_NUMBER"),
        ("--3", None, "NOT_A_NUMBER"),
        ("ten", None, "NOT_A_NUMBER"),
        ("10+", None, "NOT_A_NUMBER"),
        ("1e3", None, "NOT_A_NUMBER"),
        ("NaN", None, "NOT_A_NUMBER"),
        ("٣", None, "NOT_A_NUMBER"),
        ("0.0001", None, "NOT_A_NUMBER"),
        ("1000000001", None, "NOT_A_NUMBER"),
        ("9" * 100_000, None, "NOT_A_NUMBER"),
        (True, None, "NOT_A_NUMBER"),
        (None, None, "NOT_A_NUMBER"),
        ([1], None, "NOT_A_NUMBER"),
        (10**30, None, "NOT_A_NUMBER"),
        (ExactNumber("0." + "1" * 1000), None, "NOT_A_NUMBER"),
    ],
)
def test_what_is_no_quantity_or_two_is_refused(
    written: object, mark: str | None, code: str
) -> None:
    with pytest.raises(Unfit) as refusal:
        Numbers(mark).quantity(written)
    assert refusal.value.code == code


def test_a_dot_is_as_doubtful_as_a_comma_where_cells_are_divided_by_semicolons() -> None:
    with pytest.raises(Unfit) as refusal:
        Numbers(None, doubts_dot=True).quantity("1.234")
    assert refusal.value.code == "AMBIGUOUS_NUMBER"
    assert Numbers(None, doubts_dot=True).quantity("1.5") == "1.5"


@given(st.integers(-(10**12), 10**12), st.sampled_from([(",", "."), (".", ",")]), st.booleans())
def test_whatever_is_written_with_a_known_mark_comes_back(
    thousandths: int, marks: tuple[str, str], grouped: bool
) -> None:
    mark, other = marks
    whole, rest = divmod(abs(thousandths), UNIT)
    text = f"{whole:,}".replace(",", other) if grouped else str(whole)
    written = f"{'-' if thousandths < 0 else ''}{text}{mark}{rest:03}"
    assert quantity_from(Numbers(mark).quantity(written)) == thousandths


def test_a_number_of_json_keeps_all_its_digits() -> None:
    assert Numbers(None).quantity(ExactNumber("999999999.999")) == "999999999.999"
    assert Numbers(None).quantity(ExactNumber("1.10")) == "1.1"
    assert Numbers(None).quantity(2.5) == "2.5"


@pytest.mark.parametrize(
    ("sent", "id"),
    [
        (" A-1 ", "A-1"),
        ("000123", "000123"),
        ('="000123"', "000123"),
        (9007199254740993, "9007199254740993"),
        ("1E+3", "1E+3"),
    ],
)
def test_an_id_stays_as_it_was_sent(sent: object, id: str) -> None:
    assert identifier(sent) == id


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("1.23457E+12", "ROUNDED_ID"),
        ("4,00638E+12", "ROUNDED_ID"),
        (1.5, "NOT_AN_ID"),
        (True, "NOT_AN_ID"),
        (None, "NOT_AN_ID"),
        ({"a": 1}, "NOT_AN_ID"),
        ("", "NOT_AN_ID"),
        ("a\nb", "NOT_AN_ID"),
        ("x" * 65, "NOT_AN_ID"),
        (10**300, "NOT_AN_ID"),
    ],
)
def test_what_is_no_id_is_refused(sent: object, code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        identifier(sent)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("options", "written", "moment"),
    [
        ({}, "2031-05-01T08:00:00+02:00", "2031-05-01T06:00:00+00:00"),
        ({}, "2031-05-01T08:00:00Z", "2031-05-01T08:00:00+00:00"),
        ({"time_zone": "Europe/Oslo"}, "2031-05-01", "2031-04-30T22:00:00+00:00"),
        ({"time_zone": "Europe/Oslo"}, "2031-05-01 08:00Z", "2031-05-01T08:00:00+00:00"),
        (
            {"time_format": "%d.%m.%Y", "time_zone": "UTC"},
            "01.05.2031",
            "2031-05-01T00:00:00+00:00",
        ),
        ({"time_format": "%Y%m%d%H%M%S%z"}, "20310501080000+0100", "2031-05-01T07:00:00+00:00"),
        ({"time_format": "unix"}, 1935446400, "2031-05-02T00:00:00+00:00"),
        ({"time_format": "unix_ms"}, "1935446400500", "2031-05-02T00:00:00.500000+00:00"),
    ],
)
def test_a_moment_is_read_as_the_options_say(
    options: dict[str, str], written: object, moment: str
) -> None:
    times = check_time_options(options)
    assert [times.text(written), times.text(written)] == [moment, moment]
    assert times.moment(written).isoformat() == moment


@pytest.mark.parametrize(
    ("options", "written", "code"),
    [
        ({}, "2031-05-01T08:00:00", "NO_TIME_ZONE"),
        ({}, "01.05.2031", "NOT_A_TIME"),
        ({"time_zone": "UTC"}, "2031-02-30", "NOT_A_TIME"),
        ({}, "0001-01-01T00:00:00+14:00", "NOT_A_TIME"),
        ({}, "1900-01-01T00:00:00Z", "NOT_A_TIME"),
        ({}, "9999-12-31T00:00:00Z", "NOT_A_TIME"),
        ({"time_format": "unix_ms"}, "1935446400", "NOT_A_TIME"),
        ({"time_zone": "UTC"}, "1711100801300", "NOT_A_TIME"),
        ({}, "x" * 100_000, "NOT_A_TIME"),
        ({}, ["2031"], "NOT_A_TIME"),
        ({"time_format": "unix"}, "9" * 30, "NOT_A_TIME"),
        ({"time_format": "unix"}, "NaN", "NOT_A_TIME"),
        ({"time_format": "unix"}, True, "NOT_A_TIME"),
        ({"time_format": "%d.%m.%Y"}, "2031-05-01", "NOT_A_TIME"),
    ],
)
def test_what_is_no_moment_is_refused(options: dict[str, str], written: object, code: str) -> None:
    with pytest.raises(Unfit) as refusal:
        check_time_options(options).moment(written)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "options",
    [
        {"time_format": "%Q"},
        {"time_format": "%"},
        {"time_format": 7},
        {"time_zone": "Nowhere/City"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": 7},
    ],
)
def test_ways_to_write_times_that_there_are_not_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_time_options(options)
    assert refusal.value.field in options


def test_lines_of_orders_need_item_and_quantity() -> None:
    numbers = Numbers(None)
    line = {"sku": 7, "quantity": "1,5", "location": "A", "reservation": None, "price": 3}
    assert order_lines([line], numbers) == [{"sku": "7", "quantity": "1.5", "location": "A"}]
    wrongs: list[object] = [[], {}, None, ["A-1"], [{"sku": "A-1"}], [line] * 5_001]
    for wrong in wrongs:
        with pytest.raises(Unfit):
            order_lines(wrong, numbers)


def test_ids_of_events_and_reasons_are_one_line() -> None:
    assert event_id(" 7 ") == "7"
    assert event_id("x" * 255)
    assert free_text(" counted ") == "counted"
    for wrong in ("", "x" * 256, "a\nb", 1.5, None):
        with pytest.raises(Unfit):
            event_id(wrong)
    for wrong in ("", "x" * 501, "a\nb", 7):
        with pytest.raises(Unfit):
            free_text(wrong)
