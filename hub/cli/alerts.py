"""`alerts`: what is the matter with stock."""

from typing import Any

import typer

from hub.cli.console import ExitCode, people, print_json, print_rows
from hub.cli.options import DataDir, Json, Most
from hub.cli.running import opened_services, run, settings_with
from hub.domain.principal import trusted
from hub.services.alerts import Sought
from hub.services.presentation import alert_json


def alerts(data_dir: DataDir = None, most: Most = 50, json: Json = False) -> None:
    """Show the alerts that are not resolved, the newest first. Ends with 1 if there is one.

    Example: availability-hub alerts --json
    """
    settings = settings_with(data_dir=data_dir, max_page=most)

    async def working() -> list[dict[str, Any]]:
        async with opened_services(settings) as services:
            sought = Sought(unresolved=True)
            page = await services.alerts.page(trusted("cli"), sought, most, None)
            return [alert_json(alert, None) for alert in page.nodes]

    found = run(working)
    if json:
        print_json({"alerts": found})
    elif found:
        rows = [{**one, "what": one["message"]["text"], "since": one["openedAt"]} for one in found]
        print_rows("Alerts", ("since", "state", "what"), rows)
    else:
        people.print("Nothing is the matter.")
    if found:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)
