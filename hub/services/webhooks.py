"""The webhooks of partners: where they want to be told, of what, and what they were sent."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hub.domain.errors import (
    InvalidInput,
    LimitExceeded,
    WebhookNotFound,
)
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import identifier_from, text_from
from hub.domain.webhook_signature import new_secret
from hub.domain.webhooks import (
    Delivery,
    DeliveryState,
    DisabledReason,
    Wanted,
    Webhook,
    WebhookState,
    family_of,
    types_from,
)
from hub.services.catalogue import Page, check_page_size, cursor_of, place_from
from hub.services.ids import uuid7
from hub.services.once import Outcome, done_once
from hub.services.outbound_http import OutboundHttp
from hub.services.webhook_fanout import WebhookFanout
from hub.store.database import Database
from hub.store.transactions import Transaction
from hub.store.webhook_log import read_deliveries
from hub.store.webhooks import (
    add_secret,
    add_webhook,
    change_webhook,
    delete_webhook,
    read_secret,
    read_webhook_page,
    read_webhooks,
)

MAX_FILTER: Final = 250
"""Channels, items or categories that one webhook may name."""
MAX_OVERLAP_SECONDS: Final = 7 * 86_400
DEFAULT_OVERLAP_SECONDS: Final = 86_400
"""So long the secret before the newest signs, too."""

NEEDED_SCOPES: Final = {
    "availability.*": AccessScope.AVAILABILITY_READ,
    # They name holders and orders.
    "reservation.*": AccessScope.RESERVATIONS_WRITE,
    "stock.*": AccessScope.ALERTS_READ,
}
"""What one must have the right to, to be told of these."""


class WebhookInput(NamedTuple):
    """What a webhook is to be; of a change, what is None stays as it is."""

    url: str | None = None
    types: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    skus: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    description: str | None = None
    active: bool | None = None


class WithSecret(NamedTuple):
    """A webhook and its newest secret, which is told this once."""

    webhook: Webhook
    secret: str


class Webhooks:
    """Maintains webhooks. Whoever has the scope sees his own; an admin sees all."""

    def __init__(
        self,
        database: Database,
        fanout: WebhookFanout,
        http: OutboundHttp,
        now: Callable[[], datetime],
        *,
        max_webhooks: int,
        max_page: int,
    ) -> None:
        self._database = database
        self._fanout = fanout
        self._http = http
        self._now = now
        self._max_webhooks = max_webhooks
        self._max_page = max_page

    async def create(
        self, principal: Principal, given: WebhookInput, key: str | None = None
    ) -> WithSecret:
        """Be told from now on. Raises `InvalidInput`, `LimitExceeded` and `Forbidden`; as all below
        that change something, under a key also what `done_once` raises."""
        _check_right(principal)
        now = self._now()
        await self._check_url(given)
        empty = Webhook(
            uuid7(), principal.name, "", None, Wanted(frozenset()), WebhookState.ACTIVE,
            None, None, now, now, (),
        )  # fmt: skip
        webhook = _changed(principal, empty, given)

        async def work(client: Transaction) -> Outcome:
            secret = new_secret()
            made_at = await add_webhook(client, webhook, secret, self._max_webhooks)
            if made_at is None:
                most = self._max_webhooks
                raise LimitExceeded(what="The number of webhooks", limit=most, actual=most + 1)
            await self._fanout.begin(client)
            return {"webhook": webhook.id, "secret_of": made_at.isoformat()}

        request = ("createWebhook", given)
        outcome = await done_once(self._database, principal, key, request, work)
        return await self._with_secret(principal, outcome)

    async def change(
        self, principal: Principal, id: str, given: WebhookInput, key: str | None = None
    ) -> Webhook:
        """Change where and of what to be told. One that is enabled again is told of what changes
        from then on. Raises `WebhookNotFound` and what `create` raises."""
        _check_right(principal)
        # It may take seconds, in which no transaction is open.
        await self._check_url(given)

        async def work(client: Transaction) -> Outcome:
            webhook = await self.own(principal, id, client)
            changed = _changed(principal, webhook, given)
            await change_webhook(client, changed, self._now())
            return {}

        request = ("updateWebhook", id, given)
        await done_once(self._database, principal, key, request, work)
        return await self.own(principal, id)

    async def delete(self, principal: Principal, id: str, key: str | None = None) -> None:
        """Be told no more, and forget what was sent. Raises `WebhookNotFound`."""

        async def work(client: Transaction) -> Outcome:
            webhook = await self.own(principal, id, client)
            await delete_webhook(client, webhook.id)
            return {}

        await done_once(self._database, principal, key, ("deleteWebhook", id), work)

    async def rotate_secret(
        self,
        principal: Principal,
        id: str,
        overlap_seconds: int = DEFAULT_OVERLAP_SECONDS,
        key: str | None = None,
    ) -> WithSecret:
        """Sign with a new secret; the one before signs, too, for a while. Raises `WebhookNotFound`
        and `InvalidInput`."""
        if not 0 <= overlap_seconds <= MAX_OVERLAP_SECONDS:
            raise InvalidInput(
                field="overlapSeconds", problem=f"must be between 0 and {MAX_OVERLAP_SECONDS}"
            )

        async def work(client: Transaction) -> Outcome:
            webhook = await self.own(principal, id, client)
            now = self._now()
            until = now + timedelta(seconds=overlap_seconds)
            made_at = await add_secret(client, webhook.id, new_secret(), now, until)
            return {"webhook": webhook.id, "secret_of": made_at.isoformat()}

        request = ("rotateWebhookSecret", id, overlap_seconds)
        outcome = await done_once(self._database, principal, key, request, work)
        return await self._with_secret(principal, outcome)

    async def page(self, principal: Principal, first: int, after: str | None) -> Page[Webhook]:
        """One's webhooks, the oldest first."""
        _check_right(principal)
        check_page_size(first, self._max_page)
        owner = None if AccessScope.ADMIN in principal.scopes else principal.name
        place = None if after is None else _page_place(after)
        found = await read_webhook_page(self._database, owner, place, first + 1, self._now())
        return Page(
            found[:first],
            [cursor_of([one.created_at.isoformat(), one.id]) for one in found[:first]],
            len(found) > first,
        )

    async def by_id(
        self, principal: Principal, id: str, client: Transaction | None = None
    ) -> Webhook | None:
        """The webhook, if one may see it."""
        try:
            return await self.own(principal, id, client)
        except WebhookNotFound:
            return None

    async def deliveries(
        self,
        principal: Principal,
        id: str,
        states: Sequence[DeliveryState] | None,
        first: int,
        after: str | None,
    ) -> Page[Delivery] | None:
        """What was and is to be sent to a webhook, the newest first; None where one has no such
        webhook."""
        webhook = await self.by_id(principal, id)
        if webhook is None:
            return None
        check_page_size(first, self._max_page)
        before = None if after is None else place_from(after, (int,))[0]
        found = await read_deliveries(self._database, webhook.id, states, before, first + 1)
        return Page(
            found[:first], [cursor_of([one.id]) for one in found[:first]], len(found) > first
        )

    async def _with_secret(self, principal: Principal, outcome: Outcome) -> WithSecret:
        webhook = await self.own(principal, outcome["webhook"])
        created_at = datetime.fromisoformat(outcome["secret_of"])
        secret = await read_secret(self._database, webhook.id, created_at)
        if secret is None:
            # It was replaced since, and signs no more.
            raise WebhookNotFound(id=webhook.id)
        return WithSecret(webhook, secret)

    async def own(
        self, principal: Principal, id: str, client: Transaction | None = None
    ) -> Webhook:
        """The webhook; in a transaction nobody else changes it until that ends. Raises
        `WebhookNotFound` for one that one may not see, either."""
        _check_right(principal)
        try:
            ids = [str(uuid.UUID(id))]
        except ValueError:
            ids = []
        for webhook in await read_webhooks(client or self._database, ids, self._now()):
            if webhook.owner == principal.name or AccessScope.ADMIN in principal.scopes:
                return webhook
        raise WebhookNotFound(id=id)

    async def _check_url(self, given: WebhookInput) -> None:
        if given.url is not None:
            await self._http.check(given.url)


