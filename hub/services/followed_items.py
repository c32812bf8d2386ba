"""What follows from the answers of an item that changed: its rows in lists, alerts and notices.

All of it is written by one transaction, which only one of many processes can end: so each crossing
of a mark is told once, whatever dies when.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from hub.domain.alerts import Finding, findings_in
from hub.domain.availability import Availability, availability_in
from hub.domain.listing import Listed, listed_as
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.values import UNIT, ChannelId, Quantity, Sku
from hub.observability import metrics
from hub.store.alerts import write_findings
from hub.store.locations_heard import hear_counts
from hub.store.notices import tell_notices
from hub.store.stock_reads import StockRead
from hub.store.transactions import Transaction

SLICE_ITEMS = 50
"""So many items are computed before others of the process have their turn."""


class LookedAt(NamedTuple):
    """Items as they are now."""

    skus: Sequence[Sku]
    positions: list[Position]
    listed: list[Listed]
    findings: list[Finding]
    orderable: dict[tuple[Sku, ChannelId], Quantity]
    """Units of what can be ordered at all."""


async def looked_at(skus: Sequence[Sku], read: StockRead, rules: Rules) -> LookedAt:
    """What is to be said of these items, in all channels."""
    positions = [one for sku in skus for one in read.positions.get(sku, ())]
    looked = LookedAt(skus, positions, [], [], {})
    known = [sku for sku in skus if sku in read.items]
    for place, sku in enumerate(known, 1):
        _look_at(sku, read, rules, looked)
        if place % SLICE_ITEMS == 0:
            await asyncio.sleep(0)
    return looked


def _look_at(sku: Sku, read: StockRead, rules: Rules, looked: LookedAt) -> None:
    assert read.now is not None
    item, held = read.items[sku], read.positions[sku]
    answers: list[Availability] = []
    for channel in rules.channels.values():
        answer = availability_in(read.items, read.positions, sku, rules, channel, UNIT, read.now)
        answers.append(answer)
        looked.listed.append(listed_as(answer, item, held, rules, channel))
        units = answer.breakdown.available_to_order
        if units > 0:
            looked.orderable[sku, channel.id] = units
    looked.findings.extend(findings_in(item, answers, held, rules, read.now))


class Following(NamedTuple):
    """How alerts and notices follow."""

    alert_calm: timedelta
    """An alert is resolved once its cause has been gone for so long."""
    notice_factor: float
    """So many times as many units are announced as there are."""
    notice_wave: timedelta
    """Those who were told have the units for themselves so long."""

    async def write(self, client: Transaction, looked: LookedAt) -> None:
        """Write what follows, inside the transaction of the lists."""
        if not looked.skus:
            return
        await hear_counts(client, looked.positions)
        opened = await write_findings(client, looked.skus, looked.findings, self.alert_calm)
        metrics.alerts_opened.inc(opened)
        await tell_notices(client, looked.orderable, self.notice_factor, self.notice_wave)
