"""What commands print: tables and sentences for people, JSON for machines, and how they end."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Final, NoReturn

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

_GAP: Final = 2
"""Between two columns."""
_LEAST_WIDTH: Final = 10
"""Of a column whose texts are broken."""

Tell = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class ExitCode(IntEnum):
    """How a command ends."""

    DONE = 0
    FOUND_SOMETHING_WRONG = 1
    WRONG_USE = 2
    DEPENDENCY_MISSING = 3


people = Console(markup=False)
"""Prints text as it is: what others have named may hold what would be taken for markup."""
_errors = Console(stderr=True)


def fail(sentence: str, code: ExitCode) -> NoReturn:
    """End the command with one sentence on standard error."""
    _errors.print(sentence, style="bold red", highlight=False, soft_wrap=True, markup=False)
    raise typer.Exit(code)


def print_json(value: Any) -> None:
    """Print a value for machines."""
    options = orjson.OPT_INDENT_2
    sys.stdout.buffer.write(orjson.dumps(value, default=str, option=options) + b"\n")
    sys.stdout.flush()


def print_figures(title: str, figures: Mapping[str, Any]) -> None:
    """Print named figures as a table; a mapping within becomes rows of its own."""
    # As text, here and below: what is in brackets would be taken for markup otherwise.
    heading = Text(title)
    table = Table(title=heading, title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in _flat(figures):
        table.add_row(Text(name), Text(_figure(value)))
    people.print(table)


def _figure(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    return "" if value is None else str(value)


def print_rows(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as a table: the named columns of each. What is short stays in one line."""
    cells = [["" if row[name] is None else str(row[name]) for name in columns] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    limit = _whole_up_to(widths, people.width - _GAP * (len(columns) - 1))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name, width in zip(columns, widths, strict=True):
        table.add_column(name, overflow="fold", no_wrap=width <= limit)
    for row in cells:
        table.add_row(*map(Text, row))
    people.print(table)


def _whole_up_to(widths: Sequence[int], room: int) -> int:
    """The width up to which columns are not broken, so that each of the others still has room."""
    for limit in sorted(set(widths), reverse=True):
        whole = [width for width in widths if width <= limit]
        if sum(whole) + _LEAST_WIDTH * (len(widths) - len(whole)) <= room:
            return limit
    return 0


def _flat(figures: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name} › ")
        elif not isinstance(value, list):
            yield path + name, value


@contextmanager
def progress_bar(what: str, quiet: bool) -> Iterator[Tell]:
    """A progress bar on standard error while something long runs; none when `quiet`, or where
    nobody watches."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=_errors,
        disable=quiet or not _errors.is_terminal,
    ) as progress:
        task = progress.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield tell