def _changed(principal: Principal, webhook: Webhook, given: WebhookInput) -> Webhook:
    changed = webhook._replace(wanted=_wanted(principal, webhook.wanted, given))
    if given.url is not None:
        changed = changed._replace(url=given.url)
    if given.description is not None:
        # An empty one takes it away.
        described = given.description and text_from(given.description, "description")
        changed = changed._replace(description=described or None)
    if given.active is False:
        changed = changed._replace(
            state=WebhookState.DISABLED,
            disabled_reason=webhook.disabled_reason or DisabledReason.OWNER,
        )
    elif given.active:
        changed = changed._replace(state=WebhookState.ACTIVE, disabled_reason=None)
    return changed


def _check_right(principal: Principal) -> None:
    principal.require(AccessScope.WEBHOOKS_WRITE)
    principal.require_exact()


def _wanted(principal: Principal, before: Wanted, given: WebhookInput) -> Wanted:
    wanted = before
    if given.types is not None:
        wanted = wanted._replace(types=types_from(given.types))
    for name in ("channels", "skus", "categories"):
        values: Sequence[str] | None = getattr(given, name)
        if values is None:
            continue
        if len(values) > MAX_FILTER:
            raise LimitExceeded(what=f"The number of {name}", limit=MAX_FILTER, actual=len(values))
        check: Callable[[Any, str], str] = text_from if name == "categories" else identifier_from
        wanted = wanted._replace(**{name: frozenset(check(value, name) for value in values)})
    for type in wanted.types:
        principal.require(NEEDED_SCOPES[family_of(type)])
    return wanted


def _page_place(after: str) -> tuple[datetime, str]:
    time, id = place_from(after, (str, str))
    try:
        return datetime.fromisoformat(time), str(uuid.UUID(id))
    except ValueError:
        raise InvalidInput(field="after", problem="is not a cursor of this list") from None
