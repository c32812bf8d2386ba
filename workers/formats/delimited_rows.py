"""Rows of delimited text, whoever wrote it: any usual delimiter, encoding and line end."""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.text_lines import Readable, TextLines

DELIMITERS: Final = ",;\t|"
_QUOTED: Final = re.compile('"[^"]*"')
_TOLD_DELIMITER: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
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
        for _ in range(dialect.skip_lines):
            next(self._lines, None)
        first = self._next_counted()
        told = _TOLD_DELIMITER.fullmatch(first or "")
        if told is not None:
            first = self._next_counted()
        found = told[1] if told else _delimiter_of(first or "")
        self.delimiter = dialect.delimiter or found
        self._text = self._lines if first is None else chain([first], self._lines)
        self._in_row = self._open_quote = self._undecodable = False
        self._row_line = 0
        self._marks = 0

    @property
    def last_line(self) -> int:
        """The line that the newest row ends in."""
        return self._lines.number

    @property
    def open_end(self) -> bool:
        """Whether the line read last has no end: the file may have been cut off."""
        return self._lines.open_end

    def __iter__(self) -> Iterator[CellRow | BrokenRow]:
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
        """Lines as the reader asks for them: within a row only where a quotation mark is open."""
        comment, lines = self._dialect.comment, self._lines
        for text in self._text:
            if not self._in_row:
                if comment and text.startswith(comment):
                    continue
                self._in_row = True
                self._row_line = lines.number
                self._undecodable = False
                self._marks = 0
            if lines.undecodable:
                self._undecodable = True
            self._marks += text.count('"')
            yield text
        self._open_quote = self._in_row

    def _too_long(self) -> BrokenRow:
        if self._dialect.quotes and self._marks % 2:
            # The reader has forgotten that it is within quotation marks: what follows is no row.
            raise InvalidInput(
                field=f"line {self._row_line}",
                problem="opens a quotation mark that is not closed for a long time",
            )
        problem = f"has a cell of more than {csv.field_size_limit()} characters"
        return BrokenRow(self._row_line, "CELL_TOO_LONG", problem)

    def _next_counted(self) -> str | None:
        """The next line that may be a row."""
        comment = self._dialect.comment
        for text in self._lines:
            if text.strip() and not (comment and text.startswith(comment)):
                return text
        return None


def _delimiter_of(line: str) -> str:
    bare = _QUOTED.sub("", line)
    return max(DELIMITERS, key=bare.count)
