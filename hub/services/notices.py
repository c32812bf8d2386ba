"""Who wants to hear that an item is back: asked for once, given once."""

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from hub.domain.errors import InvalidInput, NoticeLimitReached, NoticeNotFound, UnknownSku
from hub.domain.notices import Notice
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Quantity, identifier_from
from hub.services.ids import uuid7
from hub.services.once import Outcome, done_once
from hub.services.requests import owner_of
from hub.services.rules import RulesCache
from hub.store.catalogue import read_items
from hub.store.database import Database
from hub.store.notices import (
    Live,
    NewNotice,
    add_notice,
    cancel_notice,
    live_notices,
    read_notices,
)
from hub.store.transactions import Transaction


class NoticeLimits(NamedTuple):
    """How many notices one holder and one address may wait for; None: as many as they like."""

    per_holder: int | None = None
    per_address: int | None = None

    def check(self, live: Live) -> None:
        """Raise `NoticeLimitReached` where they wait for more than they may."""
        for what, limit, actual in (
            ("holder", self.per_holder, live.of_holder),
            ("address", self.per_address, live.of_address),
        ):
            if limit is not None and actual > limit:
                raise NoticeLimitReached(what=what, limit=limit)


class Notices:
    """Keeps the line of those who wait for an item. They are served by
    `hub.services.followed_items`, the first first."""

    def __init__(self, database: Database, rules: RulesCache, limits: NoticeLimits) -> None:
        self._database = database
        self._rules = rules
        self._limits = limits

    async def ask(
        self,
        principal: Principal,
        sku: str,
        reference: str,
        channel: str | None = None,
        quantity: Quantity = UNIT,
        holder: str | None = None,
        address: str | None = None,
        idempotency_key: str | None = None,
    ) -> Notice:
        """Ask to hear once that so many units of an item can be had. Who waits under the same
        reference already goes on waiting as he did. The address of a principal that has one
        counts, and not the one that is given.

        Raises `UnknownSku`, `UnknownChannel`, `NoticeLimitReached`, `InvalidInput` and the
        idempotency errors.
        """
        principal.require(AccessScope.NOTICES_WRITE)
        address = principal.address or address
        _check_reference(reference)
        for name, text in (("holder", holder), ("address", address)):
            if text is not None:
                identifier_from(text, name)
        if quantity <= 0:
            raise InvalidInput(field="quantity", problem="must be above 0")
        asked = (sku, reference, channel, quantity, holder, address)
        chosen = self._rules.current.channel(channel).id
        if not await read_items(self._database, [sku]):
            raise UnknownSku(skus=[sku])
        wanted, owner = uuid7(), owner_of(principal)

        async def work(transaction: Transaction) -> Outcome:
            waiting = await add_notice(
                transaction,
                NewNotice(wanted, sku, chosen, quantity, reference, owner, holder, address),
            )
            if waiting == wanted:
                self._limits.check(await live_notices(transaction, holder, address, *self._limits))
            return {"notice": waiting}

        request = ("notify_when_back", *asked)
        outcome = await done_once(self._database, principal, idempotency_key, request, work)
        (notice,) = await read_notices(self._database, [outcome["notice"]])
        return notice

    async def cancel(
        self, principal: Principal, id: str, idempotency_key: str | None = None
    ) -> Notice:
        """Wait no longer; one that was given or cancelled stays so. Whoever has the id may. Raises
        `NoticeNotFound`, `InvalidInput` and the idempotency errors."""
        principal.require(AccessScope.NOTICES_WRITE)
        try:
            known = str(uuid.UUID(id))
        except ValueError:
            raise NoticeNotFound(id=id) from None

        async def work(transaction: Transaction) -> Outcome:
            if not await cancel_notice(transaction, known):
                raise NoticeNotFound(id=id)
            return {}

        request = ("cancel_notice", id)
        await done_once(self._database, principal, idempotency_key, request, work)
        (notice,) = await read_notices(self._database, [known])
        return notice

    async def by_ids(self, principal: Principal, ids: Iterable[str]) -> list[Notice]:
        """The notices that exist among `ids`, in the order in which they were asked for: for those
        who deliver them."""
        principal.require(AccessScope.ALERTS_READ)
        return await read_notices(self._database, ids)


def _check_reference(reference: str) -> None:
    identifier_from(reference, "reference")
    if "@" in reference:
        problem = "must be a reference of yours, not an address: nothing personal is kept here"
        raise InvalidInput(field="reference", problem=problem)
