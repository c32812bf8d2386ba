"""Builds small order logs in the format of the Online Retail log, from invented lines."""

import csv
import gzip
from pathlib import Path

from workers.orders.retail_file import HEADER, LineKind, RetailLine, SetAsideReason, kind_of


def row(
    invoice: str,
    sku: str,
    units: int | str,
    at: str,
    *,
    text: str = "TIN OF BUTTONS",
    price: str = "2.50",
    customer: str = "10001.0",
) -> list[str]:
    """One line of a log; `at` is `03 10:15`, a day of May 2021 and a time."""
    return [invoice, sku, text, str(units), f"2021-05-{at}:00", price, customer, "Nowhere"]


def correction(invoice: str, sku: str, units: int, at: str, text: str = "") -> list[str]:
    """A line without price and customer: a write-off or found stock."""
    return row(invoice, sku, units, at, text=text, price="0.0", customer="")


def write_log(path: Path, *rows: list[str]) -> Path:
    """A log file of these lines; gzipped when its name says so."""
    if path.suffix == ".gz":
        with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
    return path


def kind(
    sku: str = "20001",
    units: int = 1,
    invoice: str = "700001",
    *,
    free: bool = False,
    customer: str = "10001.0",
    alone: bool = True,
) -> LineKind | SetAsideReason:
    """What a line with these cells is."""
    line = RetailLine(2, invoice, sku, "text", units, "2021-05-01 10:00:00", free, customer)
    return kind_of(line, alone)
