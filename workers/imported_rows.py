"""What makes a CSV row a count or a line of an order. Pure: rows in, drafts of events out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.snapshots import CountedRow
from hub.domain.values import (
    LocationId,
    Quantity,
    identifier_from,
    quantity_from,
    quantity_number,
    quantity_text,
)
from workers.csv_rows import BadRow, Row
from workers.formats.times import OUT_OF_YEARS, can_be_meant

STOCK_COLUMNS: Final = (("sku", "location", "on_hand"), ("as_of", "unavailable"))
"""Required, optional."""
ORDER_COLUMNS: Final = (("order", "channel", "sku", "quantity"), ("placed_at",))


class Draft(NamedTuple):
    """An event to be, and the rows it is made of."""

    rows: list[Row]
    type: str
    time: datetime
    data: dict[str, Any]


class Refused(NamedTuple):
    """Rows that no event can be made of."""

    rows: list[BadRow]


def count_from(
    row: Row | BadRow, locations: set[LocationId], modified_at: datetime
) -> Draft | Refused:
    """A `stock.set` of one row; a row without `as_of` was counted at `modified_at`."""
    if isinstance(row, BadRow):
        return Refused([row])
    try:
        counted = counted_row(row, locations, modified_at)
    except InvalidInput as error:
        return Refused([BadRow(row.line, error.field, error.problem)])
    data: dict[str, Any] = {
        "sku": counted.sku,
        "location": counted.location,
        "onHand": quantity_number(counted.on_hand),
        "asOf": counted.as_of.isoformat(),
    }
    if counted.unavailable is not None:
        data["unavailable"] = quantity_number(counted.unavailable)
    return Draft([row], "stock.set", counted.as_of, data)


def counted_row(row: Row, locations: set[LocationId], modified_at: datetime) -> CountedRow:
    """What a row of counts says. Raises `InvalidInput` with the column and the reason."""
    cells = row.cells
    as_of = _time(row, "as_of") or modified_at
    return CountedRow(
        row.line,
        identifier_from(cells["sku"], "sku"),
        _known(row, "location", locations),
        quantity_from(cells["on_hand"], "on_hand"),
        _units(row, "unavailable", least=0) if cells.get("unavailable") else None,
        as_of,
    )


class OrderRows:
    """Makes `order.placed` of rows that stand together; an order is taken whole or not at all."""

    def __init__(self, channels: set[str], modified_at: datetime) -> None:
        self._channels = channels
        self._modified_at = modified_at
        self._closed: set[str] = set()

    def drafts(self, rows: Iterable[Row | BadRow]) -> Iterator[Draft | Refused]:
        """The orders of a file, one after the other."""
        return (self._order(group) for group in _groups(rows))

    def _order(self, group: Sequence[Row | BadRow]) -> Draft | Refused:
        rows = [row for row in group if isinstance(row, Row)]
        bad = [row for row in group if isinstance(row, BadRow)]
        lines: list[dict[str, Any]] = []
        for row in rows:
            try:
                lines.append(self._line(row, rows[0]))
            except InvalidInput as error:
                bad.append(BadRow(row.line, error.field, error.problem))
        if rows:
            self._closed.add(rows[0].cells["order"])
        if bad:
            return left_out(rows, bad)
        first = rows[0].cells
        data = {"order": first["order"], "channel": first["channel"], "lines": lines}
        placed_at = _time(rows[0], "placed_at") or self._modified_at
        return Draft(rows, "order.placed", placed_at, data)

    def _line(self, row: Row, first: Row) -> dict[str, Any]:
        if identifier_from(row.cells["order"], "order") in self._closed:
            # Its first rows are an order already: these would be lost, or be a second one.
            raise InvalidInput(field="order", problem="has rows further up; keep them together")
        for column in ("channel", "placed_at"):
            if row.cells.get(column) != first.cells.get(column):
                raise InvalidInput(field=column, problem="differs from the order's first row")
        _known(row, "channel", self._channels)
        _time(row, "placed_at")
        return {
            "sku": identifier_from(row.cells["sku"], "sku"),
            "quantity": quantity_number(_units(row, "quantity", least=1)),
        }


def with_known_items(draft: Draft, steps: Mapping[str, Quantity]) -> Draft | Refused:
    """The draft, unless it names an item that is not in `steps`, or a part of an item's step."""
    bad = [one for row in draft.rows for one in _misfits(row, steps.get(row.cells["sku"]))]
    return left_out(draft.rows, bad) if bad else draft


def _misfits(row: Row, step: Quantity | None) -> Iterator[BadRow]:
    if step is None:
        yield BadRow(row.line, "sku", "no item has this sku; skus are case-sensitive")
        return
    for column in ("on_hand", "unavailable", "quantity"):
        cell = row.cells.get(column)
        if cell and quantity_from(cell) % step:
            reason = f"{row.cells['sku']} is counted in steps of {quantity_text(step)}"
            yield BadRow(row.line, column, reason)


def left_out(rows: Sequence[Row], bad: list[BadRow]) -> Refused:
    """Bad rows, and the good ones of the same order that cannot go in without them."""
    lines = {row.line for row in bad}
    reason = f"is left out with its order, because of line {min(lines)}"
    others = [BadRow(row.line, "order", reason) for row in rows if row.line not in lines]
    return Refused(sorted([*bad, *others]))


def _groups(rows: Iterable[Row | BadRow]) -> Iterator[list[Row | BadRow]]:
    """The rows of one order after the other. A row too broken to tell its order belongs to the
    order around it, if there is one."""
    group: list[Row | BadRow] = []
    broken: list[Row | BadRow] = []
    order: str | None = None
    for row in rows:
        if isinstance(row, BadRow):
            broken.append(row)
            continue
        if row.cells["order"] == order:
            group += [*broken, row]
        else:
            yield from ([one] for one in broken)
            if group:
                yield group
            group, order = [row], row.cells["order"]
        broken = []
    yield from ([one] for one in broken)
    if group:
        yield group


def _known(row: Row, column: str, ids: set[str]) -> str:
    value = identifier_from(row.cells[column], column)
    if value not in ids:
        raise InvalidInput(field=column, problem=f"no {column} has this id")
    return value


def _units(row: Row, column: str, least: int) -> Quantity:
    quantity = quantity_from(row.cells[column], column)
    if quantity < least:
        raise InvalidInput(
            field=column, problem="must be above 0" if least else "must not be negative"
        )
    return quantity


def _time(row: Row, column: str) -> datetime | None:
    text = row.cells.get(column)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InvalidInput(
            field=column, problem="must be a time with its offset, such as 2026-01-31T08:00:00Z"
        )
    if not can_be_meant(time):
        raise InvalidInput(field=column, problem=f"{OUT_OF_YEARS}; leave it empty if unknown")
    return time
