"""Magento's CSV files: stock by source, and products with the quantity of the default source."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.delimited_rows import BrokenRow, CellRow, DelimitedRows, Dialect
from workers.formats.json_fields import Node, failure, readings_or_finding, warning
from workers.formats.known_options import check_flag, check_known, check_text
from workers.formats.reading import Change, Envelope, Format, Place, Reading

_DEFAULT_SOURCE: Final = "default"
"""What Magento calls the source that it has always had."""
_MADE_OF_OTHERS: Final = ("configurable", "bundle", "grouped")
_YES_NO: Final = {"1": True, "0": False}


class _Columns(NamedTuple):
    """What the two kinds of file call the same."""

    quantity: str
    in_stock: str


_STOCK: Final = _Columns("quantity", "status")
_PRODUCTS: Final = _Columns("qty", "is_in_stock")


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, ("location", "snapshot"))
    check_text(options, "location")
    check_flag(options, "snapshot")


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    file = DelimitedRows(content, Dialect())
    rows = iter(file)
    first = next(rows, None)
    if not isinstance(first, CellRow):
        raise InvalidInput(field="header", problem="must name the columns, as sku and quantity")
    header = [name.strip() for name in first.cells]
    columns = _columns_of(header)
    if columns is None:
        problem = "has no column quantity or qty: products like these have no stock of their own"
        yield warning("NO_STOCK", problem, first.line)
        return
    empty = True
    for row in rows:
        empty = False
        if isinstance(row, BrokenRow):
            yield failure(row.code, row.problem, row.line)
        elif len(row.cells) != len(header):
            problem = f"has {len(row.cells)} cells where the header has {len(header)}"
            yield failure("CELL_COUNT", problem, row.line)
        else:
            told = {name: cell for name, cell in zip(header, row.cells, strict=True) if cell}
            readings = _read_row(Node(told), columns, row.line, options)
            yield from readings_or_finding(readings, row.line)
    if empty:
        yield warning("NO_STOCK", "has a header and no rows", first.line)
    if file.open_end:
        yield warning(
            "NO_FINAL_NEWLINE", "the last line has no end: is the file whole?", file.last_line
        )


def _columns_of(header: list[str]) -> _Columns | None:
    for name in ("sku", "source_code", *_STOCK, *_PRODUCTS):
        if header.count(name) > 1:
            raise InvalidInput(field=f"header.{name}", problem="is there more than once")
    if "sku" not in header:
        raise InvalidInput(field="header.sku", problem="is missing: no row names its item")
    if "source_code" in header:
        if _STOCK.quantity not in header:
            raise InvalidInput(field="header.quantity", problem="is missing")
        return _STOCK
    return next((one for one in (_PRODUCTS, _STOCK) if one.quantity in header), None)


def _read_row(
    row: Node, columns: _Columns, line: int, options: Mapping[str, Any]
) -> Iterator[Reading]:
    sku = row.name("sku")
    if why := _without_stock(row, columns):
        yield warning("NO_STOCK", f"{sku} {why}", line)
        return
    quantity = row.quantity(columns.quantity)
    data: dict[str, Any] = {"sku": sku, "location": _location_of(row, options), "onHand": quantity}
    if row.has(columns.in_stock):
        in_stock = _YES_NO.get(row.text(columns.in_stock).strip())
        if in_stock is None:
            raise InvalidInput(field=columns.in_stock, problem="must be 1 or 0")
        # Out of stock with units: they lie there, and are not for sale.
        positive = not str(quantity).startswith("-")
        data["unavailable"] = 0 if in_stock or not positive else quantity
    whole = options.get("snapshot", False)
    yield Change("stock.set", data, Place(line), snapshot=whole)


def _location_of(row: Node, options: Mapping[str, Any]) -> str:
    default: str = options.get("location", _DEFAULT_SOURCE)
    return row.find_name("source_code") or default


def _without_stock(row: Node, columns: _Columns) -> str | None:
    kind = row.text("product_type")
    if kind in _MADE_OF_OTHERS:
        return f"is a {kind} product: its parts have the stock"
    if row.text("manage_stock") == "0" and row.text("use_config_manage_stock") != "1":
        return "has its stock not managed"
    if columns is _PRODUCTS and not row.has("qty") and row.has("store_view_code"):
        return f"is told for store view {row.text('store_view_code')[:50]} only"
    return None


FORMAT: Final = Format(
    name="magento",
    summary="Magento: CSV of stock by source (source_code, sku, status, quantity) or of products.",
    media_types=("text/csv",),
    check=_check,
    read=_read,
)
