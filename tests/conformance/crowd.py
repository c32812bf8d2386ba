"""Many clients in one process of Node, and what they were told."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.conformance.programs import CLIENTS

READY_TIMEOUT_SECONDS = 60.0
MAX_REPORT_BYTES = 4_000_000


class Crowd:
    """Clients that watch an item, each by one of the ways that there are."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def told(self) -> dict[str, Any]:
        """Each client with its kind, the quantity it was told last, how often it connected, the
        codes it was closed with, and why it gave up; and what those who count have sent."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        told: dict[str, Any] = json.loads(await self.line())
        return told

    async def line(self) -> bytes:
        """The next line of its output."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_TIMEOUT_SECONDS)
        assert line, "the clients' program ended"
        return line

    async def who_knows_not(self, units: int) -> list[dict[str, Any]]:
        """Who watches and does not know that there are so many."""
        crowd = (await self.told())["crowd"]
        return [one for one in crowd if one["kind"] != "counter" and one["quantity"] != units]


def failures(told: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Why clients gave up, by kind, and how many."""
    return dict(Counter((one["kind"], one["failure"]) for one in told["crowd"] if one["failure"]))


def close_codes(told: dict[str, Any]) -> set[str]:
    """The codes that sockets were closed with."""
    return {code for one in told["crowd"] for code in one["closes"]}


@asynccontextmanager
async def crowd_of(
    address: str, sku: str, counted_sku: str, *, stubborn: bool, **numbers: int
) -> AsyncIterator[Crowd]:
    """So many clients of each kind (`socket`, `counter`, `events`, `eventSource`, `feed`), all of
    which were told something. If they are stubborn, sockets come back when they were refused."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules").is_dir():
        pytest.fail("The clients' packages are not installed: run `make setup`.", pytrace=False)
    process = await asyncio.create_subprocess_exec(
        node,
        "crowd.mjs",
        f"http://{address}/graphql",
        f"ws://{address}/graphql",
        f"http://{address}/feeds/availability",
        sku,
        counted_sku,
        json.dumps(numbers),
        json.dumps(stubborn),
        cwd=CLIENTS,
        stdin=PIPE,
        stdout=PIPE,
        limit=MAX_REPORT_BYTES,
    )
    crowd = Crowd(process)
    try:
        assert await crowd.line() == b"ready\n"
        yield crowd
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
