"""The servers that are looked at here: the hub, and, to see that the suite is not made for it
alone, the one that graphql-ws brings."""

import asyncio
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from hub.domain.values import UNIT
from hub.services.stock import Adjustment
from hub.settings import Settings
from tests.conformance.programs import CLIENTS
from tests.conformance.transport_ws.target import Target
from tests.integration.graphql.conftest import SEED, Served, serving

INIT_SECONDS = 1.0
MAX_MESSAGE_BYTES = 65_536
TICK_SECONDS = 0.02
TICKING = "MANY-00"
RESERVE = (
    'mutation { reserve(input: { lines: [{ sku: "MUG-M", quantity: 1 }] }) {'
    " ... on ReserveSuccess { reservation { id } } } }"
)
ADJUST = (
    'mutation { adjustStock(input: { sku: "MUG-L", location: "BER", delta: 1, reason: "found" }) {'
    " __typename } }"
)
RELEASE = 'mutation { releaseReservation(input: { id: "%s" }) { __typename } }'
FOLLOW = 'subscription { reservation(id: "%s") { state } }'


@asynccontextmanager
async def hub(database_url: str) -> AsyncIterator[Target]:
    """The hub, with an item whose stock never rests."""
    settings = Settings(database_url=database_url, connection_init_seconds=INIT_SECONDS)
    async with serving(settings) as served:
        id = (await served.ask(RESERVE))["reserve"]["reservation"]["id"]
        await served.ask(RELEASE % id)
        ticking = asyncio.create_task(_tick(served))
        try:
            yield Target(
                served.socket_url,
                query={"query": '{ availability(skus: ["MUG-S"]) { quantity } }'},
                mutation={"query": ADJUST},
                lasting={
                    "query": "subscription ($skus: [ID!]!) { availability(skus: $skus) { kind } }",
                    "variables": {"skus": [TICKING]},
                },
                ending={"query": FOLLOW % id},
                failing={"query": '{ availability(skus: ["NOPE"]) { quantity } }'},
                slow={"query": ADJUST},
                init_seconds=INIT_SECONDS,
                max_message_bytes=MAX_MESSAGE_BYTES,
            )
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking


@asynccontextmanager
async def graphql_ws() -> AsyncIterator[Target]:
    """graphql-ws, whose author wrote the protocol."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules").is_dir():
        pytest.fail("The clients' packages are not installed: run `make setup`.", pytrace=False)
    process = await asyncio.create_subprocess_exec(
        node,
        "graphql-ws-server.mjs",
        str(round(INIT_SECONDS * 1000)),
        str(MAX_MESSAGE_BYTES),
        cwd=CLIENTS,
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield Target(
            f"ws://127.0.0.1:{port}/",
            query={"query": "{ hello }"},
            mutation={"query": "mutation { change }"},
            lasting={"query": "subscription { tick }"},
            ending={"query": "subscription { twice }"},
            failing={"query": "{ failing }"},
            slow={"query": "{ slow }"},
            init_seconds=INIT_SECONDS,
            max_message_bytes=MAX_MESSAGE_BYTES,
        )
    finally:
        process.stdin.close()
        await process.wait()


async def _tick(served: Served) -> None:
    while True:
        adjustment = Adjustment(TICKING, "BER", UNIT, "found")
        await served.services.stock.adjust_stock(SEED, adjustment)
        await asyncio.sleep(TICK_SECONDS)
