"""Rows of a database as changes of stock: which table is what, and which column says it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.column_encodings import check_encoding, decoded, time_of
from workers.formats.json_fields import failure, identifier_of, negative, quantity_of, warning
from workers.formats.known_options import check_choice, check_known
from workers.formats.reading import Change, Place, Reading

Row = Mapping[str, Any]
Decode = Callable[[str, Any], Any]
"""The value of a column, by its name, as what it stands for."""

_NAMES: Final = ("sku", "location", "document")
_QUANTITIES: Final = ("onHand", "unavailable", "delta", "quantity")
_TIMES: Final = ("asOf", "eta")
_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "stock.set": (("sku", "location", "onHand"), ("asOf", "unavailable")),
    "stock.adjusted": (("sku", "location", "delta"), ("reason",)),
    "supply.scheduled": (("sku", "location", "quantity", "eta", "document"), ()),
    "supply.received": (("sku", "location", "quantity", "document"), ()),
}
"""What each event needs, and what it may have besides."""

_TABLE: Final = ("event", "columns", "values", "encodings", "on_delete")


class RowChange(NamedTuple):
    """What happened to a row."""

    tables: tuple[str, ...]
    """The names of its table, the most exact first."""
    op: str
    """`insert`, `update`, `delete` or `snapshot`: it was there when all was read."""
    before: Row | None
    after: Row | None
    id: str | None
    time: datetime | None
    line: int
    decode: Decode | None = None
    """By the message's own schema; None where it has none and the encodings say."""


