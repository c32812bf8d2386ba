"""A table in delimited text: named or numbered columns, and the cells of some of them by row."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

from hub.domain.errors import InvalidInput
from workers.formats.column_names import column_called
from workers.formats.delimited_rows import BrokenRow, DelimitedRows
from workers.formats.mapped import Row, refused
from workers.formats.reading import Finding, Place, Severity

MAX_COLUMNS: Final = 2_000
MAX_NAME_LENGTH: Final = 200
"""Characters of a column's name; of longer ones these are its name."""


class DelimitedTable:
    """Reads a header, then rows one at a time. `InvalidInput` where there is none, or one too wide
    for anybody to have meant it."""

    def __init__(self, rows: DelimitedRows, *, has_header: bool = True) -> None:
        self._source = rows
        self._rows = iter(rows)
        first = next(self._rows, None)
        if first is None:
            raise InvalidInput(field="file", problem="is empty; not even a header is in it")
        if isinstance(first, BrokenRow):
            raise InvalidInput(field=f"line {first.line}", problem=first.problem)
        if len(first.cells) > MAX_COLUMNS:
            raise InvalidInput(field="header", problem=f"has over {MAX_COLUMNS} columns")
        if any("\0" in cell for cell in first.cells):
            problem = "the text holds NUL bytes; is it utf-16-le or utf-16-be without a mark?"
            raise InvalidInput(field="encoding", problem=problem)
        self.header_line = first.line
        self.header = [cell.strip()[:MAX_NAME_LENGTH] for cell in first.cells] if has_header else []
        """What the columns are called, if they are."""
        while self.header and not self.header[-1]:
            self.header.pop()
        self._width = len(self.header) if has_header else len(first.cells)
        if not has_header:
            self._rows = chain([first], self._rows)

    def place_of(self, column: str | int, field: str) -> int:
        """Where a column stands that is called so, or else has this number; `InvalidInput` of the
        `field` where there is none, or more than one."""
        found = column_called(column, self.header) if isinstance(column, str) else []
        number = column_number(column)
        if not found and number is not None and number <= self._width:
            return number - 1
        if len(found) != 1:
            problem = f"{'no' if not found else 'more than one'} column is called {column}"
            raise InvalidInput(field=field, problem=problem)
        return found[0]

    def name_of(self, place: int) -> str:
        """What people call the column at a place: by its name, or its number."""
        return self.header[place] if self.header else str(place + 1)

    def rows(self, places: Sequence[int | None]) -> Iterator[Row | Finding]:
        """The cells at these places without the blanks around them, None where there is no place;
        empty rows are passed over, and those with another number of cells are refused."""
        width, cells_of = self._width, _cells_at(places)
        for one in self._rows:
            if isinstance(one, BrokenRow):
                yield refused(one.code, one.problem, one.line)
                continue
            line, cells = one
            if len(cells) == width or (len(cells) > width and not any(cells[width:])):
                values = cells_of(cells)
                if any(values) or any(cell.strip() for cell in cells):
                    yield Row(line, values)
            elif any(cells):
                problem = f"has {len(cells)} cells, not {width} as the first row"
                yield refused("CELL_COUNT", problem, line)
        if self._source.open_end:
            problem = "the last line has no end: is the file whole?"
            place = Place(self._source.last_line)
            yield Finding(Severity.WARNING, "NO_FINAL_NEWLINE", problem, place)


def _cells_at(places: Sequence[int | None]) -> Callable[[list[str]], list[str | None]]:
    """What takes the cells at these places."""
    known = [place for place in places if place is not None]
    if len(known) < 2 or len(known) < len(places):
        return lambda cells: [None if place is None else cells[place].strip() for place in places]
    # A file may have millions of rows: this takes half the time.
    take = itemgetter(*known)
    return lambda cells: list(map(str.strip, take(cells)))


def column_number(column: object) -> int | None:
    """The number of a column, counted from 1; None for what is none."""
    text = str(column) if isinstance(column, str | int) and not isinstance(column, bool) else ""
    is_number = text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and int(text) >= 1
    return int(text) if is_number else None
