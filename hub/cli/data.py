"""`migrate`, `seed` and `import`: what puts something into the database."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.bootstrap import Services, database_of
from hub.cli.console import (
    ExitCode,
    Tell,
    fail,
    people,
    print_figures,
    print_json,
    progress_bar,
)
from hub.cli.options import DataDir, File, Json
from hub.cli.running import opened_services, run, settings_with
from hub.cli.snapshots import take_file
from hub.domain.snapshots import Missing
from hub.store.migrate import migrate as migrate_database
from workers.demo.seed import seed as seed_demo
from workers.imports import ImportReport, import_orders, import_stock
from workers.working_off import inbox_time, work_off

Source = Annotated[
    str, typer.Option(help="Whose file it is; rows are known by source, file and line.")
]

importing = typer.Typer(no_args_is_help=True, help="Import counts or orders from a CSV file.")


def migrate(data_dir: DataDir = None, json: Json = False) -> None:
    """Bring the database to the newest tables. Serving does so too.

    Example: DATABASE_URL=postgresql://hub@db/hub availability-hub migrate
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> None:
        async with database_of(settings, join=True) as database_url:
            await migrate_database(database_url)

    run(working)
    if json:
        print_json({"migrated": True})
    else:
        people.print("The database is at the newest version.")


def seed(data_dir: DataDir = None, json: Json = False) -> None:
    """Put the demo shop in; a shop that is there stays as it is.

    Example: availability-hub seed
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            return (await seed_demo(services, services.clock.now())).as_dict()

    _print("The demo shop", run(working), json)


@importing.command("stock")
def import_counts(
    file: File,
    source: Source = "import",
    snapshot: Annotated[
        bool,
        typer.Option(
            "--snapshot", help="It is all that the source has: judged before anything is applied."
        ),
    ] = False,
    missing: Annotated[
        Missing,
        typer.Option(help="What becomes of items of the source that its snapshot leaves out."),
    ] = Missing.KEEP,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Import counts: columns sku, location, on_hand, and optionally as_of and unavailable.

    Example: availability-hub import stock counts.csv --source warehouse-berlin --snapshot
    """
    if not snapshot and missing is not Missing.KEEP:
        sentence = "--missing is for a --snapshot: only a whole leaves something out."
        fail(sentence, ExitCode.WRONG_USE)
    if snapshot:
        take_file(file, source, missing, settings_with(data_dir=data_dir), json)
    else:
        _import(import_stock, file, source, data_dir, json)


@importing.command("orders")
def import_placed_orders(
    file: File, source: Source = "import", data_dir: DataDir = None, json: Json = False
) -> None:
    """Import orders: columns order, channel, sku, quantity, and optionally placed_at.

    Example: availability-hub import orders orders.csv --source shop
    """
    _import(import_orders, file, source, data_dir, json)


def _import(
    importer: Callable[[Services, Path, str, Tell], Awaitable[ImportReport]],
    file: Path,
    source: str,
    data_dir: Path | None,
    json: bool,
) -> None:
    # To standard error: what is printed is the report.
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            begin = await inbox_time(services)
            with progress_bar(f"Importing {file.name}", quiet=json) as tell:
                report = await importer(services, file, source, tell)
            became = await work_off(services, source, begin)
            return {**report.as_dict(), **became.as_dict()}

    report = run(working)
    _print(f"Import of {file.name}", report, json)
    if not json:
        for row in report["badRows"]:
            people.print("  " + ", ".join(f"{name} {value}" for name, value in row.items()))
    if report["bad"] or report["deadLetters"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _print(title: str, report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
    else:
        print_figures(title, report)
