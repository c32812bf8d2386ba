"""Who asked to hear that an item is back. Nothing of him is known here but a reference."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.values import ChannelId, Quantity, Sku


class NoticeState(StrEnum):
    """What became of it."""

    WAITING = "WAITING"
    TOLD = "TOLD"
    CANCELLED = "CANCELLED"


class Notice(NamedTuple):
    """A wish to hear once that so many units of an item can be had again."""

    id: str
    sku: Sku
    channel: ChannelId
    quantity: Quantity
    reference: str
    """What the shop knows him by; it means nothing here."""
    created_at: datetime
    told_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def state(self) -> NoticeState:
        """What became of it."""
        if self.told_at is not None:
            return NoticeState.TOLD
        return NoticeState.WAITING if self.cancelled_at is None else NoticeState.CANCELLED
