"""CSV files as people export them: comma, semicolon or tab, with a header, in UTF-8."""

import codecs
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.delimited_rows import BrokenRow, CellRow, DelimitedRows, Dialect

_BLOCK_BYTES: Final = 1 << 20
_CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""Clocks of two machines differ; a file from further ahead would outdate every later count."""


class CsvFile(NamedTuple):
    """A file that was read through once, so that it is known to be text and how long it is."""

    path: Path
    digest: str
    """Names this content of this date: the same file gives the same events."""
    lines: int
    modified_at: datetime
    ends: bool
    """Whether its last line has an end: it has not been cut off within one."""


class BadRow(NamedTuple):
    """A row that cannot be taken: its line, counted from 1, the column at fault, and why."""

    line: int
    column: str
    reason: str


class Row(NamedTuple):
    """The cells of a row by column, without the blanks around them."""

    line: int
    cells: Mapping[str, str]


def open_csv(path: Path, now: datetime) -> CsvFile:
    """Read a file through; `InvalidInput` for what is not UTF-8 text or is dated after `now`."""
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if modified_at > now + _CLOCK_TOLERANCE:
        raise InvalidInput(
            field="file", problem=f"is dated {modified_at.isoformat()}, which is still to come"
        )
    digest = hashlib.sha256(modified_at.isoformat().encode())
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, last = 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                decoder.decode(block)
                digest.update(block)
                lines += block.count(b"\n")
                last = block[-1:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InvalidInput(
            field="file", problem="is not UTF-8 text; save it as CSV UTF-8"
        ) from None
    return CsvFile(path, digest.hexdigest()[:32], lines, modified_at, last in b"\r\n")


def read_rows(
    file: CsvFile, required: Sequence[str], optional: Sequence[str]
) -> Iterator[Row | BadRow]:
    """The rows below the header, one at a time; empty lines are passed over. `InvalidInput` when
    the header lacks a column or has one that nobody would read."""
    with file.path.open("rb") as stream:
        found = DelimitedRows(stream, Dialect())
        rows = iter(found)
        first = next(rows, None)
        header = (
            [name.strip().lower() for name in first.cells] if isinstance(first, CellRow) else []
        )
        _check_header(header, required, optional)
        for row in rows:
            # A row is known by the line that it ends in: events of it were stored by that.
            line = found.last_line
            if isinstance(row, BrokenRow):
                yield BadRow(line, "", row.problem)
            elif len(row.cells) == len(header):
                stripped = (cell.strip() for cell in row.cells)
                yield Row(line, dict(zip(header, stripped, strict=True)))
            else:
                reason = f"has {len(row.cells)} cells where the header has {len(header)}"
                yield BadRow(line, "", reason)


def _check_header(header: list[str], required: Sequence[str], optional: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    known = {*required, *optional}
    unknown = [name for name in header if name not in known]
    if missing:
        raise InvalidInput(field="header", problem=f"lacks {', '.join(missing)}")
    if unknown:
        raise InvalidInput(field="header", problem=f"has unknown columns: {', '.join(unknown)}")
    if len(set(header)) < len(header):
        raise InvalidInput(field="header", problem="names a column twice")
