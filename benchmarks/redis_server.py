"""A Redis of our own, for what hints travel by."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks.served import DidNotStart
from hub.live.backplane import redis_version

START_TRIES: Final = 100
PAUSE_SECONDS: Final = 0.05


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[str]:
    """The address of one that keeps nothing on disk. Raises `DidNotStart`."""
    program = shutil.which("redis-server")
    if program is None:
        raise DidNotStart("redis-server is not installed: run `make test-servers`.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)),
        *("--save", "", "--appendonly", "no"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    try:
        for _ in range(START_TRIES):
            if await redis_version(url) is not None:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            raise DidNotStart("redis-server does not answer.")
        yield url
    finally:
        process.terminate()
        await process.wait()
