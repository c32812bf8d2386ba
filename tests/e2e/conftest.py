"""A running hub for tests that see it from outside, and a database with a shop in it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.e2e.commands import Run
from tests.e2e.processes import HubProcess, run_command, running_hub
from tests.integration.shop import SKUS, count, opened, put_shop


@pytest.fixture(scope="module")
def live_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """The demo on its own embedded database, with nobody who buys anything by himself; at the end
    it is interrupted as by Ctrl-C and must end cleanly."""
    folder = tmp_path_factory.mktemp("live-hub")
    arguments = ("demo", "--pace", "0", "--data-dir", str(folder / "data"))
    with running_hub(*arguments, folder=folder) as hub_process:
        yield hub_process
        assert hub_process.stop() == 0, hub_process.output
        assert "Stopping" in hub_process.output


@pytest.fixture
def shop_url(database_url: str) -> str:
    """Address of a database with the small shop, ten units of each item in Berlin."""

    async def put() -> None:
        async with opened(database_url) as services:
            await put_shop(services)
            for sku in SKUS:
                await count(services, sku, 10)

    asyncio.run(put())
    return database_url


@pytest.fixture
def run(shop_url: str, tmp_path: Path) -> Run:
    """Runs a command on a database of the test's own, with a small shop in it."""

    def run_here(*arguments: str, **settings: str) -> CompletedProcess[str]:
        given = {"DATABASE_URL": shop_url} | settings
        return run_command(*arguments, folder=tmp_path, **given)

    return run_here
