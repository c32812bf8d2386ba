"""`serve` from its start to its end: with clients that stay, with a kill, and with a signal."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.e2e.database import answer_to
from tests.e2e.processes import HubProcess, clean_environment, run_command, running_hub
from tests.integration.events import counted
from tests.integration.graphql.sockets import Socket
from tests.integration.serving import feed
from tests.waiting import eventually

pytestmark = pytest.mark.slow

ENDED_WITHIN_SECONDS = 10.0
NOTICE_SECONDS = "0.2"
WATCH = 'subscription { availability(skus: ["A-1"]) { kind } }'
ON_HAND = "select on_hand / 1000 from position where sku = 'A-1' and location = 'BER'"


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_though_clients_watch(
    shop_url: str, tmp_path: Path, way: signal.Signals
) -> None:
    async with AsyncExitStack() as stack:
        settings = {"DATABASE_URL": shop_url, "HUB_DRAIN_NOTICE_SECONDS": NOTICE_SECONDS}
        served = stack.enter_context(running_hub("serve", folder=tmp_path, **settings))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=served.url, timeout=10, trust_env=False)
        )
        partner = await stack.enter_async_context(feed(client, "sku=A-1"))
        await partner.next()
        socket = await stack.enter_async_context(
            Socket.open(served.url.replace("http", "ws", 1) + "/graphql")
        )
        await socket.begin()
        await socket.subscribe("1", WATCH)
        assert (await socket.receive())["type"] == "next"

        began = time.monotonic()
        code = await asyncio.to_thread(served.stop, way)

        assert code == 0, served.output
        assert time.monotonic() - began < ENDED_WITHIN_SECONDS
        assert "Traceback" not in served.output
        with pytest.raises((StopAsyncIteration, httpx.TransportError)):
            await partner.next()
        with pytest.raises(ConnectionClosed):
            await socket.receive()
        # A code that clients of the protocol take for a reason to come back.
        assert socket.connection.close_code == 1012


async def test_what_was_accepted_before_a_kill_is_worked_after_it(
    shop_url: str, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        with running_hub("serve", "--no-jobs", folder=tmp_path, DATABASE_URL=shop_url) as first:
            answer = await client.post(f"{first.url}/ingest/till", json=counted(4321))
            assert answer.status_code == 202
            first.kill()
    assert await answer_to(shop_url, ON_HAND) == 10

    settings = {"DATABASE_URL": shop_url, "HUB_DRAIN_NOTICE_SECONDS": NOTICE_SECONDS}
    with running_hub("serve", folder=tmp_path, **settings) as second:
        await eventually(lambda: answer_to(shop_url, ON_HAND), lambda units: units == 4321)
        assert await asyncio.to_thread(second.stop, signal.SIGTERM) == 0
    audited = run_command("audit", folder=tmp_path, DATABASE_URL=shop_url)
    assert audited.returncode == 0, audited.stdout


async def test_jobs_alone_work_what_another_process_takes_in(shop_url: str, tmp_path: Path) -> None:
    environment = clean_environment(DATABASE_URL=shop_url)
    working = HubProcess("work", folder=tmp_path, environment=environment)
    try:
        with running_hub("serve", "--no-jobs", folder=tmp_path, DATABASE_URL=shop_url) as door:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(f"{door.url}/ingest/till", json=counted(4321))
            await eventually(lambda: answer_to(shop_url, ON_HAND), lambda units: units == 4321)
            assert door.stop() == 0, door.output
        assert working.stop(signal.SIGTERM) == 0, working.output
    finally:
        working.kill()
