"""`source poll`: asking a source now."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from hub.bootstrap import Services
from hub.cli.console import (
    ExitCode,
    fail,
    people,
    print_figures,
    print_json,
    print_rows,
    progress_bar,
)
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.cli.source_reports import is_held_back, print_report
from hub.domain.errors import InvalidInput
from hub.domain.polling import Polled, Polling, PollOutcome
from hub.domain.principal import trusted
from hub.domain.snapshots import SnapshotState
from hub.domain.sources import StoredSource
from workers.polling.polling import Polling as Asking
from workers.polling.unpacking import FetchFailed
from workers.working_off import inbox_time, work_off

_PRINCIPAL: Final = trusted("cli")
_ROW: Final = ("file", "line", "column", "code", "reason")
_FINE: Final = (PollOutcome.TAKEN, PollOutcome.UNCHANGED)


def poll_source(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would do, as `source test` does.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Ask a source now, whenever it is to be asked next, and show what came. Ends with 1 if it
    failed, if rows are refused, or if a snapshot waits in quarantine.

    Example: availability-hub source poll acme --dry-run
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> tuple[list[dict[str, Any]], bool]:
        async with opened_services(settings) as services:
            stored = await services.sources.get(_PRINCIPAL, name)
            if stored.source.fetch is None:
                raise InvalidInput(field="fetch", problem=f"{name} has none: nothing can be asked")
            with progress_bar(f"Asking {name}", quiet=json) as tell:
                if dry_run:
                    return await _rehearsed(services, stored, tell)
                return await _asked(services, stored, tell)

    reports, fine = run(working)
    for report in reports:
        if dry_run:
            print_report(f"{report['file']}, not applied", report, json)
        else:
            _print(name, report, json)
    if dry_run and not reports and not json:
        people.print("There is nothing new.")
    if not fine:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def plain_polling(polling: Polling) -> dict[str, Any]:
    """How asking a source goes on, as JSON."""
    return {
        "lastAt": polling.last_at and _second(polling.last_at),
        "nextAt": _second(polling.next_at),
        "outcome": polling.outcome,
        "problem": polling.problem,
    }


async def _rehearsed(
    services: Services, stored: StoredSource, tell: Any
) -> tuple[list[dict[str, Any]], bool]:
    due = await services.source_polls.due(stored.source.name)
    try:
        reports = [
            report.as_dict()
            async for report in Asking(services).rehearse(stored, due and due.state, tell)
        ]
    except FetchFailed as error:
        fail(f"{stored.source.name}: {error}", ExitCode.FOUND_SOMETHING_WRONG)
    wrong = any(report["refused"] or is_held_back(report) for report in reports)
    return reports, not wrong


async def _asked(
    services: Services, stored: StoredSource, tell: Any
) -> tuple[list[dict[str, Any]], bool]:
    name = stored.source.name
    begin = await inbox_time(services)
    await services.source_polls.keep()
    due = await services.source_polls.due(name)
    polled = None if due is None else await Asking(services).poll(stored, due, tell, ask=True)
    if polled is None:
        fail(f"{name} is being asked by the jobs at the moment.", ExitCode.FOUND_SOMETHING_WRONG)
    became = await work_off(services, name, begin)
    following = (await services.source_polls.of_sources(_PRINCIPAL, [name])).get(name)
    report = {
        "source": name,
        "outcome": polled.outcome.value,
        "problem": polled.problem,
        **polled.report,
        **became.as_dict(),
        "nextAt": following and _second(following.next_at),
    }
    return [report], _is_fine(polled) and not became.dead_letters


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_fine(polled: Polled) -> bool:
    snapshots = polled.report.get("snapshots", ())
    waiting = any(one["state"] != SnapshotState.APPLIED for one in snapshots)
    return polled.outcome in _FINE and not polled.report.get("refused") and not waiting


def _print(name: str, report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
        return
    print_figures(name, {key: value for key, value in report.items() if value is not None})
    if report.get("refusedRows"):
        print_rows("Refused", _ROW, report["refusedRows"])
    for snapshot in report.get("snapshots", ()):
        print_figures(f"Snapshot {snapshot['name']}", snapshot)
