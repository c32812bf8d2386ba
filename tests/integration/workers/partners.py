"""Partners with webhooks, and the job that tells them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.bootstrap import Services
from hub.domain.webhooks import Delivery, DeliveryState, Webhook
from hub.services.outbound_http import OutboundHttp
from hub.services.webhook_sender import WebhookSender
from hub.services.webhooks import WebhookInput
from tests.integration.receiver import Receiver
from tests.integration.shop import CLERK
from tests.waiting import eventually
from workers.webhooks import Webhooks

ANY = ("availability.*", "reservation.*")


async def webhook_to(
    services: Services, receiver: Receiver, types: Sequence[str] = ANY, **given: Any
) -> Webhook:
    """A webhook that leads to a receiver, which knows its secret."""
    created = await services.webhooks.create(
        CLERK, WebhookInput(url=receiver.url, types=types, **given)
    )
    receiver.secret = created.secret
    return created.webhook


@asynccontextmanager
async def telling(services: Services) -> AsyncIterator[None]:
    """The job runs meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(Webhooks(services).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def put_down(services: Services) -> None:
    """Have all that has happened put down for the webhooks that want it."""
    while await services.webhook_fanout.step():
        pass


async def send_due(sender: WebhookSender) -> int:
    """Send what is due until nothing is; how many requests that were."""
    sent = 0
    while claims := await sender.claim(100):
        await asyncio.gather(*map(sender.send, claims))
        sent += len(claims)
    return sent


async def deliveries(services: Services, webhook: Webhook) -> list[Delivery]:
    """What a webhook was and is to be sent, the oldest first."""
    page = await services.webhooks.deliveries(CLERK, webhook.id, None, 100, None)
    assert page is not None
    return page.nodes[::-1]


async def states(services: Services, webhook: Webhook) -> list[DeliveryState]:
    """What became of it."""
    return [one.state for one in await deliveries(services, webhook)]


async def all_delivered(services: Services, webhook: Webhook) -> None:
    """Wait until nothing is left to send."""
    await eventually(
        lambda: states(services, webhook),
        lambda found: set(found) == {DeliveryState.DELIVERED},
        within_seconds=20,
    )


async def now_of(services: Services, webhook: Webhook) -> Webhook:
    """A webhook as it is now."""
    found = await services.webhooks.by_id(CLERK, webhook.id)
    assert found is not None
    return found


class Clock:
    """A clock that can be moved ahead by hand."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_by(self, time: timedelta) -> None:
        """Let some time pass."""
        self._ahead += time


@asynccontextmanager
async def sender_at(services: Services, clock: Clock, **given: Any) -> AsyncIterator[WebhookSender]:
    """A sender that lives by another clock."""
    http = OutboundHttp(
        allow_private=given.pop("allow_private", True),
        timeout_seconds=given.get("timeout_seconds", 15),
        max_connections=100,
    )
    options = {"requests_each": 4, "timeout_seconds": 15, "max_backlog": 1_000, "log_days": 30}
    sender = WebhookSender(services.database, http, clock, **(options | given))
    try:
        yield sender
    finally:
        await sender.close()
