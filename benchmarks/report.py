"""The table for people and the file for machines."""

import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import OURS, Figure

_HOLDS = {True: "[green]holds[/]", False: "[bold red]missed[/]", None: ""}


def write_report(figures: Sequence[Figure], file: Path) -> None:
    """Write all figures as a JSON list."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_json(figures))


def print_json(figures: Sequence[Figure]) -> None:
    """Print all figures as a JSON list."""
    sys.stdout.buffer.write(_json(figures))
    sys.stdout.flush()


def print_table(figures: Sequence[Figure], caption: str) -> None:
    """Print all figures, each with what it was measured against."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=caption, caption_justify="left")
    table.add_column("benchmark", min_width=22, overflow="fold")
    for column in ("figure", "rounds", "hub", "baseline"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("bound", no_wrap=True)
    for figure in figures:
        table.add_row(*_row(figure))
    Console().print(table)


def _row(figure: Figure) -> list[str]:
    bound = "" if figure.bound is None else f"{figure.bound}\n{_HOLDS[figure.holds]}"
    if figure.value is None or figure.baseline is None:
        return [f"[bold]{figure.name}[/]\n{figure.note}", "–", "", "", "", bound]
    unit = figure.runs_unit or figure.unit
    return [
        f"[bold]{figure.name}[/]\n[dim]{unit}, baseline: {figure.baseline}[/]",
        _number(figure.value) + ("×" if figure.runs_unit else ""),
        _spread(figure),
        _number(figure.median_of(OURS)),
        _number(figure.median_of(figure.baseline)),
        bound,
    ]


def _spread(figure: Figure) -> str:
    """From the worst to the best round, so that one sees how far to trust the median."""
    values = sorted(figure.values)
    return f"{_number(values[0])}…{_number(values[-1])}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _json(figures: Sequence[Figure]) -> bytes:
    return orjson.dumps([one.as_dict() for one in figures], option=orjson.OPT_INDENT_2) + b"\n"
