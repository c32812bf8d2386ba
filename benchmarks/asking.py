"""Callers of one server who ask for the availability of items, and what that costs the server."""

import itertools
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import orjson
import psutil

from benchmarks.lean_http import LeanClient, UnexpectedAnswer, lean_client, post_request
from benchmarks.production_hub import READER
from benchmarks.rounds import rate_of
from benchmarks.served import Server

CALLERS: Final = 32
SECONDS: Final = 1.0
WARM_UP_ROUNDS: Final = 4
MICROSECONDS: Final = 1_000_000
UNIT: Final = "requests/s"

DOCUMENT: Final = (
    "query ($skus: [ID!]!) { availability(skus: $skus) "
    "{ sku quantity status version canFulfil googleAvailability message { code } } }"
)
_SUCCESS: Final = b'{"data":{"availability":[{"sku":"'
_PREPARED: Final = 20_000
"""Requests that are made before they are sent: so many that few are sent twice."""


def request_for(server: Server, skus: Sequence[str]) -> bytes:
    """What asks a server for these items. All servers are sent the token; only the hub looks."""
    body = orjson.dumps({"query": DOCUMENT, "variables": {"skus": skus}})
    return post_request(f"http://{server.host}/graphql", body, READER)


async def send(client: LeanClient, request: bytes) -> bytes:
    """The answer to a request; raises `UnexpectedAnswer` where it has no data."""
    answer = await client.send(request)
    if not answer.startswith(_SUCCESS):
        raise UnexpectedAnswer(answer.decode(errors="replace"))
    return answer


async def answers_for(client: LeanClient, server: Server, skus: Sequence[str]) -> list[Any]:
    """What a server says of these items; raises `UnexpectedAnswer`."""
    answer = orjson.loads(await send(client, request_for(server, skus)))
    if "errors" in answer:
        raise UnexpectedAnswer(str(answer["errors"]))
    found: list[Any] = answer["data"]["availability"]
    return found


@dataclass
class _Spent:
    """What all rounds together took."""

    requests: int = 0
    seconds: float = 0.0
    server_seconds: float = 0.0
    """Of a processor; the same of the client below."""
    client_seconds: float = 0.0


class Asking:
    """32 callers of one server, each of whom asks for so many random items again and again.

    Their connections are new in each round: a server closes those that were idle for seconds.
    """

    def __init__(self, server: Server, skus: Sequence[str], items: int) -> None:
        self._server = server
        self._requests = itertools.cycle(
            [request_for(server, random.sample(skus, items)) for _ in range(_PREPARED)]
        )
        self._process = psutil.Process(server.process_id)
        self._spent = _Spent()

    async def warm_up(self) -> None:
        """Ask until a compiler that works while the server runs has done most of its work."""
        for _ in range(WARM_UP_ROUNDS):
            await self.rate()
        self._spent = _Spent()

    async def rate(self) -> float:
        """Requests per second in one round."""
        async with self._callers() as client:

            async def ask() -> None:
                await send(client, next(self._requests))
                self._spent.requests += 1

            return await rate_of(CALLERS, SECONDS, ask)

    @property
    def cost_us(self) -> float:
        """The server's processor time for one request."""
        return self._spent.server_seconds / self._spent.requests * MICROSECONDS

    @property
    def client_share(self) -> float:
        """How much of the time this process, the client, was busy: near 1, and the rate would be
        that of the client."""
        return self._spent.client_seconds / self._spent.seconds

    @asynccontextmanager
    async def _callers(self) -> AsyncIterator[LeanClient]:
        async with lean_client(self._server.host, CALLERS) as client:
            started, client_before = time.perf_counter(), time.process_time()
            before = self._process.cpu_times()
            yield client
            after = self._process.cpu_times()
            spent = self._spent
            spent.server_seconds += after.user + after.system - before.user - before.system
            spent.client_seconds += time.process_time() - client_before
            spent.seconds += time.perf_counter() - started


def costs_of(sides: Mapping[str, Asking]) -> str:
    """What a request costs each server, for the report."""
    told = ", ".join(f"{name} {side.cost_us:.0f} µs" for name, side in sides.items())
    busiest = max(side.client_share for side in sides.values())
    return f"processor time of a request: {told}; the client was busy {busiest:.0%} of the time"
