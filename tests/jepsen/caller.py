"""One client over HTTP: it asks, and asks again under the same key until it knows the answer."""

import asyncio
from random import Random
from typing import Any

import httpx
import orjson

from hub.domain.values import UNIT
from tests.jepsen.cluster import Cluster
from tests.jepsen.history import (
    AdjustStock,
    Asked,
    Attempt,
    Commit,
    Extend,
    History,
    Look,
    Operation,
    Outcome,
    Release,
    Reserve,
    Send,
    SetStock,
)
from tests.servers import TLS

TIMEOUT_SECONDS = 10.0
IMPATIENT_SECONDS = (0.001, 0.03)
IMPATIENT_SHARE = 0.05
ASKS_AGAIN_SHARE = 0.1
PAUSE_SECONDS = (0.02, 0.3)

_RESERVATION = """{ id state channel holder order version createdAt expiresAt endedReason
    lines { sku location quantity held allocated fulfilled released } }"""
_POSITION = """{ sku location onHand unavailable allocated reserved incoming shortfall version
    countedAt }"""


def _mutation(name: str, told: str) -> str:
    kind = name[0].upper() + name[1:]
    ended = "... on ReservationEnded { id state endedReason }" if "Reservation" in name else ""
    return f"""mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ __typename
        ... on {kind}Success {{ {told} }} ... on HubError {{ code message }} {ended} }} }}"""


_RESERVE = _mutation("reserve", f"reservation {_RESERVATION}")
_COMMIT = _mutation("commitReservation", f"reservation {_RESERVATION}")
_RELEASE = _mutation("releaseReservation", f"reservation {_RESERVATION}")
_EXTEND = _mutation("extendReservation", f"reservation {_RESERVATION}")
_SET_STOCK = _mutation("setStock", f"applied note position {_POSITION}")
_ADJUST_STOCK = _mutation("adjustStock", f"position {_POSITION}")
_LOOK = f"query ($id: ID!) {{ reservation(id: $id) {_RESERVATION} }}"


class Caller:
    """A client with connections of its own, that writes down everything it asks and hears."""

    def __init__(self, name: str, cluster: Cluster, history: History, rng: Random) -> None:
        self.name = name
        self.rng = rng
        self._cluster = cluster
        self._history = history
        self._count = 0
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, verify=TLS, trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def new_name(self, what: str) -> str:
        """A name that nobody has used yet."""
        self._count += 1
        return f"{self.name}-{what}-{self._count}"

    async def ask(self, asked: Asked) -> Operation:
        """The operation, once its outcome is known; now and then it is asked once more."""
        key = self.new_name(type(asked).__name__.lower())
        operation = self._history.begin(Operation(key, self.name, asked))
        while not operation.known:
            await self.attempt(operation)
            if not operation.known:
                await asyncio.sleep(self.rng.uniform(*PAUSE_SECONDS))
        if self.rng.random() < ASKS_AGAIN_SHARE:
            await self.attempt(operation)
        return operation

    async def attempt(self, operation: Operation) -> None:
        """Ask once, of any server, for as long as patience lasts."""
        server = self.rng.choice(self._cluster.servers)
        impatient = self.rng.random() < IMPATIENT_SHARE
        timeout = self.rng.uniform(*IMPATIENT_SECONDS) if impatient else TIMEOUT_SECONDS
        path, body = _request(operation)
        server.in_flight += 1
        invoked = self._history.clock()
        try:
            response = await self._client.post(server.address + path, json=body, timeout=timeout)
        except httpx.TransportError as error:
            outcome, answer = Outcome.MAYBE, repr(error)
        else:
            outcome, answer = _outcome_of(response), response.text
        finally:
            server.in_flight -= 1
        completed = self._history.clock()
        operation.attempts.append(Attempt(server.name, invoked, completed, outcome, answer))


def _outcome_of(response: httpx.Response) -> Outcome:
    """A server error is no answer: what was asked may have been done."""
    if response.status_code >= 500:
        return Outcome.MAYBE
    body = orjson.loads(response.content)
    if response.status_code == 202:
        return Outcome.OK
    if response.status_code == 200 and body.get("data") and not body.get("errors"):
        answer = next(iter(body["data"].values()))
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "IDEMPOTENCY_IN_PROGRESS":
            # The first try is still under way: what becomes of it is not told yet.
            return Outcome.MAYBE
        return Outcome.REFUSED if code else Outcome.OK
    codes = {error.get("extensions", {}).get("code") for error in body.get("errors", ())}
    if codes and codes <= {"UNAVAILABLE", "INTERNAL"}:
        return Outcome.MAYBE
    raise AssertionError(f"The request itself is wrong: {response.status_code} {response.text}")


def _request(operation: Operation) -> tuple[str, Any]:
    """Path and body of an operation."""
    asked = operation.asked
    if isinstance(asked, Send):
        event = {
            "specversion": "1.0",
            "id": operation.key,
            "source": asked.source,
            "type": asked.type,
            "data": asked.data,
        }
        return f"/ingest/{asked.source}", event
    if isinstance(asked, Look):
        return "/graphql", {"query": _LOOK, "variables": {"id": asked.reservation}}
    document, given = _mutation_of(operation, asked)
    given["idempotencyKey"] = operation.key
    return "/graphql", {"query": document, "variables": {"input": given}}


def _mutation_of(
    operation: Operation, asked: Reserve | Commit | Release | Extend | SetStock | AdjustStock
) -> tuple[str, dict[str, Any]]:
    key = operation.key
    match asked:
        case Reserve(lines, ttl):
            told = [{"sku": sku, "quantity": units / UNIT} for sku, units in lines.items()]
            return _RESERVE, {"lines": told, "holder": key, "ttlSeconds": ttl}
        case Commit(reservation, order):
            return _COMMIT, {"id": reservation, "order": order}
        case Release(reservation):
            return _RELEASE, {"id": reservation, "reason": key}
        case Extend(reservation, ttl):
            return _EXTEND, {"id": reservation, "ttlSeconds": ttl}
        case SetStock(sku, location, on_hand):
            given = {"sku": sku, "location": location, "onHand": on_hand / UNIT, "reason": key}
            return _SET_STOCK, given
        case AdjustStock(sku, location, delta):
            given = {"sku": sku, "location": location, "delta": delta / UNIT, "reason": key}
            return _ADJUST_STOCK, given
