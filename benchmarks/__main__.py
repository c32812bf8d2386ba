"""`python -m benchmarks`: measures, prints a table, writes build/bench.json.

Exit codes: 0 every bound holds, 1 one is missed or an answer is wrong, 2 wrong use, 3 a dependency
is missing.
"""

import logging
import os
import platform
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.catalogue import NAMES, Benchmark, chosen
from benchmarks.databases import Databases, NotDurable
from benchmarks.figures import Figure
from benchmarks.lean_http import UnexpectedAnswer
from benchmarks.report import print_json, print_table, write_report
from benchmarks.served import DidNotStart
from benchmarks.stage import PROJECT, Stage
from hub.cli.console import ExitCode, fail
from hub.domain.errors import Unavailable
from hub.observability.logs import configure_logs
from hub.store.embedded_postgres import EmbeddedPostgresError

REPORT = PROJECT / "build" / "bench.json"


def main(
    only: Annotated[
        str | None, typer.Option(metavar="NAME", help="Run this one, or what begins so.")
    ] = None,
    full: Annotated[bool, typer.Option(help="Replay the whole order log.")] = False,
    minutes: Annotated[float, typer.Option(help="Length of reserve_ten_minutes.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Measure the hub against simple baselines on a PostgreSQL that syncs to disk.

    Example: python -m benchmarks --only reserve_hot
    """
    configure_logs(logging.WARNING)
    benchmarks = chosen(only)
    if not benchmarks:
        fail(f"--only: {only} begins none of {', '.join(NAMES)}", ExitCode.WRONG_USE)
    try:
        figures = uvloop.run(_measure(benchmarks, full, minutes))
    except (EmbeddedPostgresError, NotDurable, DidNotStart, Unavailable) as error:
        fail(str(error), ExitCode.DEPENDENCY_MISSING)
    except UnexpectedAnswer as error:
        fail(f"A server gave a wrong answer: {error}", ExitCode.FOUND_SOMETHING_WRONG)
    write_report(figures, REPORT)
    if json:
        print_json(figures)
    else:
        print_table(figures, _surroundings())
    if any(figure.holds is False for figure in figures):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


async def _measure(benchmarks: list[Benchmark], full: bool, minutes: float) -> list[Figure]:
    figures: list[Figure] = []
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=10),
        TextColumn("{task.fields[side]}"),
        TimeElapsedColumn(),
    )
    with (
        tempfile.TemporaryDirectory(prefix="hub-bench-") as folder,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        databases = Databases(os.environ.get("DATABASE_URL"), Path(folder))
        try:
            for benchmark in benchmarks:
                task = progress.add_task(benchmark.names[0], total=None, side="setting up")

                def tell(side: str, done: int, steps: int, task: TaskID = task) -> None:
                    progress.update(task, side=side, completed=done, total=steps)

                stage = Stage(databases, Path(folder), tell, full, minutes)
                figures += await benchmark.measure(stage)
        finally:
            await databases.close()
    return figures


def _surroundings() -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, fsync on; "
        "medians of rounds in which hub and baseline take turns"
    )


if __name__ == "__main__":
    typer.run(main)
