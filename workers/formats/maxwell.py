"""Maxwell's change events: rows of MySQL as they change.

A row's change has its id from its place in the binlog, its transaction and its number in it, so
that it is the same event whenever it is sent again.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from workers.formats.column_encodings import moment
from workers.formats.json_documents import digest, read_each
from workers.formats.json_fields import Node, node_of, warning
from workers.formats.known_options import check_known
from workers.formats.log_order import LogOrder, Place, binlog_place
from workers.formats.reading import Envelope, Format, Reading
from workers.formats.row_mapping import RowChange, check_tables, read_row

_OPS: Final = {
    "insert": "insert",
    "update": "update",
    "delete": "delete",
    "bootstrap-insert": "snapshot",
}
_TABLE_CHANGES: Final = ("table-", "database-")


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, ("tables",))
    check_tables(options)


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    order = LogOrder()
    return read_each(
        content, lambda value, line: _read_event(value, line, options, order), "a change"
    )


def _read_event(
    value: Any, line: int, options: Mapping[str, Any], order: LogOrder
) -> Iterator[Reading]:
    if value is None:
        yield warning("TOMBSTONE", "a tombstone changes nothing", line)
        return
    event = node_of(value)
    kind = event.text("type")
    op = _OPS.get(kind)
    if op is None and kind.startswith(_TABLE_CHANGES):
        problem = "the table's columns have changed: look whether the mapping still fits"
        yield warning("TABLE_CHANGED", problem, line)
        return
    if op is None:
        yield warning("NO_STOCK", f"type {kind[:50]!r} changes no row", line, "type")
        return
    table = event.name("table")
    tables = (f"{event.name('database')}.{table}", table)
    data = event.object("data").value
    old = event.find("old")
    before = data if op == "delete" else {**data, **old.value} if old else None
    row = RowChange(
        tables,
        op,
        before,
        None if op == "delete" else data,
        _id_of(event, tables[0]),
        moment(event.get("ts"), "seconds"),
        line,
    )
    yield from order.newest(read_row(row, options), "binlog", _place_of(event))


def _place_of(event: Node) -> Place | None:
    """Its place in the binlog, if Maxwell is set to tell it (`output_binlog_position`)."""
    file, _, position = event.text("position").rpartition(":")
    if not (position.isascii() and position.isdigit() and len(position) <= 20):
        return None
    number = event.count("xoffset") if event.has("xoffset") else 0
    return (*binlog_place(file, int(position)), number)


def _id_of(event: Node, table: str) -> str | None:
    """None for rows of a bootstrap without place: they are read out of the table, not its log."""
    place = [event.find_name("position"), event.find_name("xid"), event.find_name("xoffset")]
    told = [part for part in place if part is not None]
    if not told:
        return None
    said = [table, event.get("type"), event.get("data"), event.get("old"), event.get("gtid")]
    return f"{table[-64:]}@{':'.join(told)}:{digest(said)}"


FORMAT: Final = Format(
    name="maxwell",
    summary="Maxwell: changes of rows of MySQL, as its JSON tells them.",
    media_types=("application/json",),
    check=_check,
    read=_read,
)
