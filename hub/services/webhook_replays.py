"""Sending webhooks something once more, or for a try."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.errors import DeliveryNotFound, InvalidInput, WebhookDisabled
from hub.domain.principal import AccessScope, Principal
from hub.domain.webhooks import Delivery, Webhook, WebhookState
from hub.services.event_consumer import EventConsumer, Manner
from hub.services.ids import uuid7
from hub.services.once import Outcome, done_once
from hub.services.webhook_fanout import delivery_of, payload_of, replay_name
from hub.services.webhooks import Webhooks
from hub.store.change_log import is_cursor_of_this_log
from hub.store.database import Database
from hub.store.event_consumers import read_cursor_before
from hub.store.transactions import Transaction
from hub.store.webhook_deliveries import NewDelivery, add_deliveries, lock_deliveries
from hub.store.webhook_log import read_delivery, read_failed, read_key

MAX_REPLAYED: Final = 10_000
"""Failed deliveries that are sent again at a time."""


class WebhookReplays:
    """What owners of webhooks have sent. Under an idempotency key each also raises what `done_once`
    raises."""

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks,
        consumers: Callable[[str, Manner], EventConsumer],
        now: Callable[[], datetime],
        source: str,
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._consumers = consumers
        self._now = now
        self._source = source

    async def test(self, principal: Principal, id: str, key: str | None = None) -> Delivery:
        """Send a webhook an event that tells nothing. Raises `WebhookNotFound` and
        `WebhookDisabled`."""

        async def new(client: Transaction) -> NewDelivery:
            webhook = await self._active(principal, id, client)
            event = CloudEvent(
                f"test-{uuid7()}", EventType.WEBHOOK_TEST, webhook.id, self._now(), None, {}
            )
            return delivery_of(webhook.id, event, payload_of(event, self._source))

        return await self._sent(principal, key, ("testWebhook", id), new)

    async def replay_delivery(
        self, principal: Principal, id: str, key: str | None = None
    ) -> Delivery:
        """Send a delivery once more, as it was, beside what is newer. Raises `DeliveryNotFound`
        and `WebhookDisabled`."""

        async def new(client: Transaction) -> NewDelivery:
            found = await read_delivery(client, _delivery_id(id))
            webhook = found and await self._webhooks.by_id(principal, found.webhook, client)
            if found is None or webhook is None:
                raise DeliveryNotFound(id=id)
            _check_active(webhook)
            about = await read_key(client, found.id)
            return NewDelivery(
                webhook.id, about, found.event_id, found.type, found.subject, found.channel,
                found.payload,
            )  # fmt: skip

        principal.require(AccessScope.WEBHOOKS_WRITE)
        return await self._sent(principal, key, ("replayWebhookDelivery", id), new)

    async def replay_failed(self, principal: Principal, id: str, key: str | None = None) -> int:
        """Send what has failed once more, where nothing newer was said of the same; how many that
        are, at most `MAX_REPLAYED`. Raises `WebhookNotFound` and `WebhookDisabled`."""

        async def work(client: Transaction) -> Outcome:
            webhook = await self._active(principal, id, client)
            # What is put down from here on is newer, and takes the place of what is sent again.
            await lock_deliveries(client)
            failed = await read_failed(client, webhook.id, MAX_REPLAYED)
            return {"deliveries": len(await self._put(client, failed))}

        request = ("replayWebhook", id, "failed")
        outcome = await done_once(self._database, principal, key, request, work)
        return int(outcome["deliveries"])

    async def replay_since(
        self,
        principal: Principal,
        id: str,
        since: datetime | None,
        cursor: str | None,
        key: str | None = None,
    ) -> None:
        """Tell a webhook of what has changed since a time, or behind the cursor of a feed, as it is
        now. Where the log does not reach back so far, it is told a reset, and everything. Raises
        `WebhookNotFound`, `WebhookDisabled` and `InvalidInput`."""
        if (since is None) is (cursor is None):
            raise InvalidInput(field="since", problem="or a cursor must be given, not both")

        async def work(client: Transaction) -> Outcome:
            webhook = await self._active(principal, id, client)
            if cursor is None:
                assert since is not None
                after = await read_cursor_before(client, since)
            elif await is_cursor_of_this_log(client, cursor):
                after = cursor
            else:
                raise InvalidInput(field="after", problem="is not a cursor of this hub's log")
            consumer = self._consumers(replay_name(webhook.id), Manner.AGAIN)
            await consumer.begin_anew(after, client)
            return {}

        request = ("replayWebhook", id, since, cursor)
        await done_once(self._database, principal, key, request, work)

    async def _sent(
        self,
        principal: Principal,
        key: str | None,
        request: tuple[str, ...],
        new: Callable[[Transaction], Awaitable[NewDelivery]],
    ) -> Delivery:
        async def work(client: Transaction) -> Outcome:
            await lock_deliveries(client)
            (id,) = await self._put(client, [await new(client)])
            return {"delivery": id}

        outcome = await done_once(self._database, principal, key, request, work)
        found = await read_delivery(self._database, outcome["delivery"])
        if found is None:
            raise DeliveryNotFound(id=str(outcome["delivery"]))
        return found

    async def _put(self, client: Transaction, new: Sequence[NewDelivery]) -> list[int]:
        return await add_deliveries(client, new, self._now(), again=True)

    async def _active(self, principal: Principal, id: str, client: Transaction) -> Webhook:
        webhook = await self._webhooks.own(principal, id, client)
        _check_active(webhook)
        return webhook


def _check_active(webhook: Webhook) -> None:
    if webhook.state is not WebhookState.ACTIVE:
        raise WebhookDisabled(id=webhook.id)


def _delivery_id(id: str) -> int:
    if not (id.isdecimal() and id.isascii() and len(id) < 19):
        raise DeliveryNotFound(id=id)
    return int(id)
