"""Writing what a comparison has found: its head, its items as they are found, then its sums.

All of it is inside one transaction of the caller's, so that there is no comparison that is half
there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
import orjson

from hub.domain.errors import Unavailable
from hub.domain.guard_rails import Tripped
from hub.domain.reconciliations import (
    DriftCause,
    DriftItem,
    DriftOfCause,
    DriftState,
    ReconciliationKind,
    ReconciliationPolicy,
)
from hub.domain.values import Quantity
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY, connection_arguments
from hub.store.reconciliations import ASK

_BEGIN: Final = """
    insert into reconciliation (kind, source, name, policy, actor, as_of, compared, refused_rows,
                                report)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb) returning id"""

_END: Final = """
    update reconciliation set drifted = $2, units = $3, kept = $4, open = $5,
        causes = $6::text::jsonb
    where id = $1"""

_ITEM: Final = ("run", "number", "sku", "location", "hub", "source", "correction", "cause",
                "evidence", "version", "state")  # fmt: skip


class Begun(NamedTuple):
    """What is known of a comparison before its items are looked at."""

    kind: ReconciliationKind
    source: str
    name: str
    policy: ReconciliationPolicy
    actor: str
    as_of: datetime | None
    compared: int
    refused_rows: int
    report: Sequence[Tripped]


async def begin_run(connection: asyncpg.Connection, begun: Begun) -> int:
    """Put the head of a comparison down; its number."""
    report = orjson.dumps([one._asdict() for one in begun.report]).decode()
    id: int = await connection.fetchval(
        _BEGIN, begun.kind.value, begun.source, begun.name, begun.policy.value, begun.actor,
        begun.as_of, begun.compared, begun.refused_rows, report,
    )  # fmt: skip
    return id


async def add_items(connection: asyncpg.Connection, run: int, items: Sequence[DriftItem]) -> None:
    """Add items that differ."""
    rows = [
        (run, i.number, i.sku, i.location, i.hub, i.source, i.correction, i.cause.value,
         orjson.dumps(i.evidence).decode(), i.version, i.state.value)
        for i in items
    ]  # fmt: skip
    await connection.copy_records_to_table("reconciliation_item", records=rows, columns=_ITEM)


async def end_run(
    connection: asyncpg.Connection, run: int, causes: Sequence[DriftOfCause], kept: int
) -> None:
    """Put the sums down, once all items are there."""
    drifted = sum(one.items for one in causes)
    units = sum(one.units for one in causes)
    opened = await connection.fetchval(
        "select count(*) from reconciliation_item where run = $1 and state = $2",
        run, DriftState.OPEN.value,
    )  # fmt: skip
    text = orjson.dumps([list(one) for one in causes]).decode()
    await connection.execute(_END, run, drifted, units, kept, opened, text)


async def note_on(connection: asyncpg.Connection, run: int, note: str) -> None:
    """Note why the policy has left all to a person."""
    await connection.execute("update reconciliation set note = $2 where id = $1", run, note)


async def put_run(
    database_url: str, begun: Begun, items: Sequence[DriftItem], causes: Sequence[DriftOfCause]
) -> None:
    """Put a whole comparison down. Raises `Unavailable`."""
    try:
        connection = await asyncpg.connect(**connection_arguments(database_url))
        try:
            async with connection.transaction():
                run = await begin_run(connection, begun)
                await add_items(connection, run, items)
                await end_run(connection, run, causes, len(items))
        finally:
            await connection.close(timeout=2)
    except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
        raise Unavailable from lost


async def ask_by_policy(
    connection: asyncpg.Connection,
    run: int,
    by: str,
    reason: str,
    causes: Iterable[DriftCause],
    max_units: Quantity,
) -> int:
    """Have what is open of these causes booked, up to so many units each; how many items."""
    names = [cause.value for cause in causes]
    asked: int = await connection.fetchval(ASK, run, by, reason, names, None, max_units, None)
    return asked
