"""`source`: who tells the hub of stock, what their files would do, and taking one in."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.bootstrap import Services
from hub.cli.console import (
    ExitCode,
    people,
    print_figures,
    print_json,
    print_rows,
    progress_bar,
)
from hub.cli.deliveries import list_deliveries
from hub.cli.options import DataDir, File, Json
from hub.cli.running import opened_services, run, settings_with
from hub.cli.snapshots import print_judgement
from hub.cli.source_health import show_health
from hub.domain.errors import InvalidInput
from hub.domain.principal import trusted
from hub.domain.snapshots import SnapshotState
from hub.domain.source_freshness import SourceState
from hub.domain.sources import Source, StoredSource
from workers.formats.reading import Reply
from workers.formats.registry import FORMATS
from workers.sources.configuration import read_configuration
from workers.sources.files import import_file, rehearse_file
from workers.working_off import inbox_time, work_off

sources = typer.Typer(
    no_args_is_help=True, help="Configure suppliers and shops, and try or import their files."
)
Name = Annotated[str, typer.Argument(help="Name of the source.")]
Configuration = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="TOML, or .json.")
]
IfVersion = Annotated[
    int | None, typer.Option(help="Only if it is at this version; 0: only if there is none.")
]

_PRINCIPAL = trusted("cli")
_FINDING = ("line", "column", "code", "reason")
_MOVE = ("sku", "location", "before", "after", "change")


@sources.command("list")
def list_sources(data_dir: DataDir = None, json: Json = False) -> None:
    """Show all sources.

    Example: availability-hub source list
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> tuple[list[StoredSource], dict[str, SourceState]]:
        async with opened_services(settings) as services:
            stored = await services.sources.all(_PRINCIPAL)
            health = await services.source_health.of(_PRINCIPAL)
            return stored, {name: report.state for name, report in health.items()}

    stored, states = run(working)
    found = [_as_dict(one) for one in stored]
    if json:
        print_json({"sources": found})
    elif found:
        rows = [{**one, "state": states.get(one["name"])} for one in found]
        columns = ("name", "format", "state", "version", "updatedAt", "updatedBy")
        print_rows("Sources", columns, rows)
    else:
        people.print("There is no source yet: write one and put it in with `source put`.")


@sources.command("show")
def show_source(name: Name, data_dir: DataDir = None, json: Json = False) -> None:
    """Show one source with its whole configuration.

    Example: availability-hub source show acme --json
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> StoredSource:
        async with opened_services(settings) as services:
            return await services.sources.get(_PRINCIPAL, name)

    shown = _as_dict(run(working))
    if json:
        print_json(shown)
    else:
        configuration = shown.pop("configuration")
        print_figures(name, shown)
        print_json(configuration)


@sources.command("put")
def put_source(
    file: Configuration, if_version: IfVersion = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Add or replace a source by its configuration.

    Example: availability-hub source put acme.toml
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> StoredSource:
        source = read_configuration(file)
        async with opened_services(settings) as services:
            return await services.sources.put(_PRINCIPAL, source, if_version)

    stored = run(working)
    if json:
        print_json(_as_dict(stored))
    else:
        sentence = f"The source {stored.source.name} is at version {stored.version}."
        people.print(sentence)


@sources.command("remove")
def remove_source(
    name: Name, if_version: IfVersion = None, data_dir: DataDir = None, json: Json = False
) -> None:
    """Remove a source. What it has told stays.

    Example: availability-hub source remove acme
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> None:
        async with opened_services(settings) as services:
            await services.sources.remove(_PRINCIPAL, name, if_version)

    run(working)
    if json:
        print_json({"removed": name})
    else:
        people.print(f"The source {name} is removed.")


@sources.command("test")
def rehearse_source(
    name: Name,
    file: File,
    config: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="Configuration to try, which need not be put yet.",
        ),
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what a file of a source would do, and do nothing. Ends with 1 if rows are refused, or
    if it is a snapshot that trips a guard rail.

    Example: availability-hub source test acme stock.csv --config acme.toml
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        tried = None if config is None else _named(read_configuration(config), name)
        async with opened_services(settings) as services:
            source = await _source(services, name) if tried is None else tried
            services.sources.check(source)
            with progress_bar(f"Reading {file.name}", quiet=json) as tell:
                format = FORMATS[source.format]
                return (await rehearse_file(services, source, format, file, tell)).as_dict()

    report = run(working)
    _print_report(f"{file.name}, not applied", report, json)
    if report["refused"] or _is_held_back(report):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@sources.command("import")
def import_source(
    name: Name,
    file: File,
    replies: Annotated[
        Path | None,
        typer.Option(help="Where the answer to the sender is written; beside the file if unset."),
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take in a file of a source. Ends with 1 if rows were refused, the others are in; or if it is
    a snapshot that waits in quarantine.

    Example: availability-hub source import acme stock.csv
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            source = await _source(services, name)
            services.sources.check(source)
            begin = await inbox_time(services)
            with progress_bar(f"Importing {file.name}", quiet=json) as tell:
                report = await import_file(services, source, FORMATS[source.format], file, tell)
            written = _write(report.replies, replies or file.with_name(f"{file.name}.reply"))
            became = await work_off(services, name, begin)
            return {**report.as_dict(), **became.as_dict(), "reply": written}

    report = run(working)
    _print_report(file.name, report, json)
    if report["refused"] or report["deadLetters"] or _is_held_back(report):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


async def _source(services: Services, name: str) -> Source:
    return (await services.sources.get(_PRINCIPAL, name)).source


def _named(source: Source, name: str) -> Source:
    if source.name != name:
        problem = f"must be {name}, as the command names it; it is {source.name}"
        raise InvalidInput(field="name", problem=problem)
    return source


def _write(replies: list[Reply], path: Path) -> str | None:
    """Where the answer to the sender is, if he expects one."""
    if not replies:
        return None
    path.write_bytes(b"".join(reply.content for reply in replies))
    return str(path)


def _as_dict(stored: StoredSource) -> dict[str, Any]:
    return {
        "name": stored.source.name,
        "format": stored.source.format,
        "version": stored.version,
        "updatedAt": stored.updated_at.isoformat(),
        "updatedBy": stored.updated_by,
        "configuration": stored.source.as_plain(),
    }


def _known(report: dict[str, Any]) -> dict[str, Any]:
    """Figures without those that say nothing."""
    return {
        name: _known(value) if isinstance(value, dict) else value
        for name, value in report.items()
        if value is not None
    }


def _is_held_back(report: dict[str, Any]) -> bool:
    return "snapshot" in report and report["snapshot"]["state"] != SnapshotState.APPLIED


def _print_report(title: str, report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
        return
    print_figures(title, _known(report))
    if "snapshot" in report:
        print_judgement(report["snapshot"])
    for key, heading in (("refusedRows", "Refused"), ("warningRows", "Warnings")):
        if report[key]:
            print_rows(heading, _FINDING, report[key])
    moves = report.get("stock", {}).get("rows")
    if moves:
        print_rows("Stock", _MOVE, moves)


sources.command("deliveries")(list_deliveries)
sources.command("health")(show_health)
