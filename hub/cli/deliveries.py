"""`source deliveries`: what came from a source over HTTP."""

from typing import Annotated, Any, Final

import typer

from hub.cli.console import people, print_json, print_rows
from hub.cli.moments import shown
from hub.cli.options import DataDir, Json, Most
from hub.cli.running import opened_services, run, settings_with
from hub.domain.principal import trusted
from hub.domain.source_deliveries import SourceDelivery, SourceDeliveryState

Name = Annotated[str, typer.Argument(help="Name of the source.")]

_PRINCIPAL = trusted("cli")
_COLUMNS: Final = (
    "id",
    "receivedAt",
    "senderId",
    "state",
    "accepted",
    "refused",
    "problem",
)


def list_deliveries(
    name: Name,
    most: Most = 50,
    refused: Annotated[
        bool, typer.Option("--refused", help="Only those of which nothing could be read.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what came from a source over HTTP, the newest first, and what became of it.

    Example: availability-hub source deliveries acme --refused
    """
    settings = settings_with(data_dir=data_dir, max_page=most)
    states = [SourceDeliveryState.REFUSED] if refused else None

    async def working() -> list[SourceDelivery]:
        async with opened_services(settings) as services:
            deliveries = services.source_deliveries
            return (await deliveries.page(_PRINCIPAL, name, states, most, None)).nodes

    came = run(working)
    found = [_as_dict(one) for one in came]
    if json:
        print_json({"deliveries": found})
    elif found:
        rows = [
            {**told, "receivedAt": shown(one.received.received_at)}
            for told, one in zip(found, came, strict=True)
        ]
        print_rows(f"Deliveries of {name}", _COLUMNS, rows)
    else:
        people.print(f"Nothing came from {name}.")


def _as_dict(delivery: SourceDelivery) -> dict[str, Any]:
    report = delivery.report
    return {
        "id": str(delivery.id),
        "receivedAt": delivery.received.received_at.isoformat(),
        "senderId": delivery.received.sender_id,
        "size": delivery.size,
        "state": delivery.state.value,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "refused": report.refused,
        "problem": report.findings[0].problem if report.findings else None,
        "findings": [finding._asdict() for finding in report.findings],
    }
