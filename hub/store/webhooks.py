"""The webhooks of partners and their secrets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from hub.domain.values import Sku
from hub.domain.webhooks import (
    DisabledReason,
    SecretPeriod,
    Wanted,
    Webhook,
    WebhookState,
)
from hub.store.database import Database
from hub.store.transactions import Transaction, rows_of

_ADVISORY_LOCK: Final = 0x48554207
"""Who adds a webhook, or sees that there is none, is alone."""

_READ = """
    select w.id::text as id, w.owner, w.url, w.description, w.types, w.channels, w.skus,
           w.categories, w.state, w.disabled_reason, w.failing_since, w.created_at,
           w.told_from,
           array(select s.created_at from webhook_secret s
                 where s.webhook_id = w.id and (s.expires_at is null or s.expires_at > $1)
                 order by s.created_at) as begun,
           array(select s.expires_at from webhook_secret s
                 where s.webhook_id = w.id and (s.expires_at is null or s.expires_at > $1)
                 order by s.created_at) as ending
    from webhook w"""

_PAGE = f"""{_READ}
    where ($2::text is null or w.owner = $2)
      and ($3::timestamptz is null or (w.created_at, w.id) > ($3, $4::uuid))
    order by w.created_at, w.id limit $5"""

# What a transaction records that is under way may be seen only after this.
_NOW_AND_LATER = """least(clock_timestamp(), (
    select min(xact_start) from pg_stat_activity
    where backend_xid is not null and datname = current_database()
      and pid <> pg_backend_pid()))"""

_INSERT = f"""
    insert into webhook (id, owner, url, description, types, channels, skus, categories, state,
                         created_at, told_from)
    select $1, $2, $3, $4, $5, $6, $7, $8, 'ACTIVE', clock_timestamp(), {_NOW_AND_LATER}"""

_ADD_KEY = """
    insert into webhook_secret (webhook_id, secret, created_at)
    values ($1, $2, clock_timestamp()) returning created_at"""

_UPDATE = f"""
    update webhook set url = $2, description = $3, types = $4, channels = $5, skus = $6,
        categories = $7, state = $8, disabled_reason = $9,
        told_from = case when $8 = state then told_from else {_NOW_AND_LATER} end,
        failing_since = case when $8 = state then failing_since end,
        failures = case when $8 = state then failures else 0 end,
        paused_until = case when $8 = state then paused_until end
    where id = $1"""  # noqa: S608 - the time is a constant

_DISABLE = """
    update webhook set state = 'DISABLED', disabled_reason = $2
    where id = $1 and state = 'ACTIVE' returning id"""

_FAIL_PENDING = """
    update webhook_delivery set state = 'FAILED', ended_at = $2
    where webhook_id = $1 and state = 'PENDING'"""

# The one before the newest signs until then; those before it sign no more.
_EXPIRE_KEYS = """
    update webhook_secret s set expires_at = least(
        s.expires_at, case when s.created_at = newest.created_at then $3::timestamptz else $2 end)
    from (select max(created_at) as created_at from webhook_secret where webhook_id = $1) newest
    where s.webhook_id = $1"""

_FORGET_KEYS = "delete from webhook_secret where webhook_id = $1 and expires_at <= $2"

_DELETE = """
    with gone as (delete from webhook where id = $1)
    delete from webhook_secret where webhook_id = $1"""


async def add_webhook(
    client: Transaction, webhook: Webhook, secret: str, most: int
) -> datetime | None:
    """Add a webhook with its secret; when that was made. None where its owner has as many as he
    may."""
    await lock_webhooks(client)
    (row,) = await client.execute_query_dict(
        "select count(*) as number from webhook where owner = $1", [webhook.owner]
    )
    if row["number"] >= most:
        return None
    await client.execute_query(
        _INSERT,
        [webhook.id, webhook.owner, webhook.url, webhook.description,
         *map(sorted, webhook.wanted)],
    )  # fmt: skip
    return await _add_key(client, webhook.id, secret)


async def are_there_webhooks(client: Transaction) -> bool:
    """Whether there is any webhook; that there is none holds until the transaction ends."""
    await lock_webhooks(client)
    (row,) = await client.execute_query_dict("select exists (select from webhook) as any_webhook")
    return bool(row["any_webhook"])


async def lock_webhooks(client: Transaction) -> None:
    """Keep others from adding webhooks until the transaction ends."""
    await client.execute_query("select pg_advisory_xact_lock($1)", [_ADVISORY_LOCK])


async def read_webhooks(
    client: Database | Transaction, ids: Iterable[str], now: datetime
) -> list[Webhook]:
    """The webhooks that exist among `ids`; in a transaction nobody else changes them until it
    ends."""
    lock = "" if isinstance(client, Database) else "for update of w"
    rows = await rows_of(client, f"{_READ} where w.id = any($2::uuid[]) {lock}", [now, list(ids)])
    return [_webhook(row) for row in rows]


async def count_active_webhooks(database: Database) -> int:
    """How many are to be told."""
    (row,) = await database.fetch("select count(*) as number from webhook where state = 'ACTIVE'")
    return int(row["number"])


async def read_active_webhooks(database: Database, now: datetime) -> list[Webhook]:
    """All that are to be told."""
    rows = await database.fetch(f"{_READ} where w.state = 'ACTIVE'", [now])
    return [_webhook(row) for row in rows]


async def read_webhook_page(
    database: Database,
    owner: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
    now: datetime,
) -> list[Webhook]:
    """Webhooks of an owner, or of all, the oldest first."""
    rows = await database.fetch(_PAGE, [now, owner, *(after or (None, None)), limit])
    return [_webhook(row) for row in rows]


async def change_webhook(client: Transaction, webhook: Webhook, now: datetime) -> None:
    """Write what a webhook is to be from now on. One that is disabled is sent nothing that waits,
    either."""
    await client.execute_query(
        _UPDATE,
        [webhook.id, webhook.url, webhook.description, *map(sorted, webhook.wanted),
         webhook.state, webhook.disabled_reason],
    )  # fmt: skip
    if webhook.state is WebhookState.DISABLED:
        await client.execute_query(_FAIL_PENDING, [webhook.id, now])


async def disable_webhook(
    client: Transaction, id: str, reason: DisabledReason, now: datetime
) -> bool:
    """Send a webhook nothing more; whether it was active until now."""
    rows = await client.execute_query_dict(_DISABLE, [id, reason])
    if rows:
        await client.execute_query(_FAIL_PENDING, [id, now])
    return bool(rows)


async def add_secret(
    client: Transaction, id: str, secret: str, now: datetime, old_until: datetime
) -> datetime:
    """Sign with a new secret, and with the one before it until then; when the new one was made."""
    await client.execute_query(_EXPIRE_KEYS, [id, now, old_until])
    await client.execute_query(_FORGET_KEYS, [id, now])
    return await _add_key(client, id, secret)


async def _add_key(client: Transaction, id: str, secret: str) -> datetime:
    (row,) = await client.execute_query_dict(_ADD_KEY, [id, secret])
    created_at: datetime = row["created_at"]
    return created_at


async def read_secret(database: Database, id: str, created_at: datetime) -> str | None:
    """The secret that was made then, if it still signs."""
    rows = await database.fetch(
        "select secret from webhook_secret where webhook_id = $1 and created_at = $2",
        [id, created_at],
    )
    return str(rows[0]["secret"]) if rows else None


async def delete_webhook(client: Transaction, id: str) -> None:
    """Remove a webhook and its secrets; its log is removed by the upkeep."""
    await client.execute_query(_DELETE, [id])


async def read_categories(database: Database, skus: Sequence[Sku]) -> dict[Sku, str | None]:
    """The categories of items."""
    rows = await database.fetch(
        "select sku, category from item where sku = any($1::text[])", [list(skus)]
    )
    return {row["sku"]: row["category"] for row in rows}


def _webhook(row: Mapping[str, Any]) -> Webhook:
    reason = row["disabled_reason"]
    return Webhook(
        id=row["id"],
        owner=row["owner"],
        url=row["url"],
        description=row["description"],
        wanted=Wanted(
            frozenset(row["types"]),
            frozenset(row["channels"]),
            frozenset(row["skus"]),
            frozenset(row["categories"]),
        ),
        state=WebhookState(row["state"]),
        disabled_reason=None if reason is None else DisabledReason(reason),
        failing_since=row["failing_since"],
        created_at=row["created_at"],
        told_from=row["told_from"],
        secrets=tuple(map(SecretPeriod, row["begun"], row["ending"])),
    )
