"""`source deliveries` and `source replay`: what came from a source, and reading it once more."""

from typing import Annotated, Any, Final

import typer

from hub.cli.console import ExitCode, people, print_figures, print_json, print_rows
from hub.cli.data import Json
from hub.cli.running import opened_services, run, settings_with
from hub.cli.serving import DataDir
from hub.domain.principal import trusted
from hub.domain.source_deliveries import SourceDelivery, SourceDeliveryState
from hub.domain.values import time_from
from workers.ingest import Ingest
from workers.sources.delivery_replay import replay_deliveries

Name = Annotated[str, typer.Argument(help="Name of the source.")]

_PRINCIPAL = trusted("cli")
_COLUMNS: Final = ("id", "receivedAt", "senderId", "state", "accepted", "refused", "problem")


def list_deliveries(
    name: Name,
    first: Annotated[int, typer.Option(help="As many as these, the newest first.")] = 20,
    refused: Annotated[
        bool, typer.Option("--refused", help="Only those of which nothing could be read.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what came from a source over HTTP, and what became of it.

    Example: availability-hub source deliveries acme --refused
    """
    settings = settings_with(data_dir=data_dir)
    states = [SourceDeliveryState.REFUSED] if refused else None

    async def working() -> list[SourceDelivery]:
        async with opened_services(settings) as services:
            deliveries = services.source_deliveries
            return (await deliveries.page(_PRINCIPAL, name, states, first, None)).nodes

    found = [_as_dict(one) for one in run(working)]
    if json:
        print_json({"deliveries": found})
    elif found:
        print_rows(f"Deliveries of {name}", _COLUMNS, found)
    else:
        people.print(f"Nothing came from {name}.")


def replay_source(
    name: Name,
    begin: Annotated[str, typer.Option("--from", help="The first moment: RFC 3339.")],
    end: Annotated[
        str | None, typer.Option("--to", help="The moment after the last; now, if unset.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Read what came from a source once more, by its settings as they are now.

    What is in the inbox stays as it is; what can be read now and could not then goes in. Ends with
    1 if rows are refused this time, too.

    Example: availability-hub source replay acme --from 2026-11-01T00:00:00Z
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        since = time_from(begin, "--from")
        given = None if end is None else time_from(end, "--to")
        async with opened_services(settings) as services:
            until = given or services.clock.now()
            replayed = await replay_deliveries(services, _PRINCIPAL, name, since, until)
            worked = await Ingest(services).drain()
            return {**replayed.as_dict(), "deadLetters": worked.dead_letters}

    report = run(working)
    if json:
        print_json(report)
    else:
        print_figures(f"Replay of {name}", report)
    if report["refused"] or report["deadLetters"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _as_dict(delivery: SourceDelivery) -> dict[str, Any]:
    report = delivery.report
    return {
        "id": delivery.id,
        "receivedAt": delivery.received.received_at.isoformat(timespec="seconds"),
        "senderId": delivery.received.sender_id,
        "size": delivery.size,
        "state": delivery.state.value,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "refused": report.refused,
        "problem": report.findings[0].problem if report.findings else None,
        "findings": [finding._asdict() for finding in report.findings],
    }
