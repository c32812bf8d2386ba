"""The three servers whose reads are compared. All of them know the same 10,000 items, and before
anything is measured they must give the same answers.
"""

import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from benchmarks.asking import answers_for
from benchmarks.assortment import put_assortment, sku_of
from benchmarks.lean_http import UnexpectedAnswer, lean_client
from benchmarks.production_hub import production_hub
from benchmarks.served import DidNotStart, Server, environment_for, python, running
from benchmarks.stage import PROJECT, Stage

ITEMS: Final = 10_000
WIDTH: Final = 24
"""Items of one request."""
COMPARED: Final = 50
"""Requests whose answers are compared."""

RAW: Final = "Starlette + orjson, from a dict"
YOGA: Final = "GraphQL Yoga on Node"
PEERS: Final = PROJECT / "benchmarks" / "peers"


class ReadServers(NamedTuple):
    """The hub, and who is measured beside it."""

    hub: Server
    raw: Server
    yoga: Server
    skus: Sequence[str]
    answers: dict[str, Any]
    """What the hub said of each item, and the others learnt from it, at the start."""
    database_url: str


@asynccontextmanager
async def read_servers(stage: Stage) -> AsyncIterator[ReadServers]:
    """All three, each in a process of its own. Raises `UnexpectedAnswer` where they differ."""
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        await put_assortment(database_url, ITEMS)
        folder = stage.folder
        hub = await stack.enter_async_context(production_hub(folder, database_url))
        skus = [sku_of(number) for number in range(ITEMS)]
        answers = await _all_answers(hub, skus)
        file = folder / "answers.json"
        file.write_bytes(orjson.dumps(list(answers.values())))
        raw = await stack.enter_async_context(_raw(folder, file))
        yoga = await stack.enter_async_context(_yoga(folder, file))
        for server in (hub, raw, yoga):
            await check_answers(server, answers)
        yield ReadServers(hub, raw, yoga, skus, answers, database_url)


async def check_answers(server: Server, answers: dict[str, Any]) -> None:
    """Compare what a server says of random items; raises `UnexpectedAnswer`."""
    async with lean_client(server.host, 1) as client:
        for _ in range(COMPARED):
            skus = random.sample(list(answers), WIDTH)
            found = await answers_for(client, server, skus)
            if found != [answers[sku] for sku in skus]:
                raise UnexpectedAnswer(f"{server.host} says {found}")


async def _all_answers(hub: Server, skus: Sequence[str]) -> dict[str, Any]:
    """What the hub says of all items; afterwards it has seen each of them."""
    answers: dict[str, Any] = {}
    async with lean_client(hub.host, 1) as client:
        for first in range(0, len(skus), WIDTH):
            for answer in await answers_for(client, hub, skus[first : first + WIDTH]):
                answers[answer["sku"]] = answer
    return answers


@asynccontextmanager
async def _raw(folder: Path, answers: Path) -> AsyncIterator[Server]:
    command = python("benchmarks.raw_answers", str(answers))
    async with running(folder, environment_for(None), *command) as server:
        yield server


@asynccontextmanager
async def _yoga(folder: Path, answers: Path) -> AsyncIterator[Server]:
    if not (PEERS / "node_modules").is_dir():
        raise DidNotStart("GraphQL Yoga is not installed: run `make bench`.")
    environment = {**os.environ, "NODE_ENV": "production"}
    command = ("node", str(PEERS / "yoga.js"), str(answers))
    async with running(folder, environment, *command) as server:
        yield server
