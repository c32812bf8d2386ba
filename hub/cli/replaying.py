"""`replay`: an order log, or a range of the inbox, worked again."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.bootstrap import Services
from hub.cli.console import ExitCode, fail, people, print_figures, print_json, progress_bar
from hub.cli.moments import FORMATS, moment
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.domain.principal import trusted
from hub.settings import Settings
from hub.store.inbox_replay import InboxRange
from workers.inbox_replay import replay_inbox
from workers.ingest import Ingest
from workers.replay import replay as replay_log
from workers.sources.delivery_replay import replay_deliveries
from workers.working_off import inbox_time, work_off


def replay(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="An order log."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="In place of a file: replay what the inbox has of a source.")
    ] = None,
    received_from: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=FORMATS, metavar="<time>", help="With --source: received from then."
        ),
    ] = None,
    received_to: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=FORMATS, metavar="<time>", help="With --source: received before then."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --source: only tell what would be worked.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(help="Of a file: replay only the days that so many lines begin."),
    ] = None,
    watch: Annotated[
        str | None, typer.Option(help="Of a file: subscribe to this sku and show what it saw.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Replay an order log (Online Retail, CSV or .csv.gz), or what a source has sent before.

    The first goes through the doors of live traffic. The second works the events of the inbox
    again: nothing happens to those that took effect, the others are repaired. What the source
    has sent over HTTP is read again by its settings as they are now. Ends with 1 if there are
    dead letters.

    Example: availability-hub replay online_retail.csv.gz --watch 23166

    Example: availability-hub replay --source erp --from 2026-11-21T08:00:00Z --to 2026-11-22
    """
    if (file is None) is (source is None):
        fail("Name a file, or a --source of the inbox; not both.", ExitCode.WRONG_USE)
    # To standard error: what is printed is the report.
    settings = settings_with(data_dir=data_dir)
    if file is not None:
        if received_from or received_to or dry_run:
            fail("--from, --to and --dry-run go with --source.", ExitCode.WRONG_USE)
        report = _replay_file(settings, file, limit, watch, json)
    else:
        assert source is not None
        if limit is not None or watch is not None:
            fail("--limit and --watch go with a file.", ExitCode.WRONG_USE)
        times = moment(received_from), moment(received_to)
        if times[0] and times[1] and times[0] >= times[1]:
            fail("--from must lie before --to.", ExitCode.WRONG_USE)
        report = _replay_range(settings, source, *times, dry_run, json)
    if report.get("deadLetters"):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _replay_file(
    settings: Settings, file: Path, limit: int | None, watch: str | None, json: bool
) -> dict[str, Any]:
    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            with progress_bar("Replaying", quiet=json) as tell:
                report = await replay_log(services, Ingest(services), file, tell, limit, watch)
            return report.as_dict()

    report = run(working)
    _print("Replay", report, json)
    if not json and "watched" in report:
        for transition in report["watched"]["aroundLargestSwing"]:
            people.print("  " + "  ".join(f"{name} {value}" for name, value in transition.items()))
    return report


def _replay_range(
    settings: Settings,
    source: str,
    received_from: datetime | None,
    received_to: datetime | None,
    dry_run: bool,
    json: bool,
) -> dict[str, Any]:
    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            # What comes in meanwhile is no part of it: a range has an end.
            now = services.clock.now()
            of = InboxRange(source, received_from, min(received_to or now, now))
            with progress_bar(f"Replaying {source}", quiet=json) as tell:
                told = await replay_inbox(services, Ingest(services), of, tell, dry_run)
            report = told.as_dict()
            if not dry_run and await services.sources.find(source) is not None:
                await _replay_deliveries(services, of, report)
            return report

    report = run(working)
    _print(f"Replay of {source}", report, json)
    return report


async def _replay_deliveries(services: Services, of: InboxRange, report: dict[str, Any]) -> None:
    """What can be read now of what came, and could not then, is new to the inbox."""
    begin = await inbox_time(services)
    replayed = await replay_deliveries(services, trusted("cli"), *of)
    became = await work_off(services, of.source, begin)
    report["deliveries"] = replayed.as_dict()
    report["deadLetters"] = report.get("deadLetters", 0) + became.dead_letters


def _print(title: str, report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
    else:
        print_figures(title, report)
