"""Schemathesis, run as the program it is, against a served hub with the demo shop."""

import asyncio
import hashlib
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hub.bootstrap import Services
from hub.domain.principal import AccessScope
from hub.settings import AccessToken
from tests.conftest import PROJECT
from tests.integration.serving import served
from tests.integration.shop import opened
from workers.demo.seed import seed

FOLDER: Final = Path(__file__).parent
TOKEN: Final = "token-of-schemathesis"
SECONDS_AT_MOST: Final = 300


@asynccontextmanager
async def fuzzed_hub(database_url: str) -> AsyncIterator[tuple[Services, str]]:
    """A hub with the demo shop that lets in only who has the token, and its address."""
    who = AccessToken(name="schemathesis", scopes=frozenset(AccessScope))
    tokens = {hashlib.sha256(TOKEN.encode()).hexdigest(): who}
    async with opened(
        database_url, access_tokens=tokens, max_holds_per_holder=0, max_holds_per_address=0
    ) as services:
        await seed(services, datetime.now(UTC))
        async with served(services) as client:
            yield services, str(client.base_url).rstrip("/")


async def schemathesis(
    folder: Path, *arguments: str, config: str | None = None, hooks: str | None = None
) -> str:
    """Run it on what `arguments` name, the same way each time, with a file of settings or a module
    of `hooks`; fails with what it found."""
    options = ("--config-file", str(FOLDER / config)) if config else ()
    settings = {"PYTHONPATH": str(PROJECT)} | ({"SCHEMATHESIS_HOOKS": hooks} if hooks else {})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", *options),
        *("run", *arguments, "--header", f"Authorization: Bearer {TOKEN}"),
        *("--generation-deterministic", "--continue-on-failure", "--no-color"),
        cwd=folder,
        env=os.environ | settings,
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), SECONDS_AT_MOST)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    told = said.decode()
    assert process.returncode == 0, told
    return told
