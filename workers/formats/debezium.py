"""Debezium's change events: rows of PostgreSQL, MySQL, SQL Server or Oracle as they change.

A row's change has its id from where it stands in the database's log (lsn, binlog file and
position, scn) and from what it says, so that it is the same event whenever it is sent again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final, NamedTuple

from workers.formats.column_encodings import decoded, encoding_of, moment
from workers.formats.json_documents import digest, read_documents
from workers.formats.json_fields import (
    Node,
    failure,
    node_of,
    readings_or_finding,
    warning,
)
from workers.formats.known_options import check_known
from workers.formats.log_order import LogOrder, binlog_place
from workers.formats.reading import Envelope, Finding, Format, Reading
from workers.formats.row_mapping import Decode, RowChange, check_tables, read_row

_OPS: Final = {"c": "insert", "u": "update", "d": "delete", "r": "snapshot"}
_TIMES: Final = (
    ("ts_ns", "nanoseconds"),
    ("ts_us", "microseconds"),
    ("ts_ms", "milliseconds"),
)


class _Place(NamedTuple):
    """Where a change stands in the log of the database."""

    text: str
    order: tuple[Any, ...]
    """Its kind, and what compares with other places of that kind of the same connector."""


class _Transaction(NamedTuple):
    id: str
    rows: int


def _check(options: Mapping[str, Any]) -> None:
    check_known(options, ("tables",))
    check_tables(options)


def _read(content: BinaryIO, options: Mapping[str, Any], envelope: Envelope) -> Iterator[Reading]:
    stream = _Stream(options)
    empty = True
    for document in read_documents(content):
        empty = False
        if isinstance(document, Finding):
            yield document
        else:
            readings = stream.read(document.value, document.line)
            yield from readings_or_finding(readings, document.line)
    if empty:
        yield _tombstone(1)


class _Stream:
    """The change events of one delivery, and what they say of each other."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._order = LogOrder()
        self._open: _Transaction | None = None

    def read(self, value: Any, line: int) -> Iterator[Reading]:
        """What one event says."""
        if value is None:
            yield _tombstone(line)
            return
        node = node_of(value)
        fields: Any = None
        if node.has("schema") or (set(node.value) == {"schema", "payload"}):
            fields = node.get("schema")
            if not node.has("payload"):
                yield _tombstone(line)
                return
            node = node.object("payload")
        if node.has("op"):
            yield from self._read_event(node, fields, line)
        elif node.text("status") in ("BEGIN", "END"):
            yield from self._read_marker(node, line)
        elif node.has("ddl") or node.has("tableChanges"):
            problem = "the table's columns have changed: look whether the mapping still fits"
            yield warning("TABLE_CHANGED", problem, line)
        elif set(node.value) <= {"ts_ms", "ts_us", "ts_ns"} and node.value:
            yield warning("NO_STOCK", "a heartbeat changes no row", line)
        else:
            problem = "has no op: is it flattened (ExtractNewRecordState)? Send it as it is"
            yield failure("NOT_A_CHANGE", problem, line)

    def _read_event(self, event: Node, fields: Any, line: int) -> Iterator[Reading]:
        kind = event.text("op")
        source = event.object("source")
        tables = _tables_of(source)
        if kind == "t":
            problem = f"{tables[0]} was emptied at once: its rows are not told, and stay counted"
            yield failure("TABLE_EMPTIED", problem, line)
            return
        op = _OPS.get(kind)
        if op is None:
            yield warning("NO_STOCK", f"op {kind[:20]!r} changes no row", line)
            return
        before, after = event.find("before"), event.find("after")
        image = before if op == "delete" else after
        if image is None:
            side = "before" if op == "delete" else "after"
            yield failure("NO_IMAGE", f"{side} is missing: the row is not told", line, side)
            return
        place = _place_of(source)
        transaction = event.find("transaction")
        self._count(transaction)
        row = RowChange(
            tables,
            op,
            None if before is None else before.value,
            None if op == "delete" or after is None else after.value,
            _id_of(event, source, place, transaction, tables),
            _time_of(source) or _time_of(event),
            line,
            _decode_by(fields),
        )
        order = None if place is None else place.order
        log = f"{source.text('name')}:{order[0] if order else None}"
        yield from self._order.newest(read_row(row, self._options), log, order)

    def _count(self, transaction: Node | None) -> None:
        known = self._open
        if transaction is not None and known and transaction.get("id") == known.id:
            self._open = known._replace(rows=known.rows + 1)

    def _read_marker(self, marker: Node, line: int) -> Iterator[Reading]:
        """The begin or end of a transaction. Rows take effect one by one; if some that the end
        counts did not come between the two, that is told."""
        id, status = marker.name("id"), marker.text("status")
        yield warning("NO_STOCK", f"{status} of transaction {id} changes no row", line)
        known, self._open = self._open, None
        if status == "BEGIN":
            self._open = _Transaction(id, 0)
        elif known and known.id == id and marker.has("event_count"):
            expected = marker.count("event_count")
            if expected != known.rows:
                problem = f"transaction {id} has {expected} rows, of which {known.rows} came"
                yield warning("TRANSACTION_INCOMPLETE", problem, line, "event_count")


