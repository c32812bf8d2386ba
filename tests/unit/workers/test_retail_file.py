"""Which lines of the log are goods, corrections, cancellations or none of these."""

from pathlib import Path

import pytest

from hub.domain.errors import InvalidInput
from tests.unit.workers.retail_rows import kind, row, write_log
from workers.orders.retail_file import LineKind, SetAsideReason, read_days


@pytest.mark.parametrize("sku", ["20001", "20001A", "20001bl"])
def test_five_digits_with_optional_letters_are_goods(sku: str) -> None:
    assert kind(sku) is LineKind.ORDERED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("POST", SetAsideReason.POSTAGE),
        ("C2", SetAsideReason.POSTAGE),
        ("m", SetAsideReason.MANUAL_ENTRY),
        ("BANK CHARGES", SetAsideReason.FEE_OR_COMMISSION),
        ("D", SetAsideReason.DISCOUNT),
        ("S", SetAsideReason.SAMPLES),
        ("gift_0001_20", SetAsideReason.GIFT_VOUCHER),
        ("B", SetAsideReason.BAD_DEBT),
        ("DCGS0003", SetAsideReason.FOREIGN_CODE),
        ("2000", SetAsideReason.FOREIGN_CODE),
    ],
)
def test_a_code_that_names_no_goods_is_set_aside_with_its_reason(
    code: str, reason: SetAsideReason
) -> None:
    assert kind(code) is reason


def test_a_free_negative_line_without_a_customer_is_a_write_off() -> None:
    assert kind(units=-3, free=True, customer="") is LineKind.WRITTEN_OFF
    assert kind(units=-3, free=True, customer="", alone=False) is LineKind.WRITTEN_OFF


def test_a_free_line_alone_on_its_invoice_is_found_stock_and_among_others_a_free_extra() -> None:
    assert kind(units=3, free=True, customer="") is LineKind.FOUND
    assert kind(units=3, free=True, customer="", alone=False) is LineKind.ORDERED


def test_what_a_customer_gets_for_nothing_has_still_left_the_house() -> None:
    assert kind(units=3, free=True) is LineKind.ORDERED


def test_a_c_invoice_takes_back_and_an_a_invoice_is_bad_debt() -> None:
    assert kind(units=-2, invoice="C700001") is LineKind.CANCELLED
    assert kind(units=1, invoice="A700001") is SetAsideReason.BAD_DEBT


def test_a_sign_that_contradicts_the_invoice_is_set_aside() -> None:
    assert kind(units=-2) is SetAsideReason.WRONG_SIGN
    assert kind(units=2, invoice="C700001") is SetAsideReason.WRONG_SIGN
    assert kind(units=0) is SetAsideReason.MALFORMED


def test_days_come_one_by_one_with_the_lines_of_an_invoice_together(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "log.csv.gz",
        row("700001", "20001", 1, "01 10:00"),
        row("700002", "20001", 2, "01 10:01"),
        row("700001", "20002", 3, "01 10:02"),
        row("700003", "20001", 4, "03 09:00"),
    )
    first, second = read_days(log)
    assert (first.day, list(first.invoices)) == ("2021-05-01", ["700001", "700002"])
    assert [line.units for line in first.invoices["700001"]] == [1, 3]
    assert [line.number for line in second.invoices["700003"]] == [5]


def test_skus_that_differ_in_case_only_stay_two(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "log.csv",
        row("700001", "20001a", 1, "01 10:00"),
        row("700001", "20001A", 2, "01 10:00"),
    )
    (day,) = read_days(log)
    assert [line.sku for line in day.invoices["700001"]] == ["20001a", "20001A"]


def test_lines_that_cannot_be_read_are_handed_on_with_number_and_reason(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", "two", "01 10:00"),
        row("700002", "20001", 1, "02 10:00"),
        ["700003", "20001"],
        row("700004", "20001", 1, "01 10:00"),
    )
    (day,) = read_days(log)
    assert [(line.number, line.invoice, line.reason) for line in day.unreadable] == [
        (2, "700001", SetAsideReason.MALFORMED),
        (4, "700003", SetAsideReason.MALFORMED),
        (5, "700004", SetAsideReason.OUT_OF_TIME_ORDER),
    ]
    assert list(day.invoices) == ["700002"]


def test_a_file_that_is_no_such_log_is_refused_by_its_header(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("sku,location,on_hand\nA,B,1\n")
    with pytest.raises(InvalidInput, match="must begin with InvoiceNo"):
        list(read_days(other))
