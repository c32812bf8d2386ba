"""The feed as programs of others read it, which come back by themselves."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from tests.conformance.programs import CLIENTS, told_by
from tests.conformance.test_guide import BLOCK, unindented
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.shop import count, opened, put_shop
from tests.waiting import eventually

TOLD_SECONDS = 1.0
"""A change is told within less. Nobody outside sees whether a program has heard of it."""
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "read-a-feed.md"


@pytest.mark.slow
async def test_an_event_source_goes_on_where_it_was_when_its_hub_was_killed(
    database_url: str, tmp_path: Path
) -> None:
    async with opened(database_url, database_url) as services:
        await put_shop(services)
        await count(services, "A-1", 5)
        hub = started("0", database_url, tmp_path)
        try:
            await asyncio.to_thread(hub.wait_until_ready)
            reading = asyncio.create_task(told_by("feed.mjs", hub.url, "A-1", "1"))
            await eventually(lambda: readers(hub), within_seconds=20)
            await count(services, "A-1", 4)
            await asyncio.sleep(TOLD_SECONDS)
            hub.kill()
            await count(services, "A-1", 3)
            await count(services, "A-1", 2)
            hub = started(hub.url.rsplit(":", 1)[1], database_url, tmp_path)
            await asyncio.to_thread(hub.wait_until_ready)
            await eventually(lambda: readers(hub), within_seconds=20)
            await count(services, "A-1", 1)
            heard = await reading
        finally:
            hub.kill()
    kinds = [kind for kind, _, _ in heard]
    assert [units for _, units, _ in heard] == [5, 4, 2, 1]
    assert kinds == ["SNAPSHOT", "CHANGE", "RECOVERED", "CHANGE"]
    assert len({id for _, _, id in heard}) == len(heard)


def started(port: str, database_url: str, folder: Path) -> HubProcess:
    """A hub on a port, which need not be ready yet."""
    environment = clean_environment(DATABASE_URL=database_url)
    arguments = ("serve", "--no-jobs", "--port", port)
    return HubProcess(*arguments, folder=folder, environment=environment)


async def readers(hub: HubProcess) -> int:
    """How many read a feed of the hub."""
    async with httpx.AsyncClient(trust_env=False) as client:
        metrics = (await client.get(f"{hub.url}/metrics")).text
    (told,) = re.findall(r"^hub_feed_readers (\d+)", metrics, re.MULTILINE)
    return int(told)


def test_what_the_guide_shows_is_what_the_test_runs() -> None:
    program = unindented((CLIENTS / "feed.mjs").read_text())
    blocks = [text for language, text in BLOCK.findall(GUIDE.read_text()) if language == "js"]
    assert blocks
    for paragraph in "\n".join(blocks).split("\n\n"):
        assert unindented(paragraph) in program, paragraph
