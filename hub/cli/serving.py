"""`serve`, `work` and `demo`: the processes that stay."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Annotated, Protocol

import structlog
import typer

from hub.bootstrap import Services, calm_garbage_collector, database_of, services_on
from hub.cli.console import ExitCode, people
from hub.cli.options import DataDir
from hub.cli.running import run, settings_with
from hub.observability.logs import configure_logs
from hub.services.source_polls import POLL_JOB
from hub.settings import Settings, is_loopback
from hub.web.app import web_app
from hub.web.drain import Drain, DrainTimes
from hub.web.graphql_api import BrokenManifest
from hub.web.server import CannotListen, HubServer, listen, server_for
from workers.auditing import Auditing
from workers.background import Background
from workers.backorders import Backorders
from workers.channels.sides import MissingSecret, other_side_of
from workers.channels.sync import TargetSync
from workers.demo.mishaps import go_wrong
from workers.demo.seed import seed
from workers.demo.simulation import Simulation
from workers.drift import Drift
from workers.expiry import Expiry
from workers.formats.registry import OPTION_CHECKS
from workers.ingest import Ingest
from workers.listing import Listing
from workers.passing_time import PassingTime
from workers.polling.polling import Polling, PollKeeper
from workers.publication.broker import UnknownBroker
from workers.publication.publication import Publication
from workers.snapshots import SnapshotJobs
from workers.sources.trials import try_source
from workers.streams.streams import Streams
from workers.upkeep import Upkeep
from workers.uploads import Uploads
from workers.webhooks import Webhooks

RESTART_SECONDS = 1.0
_REFUSALS = {
    BrokenManifest: ExitCode.DEPENDENCY_MISSING,
    CannotListen: ExitCode.DEPENDENCY_MISSING,
    MissingSecret: ExitCode.WRONG_USE,
    UnknownBroker: ExitCode.WRONG_USE,
}

log = structlog.get_logger()

Host = Annotated[str | None, typer.Option(help="Address to listen on (HUB_HOST).")]
Port = Annotated[int | None, typer.Option(help="Port to listen on (HUB_PORT).")]


class Job(Protocol):
    """A long-running job."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""


def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    jobs: Annotated[bool, typer.Option(help="Run the background jobs in this process.")] = True,
) -> None:
    """Serve GraphQL, feeds and intake.

    Example: DATABASE_URL=postgresql://hub@db/hub availability-hub serve --port 8000
    """
    configure_logs()
    settings = settings_with(host=host, port=port, data_dir=data_dir)
    run(lambda: _serve(settings, jobs, _say_where), _REFUSALS)


def work(data_dir: DataDir = None) -> None:
    """Run the background jobs alone.

    They are: inbox, expiry, backorders, what time changes, listing, alerts and notices, audit,
    upkeep, approved snapshots, corrections, streams of sources, sources that are asked, uploads,
    and what is sent to webhooks, topics and channels.

    Example: DATABASE_URL=postgresql://hub@db/hub availability-hub work
    """
    configure_logs()
    settings = settings_with(data_dir=data_dir)

    async def working() -> None:
        async with (
            database_of(settings, join=True) as database_url,
            services_on(settings, database_url, OPTION_CHECKS, try_source) as services,
            AsyncExitStack() as stack,
        ):
            await stack.enter_async_context(running_jobs(_jobs(services)))
            await _signalled()

    run(working, _REFUSALS)


def demo(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    pace: Annotated[float, typer.Option(help="Simulated changes per second.")] = 4.5,
) -> None:
    """Serve a demo shop with simulated shoppers and suppliers.

    Example: availability-hub demo --port 8123
    """
    configure_logs()
    settings = settings_with(host=host, port=port, data_dir=data_dir, development=True)

    async def prepare(services: Services) -> Sequence[Job]:
        await seed(services, services.clock.now())
        if pace <= 0:
            return []
        await go_wrong(services)
        rng = random.Random()  # noqa: S311 - shoppers, not secrets
        return [Simulation(services, rng, pace)]

    run(lambda: _serve(settings, True, _say_where, prepare), _REFUSALS)


async def _serve(
    settings: Settings,
    jobs: bool,
    say: Callable[[Settings, int], None],
    prepare: Callable[[Services], Awaitable[Sequence[Job]]] | None = None,
) -> None:
    # The port first: nothing is started for a server that cannot listen.
    with listen(settings.host, settings.port) as listening:
        async with (
            database_of(settings) as database_url,
            services_on(settings, database_url, OPTION_CHECKS, try_source) as services,
            AsyncExitStack() as stack,
        ):
            more = await prepare(services) if prepare is not None else []
            # Time passes here too: what it changes is told where nobody else does.
            running = [*(_jobs(services) if jobs else [PassingTime(services)]), *more]
            await stack.enter_async_context(running_jobs(running))
            calm_garbage_collector()
            say(settings, listening.getsockname()[1])
            await _server(services).serve(sockets=[listening])
            people.print("Stopping …")


def _server(services: Services) -> HubServer:
    settings = services.settings
    app = web_app(services)
    times = DrainTimes(
        settings.drain_notice_seconds, settings.drain_seconds, settings.graceful_shutdown_seconds
    )
    return server_for(
        app,
        settings.graceful_shutdown_seconds,
        Drain(app.connections, times),
        patience_seconds=settings.stalled_reader_seconds,
        ws_max_size=settings.max_socket_message_bytes,
    )


def _jobs(services: Services) -> list[Job]:
    return [
        Ingest(services),
        Expiry(services),
        Backorders(services),
        PassingTime(services),
        Listing(services),
        Auditing(services),
        Upkeep(services),
        SnapshotJobs(services),
        Streams(services),
        Drift(services),
        PollKeeper(services),
        Webhooks(services),
        Background(services, Uploads(services).handlers),
        # Apart: a poll must not wait until large files are in.
        Background(services, {POLL_JOB: Polling(services).job}),
        *(
            TargetSync(services, name, target, other_side_of(name, target, os.environ))
            for name, target in services.settings.channel_targets.items()
        ),
        *(Publication(services, url) for url in services.settings.publish_url),
    ]


class running_jobs:  # noqa: N801 - read as a word: async with running_jobs(...)
    """Jobs that run while the context is open. One that fails is logged and started again."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> None:
        self._tasks = [asyncio.create_task(self._supervised(job)) for job in self._jobs]

    async def __aexit__(self, *error: object) -> None:
        self._stop.set()
        for task in reversed(self._tasks):
            await task

    async def _supervised(self, job: Job) -> None:
        while not self._stop.is_set():
            try:
                await job.run(self._stop)
            except Exception:
                log.exception("job.failed", job=type(job).__name__)
                await asyncio.sleep(RESTART_SECONDS)


async def _signalled() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _say_where(settings: Settings, port: int) -> None:
    address = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{port}"
    if settings.open_access:
        assert is_loopback(settings.host)
        people.print(
            "Open access: no tokens are set, so whoever can reach this machine's loopback may "
            "read and write everything. Set HUB_ACCESS_TOKENS to close it.",
            style="yellow",
            soft_wrap=True,
        )
    rows = [
        ("Storefront", "/"),
        ("Control room", "/control"),
        *([("GraphiQL", "/graphiql")] if settings.development else []),
        ("GraphQL", "/graphql"),
        ("Feed", "/feeds/availability"),
        ("Metrics", "/metrics"),
    ]
    for name, path in rows:
        link = f"[link={address}{path}]{address}{path}[/link]"
        people.print(f"  {name:<12} {link}", markup=True)
    people.print("Ctrl-C ends all of it.")
