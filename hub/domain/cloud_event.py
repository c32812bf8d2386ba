"""What is told to other systems: CloudEvents 1.0, each with an id that is the same however often it
is told.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

SPEC_VERSION: Final = "1.0"


class EventType(StrEnum):
    """What an event tells."""

    AVAILABILITY_CHANGED = "availability.changed"
    """The answer for an item in a channel is another one."""
    RESERVATION_HELD = "reservation.held"
    """Each of these tells the state that a reservation is in, also where only something else of it
    has changed: a hold that is extended is told as held once more, at a higher version."""
    RESERVATION_COMMITTED = "reservation.committed"
    RESERVATION_FULFILLED = "reservation.fulfilled"
    RESERVATION_RELEASED = "reservation.released"
    RESERVATION_EXPIRED = "reservation.expired"
    RESERVATION_CANCELLED = "reservation.cancelled"
    STOCK_ALERT = "stock.alert"
    """Something is the matter with stock, or no longer is."""
    STOCK_BACK = "stock.back"
    """An item is back, for somebody who asked to hear of it."""
    SYNC_RESET = "sync.reset"
    """What was told before may be wrong, and something may be missing: everything is told anew."""
    WEBHOOK_TEST = "webhook.test"
    """Somebody wants to see whether a webhook arrives."""


class CloudEvent(NamedTuple):
    """An event as it leaves the hub; who sends it adds the source."""

    id: str
    type: EventType
    subject: str
    """What it is about: an sku, a reservation."""
    time: datetime
    """When the change was recorded that it tells of."""
    channel: str | None
    """The channel that it holds for; None where it holds for all."""
    data: Mapping[str, Any]
    """Ready for JSON but for times."""

    def as_dict(self, source: str) -> dict[str, Any]:
        """The event in structured mode."""
        return {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": source,
            "type": self.type.value,
            "subject": self.subject,
            "time": self.time.astimezone(UTC),
            "datacontenttype": "application/json",
            "data": self.data,
        }
