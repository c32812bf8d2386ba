"""`source health`: whether sources are heard as often as is expected of them."""

from typing import Annotated, Any, Final

import typer

from hub.cli.console import ExitCode, people, print_figures, print_json, print_rows
from hub.cli.moments import shown
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.domain.alerts import alert_of_source
from hub.domain.errors import SourceNotFound
from hub.domain.principal import trusted
from hub.services.source_health import SourceReport

_PRINCIPAL = trusted("cli")
_COLUMNS: Final = ("source", "state", "since", "lastHeardAt", "problem")
_MOMENTS: Final = (
    "since",
    "lastHeardAt",
    "lastFailedAt",
    "notBefore",
    "circuitOpenedAt",
    "lateAt",
    "staleAt",
)


def show_health(
    name: Annotated[
        str | None, typer.Argument(help="Name of the source; all if it is missing.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show whether sources are fresh, late, stale, failing or in doubt. Ends with 1 if one is
    neither fresh nor waiting for what it sends first.

    Example: availability-hub source health --json
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> list[SourceReport]:
        async with opened_services(settings) as services:
            names = None if name is None else [name]
            found = await services.source_health.of(_PRINCIPAL, names)
        if name is not None and name not in found:
            raise SourceNotFound(name=name)
        return list(found.values())

    found = run(working)
    if json:
        print_json({"sources": [one.as_dict() for one in found]})
    elif name is not None:
        figures = _for_people(found[0])
        del figures["source"]
        print_figures(name, {**figures, "locations": ", ".join(found[0].locations)})
    elif found:
        print_rows("Health of sources", _COLUMNS, [_for_people(one) for one in found])
    else:
        people.print("There is no source yet: write one and put it in with `source put`.")
    if any(alert_of_source(one.state) is not None for one in found):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _for_people(report: SourceReport) -> dict[str, Any]:
    told = report.as_dict()
    times = {name: at and shown(at) for name, at in told.items() if name in _MOMENTS}
    return {**told, **times}
