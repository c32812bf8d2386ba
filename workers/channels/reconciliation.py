"""Goes through all that the other side has, page by page, and holds it against what it was told.

Theirs is never taken over. What they have and we do not know is counted and shown, no more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from hub.bootstrap import Services
from hub.domain.channel_targets import Ids, Repair, Target
from hub.domain.guard_rails import Tripped
from hub.domain.principal import trusted
from hub.store.channel_reconciliation import (
    compare,
    end_pass,
    read_due_pass,
    read_missing,
    tell,
)
from hub.store.channel_sync import map_ids
from workers.channels.other_side import Listed, OtherSide, OtherSideRefuses

SHOWN_ITEMS: Final = 100
"""As many items of each kind as a pass names."""
MAX_UNITS: Final = 10**12
"""Who says more does not mean it."""
FEW_ITEMS: Final = 10
"""Where more than these, and more than half of all, are missing in what they list, that is no list
of what they have: nothing is concluded from what is not in it."""

_PRINCIPAL: Final = trusted("channel-sync")

log = structlog.get_logger()


class Reconciliation:
    """The passes through what a target has. They are counted from the first page on again when the
    process is another one."""

    def __init__(self, services: Services, name: str, target: Target, side: OtherSide) -> None:
        self._database = services.database
        self._clock = services.clock
        self._reconciliations = services.reconciliations
        self._name = name
        self._target = target
        self._side = side
        self._began: datetime | None = None
        self._after: str | None = None
        self._listed = self._compared = self._drifted = 0
        self._unknown_here: list[str] = []
        self._unknown_here_count = 0

    async def step(self) -> bool:
        """Compare the next page, where it is time for that; whether it was."""
        if not self._side.can_list:
            return False
        began = self._began
        if began is None:
            seconds = self._target.reconcile_seconds
            began = await read_due_pass(self._database, self._name, seconds)
            if began is None:
                return False
            self._begin(began)
        try:
            page = await self._side.page(self._after)
        except OtherSideRefuses:
            # The place may be what they refuse: it is begun anew.
            self._began = None
            raise
        await self._compare(page.items)
        self._after = page.next
        if page.next is None:
            # Should the database go away now, the next pass is counted anew.
            self._began = None
            await self._end(began)
        return True

    def _begin(self, now: datetime) -> None:
        self._began, self._after = now, None
        self._listed = self._compared = self._drifted = self._unknown_here_count = 0
        self._unknown_here = []

    async def _compare(self, items: Sequence[Listed]) -> None:
        target = self._target
        for item in items:
            if abs(item.units) > MAX_UNITS or "\0" in f"{item.external_id}{item.sku}":
                raise ValueError(f"they list {item.units} of {item.external_id[:100]!r}")
        if target.ids is Ids.MATCHED:
            named = {one.sku: one.external_id for one in items if one.sku}
            await map_ids(self._database, self._name, named, only_new=True)
        found = await compare(
            self._database,
            self._name,
            {one.external_id: one.units for one in items},
            push=target.repair is Repair.PUSH,
            grace_seconds=target.grace_seconds,
        )
        known = {one.external_id for one in found}
        unknown = [one.sku or one.external_id for one in items if one.external_id not in known]
        self._unknown_here_count += len(unknown)
        self._unknown_here += unknown[: SHOWN_ITEMS - len(self._unknown_here)]
        self._listed += len(items)
        self._compared += len(found)
        for one in found:
            self._drifted += one.drifted
            if one.drifted and self._drifted <= SHOWN_ITEMS:
                log.warning(
                    "channel.drifted",
                    target=self._name,
                    sku=one.sku,
                    told=one.wanted,
                    theirs=one.units,
                    since=one.drifted_since,
                )

    async def _end(self, began: datetime) -> None:
        missing, items = await read_missing(self._database, self._name, began)
        believed = missing <= max(FEW_ITEMS, items // 2)
        if believed:
            await end_pass(self._database, self._name, began)
        else:
            log.error("channel.not_believed", target=self._name, missing=missing, of=items)
        await self._reconciliations.note_channel(
            _PRINCIPAL,
            self._name,
            began,
            self._compared,
            self._unknown_here_count,
            [] if believed else [_not_believed(missing, items)],
        )
        report: dict[str, Any] = {
            "began": began,
            "ended": self._clock.now(),
            "listed": self._listed,
            "compared": self._compared,
            "drifted": self._drifted,
            "missing": missing,
            "believed": believed,
            "unknownHere": self._unknown_here_count,
            "unknownHereItems": self._unknown_here,
        }
        await tell(self._database, self._name, began, report)
        log.info(
            "channel.reconciled",
            target=self._name,
            **{name: value for name, value in report.items() if isinstance(value, int)},
        )


def _not_believed(missing: int, items: int) -> Tripped:
    problem = f"they list none of {missing} of the {items} items: that is no list of what they have"
    return Tripped("missing_share", 0.5, missing / items, problem)
