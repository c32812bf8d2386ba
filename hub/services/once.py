"""What is done under an idempotency key is done once."""

from collections.abc import Awaitable, Callable
from typing import Any

from hub.domain.principal import Principal
from hub.services.requests import origin_of
from hub.store.database import Database
from hub.store.idempotency import keep_outcome, read_outcome
from hub.store.transactions import Transaction, run_tx

Outcome = dict[str, Any]
"""What an answer can be put together from again, as JSON."""


async def done_once(
    database: Database,
    principal: Principal,
    key: str | None,
    request: tuple[Any, ...],
    work: Callable[[Transaction], Awaitable[Outcome]],
) -> Outcome:
    """The outcome of `work`, in a transaction; if the same was asked under the key before, the
    outcome of then. A refusal is not kept. `request` begins with the name of what is asked. Raises
    `IdempotencyMismatch`, `IdempotencyInProgress` and `InvalidInput`."""
    idempotency = origin_of(principal, key, *request).idempotency

    async def keyed(client: Transaction) -> Outcome:
        if idempotency is None:
            return await work(client)
        known: Outcome | None = await read_outcome(client, idempotency)
        if known is None:
            known = await work(client)
            await keep_outcome(client, idempotency, known)
        return known

    return await run_tx(database, keyed)
