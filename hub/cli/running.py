"""Running a command over the hub's services, and turning what goes wrong into one sentence."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import uvloop
from pydantic import ValidationError
from pydantic_settings import SettingsError

from hub.bootstrap import Services, calm_garbage_collector, database_of, services_on
from hub.cli.console import ExitCode, fail
from hub.domain.errors import HubError, Unavailable
from hub.live.backplane import UnknownBackplane
from hub.observability.logs import configure_logs
from hub.settings import Settings
from hub.store.embedded_postgres import EmbeddedPostgresError
from workers.formats.registry import OPTION_CHECKS
from workers.sources.trials import try_source

T = TypeVar("T")


def settings_with(**given: Any) -> Settings:
    """The settings, with what the command line gives on top; ends the command if they are wrong."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        sentences = [
            ": ".join([*map(str, problem["loc"]), problem["msg"].removeprefix("Value error, ")])
            for problem in error.errors()
        ]
        fail("; ".join(sentences), ExitCode.WRONG_USE)
    except SettingsError as error:
        fail(f"Settings: {error}.", ExitCode.WRONG_USE)


@asynccontextmanager
async def opened_services(settings: Settings) -> AsyncIterator[Services]:
    """The services, over the database of a hub that runs already if there is one. What they warn
    of goes to standard error, so that what a command prints stays clean."""
    configure_logs(logging.WARNING)
    async with (
        database_of(settings, join=True) as database_url,
        services_on(settings, database_url, OPTION_CHECKS, try_source) as services,
    ):
        calm_garbage_collector()
        yield services


def run(
    work: Callable[[], Awaitable[T]], refusals: Mapping[type[Exception], ExitCode] | None = None
) -> T:
    """The result of a command; ends it with a sentence and its code where the hub refuses.
    `refusals` are those which only this command meets."""

    async def working() -> T:
        return await work()

    try:
        return uvloop.run(working())
    except (EmbeddedPostgresError, Unavailable) as error:
        fail(str(error), ExitCode.DEPENDENCY_MISSING)
    except UnknownBackplane as error:
        fail(str(error), ExitCode.WRONG_USE)
    except HubError as error:
        fail(error.message, ExitCode.FOUND_SOMETHING_WRONG)
    except tuple(refusals or ()) as error:
        code = next(code for kind, code in (refusals or {}).items() if isinstance(error, kind))
        fail(str(error), code)
