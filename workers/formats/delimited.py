"""CSV and TSV, as people and programs export them; its columns are found by name or mapped."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO, Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.column_names import column_called, find_columns
from workers.formats.delimited_rows import BrokenRow, CellRow, DelimitedRows, Dialect
from workers.formats.mapped import Mapper, Row, check_complete, check_mapping, refused, shape_of
from workers.formats.mapped_orders import read_mapped
from workers.formats.reading import Change, Envelope, Finding, Format, Place, Severity
from workers.formats.text_lines import check_encoding

MAX_COLUMNS: Final = 2_000
MAX_SKIPPED_LINES: Final = 1_000
_OWN: Final = ("delimiter", "encoding", "header", "skip_lines", "comment", "quotes")
_NAMED_DELIMITERS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


class _Layout(NamedTuple):
    """Where the fields stand."""

    names: Mapping[str, str]
    """Columns as the sender calls them, by field."""
    places: Sequence[int]
    width: int
    """Cells of a row."""


def check(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for options that are none of CSV."""
    check_mapping(options, _OWN)
    dialect_of(options)
    header = options.get("header", True)
    if not isinstance(header, bool):
        raise InvalidInput(field="header", problem="must be true or false")
    for field, column in options.get("fields", {}).items():
        if _number(column) is None and (not header or not isinstance(column, str) or not column):
            wanted = "a column's name or number" if header else "a column's number, from 1"
            raise InvalidInput(field=f"fields.{field}", problem=f"must be {wanted}")
    if not header:
        check_complete(options, options.get("fields", {}))


def dialect_of(options: Mapping[str, Any]) -> Dialect:
    """How the options say that the text is written; raises `InvalidInput`."""
    delimiter, encoding = options.get("delimiter"), options.get("encoding")
    if delimiter is not None:
        named = isinstance(delimiter, str) and _NAMED_DELIMITERS.get(delimiter, delimiter)
        if not named or len(named) != 1 or named in '"\r\n' or named.isalnum():
            raise InvalidInput(field="delimiter", problem="must be one character, or tab")
        delimiter = named
    skipped = options.get("skip_lines", 0)
    if type(skipped) is not int or not 0 <= skipped <= MAX_SKIPPED_LINES:
        raise InvalidInput(field="skip_lines", problem=f"must be 0 to {MAX_SKIPPED_LINES}")
    comment, quotes = options.get("comment"), options.get("quotes", True)
    if comment is not None and (not isinstance(comment, str) or not comment.strip()):
        raise InvalidInput(field="comment", problem="must be what such lines begin with, as #")
    if not isinstance(quotes, bool):
        raise InvalidInput(field="quotes", problem="must be true or false")
    known = None if encoding is None else check_encoding(encoding)
    return Dialect(delimiter, known, skipped, comment, quotes)


def read(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """The changes that rows ask for, and what is wrong with the others."""
    rows = DelimitedRows(stream, dialect_of(options))
    lines = iter(rows)
    first = next(lines, None)
    if first is None:
        raise InvalidInput(field="file", problem="is empty; not even a header is in it")
    if isinstance(first, BrokenRow):
        raise InvalidInput(field=f"line {first.line}", problem=first.problem)
    if options.get("header", True):
        layout, notes = _by_header(first, options)
        yield from notes
    else:
        layout, lines = _by_number(first, options), chain([first], lines)
    # Who writes semicolons for commas writes commas in numbers, and dots between thousands.
    mapper = Mapper(options, layout.names, doubts_dot=rows.delimiter == ";")
    yield from read_mapped(mapper, _rows(lines, layout))
    if rows.open_end:
        problem = "the last line has no end: is the file whole?"
        place = Place(rows.last_line)
        yield Finding(Severity.WARNING, "NO_FINAL_NEWLINE", problem, place)


def _rows(lines: Iterator[CellRow | BrokenRow], layout: _Layout) -> Iterator[Row | Finding]:
    width, places = layout.width, layout.places
    for one in lines:
        if isinstance(one, BrokenRow):
            yield refused(one.code, one.problem, one.line)
            continue
        line, cells = one
        if len(cells) == width or (len(cells) > width and not any(cells[width:])):
            values = [cells[place].strip() for place in places]
            if any(values) or any(cell.strip() for cell in cells):
                yield Row(line, values)
        elif any(cells):
            problem = f"has {len(cells)} cells, not {width} as the first row"
            yield refused("CELL_COUNT", problem, line)


def _by_header(row: CellRow, options: Mapping[str, Any]) -> tuple[_Layout, list[Finding]]:
    header = [cell.strip() for cell in row.cells]
    while header and not header[-1]:
        header.pop()
    _check_width(header)
    places: dict[str, int] = {}
    for field, column in options.get("fields", {}).items():
        places[field] = _place(field, column, header)
    given = {*places, *options.get("constants", {})}
    sought = [field for field in shape_of(options).fields if field not in given]
    notes = []
    for field, found in find_columns(sought, header, set(places.values())).items():
        places[field] = found.place
        if found.others:
            problem = f"{header[found.place]} is taken as {field}; {', '.join(found.others)} is not"
            place = Place(row.line, header[found.place])
            notes.append(Finding(Severity.WARNING, "COLUMN_CHOICE", problem[:500], place))
    names = {field: header[place] for field, place in places.items()}
    return _Layout(names, [*places.values()], len(header)), notes


def _by_number(row: CellRow, options: Mapping[str, Any]) -> _Layout:
    _check_width(row.cells)
    places = {
        field: _place(field, column, row.cells)
        for field, column in options.get("fields", {}).items()
    }
    names = {field: str(place + 1) for field, place in places.items()}
    return _Layout(names, [*places.values()], len(row.cells))


def _check_width(cells: Sequence[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise InvalidInput(field="header", problem=f"has more than {MAX_COLUMNS} columns")


def _place(field: str, column: object, header: Sequence[str]) -> int:
    number = _number(column)
    found = [] if isinstance(column, int) else column_called(str(column), header)
    if not found and number is not None and number <= len(header):
        return number - 1
    if len(found) != 1:
        problem = f"{'no' if not found else 'more than one'} column is called {column}"
        raise InvalidInput(field=f"fields.{field}", problem=problem)
    return found[0]


def _number(column: object) -> int | None:
    """The number of a column, counted from 1."""
    text = str(column) if isinstance(column, str | int) and not isinstance(column, bool) else ""
    is_number = text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and int(text) >= 1
    return int(text) if is_number else None


FORMAT: Final = Format(
    name="csv",
    summary="CSV or TSV with any delimiter and encoding; columns are found by name or mapped.",
    media_types=("text/csv", "text/tab-separated-values"),
    check=check,
    read=read,
)
