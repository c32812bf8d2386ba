"""The commands for curl that the guide shows."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hub.services.catalogue import CatalogueItem
from tests.conformance.test_guide import commands
from tests.integration.graphql.conftest import SEED, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

MUG = "MUG-FJORD-MOSS"
RESERVE = """
    mutation ($sku: ID!) {
      reserve(input: { lines: [{ sku: $sku, quantity: 1 }] }) { __typename }
    }
"""
WAIT_SECONDS = 20.0


async def test_the_commands_of_the_guide_are_answered(served: Served) -> None:
    await served.services.catalogue.put_items(SEED, [CatalogueItem(MUG, "Mug Fjord, moss")])
    await served.count(MUG, 9)
    query, *subscriptions = commands()
    assert [("stream" in text, "multipart" in text) for text in subscriptions] == [
        (True, False),
        (False, True),
    ]
    async with run(query, served) as process:
        said, _ = await process.communicate()
        assert json.loads(said)["data"] == {"availability": [{"sku": MUG, "quantity": 9}]}
    for quantity, command in zip((9, 8), subscriptions, strict=True):
        async with run(command, served) as process:
            assert await line_with(process, "SNAPSHOT") == quantity
            await served.ask(RESERVE, sku=MUG)
            assert await line_with(process, "CHANGE") == quantity - 1


async def line_with(process: Process, kind: str) -> int:
    """The quantity that the next event of this kind tells."""
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_SECONDS):
        while kind.encode() not in (line := await process.stdout.readline()):
            assert line, f"curl ended before {kind}"
    told = json.loads(line[line.index(b"{") :])
    event = told.get("payload", told)["data"]["availability"]
    assert event["kind"] == kind
    quantity: int = event["availability"][0]["quantity"]
    return quantity


@asynccontextmanager
async def run(command: str, served: Served) -> AsyncIterator[Process]:
    """The command, asked of this hub, until it is no longer needed."""
    if shutil.which("curl") is None:
        pytest.fail("curl is not installed: run `make test`, which installs it.", pytrace=False)
    assert command.startswith("curl ")
    here = command.replace("localhost:8000", served.address)
    process = await asyncio.create_subprocess_exec("sh", "-c", f"exec {here}", stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
