"""What the other sides of sales channels are to have: it follows the events out, and the hub is
asked when something is pushed, so that a quantity that changed a hundred times is sent once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain.channel_targets import Ids, Target, units_to_push
from hub.domain.cloud_event import EventType
from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope, Principal, trusted
from hub.domain.values import Scope, identifier_from
from hub.services.event_consumer import EventConsumer
from hub.services.lookup import Lookup
from hub.store.channel_reconciliation import (
    Drift,
    Problem,
    TargetStatus,
    ask_for_pass,
    read_drifted,
    read_problems,
    read_status,
)
from hub.store.channel_sync import (
    Mapped,
    begin_target,
    map_ids,
    note_changed,
    read_claimed,
    read_to_ask,
    want,
)
from hub.store.database import Database
from hub.store.transactions import Transaction

ASKED_ITEMS = 250
"""Items that the hub is asked for at a time."""
MAX_MAPPED_IDS = 10_000
SHOWN_ITEMS = 100
"""As many items as a status shows of each kind."""


class TargetReport(NamedTuple):
    """How a target stands, with the items that a person should look at."""

    status: TargetStatus
    problems: list[Problem]
    drift: list[Drift]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        status = self.status
        return {
            "target": status.target,
            "problem": status.problem,
            "problemSince": status.problem_since,
            "items": status.items,
            "pending": status.pending,
            "pendingSince": status.pending_since,
            "refused": status.refused,
            "unknownThere": status.unknown_there,
            "drifted": status.drifted,
            "reconciled": status.report,
            "problems": [one._asdict() for one in self.problems],
            "drift": [one._asdict() for one in self.drift],
        }


class ChannelSync:
    """The targets of the settings, by name."""

    def __init__(
        self,
        database: Database,
        lookup: Lookup,
        targets: Mapping[str, Target],
    ) -> None:
        self._database = database
        self._lookup = lookup
        self.targets = targets
        self._principal = trusted("channel-sync")

    async def follow(self, name: str, consumer: EventConsumer) -> bool | None:
        """Take in what has changed next; whether that was all. None where another process pushes to
        this target."""
        target = self.targets[name]
        batch = await consumer.next()
        if batch is None:
            return None
        # Of what went there and back since it was asked for, no event tells.
        skus = set(batch.touched) | {
            event.subject
            for event in batch.events
            if event.type is EventType.AVAILABILITY_CHANGED and event.channel == target.channel
        }

        async def also(transaction: Transaction) -> None:
            if skus:
                await note_changed(transaction, name, skus, all_items=target.ids is Ids.SKU)

        await consumer.save(batch, also)
        return batch.is_last

    async def ask(self, name: str) -> int:
        """Ask the hub of items that have changed, at most one batch; how many that were. Raises
        `UnknownChannel`."""
        target = self.targets[name]
        skus = await read_to_ask(self._database, name, ASKED_ITEMS)
        if skus:
            scope = Scope(target.channel)
            answers = await self._lookup.availability(self._principal, skus, scope, strong=True)
            # What the hub does not sell, they may not sell.
            units = {
                sku: units_to_push(answers[sku], target) if sku in answers else 0 for sku in skus
            }
            await want(self._database, name, units)
        return len(skus)

    async def map_ids(self, principal: Principal, name: str, ids: Mapping[str, str]) -> Mapped:
        """Know the other side's ids of items, by sku. Raises `InvalidInput` for a target that is
        not set, and for an id that two items would have."""
        principal.require(AccessScope.ADMIN)
        self._check(name)
        if len(ids) > MAX_MAPPED_IDS:
            raise InvalidInput(field="ids", problem=f"must be at most {MAX_MAPPED_IDS}")
        by_id: dict[str, str] = {}
        for sku, id in ids.items():
            identifier_from(sku, "sku")
            if not 1 <= len(id) <= 500 or not id.isprintable():
                raise InvalidInput(field="id", problem=f"{id!r} must have 1 to 500 characters")
            by_id.setdefault(id, sku)
        claimed = await read_claimed(self._database, name, ids)
        for sku, id in ids.items():
            other = claimed.get(id, by_id[id])
            if other != sku:
                raise InvalidInput(field="id", problem=f"{id} is that of {other} and of {sku}")
        await begin_target(self._database, name)
        return await map_ids(self._database, name, ids)

    async def ask_for_pass(self, principal: Principal, name: str) -> datetime:
        """Have all that they have gone through, soon; when that was asked. Raises `InvalidInput`
        for a target that is not set."""
        principal.require(AccessScope.ADMIN)
        self._check(name)
        await begin_target(self._database, name)
        return await ask_for_pass(self._database, name)

    async def reports(
        self, principal: Principal, names: Sequence[str] | None = None
    ) -> list[TargetReport]:
        """How targets stand, or all of them. Raises `InvalidInput` for one that is not set."""
        principal.require(AccessScope.ADMIN)
        for name in names or ():
            self._check(name)
        found = await read_status(self._database, list(names or self.targets))
        return [
            TargetReport(
                status,
                await read_problems(self._database, status.target, SHOWN_ITEMS),
                await read_drifted(self._database, status.target, SHOWN_ITEMS),
            )
            for status in found
        ]

    def _check(self, name: str) -> None:
        if name not in self.targets:
            known = ", ".join(sorted(self.targets)) or "none is set"
            raise InvalidInput(field="target", problem=f"must be one of: {known}")
