"""`snapshot`: whole snapshots that have come in, and what a person says to those in quarantine."""

import os
from collections.abc import Mapping
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
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.domain.principal import trusted
from hub.domain.snapshots import Missing, RefusedRow, Snapshot, SnapshotState
from hub.settings import Settings
from workers.snapshot_imports import import_snapshot

snapshots = typer.Typer(no_args_is_help=True, help="Look after whole snapshots of sources.")

Id = Annotated[str, typer.Argument(help="The snapshot, as `snapshot list` shows it.")]
_PRINCIPAL = trusted("snapshot")
NICENESS = 10
"""Of a process that takes a whole file in; it reads without a pause."""
_LISTED = ("id", "source", "state", "rows", "applied", "refused", "receivedAt")


@snapshots.command("list")
def show_all(
    state: Annotated[
        SnapshotState | None, typer.Option(help="Only those that have come so far.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the newest snapshots. Ends with 1 if one waits in quarantine.

    Example: availability-hub snapshot list --state QUARANTINED
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> list[dict[str, Any]]:
        async with opened_services(settings) as services:
            page = await services.snapshots.page(_PRINCIPAL, state, settings.max_page, None)
            return [one.as_dict() for one in page.nodes]

    found = run(working)
    if json:
        print_json({"snapshots": found})
    elif found:
        print_rows("Snapshots", _LISTED, found)
    else:
        people.print("No snapshot has come in.")
    if any(one["state"] == SnapshotState.QUARANTINED for one in found):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@snapshots.command("show")
def show(id: Id, data_dir: DataDir = None, json: Json = False) -> None:
    """Show a snapshot, the guard rails that it tripped, and the rows that were refused.

    Example: availability-hub snapshot show 7
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            return await _report(services, await services.snapshots.by_id(_PRINCIPAL, id))

    _print(run(working), json)


@snapshots.command("approve")
def approve(id: Id, data_dir: DataDir = None, json: Json = False) -> None:
    """Apply a quarantined snapshot, as it was sent, now.

    Example: availability-hub snapshot approve 7
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            approved = await services.snapshots.approve(_PRINCIPAL, id)
            with progress_bar(f"Applying snapshot {id}", quiet=json) as tell:
                done = await services.snapshots.resume(approved.id, tell)
            return await _report(services, done)

    report = run(working)
    _print(report, json)
    if report["state"] != SnapshotState.APPLIED:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@snapshots.command("reject")
def reject(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Apply nothing of a quarantined snapshot.

    Example: availability-hub snapshot reject 7 --reason "the warehouse was being counted"
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            rejected = await services.snapshots.reject(_PRINCIPAL, id, reason)
            return await _report(services, rejected)

    _print(run(working), json)


def take_file(file: Path, source: str, missing: Missing, settings: Settings, json: bool) -> None:
    """Import a file as all that its source has; ends with 1 where anything of it was refused."""

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            # Who asks the hub meanwhile goes first for the processors, too.
            os.nice(NICENESS)
            with progress_bar(f"Importing {file.name}", quiet=json) as tell:
                taken = await import_snapshot(services, file, source, missing, tell)
            return await _report(services, taken)

    report = run(working)
    _print(report, json)
    if report["state"] != SnapshotState.APPLIED or report["refused"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


async def _report(services: Services, snapshot: Snapshot) -> dict[str, Any]:
    refusals = await services.snapshots.refusals(_PRINCIPAL, snapshot.id)
    return {**snapshot.as_dict(), "refusals": [row._asdict() for row in refusals]}


def _print(report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
        return
    figures = {name: value for name, value in report.items() if value is not None}
    print_figures(f"Snapshot {report['id']} of {report['source']}", figures)
    print_judgement(report)
    if report["refusals"]:
        print_rows("Refused", RefusedRow._fields, report["refusals"])


def print_judgement(snapshot: Mapping[str, Any]) -> None:
    """Print the guard rails that a snapshot trips, and what can be done about it; one without an
    id is only tried."""
    for tripped in snapshot["report"]:
        problem = f"  {tripped['rail']}: {tripped['problem']}"
        people.print(problem, highlight=False, markup=False)
    if snapshot["state"] == SnapshotState.QUARANTINED and "id" in snapshot:
        id = snapshot["id"]
        command = "availability-hub snapshot"
        people.print(
            f"Nothing was applied. Apply it: {command} approve {id}; "
            f"or not: {command} reject {id} --reason …",
            soft_wrap=True,
        )
    if snapshot["state"] == SnapshotState.COMPARED:
        people.print(
            "It is compared with the hub, and nothing of it is applied: see "
            "availability-hub reconciliation list",
            soft_wrap=True,
        )
