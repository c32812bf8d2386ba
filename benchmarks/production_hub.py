"""The hub as it runs in production: `serve` in a process of its own, and nobody without a token."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import orjson

from benchmarks.served import Server, environment_for, python, running
from hub.domain.principal import AccessScope

READER: Final = "0" * 31 + "r"
WRITER: Final = "0" * 31 + "w"
SENDER: Final = "0" * 31 + "s"
_SCOPES: Final = {
    READER: ("reader", [AccessScope.AVAILABILITY_READ]),
    WRITER: ("writer", [AccessScope.AVAILABILITY_READ, AccessScope.STOCK_WRITE]),
    SENDER: ("sender", [AccessScope.EVENTS_INGEST]),
}
"""Bearer tokens, what they are called and what they may do."""


@asynccontextmanager
async def production_hub(
    folder: Path,
    database_url: str,
    more: Mapping[str, str] | None = None,
    jobs: bool = False,
) -> AsyncIterator[Server]:
    """One process that serves and leaves the jobs to another, which does not run, or with `jobs`
    does them as well; with more settings of its environment, if there are."""
    tokens = {
        hashlib.sha256(token.encode()).hexdigest(): {"name": name, "scopes": scopes}
        for token, (name, scopes) in _SCOPES.items()
    }
    settings = {"HUB_ACCESS_TOKENS": orjson.dumps(tokens).decode()}
    environment = environment_for(database_url) | settings | dict(more or {})
    command = python("hub", "serve", "--jobs" if jobs else "--no-jobs", "--port", "0")
    async with running(folder, environment, *command) as server:
        yield server
