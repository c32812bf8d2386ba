"""A process that is told to end lets its clients go: none is lost, none is refused for good, and
what they asked of it is done once."""

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.conformance.crowd import Crowd, close_codes, crowd_of, failures
from tests.e2e.balancer import balancing
from tests.e2e.database import answer_to
from tests.e2e.processes import HubProcess, clean_environment, running_hub
from tests.integration.shop import count, opened
from tests.waiting import eventually

pytestmark = pytest.mark.slow

DRAINED_WITHIN_SECONDS = 20.0
CLIENTS = {"socket": 150, "counter": 20, "events": 20, "eventSource": 20, "feed": 20}
ON_HAND = "select on_hand / 1000 from position where sku = 'A-2' and location = 'BER'"
COUNTED_FROM = 10


async def test_all_who_are_connected_come_back_to_another_process(
    shop_url: str, tmp_path: Path
) -> None:
    with (
        running_hub("serve", folder=tmp_path, DATABASE_URL=shop_url) as first,
        running_hub("serve", folder=tmp_path, DATABASE_URL=shop_url) as second,
    ):
        async with (
            balancing(first.url, second.url) as balancer,
            crowd_of(balancer.address, "A-1", "A-2", stubborn=False, **CLIENTS) as crowd,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            began = time.monotonic()
            ending = asyncio.create_task(asyncio.to_thread(first.stop, signal.SIGTERM))
            await eventually(lambda: readiness(client, first.url), lambda code: code == 503)
            # Not ready any more, it still takes whoever comes.
            assert (await client.get(f"{first.url}/livez")).status_code == 200
            assert await ending == 0, first.output
            assert time.monotonic() - began < DRAINED_WITHIN_SECONDS
            assert "Traceback" not in first.output
            await all_are_back(crowd, shop_url)
            assert balancer.refused == 0
        assert "Traceback" not in second.output


async def test_all_who_are_connected_come_back_to_the_next_process_at_the_same_address(
    shop_url: str, tmp_path: Path
) -> None:
    environment = clean_environment(DATABASE_URL=shop_url)
    with running_hub("serve", folder=tmp_path, DATABASE_URL=shop_url) as first:
        address = first.url.removeprefix("http://")
        async with crowd_of(address, "A-1", "A-2", stubborn=True, **CLIENTS) as crowd:
            ending = asyncio.create_task(asyncio.to_thread(first.stop, signal.SIGTERM))
            second = await asyncio.to_thread(next_at, address, tmp_path, environment)
            try:
                assert await ending == 0, first.output
                await all_are_back(crowd, shop_url)
            finally:
                second.kill()


async def all_are_back(crowd: Crowd, database_url: str) -> None:
    """Everybody is told the newest, nobody was closed for good, and nothing was counted twice."""
    async with opened(database_url) as services:
        await count(services, "A-1", 77)
    await eventually(lambda: crowd.who_knows_not(77), lambda left: not left, within_seconds=30)
    await eventually(
        crowd.told,
        lambda told: all(one["opened"] > 1 or one["failure"] for one in told["crowd"]),
        within_seconds=10,
    )

    async def all_counted() -> bool:
        """Whether what was asked and answered is what was done."""
        counted = (await crowd.told())["counted"]
        done = int(await answer_to(database_url, ON_HAND)) - COUNTED_FROM
        return bool(counted["answered"] == counted["sent"] == done)

    await eventually(all_counted, within_seconds=10)
    told = await crowd.told()
    assert failures(told) == {}
    assert close_codes(told) <= {"1012", "1006"}
    assert told["counted"]["failures"] == []


async def readiness(client: httpx.AsyncClient, url: str) -> int:
    return (await client.get(f"{url}/readyz")).status_code


def next_at(address: str, folder: Path, environment: dict[str, str]) -> HubProcess:
    """A process that has the address as soon as the one before has given it up."""
    port = address.split(":")[1]
    deadline = time.monotonic() + 30
    while True:
        started = HubProcess("serve", "--port", port, folder=folder, environment=environment)
        while started.process.poll() is None and "Storefront" not in started.output:
            time.sleep(0.05)
        if started.process.poll() is None:
            started.wait_until_ready()
            return started
        assert "in use" in started.output, started.output
        assert time.monotonic() < deadline
