"""Several hub processes on one database, and the way in by each front door."""

import itertools
import json
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from tests.e2e.processes import HubProcess, clean_environment, run_command
from tests.servers import TLS

TIMEOUT_SECONDS = 30.0
CLIENTS_PER_DOOR = 50
"""A pool of httpx looks at every connection it has for every request: many small ones, then."""

_RESERVE = """
    mutation ($input: ReserveInput!) { reserve(input: $input) {
        __typename
        ... on ReserveSuccess { reservation { id lines { sku quantity } } }
        ... on InsufficientStock { lines { sku requested available } }
    } }"""
_RELEASE = """
    mutation ($input: ReleaseReservationInput!) { releaseReservation(input: $input) {
        __typename
    } }"""
_COMMIT = """
    mutation ($input: CommitReservationInput!) { commitReservation(input: $input) {
        __typename
    } }"""

Demand = Sequence[tuple[str, int]]
"""Lines as they are sent: each an item and whole units of it."""


class Door:
    """One hub process, as a shop sees it. Whatever is neither a success nor a refusal of the
    mutation's own union fails the test."""

    def __init__(self, clients: Sequence[httpx.AsyncClient]) -> None:
        self._clients = itertools.cycle(clients)

    async def reserve(self, demand: Demand) -> dict[str, Any]:
        """What becomes of a reservation with an idempotency key of its own."""
        lines = [{"sku": sku, "quantity": units} for sku, units in demand]
        return await self._ask(_RESERVE, lines=lines, idempotencyKey=uuid4().hex)

    async def release(self, id: str) -> None:
        """Give a hold back."""
        answer = await self._ask(_RELEASE, id=id)
        assert answer["__typename"] == "ReleaseReservationSuccess", answer

    async def commit(self, id: str) -> None:
        """Turn a hold into an order of the same name."""
        answer = await self._ask(_COMMIT, id=id, order=f"order-{id}")
        assert answer["__typename"] == "CommitReservationSuccess", answer

    async def _ask(self, document: str, **given: Any) -> dict[str, Any]:
        body = {"query": document, "variables": {"input": given}}
        response = await next(self._clients).post("/graphql", json=body)
        answer = response.json()
        assert "errors" not in answer, answer
        (result,) = answer["data"].values()
        assert isinstance(result, dict)
        return result


class Fleet(NamedTuple):
    """Hub processes on one database."""

    database_url: str
    folder: Path
    processes: list[HubProcess]

    @asynccontextmanager
    async def doors(self) -> AsyncIterator[list[Door]]:
        """The way into each process."""
        async with AsyncExitStack() as stack:

            async def client_of(one: HubProcess) -> httpx.AsyncClient:
                client = httpx.AsyncClient(
                    base_url=one.url, timeout=TIMEOUT_SECONDS, verify=TLS, trust_env=False
                )
                return await stack.enter_async_context(client)

            yield [
                Door([await client_of(one) for _ in range(CLIENTS_PER_DOOR)])
                for one in self.processes
            ]

    def end(self) -> None:
        """End every process by a signal; none may have stumbled."""
        for one in self.processes:
            assert one.stop(signal.SIGTERM) == 0, one.output
            assert "Traceback" not in one.output, one.output

    def assert_sound(self) -> None:
        """The audit finds nothing."""
        audited = run_command("audit", "--json", folder=self.folder, DATABASE_URL=self.database_url)
        assert audited.returncode == 0, audited.stdout or audited.stderr
        assert json.loads(audited.stdout)["clean"] is True


@contextmanager
def running_fleet(size: int, database_url: str, folder: Path, **settings: str) -> Iterator[Fleet]:
    """So many ready hubs; those that the test has not ended are killed."""
    environment = clean_environment(DATABASE_URL=database_url, **settings)
    arguments = ("serve", "--no-jobs", "--port", "0")
    processes: list[HubProcess] = []
    try:
        # All at once: most of a start is the interpreter's, and there are several cores.
        processes.extend(
            HubProcess(*arguments, folder=folder, environment=environment) for _ in range(size)
        )
        for one in processes:
            one.wait_until_ready()
        yield Fleet(database_url, folder, processes)
    finally:
        for one in processes:
            one.kill()
