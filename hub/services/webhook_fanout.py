"""What happens is put down for each webhook that wants to know it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import orjson

from hub.domain.cloud_event import CloudEvent
from hub.domain.values import Sku
from hub.domain.webhooks import ALWAYS_TOLD, Webhook, WebhookState, key_of, skus_of
from hub.services.event_consumer import EventBatch, EventConsumer, Manner
from hub.store.database import Database
from hub.store.event_consumers import Overtaken, read_consumers
from hub.store.transactions import Transaction
from hub.store.webhook_deliveries import NewDelivery, add_deliveries
from hub.store.webhooks import (
    are_there_webhooks,
    count_active_webhooks,
    read_active_webhooks,
    read_categories,
    read_webhooks,
)

CONSUMER: Final = "webhooks"
_REPLAY: Final = "webhook-replay:"
_SLICE_EVENTS: Final = 50
"""So many are looked at before others of the process have their turn."""

MAX_DELIVERIES: Final = 5_000
"""About so many are put down in one transaction, for each channel: it must end long before another
process takes the consumer over."""

Consumers = Callable[[str, Manner], EventConsumer]


def replay_name(webhook: str) -> str:
    """The consumer that tells a webhook once more what was told before."""
    return _REPLAY + webhook


class WebhookFanout:
    """Takes the events as they come, one batch after the other, and the replays."""

    def __init__(
        self,
        database: Database,
        consumers: Consumers,
        now: Callable[[], datetime],
        source: str,
    ) -> None:
        self._database = database
        self._consumers = consumers
        self._now = now
        self._source = source
        self._news = consumers(CONSUMER, Manner.CHANGES)
        self._replays: dict[str, EventConsumer] = {}
        self._is_unused = False

    async def begin(self, client: Transaction) -> None:
        """Take the events from here on, unless they are taken already."""
        await self._news.begin(client=client)

    async def step(self) -> int:
        """Put down the next events; how many were looked at, 0 where there is nothing more now."""
        number = await count_active_webhooks(self._database)
        if not number and not self._is_unused:
            # Where nobody is told anything, nothing has to be worked out.
            self._is_unused = await self._news.forget(unless=are_there_webhooks)
        if not number:
            return 0
        self._is_unused = False
        most = max(1, MAX_DELIVERIES // number)
        looked_at = await self._take_news(most)
        for name in await read_consumers(self._database, _REPLAY):
            looked_at += await self._replay(name)
        return looked_at

    async def let_go(self) -> None:
        """Let another process go on."""
        for consumer in (self._news, *self._replays.values()):
            await consumer.let_go()

    async def _take_news(self, most: int) -> int:
        batch = await self._news.next(most)
        if batch is None:
            await self._news.begin()
            return 0
        # Read after what they are told of: who is added in between is told, too.
        webhooks = await read_active_webhooks(self._database, self._now()) if batch.events else []
        return await self._take(self._news, batch, webhooks, again=False)

    async def _replay(self, name: str) -> int:
        consumer = self._replays.get(name)
        if consumer is None:
            consumer = self._replays[name] = self._consumers(name, Manner.AGAIN)
        batch = await consumer.next()
        looked_at = 0
        if batch is not None:
            found = await read_webhooks(self._database, [name.removeprefix(_REPLAY)], self._now())
            one = [webhook for webhook in found if webhook.state is WebhookState.ACTIVE]
            if one:
                looked_at = await self._take(consumer, batch, one, again=True)
            if not one or batch.is_last:
                await consumer.end()
        if not looked_at:
            del self._replays[name]
        return looked_at

    async def _take(
        self,
        consumer: EventConsumer,
        batch: EventBatch,
        webhooks: Sequence[Webhook],
        *,
        again: bool,
    ) -> int:
        """Put down one batch of a consumer; at least 1 where there may be more."""
        new = await self._deliveries(batch.events, webhooks, again)
        try:
            await consumer.save(batch, partial(self._put, new, again))
        except Overtaken:
            return 0
        return 0 if batch.is_last else max(1, len(batch.events))

    async def _put(self, new: Sequence[NewDelivery], again: bool, client: Transaction) -> None:
        await add_deliveries(client, new, self._now(), again=again)

    async def _deliveries(
        self, events: Sequence[CloudEvent], webhooks: Sequence[Webhook], again: bool
    ) -> list[NewDelivery]:
        category_of: Mapping[Sku, str | None] = {}
        if any(webhook.wanted.categories for webhook in webhooks):
            skus = {sku for event in events for sku in skus_of(event)}
            category_of = await read_categories(self._database, sorted(skus))
        new: list[NewDelivery] = []
        for number, event in enumerate(events, 1):
            wanting = [
                webhook
                for webhook in webhooks
                if webhook.wanted.takes(event, category_of)
                and (again or event.type in ALWAYS_TOLD or event.time >= webhook.told_from)
            ]
            if wanting:
                payload = payload_of(event, self._source)
                new += [delivery_of(webhook.id, event, payload) for webhook in wanting]
            if number % _SLICE_EVENTS == 0:
                await asyncio.sleep(0)
        return new


def payload_of(event: CloudEvent, source: str) -> str:
    """The body of an event: the same bytes each time it is sent."""
    return orjson.dumps(event.as_dict(source), option=orjson.OPT_UTC_Z).decode()


def delivery_of(webhook: str, event: CloudEvent, payload: str) -> NewDelivery:
    """An event for a webhook."""
    return NewDelivery(
        webhook, key_of(event), event.id, event.type, event.subject, event.channel, payload
    )
