"""The log of what was sent to webhooks: reading it, and forgetting what is old."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from hub.domain.webhooks import Delivery, DeliveryState, Try
from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of
from hub.store.webhook_deliveries import NewDelivery

FORGET_ROWS: Final = 5_000

_LOG = """
    select d.id, d.webhook_id::text as webhook, d.event_id, d.type, d.subject, d.channel,
           d.payload, d.state, d.created_at, d.not_before, d.ended_at
    from webhook_delivery d"""

_PAGE = f"""{_LOG}
    where d.webhook_id = $1 and ($2::text[] is null or d.state = any($2))
      and ($3::bigint is null or d.id < $3)
    order by d.id desc limit $4"""

_TRIES = """
    select delivery_id, number, tried_at, seconds, status, error, excerpt from webhook_try
    where delivery_id = any($1::bigint[]) order by delivery_id, number"""

_KEY = """
    select case when exists (
        select from webhook_delivery n
        where n.webhook_id = d.webhook_id and n.key = d.key and n.id > d.id
            and n.event_id <> d.event_id)
    then 'old/' || d.id else d.key end as key
    from webhook_delivery d where d.id = $1"""

# The newest word of each thing, where no newer one has arrived.
_FAILED_ONES = """
    select distinct on (d.key) d.webhook_id, d.key, d.event_id, d.type, d.subject, d.channel,
           d.payload
    from webhook_delivery d
    where d.webhook_id = $1 and d.state = 'FAILED' and not exists (
        select from webhook_delivery n
        where n.webhook_id = d.webhook_id and n.key = d.key and n.id > d.id)
    order by d.key, d.id desc limit $2"""

_FORGET_ENDED = """
    with gone as (
        delete from webhook_delivery where id in (
            select id from webhook_delivery where ended_at < $1 limit $2)
        returning id
    ), tries as (delete from webhook_try t using gone where t.delivery_id = gone.id)
    select count(*) as rows from gone"""

_FORGET_ORPHANS = """
    with gone as (
        delete from webhook_delivery where id in (
            select d.id from webhook_delivery d
            where not exists (select from webhook w where w.id = d.webhook_id) limit $1)
        returning id
    ), tries as (delete from webhook_try t using gone where t.delivery_id = gone.id)
    select count(*) as rows from gone"""


async def read_deliveries(
    database: Database,
    webhook: str,
    states: Iterable[DeliveryState] | None,
    before: int | None,
    limit: int,
) -> list[Delivery]:
    """The log of a webhook, the newest first."""
    wanted = None if states is None else list(states)
    return await _with_tries(
        database, await database.fetch(_PAGE, [webhook, wanted, before, limit])
    )


async def read_delivery(client: Database | Transaction, id: int) -> Delivery | None:
    """A delivery, if there is one with this id."""
    found = await _with_tries(client, await rows_of(client, f"{_LOG} where d.id = $1", [id]))
    return found[0] if found else None


async def read_failed(client: Transaction, webhook: str, limit: int) -> list[NewDelivery]:
    """What has failed and is still the newest word, to be sent again."""
    rows = await rows_of(client, _FAILED_ONES, [webhook, limit])
    return [NewDelivery(str(row.pop("webhook_id")), **row) for row in rows]


async def read_key(client: Transaction, id: int) -> str:
    """What a delivery is about; where newer word of it was put down, it stands for itself."""
    (row,) = await rows_of(client, _KEY, [id])
    return str(row["key"])


async def forget_deliveries(database: Database, ended_before: datetime) -> int:
    """Remove what has ended before then, and what is of no webhook any more; how many that were."""
    forgotten = 0
    for statement, values in (
        (_FORGET_ENDED, [ended_before, FORGET_ROWS]),
        (_FORGET_ORPHANS, [FORGET_ROWS]),
    ):
        while rows := (await database.fetch(statement, values))[0]["rows"]:
            forgotten += rows
    return forgotten


async def _with_tries(
    client: Database | Transaction, rows: Sequence[Mapping[str, Any]]
) -> list[Delivery]:
    tries: dict[int, list[Try]] = {row["id"]: [] for row in rows}
    if rows:
        for row in await rows_of(client, _TRIES, [list(tries)]):
            tries[row.pop("delivery_id")].append(Try(**row))
    return [
        Delivery(**{**row, "state": DeliveryState(row["state"])}, tries=tuple(tries[row["id"]]))
        for row in rows
    ]
