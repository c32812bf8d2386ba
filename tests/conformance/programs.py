"""Programs of others that ask the hub, each a process of its own that prints what it was told."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).parent / "clients"
RUN_TIMEOUT_SECONDS = 60.0


async def told_by(program: str, *arguments: str | Path) -> Any:
    """What one of the clients' programs prints, as JSON."""
    return json.loads(await output_of("node", program, *arguments))


async def output_of(*command: str | Path, folder: Path = CLIENTS) -> str:
    """What a command prints; fails with what it complains about."""
    program = shutil.which(command[0])
    if program is None or not (CLIENTS / "node_modules").is_dir():
        pytest.fail("The clients' packages are not installed: run `make setup`.", pytrace=False)
    process = await asyncio.create_subprocess_exec(
        program, *command[1:], cwd=folder, stdout=PIPE, stderr=PIPE
    )
    try:
        said, complained = await asyncio.wait_for(process.communicate(), RUN_TIMEOUT_SECONDS)
    except TimeoutError:
        pytest.fail(f"{command} did not end within {RUN_TIMEOUT_SECONDS} s")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, complained.decode() + said.decode()
    return said.decode()
