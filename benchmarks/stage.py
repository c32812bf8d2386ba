"""What every benchmark is given."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Databases
from benchmarks.rounds import Tell
from hub.bootstrap import Services, calm_garbage_collector, services_on
from hub.settings import Settings
from workers.formats.registry import OPTION_CHECKS

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Stage:
    """Databases to measure on, a folder for files that may vanish, and who is told of progress."""

    databases: Databases
    folder: Path
    tell: Tell
    full: bool = False
    """Use all of the real data, not a first part."""
    minutes: float = 10
    """How long the long run takes."""


@asynccontextmanager
async def hub_on(database_url: str) -> AsyncIterator[Services]:
    """The services of one process, as the embedded hub runs them, its change tail included."""
    settings = Settings(database_url=database_url, backplane_url="memory://")
    async with services_on(settings, database_url, OPTION_CHECKS) as services:
        calm_garbage_collector()
        yield services


def real_data() -> Path:
    """The folder of real data: HUB_REAL_DATA, or the one beside the project."""
    return Path(os.environ.get("HUB_REAL_DATA") or PROJECT.parent / "shared" / "data")
