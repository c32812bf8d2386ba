"""Idempotency keys of what does not go through the stock writer, in the same table as its own."""

from typing import Any

import orjson

from hub.domain.commands import Idempotency
from hub.domain.errors import IdempotencyInProgress, IdempotencyMismatch
from hub.store.transactions import Transaction

_LOCK = "select pg_try_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0)) as mine"

# Keys of holds are kept with the hold.
_KNOWN = """
    select request_hash, outcome from idempotency where digest = $1
    union all
    select request_hash, null from reservation where idempotency_digest = $1"""

_KEEP = """
    insert into idempotency (digest, request_hash, outcome, recorded_at)
    values ($1, $2, $3, clock_timestamp())"""


async def read_outcome(client: Transaction, key: Idempotency) -> Any:
    """What the key was answered before, or None; nobody else uses it until the transaction ends.
    Raises `IdempotencyMismatch` and `IdempotencyInProgress`."""
    (row,) = await client.execute_query_dict(_LOCK, [key.digest])
    if not row["mine"]:
        raise IdempotencyInProgress(key=key.key)
    for row in await client.execute_query_dict(_KNOWN, [key.digest]):
        if row["request_hash"] != key.request_hash or row["outcome"] is None:
            raise IdempotencyMismatch(key=key.key)
        return orjson.loads(row["outcome"])
    return None


async def keep_outcome(client: Transaction, key: Idempotency, outcome: Any) -> None:
    """Answer the key so from now on."""
    await client.execute_query(
        _KEEP, [key.digest, key.request_hash, orjson.dumps(outcome).decode()]
    )
