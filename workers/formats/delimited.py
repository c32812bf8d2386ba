"""CSV and TSV, as people and programs export them; their columns are found by name or mapped."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from hub.domain.errors import InvalidInput
from workers.formats.column_names import find_columns
from workers.formats.delimited_rows import DelimitedRows, Dialect
from workers.formats.delimited_table import DelimitedTable, column_number
from workers.formats.known_options import check_flag
from workers.formats.mapped import Mapper, check_complete, check_mapping, shape_of
from workers.formats.mapped_orders import read_mapped
from workers.formats.reading import (
    Change,
    Envelope,
    Finding,
    Format,
    Place,
    Severity,
    printable,
)
from workers.formats.text_lines import check_encoding

MAX_SKIPPED_LINES: Final = 1_000
_OWN: Final = ("delimiter", "encoding", "header", "skip_lines", "comment", "quotes")
_NAMED_DELIMITERS: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def check(options: Mapping[str, Any]) -> None:
    """Raises `InvalidInput` for options that are none of CSV."""
    check_mapping(options, _OWN)
    check_flag(options, "header", "quotes")
    _dialect(options)
    has_header, fields = options.get("header", True), options.get("fields", {})
    for field, column in fields.items():
        is_name = has_header and isinstance(column, str) and column.strip()
        if not is_name and column_number(column) is None:
            wanted = "a column's name or number" if has_header else "a column's number, from 1"
            raise InvalidInput(field=f"fields.{field}", problem=f"must be {wanted}")
    if not has_header:
        check_complete(options, fields)


def _dialect(options: Mapping[str, Any]) -> Dialect:
    delimiter, encoding = options.get("delimiter"), options.get("encoding")
    if delimiter is not None:
        named = _NAMED_DELIMITERS.get(delimiter, delimiter) if isinstance(delimiter, str) else ""
        is_mark = named == "\t" or (named.isprintable() and not named.isalnum())
        if len(named) != 1 or not is_mark or named in '" ':
            raise InvalidInput(field="delimiter", problem="must be one character, or tab")
        delimiter = named
    skipped, comment = options.get("skip_lines", 0), options.get("comment")
    if type(skipped) is not int or not 0 <= skipped <= MAX_SKIPPED_LINES:
        raise InvalidInput(field="skip_lines", problem=f"must be 0 to {MAX_SKIPPED_LINES}")
    if comment is not None and (not isinstance(comment, str) or not comment.strip()):
        raise InvalidInput(field="comment", problem="must be what such lines begin with, as #")
    known = None if encoding is None else check_encoding(encoding)
    return Dialect(delimiter, known, skipped, comment, options.get("quotes", True))


def read(
    stream: BinaryIO, options: Mapping[str, Any], envelope: Envelope
) -> Iterator[Change | Finding]:
    """The changes that rows ask for, and what is wrong with the others."""
    text = DelimitedRows(stream, _dialect(options))
    table = DelimitedTable(text, has_header=options.get("header", True))
    places = {
        field: table.place_of(column, f"fields.{field}")
        for field, column in options.get("fields", {}).items()
    }
    yield from _find(table, options, places)
    names = {field: table.name_of(place) for field, place in places.items()}
    # Who divides cells otherwise may write commas in numbers, and dots between thousands.
    mapper = Mapper(options, names, doubts_dot=text.delimiter != ",")
    yield from read_mapped(mapper, table.rows([*places.values()]))


def _find(
    table: DelimitedTable, options: Mapping[str, Any], places: dict[str, int]
) -> Iterator[Finding]:
    """Adds the columns that nobody has mapped and whose names tell what they are."""
    given = {*places, *options.get("constants", {})}
    sought = [field for field in shape_of(options).fields if field not in given]
    for field, found in find_columns(sought, table.header, set(places.values())).items():
        places[field] = found.place
        if found.others:
            name, others = table.header[found.place], ", ".join(found.others)
            problem = f"{name} is taken as {field}, {others} is not"
            place = Place(table.header_line, name)
            yield Finding(Severity.WARNING, "COLUMN_CHOICE", printable(problem[:500]), place)


FORMAT: Final = Format(
    name="csv",
    summary="CSV or TSV with any delimiter and encoding; columns are found by name or mapped.",
    media_types=("text/csv", "text/tab-separated-values"),
    check=check,
    read=read,
)
