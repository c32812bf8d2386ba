"""What each type of event tells: in a sentence, in which shape, and an example made by what makes
the real ones.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from hub.domain.cloud_event import CloudEvent, EventType
from hub.services.presentation import alert_json, availability_json, notice_json, reservation_json
from hub.web.feeds.alerts import ALERT_FEED
from hub.web.feeds.availability import AVAILABILITY_FEED
from hub.web.feeds.reservations import RESERVATION_FEED
from hub.web.rest.answers import Json
from hub.web.rest.examples import (
    EXAMPLE_TIME,
    alert_example,
    availability_example,
    hold_example,
    notice_example,
)

EXAMPLE_SOURCE: Final = "urn:availability-hub"


class Told(NamedTuple):
    """What the events of a type tell."""

    summary: str
    shape: str | None
    """The type of the API that `data` has the names of; None where it is empty."""
    subject: str
    data: Callable[[], Json]
    """An example of it."""


def _reservation_in(state: str) -> Told:
    return Told(
        "A reservation is in this state; also told where only something else of it has changed, "
        "such as its end.",
        "Reservation",
        hold_example().id,
        lambda: {**reservation_json(hold_example()), "state": state},
    )


TOLD: Final[Mapping[EventType, Told]] = {
    EventType.AVAILABILITY_CHANGED: Told(
        "The answer for an item in a channel is another one.",
        "Availability",
        availability_example().sku,
        lambda: availability_json(availability_example(), None),
    ),
    EventType.RESERVATION_HELD: _reservation_in("HELD"),
    EventType.RESERVATION_COMMITTED: _reservation_in("COMMITTED"),
    EventType.RESERVATION_FULFILLED: _reservation_in("FULFILLED"),
    EventType.RESERVATION_RELEASED: _reservation_in("RELEASED"),
    EventType.RESERVATION_EXPIRED: _reservation_in("EXPIRED"),
    EventType.RESERVATION_CANCELLED: _reservation_in("CANCELLED"),
    EventType.STOCK_ALERT: Told(
        "Something is the matter with stock, or no longer is.",
        "Alert",
        availability_example().sku,
        lambda: alert_json(alert_example(), None),
    ),
    EventType.STOCK_BACK: Told(
        "An item is back, for somebody who asked to hear of it.",
        "Notice",
        availability_example().sku,
        lambda: notice_json(notice_example()),
    ),
    EventType.SYNC_RESET: Told(
        "What was told before may be wrong, and something may be missing: everything is told anew.",
        None,
        "log",
        dict,
    ),
    EventType.WEBHOOK_TEST: Told("A partner tries out his endpoint.", None, "webhook", dict),
}
"""Of every type of event."""

ONLY_TO_WEBHOOKS: Final = (EventType.WEBHOOK_TEST,)


class Feed(NamedTuple):
    """A feed that partners read as Server-Sent Events."""

    address: str
    event: str
    """The name of its events."""
    type: EventType
    """What it tells is what the events of this type hold."""


FEEDS: Final[Mapping[str, Feed]] = {
    "availabilityFeed": Feed(AVAILABILITY_FEED, "availability", EventType.AVAILABILITY_CHANGED),
    "reservationFeed": Feed(RESERVATION_FEED, "reservation", EventType.RESERVATION_HELD),
    "alertFeed": Feed(ALERT_FEED, "alert", EventType.STOCK_ALERT),
}
"""Of every feed, by its name in the document."""


def example_of(type_: EventType) -> dict[str, Any]:
    """An event of a type."""
    told = TOLD[type_]
    event = CloudEvent(
        id="5139-8c1f0d3a5b7e9f2406c8ad1b",
        type=type_,
        subject=told.subject,
        time=EXAMPLE_TIME,
        channel=None,
        data=told.data(),
    )
    return event.as_dict(EXAMPLE_SOURCE)
