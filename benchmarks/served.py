"""Servers in processes of their own: the demo hub with nothing simulated, and any other."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self
from uuid import uuid4

from benchmarks.stage import PROJECT

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0
_ADDRESS: Final = re.compile(r"http://(\S+)/graphql\b")


class Server(NamedTuple):
    """A server that runs."""

    host: str
    """With its port."""
    process_id: int


class DidNotStart(Exception):
    """A server cannot be measured: it is not there, or ended before it told its address."""

    @classmethod
    def by_its_log(cls, log: Path) -> Self:
        """What it said last."""
        lines = log.read_text(errors="replace").splitlines() or ["it said nothing"]
        return cls(f"The server did not start: {lines[-1]}")


def environment_for(database_url: str | None) -> dict[str, str]:
    """The environment of a process on a database: what is set for another hub on this machine is
    not meant for this one."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HUB_") and name not in ("DATABASE_URL", "REDIS_URL")
    }
    if database_url is not None:
        environment["DATABASE_URL"] = database_url
    return environment


@asynccontextmanager
async def served_hub(folder: Path, database_url: str | None) -> AsyncIterator[str]:
    """Host and port of a demo hub under uvicorn, on `database_url` or an embedded database."""
    data_dir = str(folder / "served")
    arguments = ("hub", "demo", "--pace", "0", "--port", "0", "--data-dir", data_dir)
    async with served(folder, database_url, *arguments) as host:
        yield host


@asynccontextmanager
async def served(folder: Path, database_url: str | None, *arguments: str) -> AsyncIterator[str]:
    """Host and port of what `python -m` with these arguments serves, once it prints its address.

    Raises `DidNotStart` if it never does.
    """
    environment = environment_for(database_url)
    async with running(folder, environment, *python(*arguments)) as server:
        yield server.host


def python(*arguments: str) -> tuple[str, ...]:
    """The command that runs a module of this project."""
    return (sys.executable, "-m", *arguments)


@asynccontextmanager
async def running(
    folder: Path, environment: Mapping[str, str], *command: str
) -> AsyncIterator[Server]:
    """The server that a command runs, once it prints its address. Its log goes to `folder`.

    Raises `DidNotStart` if it never does.
    """
    log = folder / f"served-{uuid4().hex}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=PROJECT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Server(await _address(process, log), process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            async for line in process.stdout:
                found = _ADDRESS.search(line.decode(errors="replace"))
                if found is not None:
                    return found[1]
    except TimeoutError:
        pass
    raise DidNotStart.by_its_log(log)