def _tombstone(line: int) -> Finding:
    problem = "a tombstone follows a delete, so that Kafka forgets the row: it changes nothing"
    return warning("TOMBSTONE", problem, line)


def _tables_of(source: Node) -> tuple[str, ...]:
    table = source.name("table")
    names = [source.find_name("db"), source.find_name("schema"), table]
    told = [name for name in names if name]
    return tuple(".".join(told[start:]) for start in range(len(told)))


def _place_of(source: Node) -> _Place | None:
    """The place in the log of the database, by what its connector calls it."""
    if source.has("lsn"):
        lsn = source.count("lsn")
        return _Place(f"{lsn}", ("lsn", lsn))
    if source.has("file") and source.has("pos"):
        row = source.count("row") if source.has("row") else 0
        file, pos = source.name("file"), source.count("pos")
        return _Place(f"{file}:{pos}:{row}", ("binlog", *binlog_place(file, pos), row))
    for name in ("commit_lsn", "commit_scn", "scn"):
        if source.has(name):
            text = source.name(name)
            fine = ":".join(
                source.name(part)
                for part in ("change_lsn", "event_serial_no", "rs_id", "ssn")
                if source.has(part)
            )
            # Numbers of Oracle grow in length; those of SQL Server are of one length.
            return _Place(f"{text}:{fine}", ("scn", len(text), text))
    return None


def _id_of(
    event: Node,
    source: Node,
    place: _Place | None,
    transaction: Node | None,
    tables: tuple[str, ...],
) -> str | None:
    if place is None:
        return None
    said = [
        source.get("name"),
        tables,
        event.get("op"),
        event.get("before"),
        event.get("after"),
        None if transaction is None else transaction.get("total_order"),
        source.get("txId"),
    ]
    return f"{tables[-1]}@{place.text}:{digest(said)}"


def _time_of(node: Node) -> datetime | None:
    """The finest time that is told."""
    for name, unit in _TIMES:
        if node.has(name) and (time := moment(node.get(name), unit)):
            return time
    return None


def _decode_by(schema: Any) -> Decode | None:
    """Reads values by the Connect schema that came with the event, if one did."""
    if not isinstance(schema, Mapping):
        return None
    encodings: dict[str, Any] = {}
    for image in _fields_of(schema):
        if image.get("field") in ("after", "before"):
            for column in _fields_of(image):
                encoding = encoding_of(column)
                if encoding is not None:
                    encodings[str(column.get("field"))] = encoding
    return lambda column, value: decoded(value, encodings.get(column), column)


def _fields_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    fields = schema.get("fields")
    return [one for one in fields if isinstance(one, Mapping)] if isinstance(fields, list) else []


FORMAT: Final = Format(
    name="debezium",
    summary="Debezium: changes of rows of a database, with before and after, in its own JSON.",
    media_types=("application/json",),
    check=_check,
    read=_read,
)
