"""The commands together."""

import typer

from hub.cli.alerts import alerts
from hub.cli.channels import channel_sync
from hub.cli.checks import audit, doctor, schema
from hub.cli.data import importing, migrate, replay, seed
from hub.cli.serving import demo, serve, work
from hub.cli.snapshots import snapshots

EPILOG = (
    "Settings come from the environment (HUB_…, DATABASE_URL, REDIS_URL) and hub.toml. "
    "Exit codes: 0 done, 1 found something wrong, 2 wrong use, 3 a dependency is missing."
)

app = typer.Typer(
    name="availability-hub",
    help="Can I have it, how many, when, and what else instead?",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (serve, work, demo, migrate, seed, replay, audit, alerts, doctor, schema):
    app.command()(command)
app.add_typer(importing, name="import")
app.add_typer(channel_sync, name="channel-sync")
app.add_typer(snapshots, name="snapshot")


def main() -> None:
    """Run the command that the arguments name."""
    app()
