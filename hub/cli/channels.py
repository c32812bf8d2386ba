"""`channel-sync`: how the other sides of sales channels stand, their ids, and a comparison."""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.bootstrap import Services
from hub.cli.console import ExitCode, fail, people, print_figures, print_json, print_rows
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.domain.principal import trusted
from hub.store.channel_reconciliation import Drift, Problem
from workers.channels.ids_file import read_ids
from workers.channels.sides import MissingSecret, other_side_of
from workers.channels.sync import TargetSync

POLL_SECONDS = 0.2
WAIT_SECONDS = 600

channel_sync = typer.Typer(
    no_args_is_help=True, help="Look after the sales channels that quantities are pushed to."
)
Target = Annotated[str, typer.Argument(help="Name of the target in the settings.")]

_PRINCIPAL = trusted("channel-sync")


@channel_sync.command("status")
def status(data_dir: DataDir = None, json: Json = False) -> None:
    """Show how each target stands. Ends with 1 if a person should look at one of them.

    Example: availability-hub channel-sync status --json
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> list[dict[str, Any]]:
        async with opened_services(settings) as services:
            reports = await services.channel_sync.reports(_PRINCIPAL)
            return [report.as_dict() for report in reports]

    reports = run(working)
    if json:
        print_json(reports)
    else:
        for report in reports:
            _print(report)
        if not reports:
            people.print("No target has been pushed to yet.")
    if any(_needs_a_person(report) for report in reports):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@channel_sync.command("reconcile")
def reconcile(
    target: Target,
    wait_seconds: Annotated[
        int, typer.Option(help="How long to wait for the comparison.", min=1)
    ] = WAIT_SECONDS,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Compare all that a target has with what it was told, now. Ends with 1 if a person should
    look at it.

    Example: availability-hub channel-sync reconcile my-shop --json
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any] | None:
        async with opened_services(settings) as services:
            try:
                return await asyncio.wait_for(_reconciled(services, target), wait_seconds)
            except TimeoutError:
                return None

    report = run(working, {MissingSecret: ExitCode.WRONG_USE})
    if report is None:
        sentence = f"The comparison of {target} was not done within {wait_seconds} seconds."
        fail(sentence, ExitCode.DEPENDENCY_MISSING)
    if json:
        print_json(report)
    else:
        _print(report)
    if _needs_a_person(report):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@channel_sync.command("import")
def import_ids(
    target: Target,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to read.")
    ],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Import the target's ids of items from a CSV file: columns sku and id.

    Example: availability-hub channel-sync import my-shop ids.csv
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            given = written = 0
            unknown: list[str] = []
            for ids in read_ids(file, services.clock.now()):
                mapped = await services.channel_sync.map_ids(_PRINCIPAL, target, ids)
                given, written = given + len(ids), written + mapped.written
                unknown += mapped.unknown
            return {"given": given, "written": written, "unknownSkus": unknown}

    report = run(working)
    if json:
        print_json(report)
    else:
        print_figures(f"Ids of {target}", report)
        for sku in report["unknownSkus"]:
            people.print(f"  no item has the sku {sku}", highlight=False)
    if report["unknownSkus"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


async def _reconciled(services: Services, name: str) -> dict[str, Any]:
    """The report of a pass that begins from now on. It is done by the process that pushes to the
    target, or by this one if there is none."""
    asked = await services.channel_sync.ask_for_pass(_PRINCIPAL, name)
    target = services.settings.channel_targets[name]
    stop = asyncio.Event()
    syncing = TargetSync(services, name, target, other_side_of(name, target, os.environ))
    running = asyncio.create_task(syncing.run(stop))
    try:
        while not running.done():
            (report,) = await services.channel_sync.reports(_PRINCIPAL, [name])
            done = report.status.report
            if done is not None and datetime.fromisoformat(done["began"]) >= asked:
                return report.as_dict()
            await asyncio.sleep(POLL_SECONDS)
        raise AssertionError("the job goes on until it is stopped")
    finally:
        stop.set()
        await running


def _needs_a_person(report: dict[str, Any]) -> bool:
    compared = report["reconciled"] or {}
    return bool(
        report["problem"]
        or report["refused"]
        or report["unknownThere"]
        or report["drifted"]
        or not compared.get("believed", True)
    )


def _print(report: dict[str, Any]) -> None:
    figures = {name: value for name, value in report.items() if value is not None}
    print_figures(report["target"], figures)
    if report["problems"]:
        print_rows("Not pushed", Problem._fields, report["problems"])
    if report["drift"]:
        print_rows("Drift", Drift._fields, report["drift"])
