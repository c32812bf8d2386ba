"""How many reservations go over HTTP and GraphQL, against simpler ways behind the same view."""

import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

import orjson

from benchmarks.figures import OURS, Bound, Figure, Round, ratio_to, ratio_to_best
from benchmarks.lean_http import LeanClient, UnexpectedAnswer, lean_client, post_request
from benchmarks.reservations import (
    LOCATION,
    ON_HAND,
    POOL_SIZES,
    ROUNDS,
    SECONDS,
    WARM_UP_SECONDS,
    put_stock,
)
from benchmarks.reserve_peers import HUB_PATH, NOTHING_PATH, row_locks_path
from benchmarks.rounds import alternate, rate_of
from benchmarks.row_locks import create_tables
from benchmarks.served import served
from benchmarks.stage import Stage, hub_on

CALLERS: Final = 64
SKU: Final = "ITEM-0000"

AGAINST_ROW_LOCKS: Final = "reserve_http_against_row_locks"
AGAINST_NOTHING: Final = "reserve_http_against_nothing"
NOTHING: Final = "a mutation that does nothing"
UNIT: Final = "reservations/s"

DOCUMENT: Final = """
    mutation ($input: ReserveInput!) { reserve(input: $input) {
        __typename
        ... on ReserveSuccess { reservation { id expiresAt } }
        ... on HubError { code message }
    } }"""
_KEY: Final = b"0" * 32
_SUCCESS: Final = b'{"data":{"reserve":{"__typename":"ReserveSuccess"'


async def reserve_over_http(stage: Stage) -> list[Figure]:
    """64 callers with idempotency keys want the same item of one hub process."""
    paths = {OURS: HUB_PATH, NOTHING: NOTHING_PATH} | {
        f"row lock per request, pool of {size}": row_locks_path(size) for size in POOL_SIZES
    }
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(stage.databases.fresh())
        async with hub_on(database_url) as services:
            await put_stock(services, [SKU])
        await create_tables(database_url, [SKU], LOCATION, ON_HAND)
        host = await stack.enter_async_context(
            served(stage.folder, database_url, "benchmarks.reserve_peers")
        )
        client = await stack.enter_async_context(lean_client(host, CALLERS))
        calls = {side: _reserving(client, f"http://{host}{path}") for side, path in paths.items()}
        for call in calls.values():
            await rate_of(CALLERS, WARM_UP_SECONDS, call)
        sides = {side: _rating(call) for side, call in calls.items()}
        runs = await alternate(ROUNDS, sides, stage.tell)
    locks = [_without(run, NOTHING) for run in runs]
    return [
        ratio_to_best(AGAINST_ROW_LOCKS, locks, UNIT, Bound("≥", 3)),
        ratio_to(AGAINST_NOTHING, runs, NOTHING, UNIT, Bound("≥", 0.6)),
    ]


def _without(run: Round, side: str) -> Round:
    return {other: value for other, value in run.items() if other != side}


def _rating(call: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[float]]:
    return lambda: rate_of(CALLERS, SECONDS, call)


def _reserving(client: LeanClient, address: str) -> Callable[[], Awaitable[None]]:
    """A reservation of one unit under a random key, such as shops send. What is sent is encoded
    once; only the key is put in."""
    lines = [{"sku": SKU, "quantity": 1}]
    given = {"lines": lines, "channel": "web", "idempotencyKey": _KEY.decode()}
    body = orjson.dumps({"query": DOCUMENT, "variables": {"input": given}})
    before, after = post_request(address, body).split(_KEY)

    async def reserve() -> None:
        key = b"%032x" % random.getrandbits(128)
        answer = await client.send(before + key + after)
        if not answer.startswith(_SUCCESS):
            raise UnexpectedAnswer(answer.decode())

    return reserve
