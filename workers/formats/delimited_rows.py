"""Rows of delimited text, whoever wrote it: any usual delimiter, encoding and line end."""

import csv
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.text_lines import Batch, Readable, TextLines

DELIMITERS: Final = ",;\t|"
_QUOTED: Final = re.compile('"[^"]*"')
_TOLD_DELIMITER: Final = re.compile(r"sep=([^\w\s\"\0]|\t)\s*", re.IGNORECASE)
"""The line that Excel puts, and wants, above the header."""


class Dialect(NamedTuple):
    """How the text is written; what is None is found by itself."""

    delimiter: str | None = None
    encoding: str | None = None
    """Of lines that are not UTF-8."""
    skip_lines: int = 0
    """Lines above the header."""
    comment: str | None = None
    """What lines begin with that are no rows."""
    quotes: bool = True
    """Whether a quotation mark at the beginning of a cell encloses it."""


class CellRow(NamedTuple):
    """The cells of a row, and the line it begins in, counted from 1."""

    line: int
    cells: list[str]


class BrokenRow(NamedTuple):
    """A row that cannot be told: its line, a stable code, and why."""

    line: int
    code: str
    problem: str


class DelimitedRows:
    """Reads rows one at a time; memory does not grow with their number. Lines without anything are
    passed over. `InvalidInput` where it cannot be known any more what a row is."""

    def __init__(self, stream: Readable, dialect: Dialect) -> None:
        self._dialect = dialect
        self._lines = TextLines(stream, dialect.encoding)
        self._batches = iter(self._lines)
        self._batch: Batch | None = next(self._batches, None)
        self._skip(dialect.skip_lines)
        first = self._first_counted()
        told = _TOLD_DELIMITER.fullmatch(first)
        if told is not None:
            self._skip(1)
            first = self._first_counted()
        found = told[1] if told else _delimiter_of(first)
        self.delimiter = dialect.delimiter or found
        self.last_line = 0
        """The line that the newest row ends in."""
        self._in_row = self._open_quote = self._undecodable = False
        self._row_line = 0
        self._row_text: list[str] = []

    @property
    def open_end(self) -> bool:
        """Whether the last line has no end, once all are read: the file may have been cut off."""
        return self._lines.open_end

    def __iter__(self) -> Iterator[CellRow | BrokenRow]:
        while self._batch is not None:
            batch = self._batch
            if batch.is_plain and self._dialect.comment is None:
                rows = csv.reader(batch.lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
                before = batch.first - 1
                for cells in rows:
                    if cells:
                        self.last_line = line = before + rows.line_num
                        yield CellRow(line, cells)
            else:
                yield from self._rows_of_any()
            self._batch = next(self._batches, None)

    def _rows_of_any(self) -> Iterator[CellRow | BrokenRow]:
        """The rows that begin in the batch."""
        reader = csv.reader(
            self._fed(),
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self._dialect.quotes else csv.QUOTE_NONE,
        )
        while True:
            self._in_row = False
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                # Nothing is refused by this reader but a cell beyond its bound.
                yield self._too_long()
                continue
            if self._open_quote:
                raise InvalidInput(
                    field=f"line {self._row_line}",
                    problem="opens a quotation mark that is never closed",
                )
            if self._undecodable:
                problem = "is not UTF-8 text; name its encoding, such as cp1252"
                yield BrokenRow(self._row_line, "ENCODING", problem)
            elif cells:
                yield CellRow(self._row_line, cells)

    def _fed(self) -> Iterator[str]:
        """Lines as the reader asks for them: within a row only where a quotation mark is open, and
        only then beyond the batch."""
        comment = self._dialect.comment
        while self._batch is not None:
            for number, text in enumerate(self._batch.lines, self._batch.first):
                if not self._in_row:
                    if comment and text.startswith(comment):
                        continue
                    self._in_row = True
                    self._row_line = number
                    self._undecodable = False
                    self._row_text = []
                self.last_line = number
                self._row_text.append(text)
                if number in self._batch.undecodable:
                    self._undecodable = True
                yield text
            if not self._in_row:
                return
            self._batch = next(self._batches, None)
        self._open_quote = self._in_row

    def _too_long(self) -> BrokenRow:
        marks = sum(text.count('"') for text in self._row_text)
        if self._dialect.quotes and marks % 2:
            # The reader has forgotten that it is within quotation marks: what follows is no row.
            raise InvalidInput(
                field=f"line {self._row_line}",
                problem="opens a quotation mark that is not closed for a long time",
            )
        problem = f"has a cell of more than {csv.field_size_limit()} characters"
        return BrokenRow(self._row_line, "CELL_TOO_LONG", problem)

    def _skip(self, lines: int) -> None:
        while self._batch is not None and lines >= len(self._batch.lines):
            lines -= len(self._batch.lines)
            self._batch = next(self._batches, None)
        if self._batch is not None:
            self._batch = self._batch.behind(lines)

    def _first_counted(self) -> str:
        """The first line that may be a row; those above it are passed over."""
        comment = self._dialect.comment
        while self._batch is not None:
            for place, text in enumerate(self._batch.lines):
                if text.strip() and not (comment and text.startswith(comment)):
                    self._batch = self._batch.behind(place)
                    return text
            self._batch = next(self._batches, None)
        return ""


def _delimiter_of(line: str) -> str:
    bare = _QUOTED.sub("", line)
    return max(DELIMITERS, key=bare.count)
