"""What is to be sent to webhooks, what was sent, and what came of it.

Of several deliveries about the same thing to the same webhook, the one with the highest id is sent.
Who sends one has claimed it before; a claim that is over, since its process died, is taken back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hub.domain.webhooks import DeliveryState, DisabledReason, Try
from hub.store.database import Database
from hub.store.ledger_rows import columns
from hub.store.transactions import Transaction, run_tx
from hub.store.webhooks import disable_webhook

_CLAIM_LOCK: Final = 0x48554208
"""Claims are made one after the other, so that no webhook gets more at a time than it may."""
_PUT_LOCK: Final = 0x48554209
"""Whoever puts something down sees what was put down before, so that the newest word wins."""

ADD_ROWS: Final = 2_000
"""Deliveries that are put down by one statement, which must end in time."""

INTERRUPTED: Final = "The hub ended meanwhile; what the receiver has done is not known."

# What was never sent leaves no trace where newer word takes its place.
_FORGET_OLDER = """
    delete from webhook_delivery d
    using unnest($1::uuid[], $2::text[], $3::text[]) n (webhook_id, key, event_id)
    where d.webhook_id = n.webhook_id and d.key = n.key and d.state = 'PENDING' and d.tries = 0
      and d.event_id <> n.event_id"""

_SUPERSEDE_OLDER = """
    update webhook_delivery d set state = 'SUPERSEDED', ended_at = $4
    from unnest($1::uuid[], $2::text[], $3::text[]) n (webhook_id, key, event_id)
    where d.webhook_id = n.webhook_id and d.key = n.key and d.state = 'PENDING'
      and d.event_id <> n.event_id"""

# An event that is told once more, as it may be after a crash, is the same as before.
_ADD = """
    insert into webhook_delivery
        (webhook_id, key, event_id, type, subject, channel, payload, created_at, not_before)
    select n.*, $8::timestamptz, $8::timestamptz
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         n (webhook_id, key, event_id, type, subject, channel, payload)
    where $9 or not exists (
        select from webhook_delivery d
        where d.webhook_id = n.webhook_id and d.key = n.key and d.event_id = n.event_id)
    returning id"""

_ANY_DUE = """
    select from webhook_delivery where state = 'PENDING' and not_before <= $1 limit 1"""

# A webhook that fails is asked one thing at a time, until it takes something again. Nothing that
# follows a reset is sent before it. Of very many webhooks only so many are gone through.
_CLAIM = """
    with open as materialized (
        select w.id, w.url, room.number as room
        from webhook w, lateral (
            select (case when w.failures >= $5 then 1 else $4 end) - count(*)::int as number
            from webhook_delivery s
            where s.webhook_id = w.id and s.state = 'SENDING') room
        where w.state = 'ACTIVE' and (w.paused_until is null or w.paused_until <= $1)
          and room.number > 0 and exists (
            select from webhook_delivery d
            where d.webhook_id = w.id and d.state = 'PENDING' and d.not_before <= $1)
        order by random()
        limit $3
    ), due as (
        select next.id, o.url from open o, lateral (
            select d.id from webhook_delivery d
            where d.webhook_id = o.id and d.state = 'PENDING' and d.not_before <= $1
              and not exists (
                select from webhook_delivery n
                where n.webhook_id = d.webhook_id and n.key = d.key
                  and (n.id > d.id or n.state = 'SENDING'))
              and not exists (
                select from webhook_delivery r
                where r.webhook_id = d.webhook_id and r.id < d.id and r.type = 'sync.reset'
                  and r.state in ('PENDING', 'SENDING'))
            order by d.not_before, d.id
            limit o.room
        ) next
        order by random()
        limit $3
    ), claimed as (
        update webhook_delivery d set
            state = 'SENDING', tries = d.tries + 1, claimed_until = $2,
            first_tried_at = coalesce(d.first_tried_at, $1)
        from due where d.id = due.id and d.state = 'PENDING'
        returning d.id, d.webhook_id::text as webhook, d.event_id, d.payload, d.tries,
                  d.first_tried_at, $1::timestamptz as claimed_at, due.url
    )
    select c.*, array(
        select s.secret from webhook_secret s
        where s.webhook_id = c.webhook::uuid and (s.expires_at is null or s.expires_at > $1)
        order by s.created_at desc) as secrets
    from claimed c"""

_TAKE_BACK = """
    with back as (
        update webhook_delivery set state = 'PENDING', not_before = $1, claimed_until = null
        where state = 'SENDING' and claimed_until <= $1
        returning id, tries
    )
    insert into webhook_try (delivery_id, number, tried_at, error)
    select id, tries, $1, $2 from back
    on conflict do nothing"""

# What went on beside a claim: an older one came back after a failure. What was never sent waits in
# no other's way.
_TIDY = """
    update webhook_delivery d set state = 'SUPERSEDED', ended_at = $1
    where d.state = 'PENDING' and d.tries > 0 and d.not_before <= $1 and exists (
        select from webhook_delivery n
        where n.webhook_id = d.webhook_id and n.key = d.key and n.id > d.id)"""

_BACKLOGS = """
    select w.id::text as id from webhook w
    where w.state = 'ACTIVE' and $1::bigint < (
        select count(*) from (
            select from webhook_delivery d
            where d.webhook_id = w.id and d.state = 'PENDING' limit $1::bigint + 1) waiting)"""

_RECORD_TRY = """
    insert into webhook_try (delivery_id, number, tried_at, seconds, status, error, excerpt)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing"""

_SUCCEEDED = """
    update webhook set failures = 0, failing_since = null where id = $1 and failures > 0"""

_FAILED = """
    update webhook set failures = failures + 1, failing_since = coalesce(failing_since, $2),
                       paused_until = greatest(paused_until, $3)
    where id = $1
    returning failing_since, state"""

_SETTLE = """
    update webhook_delivery d set
        state = $3, not_before = coalesce($4, d.not_before), claimed_until = null,
        ended_at = case when $3 = 'PENDING' then null else $5::timestamptz end
    where d.id = $1 and d.state = 'SENDING' and d.tries = $2"""

_IS_SUPERSEDED = """
    select exists (
        select from webhook_delivery d join webhook_delivery n
          on n.webhook_id = d.webhook_id and n.key = d.key and n.id > d.id
        where d.id = $1) as is_superseded"""


class NewDelivery(NamedTuple):
    """An event for a webhook."""

    webhook: str
    key: str
    """What the event is about."""
    event_id: str
    type: str
    subject: str
    channel: str | None
    payload: str


class Claim(NamedTuple):
    """A delivery to be sent now, by who has claimed it."""

    id: int
    webhook: str
    event_id: str
    payload: str
    tries: int
    """This one included."""
    first_tried_at: datetime
    claimed_at: datetime
    url: str
    secrets: Sequence[str]
    """The newest first."""


class Limits(NamedTuple):
    """How much is sent at a time."""

    of_webhook: int
    failures: int
    """After so many in a row, one thing at a time."""
    claim_seconds: float


class Outcome(NamedTuple):
    """What came of sending a delivery once."""

    tried: Try
    state: DeliveryState
    not_before: datetime | None = None
    """When it is sent again, if it is PENDING."""
    paused_until: datetime | None = None
    """Until when its receiver wants nothing at all."""
    disable: DisabledReason | None = None


async def add_deliveries(
    client: Transaction, new: Sequence[NewDelivery], now: datetime, *, again: bool = False
) -> list[int]:
    """Have events sent, in place of what still waits to be sent about the same; their ids. Those
    that were added before are left out, unless they are to be sent again."""
    if new:
        await lock_deliveries(client)
    added: list[int] = []
    for start in range(0, len(new), ADD_ROWS):
        values = columns(new[start : start + ADD_ROWS], len(NewDelivery._fields))
        keys = values[:3]
        await client.execute_query(_FORGET_OLDER, keys)
        await client.execute_query(_SUPERSEDE_OLDER, [*keys, now])
        rows = await client.execute_query_dict(_ADD, [*values, now, again])
        added += [row["id"] for row in rows]
    return added


async def lock_deliveries(client: Transaction) -> None:
    """Keep others from putting anything down until the transaction ends."""
    await client.execute_query("select pg_advisory_xact_lock($1)", [_PUT_LOCK])


async def claim_deliveries(
    database: Database, now: datetime, most: int, limits: Limits
) -> list[Claim]:
    """What is due, to be sent by the caller."""
    if not await database.fetch(_ANY_DUE, [now]):
        return []

    async def work(client: Transaction) -> list[Claim]:
        await client.execute_query("select pg_advisory_xact_lock($1)", [_CLAIM_LOCK])
        until = now + timedelta(seconds=limits.claim_seconds)
        rows = await client.execute_query_dict(
            _CLAIM, [now, until, most, limits.of_webhook, limits.failures]
        )
        return [Claim(**row) for row in rows]

    return await run_tx(database, work)


async def take_back_claims(database: Database, now: datetime) -> None:
    """Have what somebody has claimed and not settled sent again."""
    await database.fetch(_TAKE_BACK, [now, INTERRUPTED])


async def tidy_deliveries(database: Database, now: datetime) -> None:
    """End what waits though there is newer word of the same."""
    await database.fetch(_TIDY, [now])


async def disable_backlogs(database: Database, most: int, now: datetime) -> list[str]:
    """Disable the webhooks for which more waits than may; which those are."""
    found = [row["id"] for row in await database.fetch(_BACKLOGS, [most])]

    async def work(client: Transaction) -> list[str]:
        return [
            id for id in found if await disable_webhook(client, id, DisabledReason.BACKLOG, now)
        ]

    return await run_tx(database, work) if found else []


async def settle_delivery(
    database: Database, claim: Claim, outcome: Outcome, now: datetime
) -> DisabledReason | None:
    """Record what came of a try; why the webhook was disabled for it, if it was."""
    tried = outcome.tried

    async def work(client: Transaction) -> DisabledReason | None:
        # The webhook first, as everybody takes these locks.
        disabled = await _settle_webhook(client, claim, outcome, now)
        state = outcome.state
        if state is DeliveryState.PENDING:
            (row,) = await client.execute_query_dict(_IS_SUPERSEDED, [claim.id])
            if row["is_superseded"]:
                state = DeliveryState.SUPERSEDED
            elif disabled is not None:
                state = DeliveryState.FAILED
        await client.execute_query(_RECORD_TRY, [claim.id, *tried])
        await client.execute_query(_SETTLE, [claim.id, claim.tries, state, outcome.not_before, now])
        return disabled

    return await run_tx(database, work)


async def _settle_webhook(
    client: Transaction, claim: Claim, outcome: Outcome, now: datetime
) -> DisabledReason | None:
    if outcome.state is DeliveryState.DELIVERED:
        await client.execute_query(_SUCCEEDED, [claim.webhook])
        return None
    rows = await client.execute_query_dict(
        _FAILED, [claim.webhook, claim.claimed_at, outcome.paused_until]
    )
    if not rows:
        # It was deleted meanwhile.
        return None
    reason = outcome.disable
    if outcome.state is DeliveryState.FAILED and rows[0]["failing_since"] <= claim.first_tried_at:
        # From its first try to its last one, nothing else was taken either.
        reason = reason or DisabledReason.FAILING
    if reason is not None and not await disable_webhook(client, claim.webhook, reason, now):
        reason = None
    return reason