def check_tables(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for tables that are not mapped to an event in full."""
    tables = options.get("tables")
    if not isinstance(tables, Mapping) or not tables:
        problem = "must name at least one table and the event that its rows are"
        raise InvalidInput(field="tables", problem=problem)
    for name, table in tables.items():
        path = f"tables.{name}"
        if not isinstance(table, Mapping):
            raise InvalidInput(field=path, problem="must have an event and its columns")
        try:
            _check_table(table)
        except InvalidInput as error:
            field = f"{path}.{error.data['field']}"
            raise InvalidInput(field=field, problem=error.data["problem"]) from None


def _check_table(table: Mapping[str, Any]) -> None:
    check_known(table, _TABLE)
    check_choice({"event": table.get("event")}, "event", tuple(_FIELDS))
    check_choice(table, "on_delete", ("apply", "ignore"))
    needed, possible = _FIELDS[table["event"]]
    for part in ("columns", "values"):
        _check_names(table.get(part, {}), part, needed + possible)
    for name in needed:
        if name not in table.get("columns", {}) and name not in table.get("values", {}):
            problem = f"must say which column is {name}, or values what it always is"
            raise InvalidInput(field="columns", problem=problem)
    encodings = table.get("encodings", {})
    if not isinstance(encodings, Mapping):
        raise InvalidInput(field="encodings", problem="must be an object by column")
    for column, encoding in encodings.items():
        check_encoding(encoding, f"encodings.{column}")


def _check_names(names: Any, part: str, known: tuple[str, ...]) -> None:
    if not isinstance(names, Mapping):
        raise InvalidInput(field=part, problem="must be an object")
    for name, value in names.items():
        if name not in known:
            problem = f"is no field of the event; it has: {', '.join(known)}"
            raise InvalidInput(field=f"{part}.{name}", problem=problem)
        if not isinstance(value, str) or not value:
            raise InvalidInput(field=f"{part}.{name}", problem="must be a text")


def read_row(row: RowChange, options: Mapping[str, Any]) -> Iterator[Reading]:
    """The changes of stock that a change of a row is; those of a table not mapped are a warning."""
    table = next(
        (options["tables"][name] for name in row.tables if name in options["tables"]), None
    )
    if table is None:
        problem = f"table {row.tables[0][:100]} is not mapped (option tables)"
        yield warning("NO_STOCK", problem, row.line)
        return
    yield from _READERS[table["event"]](_Mapped(row, table))


class _Mapped(NamedTuple):
    row: RowChange
    table: Mapping[str, Any]

    def data(self, image: Row, *, only: tuple[str, ...] | None = None) -> dict[str, Any]:
        """The fields of the event in an image of the row; `InvalidInput` names the column."""
        needed, possible = _FIELDS[self.table["event"]]
        data: dict[str, Any] = {}
        for name in only or needed + possible:
            value, where = self._value(name, image)
            if value is None:
                if name in (only or needed):
                    raise InvalidInput(field=where, problem="is not told in this row")
                continue
            data[name] = _typed(name, value, where)
        return data

    def _value(self, name: str, image: Row) -> tuple[Any, str]:
        column = self.table.get("columns", {}).get(name)
        if column is None:
            return self.table.get("values", {}).get(name), name
        value = image.get(column)
        if value is None:
            return None, column
        if self.row.decode is not None:
            value = self.row.decode(column, value)
        encoding = self.table.get("encodings", {}).get(column)
        return decoded(value, encoding, column), column

    def change(self, kind: str, data: dict[str, Any], part: str = "") -> Change:
        id = None if self.row.id is None else self.row.id + part
        return Change(kind, data, Place(self.row.line), self.row.time, id)

    @property
    def ignores_deletes(self) -> bool:
        return bool(self.table.get("on_delete") == "ignore")


def _typed(name: str, value: Any, where: str) -> Any:
    if name in _NAMES:
        return identifier_of(value, where)
    if name in _QUANTITIES:
        return quantity_of(value, where)
    if name in _TIMES:
        return time_of(value, where).isoformat()
    return str(value)


def _counts(mapped: _Mapped) -> Iterator[Reading]:
    """A table of what is there: a row gone, or now of another item, is a count of 0."""
    row = mapped.row
    where = ("sku", "location")
    if row.after is not None:
        data = mapped.data(row.after)
        if row.before is not None and row.op == "update":
            moved = _moved_from(mapped, row.before, data)
            if moved is not None:
                yield mapped.change("stock.set", _as_of({**moved, "onHand": 0}, row), ":left")
        yield mapped.change("stock.set", _as_of(data, row))
    elif mapped.ignores_deletes:
        yield _ignored(row)
    else:
        data = {**mapped.data(row.before or {}, only=where), "onHand": 0, "reason": "row deleted"}
        yield mapped.change("stock.set", _as_of(data, row))


def _moved_from(mapped: _Mapped, before: Row, data: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        old = mapped.data(before, only=("sku", "location"))
    except InvalidInput:
        return None  # The database does not tell what the row was before; a key it would tell.
    return old if any(old[name] != data[name] for name in old) else None


def _as_of(data: dict[str, Any], row: RowChange) -> dict[str, Any]:
    if "asOf" not in data and row.time is not None:
        data["asOf"] = row.time.isoformat()
    return data


def _movements(mapped: _Mapped) -> Iterator[Reading]:
    """A table of movements: a row is one, and taking it away takes it back."""
    row = mapped.row
    if row.op == "snapshot":
        problem = "a movement from before the capture began is in the counts already"
        yield warning("SNAPSHOT_OF_MOVEMENTS", problem, row.line)
        return
    if row.after is None and mapped.ignores_deletes:
        yield _ignored(row)
        return
    # What the row was before is taken back as a movement of its own.
    both = row.before is not None and row.after is not None
    if both and mapped.data(row.before or {}) == mapped.data(row.after or {}):
        yield warning("NO_CHANGE", "nothing of the movement itself has changed", row.line)
        return
    if row.before is not None:
        yield from _movement(mapped, row.before, ":undone", undo=True)
    elif row.op != "insert":
        problem = "the row as it was before is not told: what it changes is not known"
        yield failure("NO_BEFORE_IMAGE", problem, row.line)
        return
    if row.after is not None:
        yield from _movement(mapped, row.after, "")


def _movement(mapped: _Mapped, image: Row, part: str, *, undo: bool = False) -> Iterator[Reading]:
    data = mapped.data(image)
    if undo:
        data["delta"] = negative(data["delta"])
    data.setdefault("reason", "movement")
    if data["delta"] == 0:
        yield warning("NO_CHANGE", "a movement of 0 changes nothing", mapped.row.line)
    else:
        yield mapped.change("stock.adjusted", data, part)


def _expected(mapped: _Mapped) -> Iterator[Reading]:
    """A table of what is on order."""
    row = mapped.row
    if row.after is not None:
        yield mapped.change("supply.scheduled", mapped.data(row.after))
    elif mapped.ignores_deletes:
        yield _ignored(row)
    else:
        data = mapped.data(row.before or {}, only=("sku", "location", "document"))
        yield mapped.change("supply.cancelled", data)


def _receipts(mapped: _Mapped) -> Iterator[Reading]:
    """A table of receipts, of which only new rows are something that happened."""
    row = mapped.row
    if row.op == "insert" and row.after is not None:
        yield mapped.change("supply.received", mapped.data(row.after))
    elif row.op == "snapshot":
        problem = "a receipt from before the capture began is in the counts already"
        yield warning("SNAPSHOT_OF_MOVEMENTS", problem, row.line)
    else:
        yield failure("RECEIPT_CHANGED", f"a receipt cannot be undone by an {row.op}", row.line)


def _ignored(row: RowChange) -> Reading:
    return warning("DELETE_IGNORED", "the row is gone; the source ignores it", row.line)


_READERS: Final[Mapping[str, Callable[[_Mapped], Iterator[Reading]]]] = {
    "stock.set": _counts,
    "stock.adjusted": _movements,
    "supply.scheduled": _expected,
    "supply.received": _receipts,
}
