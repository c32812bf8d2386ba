"""The Online Retail order log as a file: its rows, its days, and what each line is.

The rules that tell an order from a write-off or from postage live here and nowhere else.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from hub.domain.errors import InvalidInput

HEADER: Final = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]

_PRODUCT_CODE: Final = re.compile(r"\d{5}[A-Za-z]*")
"""Five digits, then letters for the variant. No other code names goods that can be stocked."""


class LineKind(StrEnum):
    """What a line of the log does to stock."""

    ORDERED = "ordered"
    CANCELLED = "cancelled"
    WRITTEN_OFF = "writtenOff"
    FOUND = "found"


class SetAsideReason(StrEnum):
    """Why a line moves no stock."""

    POSTAGE = "postage"
    MANUAL_ENTRY = "manualEntry"
    FEE_OR_COMMISSION = "feeOrCommission"
    DISCOUNT = "discount"
    SAMPLES = "samples"
    GIFT_VOUCHER = "giftVoucher"
    BAD_DEBT = "badDebt"
    FOREIGN_CODE = "foreignCode"
    """Codes of another shop's numbering (DCGS…, PADS): goods, but no item of this catalogue."""
    WRONG_SIGN = "wrongSign"
    MALFORMED = "malformed"
    OUT_OF_TIME_ORDER = "outOfTimeOrder"


_NO_PRODUCT: Final = {
    "POST": SetAsideReason.POSTAGE,
    "DOT": SetAsideReason.POSTAGE,
    "C2": SetAsideReason.POSTAGE,
    "M": SetAsideReason.MANUAL_ENTRY,
    "BANK CHARGES": SetAsideReason.FEE_OR_COMMISSION,
    "AMAZONFEE": SetAsideReason.FEE_OR_COMMISSION,
    "CRUK": SetAsideReason.FEE_OR_COMMISSION,
    "D": SetAsideReason.DISCOUNT,
    "S": SetAsideReason.SAMPLES,
    "B": SetAsideReason.BAD_DEBT,
}


class RetailLine(NamedTuple):
    """One line of the log. `number` counts from 1, the header included; `units` keeps its sign."""

    number: int
    invoice: str
    sku: str
    description: str
    units: int
    at: str
    """As in the file, `2011-01-18 10:01:00`: sorts as text."""
    free: bool
    customer: str


class SetAsideLine(NamedTuple):
    """A line that moves no stock, and why."""

    number: int
    invoice: str
    code: str
    reason: SetAsideReason


class RetailDay(NamedTuple):
    """The lines of one day by invoice, in the order in which the invoices begin."""

    day: str
    invoices: dict[str, list[RetailLine]]
    unreadable: list[SetAsideLine]


def read_days(path: Path) -> Iterator[RetailDay]:
    """The log day by day, one day in memory at a time; plain or gzipped by the file's name.

    Raises `InvalidInput` when the file is not this log at all. A line that cannot be read, or that
    is older than the day before it, is handed on as unreadable.
    """
    with _opened(path) as file:
        yield from _days(file)


def _days(file: TextIO) -> Iterator[RetailDay]:
    rows = csv.reader(file)
    if next(rows, None) != HEADER:
        raise InvalidInput(field="file", problem=f"must begin with {','.join(HEADER)}")
    today = ""
    invoices: dict[str, list[RetailLine]] = {}
    unreadable: list[SetAsideLine] = []
    for row in rows:
        line = _line(row, rows.line_num)
        if isinstance(line, SetAsideLine):
            unreadable.append(line)
            continue
        day = line.at[:10]
        if day > today:
            if today:
                yield RetailDay(today, invoices, unreadable)
                invoices, unreadable = {}, []
            today = day
        elif day < today:
            unreadable.append(_aside(line, SetAsideReason.OUT_OF_TIME_ORDER))
            continue
        invoices.setdefault(line.invoice, []).append(line)
    if today or unreadable:
        yield RetailDay(today, invoices, unreadable)


def kind_of(line: RetailLine, alone: bool) -> LineKind | SetAsideReason:
    """What a line is; `alone` when its invoice has no other line.

    - Only five digits with optional letters are goods; all other codes are set aside.
    - `C…` invoices are cancellations, `A…` invoices bad debt.
    - Negative and free of charge, without a customer: a write-off, whatever the free text says.
    - Positive and free of charge, without a customer, and alone on its invoice: found stock (the
      texts say "found", "adjustment", or nothing). Among other lines it is a free extra that left
      with the order.
    """
    if line.invoice.startswith("A"):
        return SetAsideReason.BAD_DEBT
    if _PRODUCT_CODE.fullmatch(line.sku) is None:
        return _no_product(line.sku)
    if line.units == 0:
        return SetAsideReason.MALFORMED
    if line.invoice.startswith("C"):
        return LineKind.CANCELLED if line.units < 0 else SetAsideReason.WRONG_SIGN
    correction = line.free and not line.customer
    if line.units < 0:
        return LineKind.WRITTEN_OFF if correction else SetAsideReason.WRONG_SIGN
    return LineKind.FOUND if correction and alone else LineKind.ORDERED


def _no_product(code: str) -> SetAsideReason:
    if code.lower().startswith("gift"):
        return SetAsideReason.GIFT_VOUCHER
    return _NO_PRODUCT.get(code.upper(), SetAsideReason.FOREIGN_CODE)


def sorted_out(
    lines: list[RetailLine], aside: list[SetAsideLine]
) -> Iterator[tuple[LineKind, RetailLine]]:
    """The lines of one invoice that move stock, with what they are; the others go to `aside`."""
    alone = len(lines) == 1
    for line in lines:
        kind = kind_of(line, alone)
        if isinstance(kind, SetAsideReason):
            aside.append(_aside(line, kind))
        else:
            yield kind, line


def _aside(line: RetailLine, reason: SetAsideReason) -> SetAsideLine:
    return SetAsideLine(line.number, line.invoice, line.sku, reason)


def _line(row: list[str], number: int) -> RetailLine | SetAsideLine:
    try:
        invoice, sku, description, quantity, at, price, customer, _country = row
        datetime.fromisoformat(at)
        line = RetailLine(
            number, invoice, sku, description, int(quantity), at, float(price) == 0, customer
        )
    except ValueError:
        invoice, code = ([*row, "", ""])[:2]
        return SetAsideLine(number, invoice, code, SetAsideReason.MALFORMED)
    return line


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
