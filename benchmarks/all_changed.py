"""How fast reads are of items that have all changed since they were last read."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import orjson

from benchmarks.asking import CALLERS, UNIT, request_for, send
from benchmarks.assortment import LOCATIONS
from benchmarks.figures import OURS, Bound, Figure, ratio_to
from benchmarks.lean_http import LeanClient, UnexpectedAnswer, lean_client, post_request
from benchmarks.production_hub import WRITER
from benchmarks.read_servers import RAW, WIDTH, ReadServers, read_servers
from benchmarks.reads import ROUNDS
from benchmarks.rounds import alternate
from benchmarks.served import Server
from benchmarks.stage import Stage

REQUESTS: Final = 200
"""Requests between two changes: of 24 items each, as many as one mutation may change."""
CHANGES: Final = 3
"""How often everything changes in one round."""

READ_24_ALL_CHANGED: Final = "read_24_all_changed_against_raw"

READ_24_JUST_CHANGED: Final = "read_24_just_changed_against_raw"
AT_ONCE: Final = "at once"
SETTLE_SECONDS: Final = 4.0

_CHANGE: Final = """
    mutation ($input: ChangeStockInput!) { changeStock(input: $input) {
        __typename ... on ChangeStockSuccess { refused }
    } }"""
_CHANGED: Final = {"__typename": "ChangeStockSuccess", "refused": 0}

Before = Callable[[LeanClient, Sequence[str]], Awaitable[None]]


async def read_24_all_changed(stage: Stage) -> list[Figure]:
    """32 callers ask for 24 items of which each has changed since it was last read.

    4,800 items change in one bulk mutation of the same hub, over HTTP; then each of them is read
    exactly once, 24 a request, and only this is timed. Afterwards each answer is looked at: one
    with an older version would be a lie, not a fast answer. The raw server is asked for the same in
    the same bursts. Nothing of its own changes, since it makes every answer anew.

    The figure with a bound is of a shop whose pages look at stock some seconds after it changed:
    the hub has had time to read the items anew in the background. What that costs is in
    `read_while_changing`. The figure without one begins at the moment of the mutation's answer,
    when the hub has all of it still to do.
    """
    async with read_servers(stage) as shop:
        changing = _Changing(shop)
        sides = {
            OURS: partial(_rate, shop.hub, shop.skus, changing.change_and_wait, changing.check),
            AT_ONCE: partial(_rate, shop.hub, shop.skus, changing.change, changing.check),
            RAW: partial(_rate, shop.raw, shop.skus, _nothing, _trust),
        }
        async with lean_client(shop.hub.host, 1) as client:
            for first in range(0, len(shop.skus), WIDTH):
                await send(client, request_for(shop.hub, shop.skus[first : first + WIDTH]))
        runs = await alternate(ROUNDS, sides, stage.tell)
    at_once = [{OURS: run[AT_ONCE], RAW: run[RAW]} for run in runs]
    return [
        ratio_to(READ_24_ALL_CHANGED, runs, RAW, UNIT, Bound("≥", 0.3)),
        ratio_to(READ_24_JUST_CHANGED, at_once, RAW, UNIT),
    ]


class _Changing:
    """What has changed so far, and so which versions answers must have."""

    def __init__(self, shop: ReadServers) -> None:
        self._address = f"http://{shop.hub.host}/graphql"
        self._versions = {sku: answer["version"] for sku, answer in shop.answers.items()}

    async def change(self, client: LeanClient, skus: Sequence[str]) -> None:
        """One unit more of each of these items, at any of its locations."""
        rows = [
            {
                "adjustment": {
                    "sku": sku,
                    "location": random.choice(LOCATIONS),
                    "delta": 1,
                    "reason": "found",
                }
            }
            for sku in skus
        ]
        body = orjson.dumps({"query": _CHANGE, "variables": {"input": {"rows": rows}}})
        answer = await client.send(post_request(self._address, body, WRITER))
        if orjson.loads(answer).get("data") != {"changeStock": _CHANGED}:
            raise UnexpectedAnswer(answer.decode())
        for sku in skus:
            self._versions[sku] += 1

    async def change_and_wait(self, client: LeanClient, skus: Sequence[str]) -> None:
        """The same some seconds ago."""
        await self.change(client, skus)
        await asyncio.sleep(SETTLE_SECONDS)

    def check(self, answers: Sequence[bytes]) -> None:
        """Raises `UnexpectedAnswer` where one is not of the newest version."""
        for body in answers:
            for answer in orjson.loads(body)["data"]["availability"]:
                if answer["version"] != self._versions[answer["sku"]]:
                    raise UnexpectedAnswer(f"an old answer: {answer}")


async def _nothing(_client: LeanClient, _skus: Sequence[str]) -> None:
    pass


def _trust(_answers: Sequence[bytes]) -> None:
    pass


async def _rate(
    server: Server,
    skus: Sequence[str],
    before: Before,
    check: Callable[[Sequence[bytes]], None],
) -> float:
    """Requests per second of bursts, each of which begins when `before` is done.

    The callers' connections are new in each burst: a server closes those that were idle for
    seconds, as they would be while `before` waits.
    """
    seconds = 0.0
    for _ in range(CHANGES):
        asked = random.sample(skus, REQUESTS * WIDTH)
        requests = [
            request_for(server, asked[first : first + WIDTH])
            for first in range(0, len(asked), WIDTH)
        ]
        async with lean_client(server.host, 1) as client:
            await before(client, asked)
        async with lean_client(server.host, CALLERS) as client:
            started = time.perf_counter()
            answers = await _burst(client, requests)
            seconds += time.perf_counter() - started
        check(answers)
    return CHANGES * REQUESTS / seconds


async def _burst(client: LeanClient, requests: list[bytes]) -> list[bytes]:
    """The answers to these requests, sent by as many callers as there are connections."""
    waiting = iter(requests)

    async def caller() -> list[bytes]:
        return [await send(client, request) for request in waiting]

    answered = await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return [answer for answers in answered for answer in answers]
