"""The commands together. Only the one that is called is loaded: most start in a third of the time
that the web server and GraphQL take to load."""

import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Final

import typer

EPILOG = (
    "Settings come from the environment (HUB_…, DATABASE_URL, REDIS_URL) and hub.toml. "
    "Exit codes: 0 done, 1 found something wrong, 2 wrong use, 3 a dependency is missing."
)
COMMANDS: Final = {
    "serve": "hub.cli.serving:serve",
    "work": "hub.cli.serving:work",
    "demo": "hub.cli.serving:demo",
    "migrate": "hub.cli.data:migrate",
    "seed": "hub.cli.data:seed",
    "replay": "hub.cli.replaying:replay",
    "audit": "hub.cli.checks:audit",
    "alerts": "hub.cli.alerts:alerts",
    "doctor": "hub.cli.checks:doctor",
    "schema": "hub.cli.documents:schema",
    "import": "hub.cli.data:importing",
    "export": "hub.cli.exports:exporting",
    "source": "hub.cli.sources:sources",
    "snapshot": "hub.cli.snapshots:snapshots",
    "reconciliation": "hub.cli.reconciliations:reconciliations",
    "dead-letters": "hub.cli.dead_letters:dead_letters",
    "channel-sync": "hub.cli.channels:channel_sync",
}
"""In the order in which help shows them: where each is, or its sub-commands are."""


def app_with(names: Iterable[str]) -> typer.Typer:
    """The command line, with these commands."""
    app = typer.Typer(
        name="availability-hub",
        help="Can I have it, how many, when, and what else instead?",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    # With a callback of its own, it has commands even where it has only one.
    app.callback()(lambda: None)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run the command that the arguments name."""
    called = sys.argv[1] if len(sys.argv) > 1 else None
    # What is loaded stays: to look through it for what does not takes a tenth of a start.
    gc.disable()
    app = app_with([called] if called in COMMANDS else COMMANDS)
    gc.freeze()
    gc.enable()
    app()
