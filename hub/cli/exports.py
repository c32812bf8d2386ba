"""`export`: what others read of the hub, as files in their formats."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.bootstrap import Services
from hub.cli.console import ExitCode, fail, print_figures, print_json
from hub.cli.data import Json
from hub.cli.running import opened_services, run, settings_with
from hub.cli.serving import DataDir
from workers.local_inventory import export_local_inventory

exporting = typer.Typer(no_args_is_help=True, help="Write availability in the formats of others.")


@exporting.callback()
def export() -> None:
    """Write availability in the formats of others."""


@exporting.command("google-local")
def google_local(
    channel: Annotated[str, typer.Option(help="By whose rules and from whose locations.")],
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="The file to write; standard output without one."),
    ] = None,
    ahead: Annotated[
        bool, typer.Option(help="Whether to tell preorders and backorders, with their dates.")
    ] = True,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Write Google Merchant local inventory: what each location of a channel has of each item.

    Example: availability-hub export google-local --channel web --output local.tsv
    """
    if json and output is None:
        fail("--json needs --output: the feed itself is no JSON.", ExitCode.WRONG_USE)
    settings = settings_with(data_dir=data_dir)

    async def written(services: Services, write: Callable[[bytes], Any]) -> dict[str, Any]:
        report = await export_local_inventory(services, channel, write, ahead=ahead)
        return report.as_dict()

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            if output is None:
                return await written(services, sys.stdout.buffer.write)
            # A feed that is cut short looks like a whole one: nobody sees it before it is.
            unfinished = output.with_name(output.name + ".part")
            try:
                with unfinished.open("wb") as file:
                    report = await written(services, file.write)
                unfinished.replace(output)
            finally:
                unfinished.unlink(missing_ok=True)
            return report

    try:
        report = run(working)
    except OSError as error:
        fail(f"{output or 'standard output'}: {error.strerror}.", ExitCode.WRONG_USE)
    if json:
        print_json(report)
    elif output is not None:
        print_figures(f"Local inventory of {channel}", report)
