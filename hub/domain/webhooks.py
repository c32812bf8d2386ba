"""Webhooks: who is told of what, and when it is tried again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.errors import InvalidInput
from hub.domain.values import ChannelId, Sku

_RETRIES: Final = tuple(
    timedelta(**{unit: number})
    for number, unit in (
        (5, "seconds"), (5, "minutes"), (30, "minutes"), (2, "hours"), (5, "hours"),
        (10, "hours"), (14, "hours"), (20, "hours"), (24, "hours"),
    )
)  # fmt: skip
MAX_TRIES: Final = len(_RETRIES) + 1
"""In 75 hours and a half, as Standard Webhooks has it."""
_JITTER: Final = 0.1
"""A wait is longer by up to this part of it, so that not everything comes back at once."""
MAX_RETRY_AFTER: Final = timedelta(days=1)
_MANY_SECONDS: Final = 10**6

_WANTS_A_PAUSE: Final = (429, 503)

_STATES: Final = frozenset({"availability.*", "reservation.*"})
"""Families of events that tell the whole state of their subject."""

ALWAYS_TOLD: Final = frozenset({EventType.SYNC_RESET, EventType.WEBHOOK_TEST})


class WebhookState(StrEnum):
    """Whether a webhook is sent anything."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class DisabledReason(StrEnum):
    """Why a webhook is sent nothing any more."""

    OWNER = "OWNER"
    """Its owner wanted it so."""
    GONE = "GONE"
    """Its receiver answered 410: it wants no more."""
    FAILING = "FAILING"
    """Nothing was taken for 75 hours."""
    BACKLOG = "BACKLOG"
    """More is waiting than may."""


class DeliveryState(StrEnum):
    """What became of an event that is to be sent to a webhook."""

    PENDING = "PENDING"
    """It is to be sent, for the first time or once more."""
    SENDING = "SENDING"
    """It is under way."""
    DELIVERED = "DELIVERED"
    """The receiver answered with a status of 200 to 299."""
    FAILED = "FAILED"
    """It was tried as often as may be, or the webhook was disabled meanwhile."""
    SUPERSEDED = "SUPERSEDED"
    """There is newer word of the same, which is sent in its place."""


class Wanted(NamedTuple):
    """What a webhook is to be told of; an empty filter lets everything through."""

    types: frozenset[str]
    """Types of events, or families of them, such as `reservation.*`."""
    channels: frozenset[ChannelId] = frozenset()
    skus: frozenset[Sku] = frozenset()
    categories: frozenset[str] = frozenset()

    def takes(self, event: CloudEvent, category_of: Mapping[Sku, str | None]) -> bool:
        """Whether an event passes; of a reservation, one line that does is enough."""
        if event.type in ALWAYS_TOLD:
            return True
        if event.type not in self.types and family_of(event.type) not in self.types:
            return False
        if self.channels and event.channel is not None and event.channel not in self.channels:
            return False
        skus = skus_of(event)
        if self.skus and not any(sku in self.skus for sku in skus):
            return False
        return not self.categories or any(category_of.get(sku) in self.categories for sku in skus)


class SecretPeriod(NamedTuple):
    """How long a secret signs; what it is, only its first answer tells."""

    created_at: datetime
    expires_at: datetime | None
    """When it no longer signs; None for the newest one."""


class Webhook(NamedTuple):
    """Where a partner wants to be told, and of what."""

    id: str
    owner: str
    """The name of the principal whose it is."""
    url: str
    description: str | None
    wanted: Wanted
    state: WebhookState
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    """Since when nothing was taken; None where the last try succeeded."""
    created_at: datetime
    told_from: datetime
    """What was recorded before is not sent by itself: it was made then, or enabled again."""
    secrets: tuple[SecretPeriod, ...]


class Try(NamedTuple):
    """One time that a delivery was sent."""

    number: int
    tried_at: datetime
    seconds: float | None
    """How long it took; None where nobody knows."""
    status: int | None
    """What the receiver answered; None where it did not."""
    error: str | None
    excerpt: str | None
    """The beginning of its answer."""


class Delivery(NamedTuple):
    """An event for a webhook, and what became of it."""

    id: int
    webhook: str
    event_id: str
    type: str
    subject: str
    channel: ChannelId | None
    payload: str
    state: DeliveryState
    created_at: datetime
    not_before: datetime
    ended_at: datetime | None
    tries: tuple[Try, ...]

    @property
    def next_try_at(self) -> datetime | None:
        """When it is sent next, unless it has ended."""
        return self.not_before if self.state is DeliveryState.PENDING else None


def skus_of(event: CloudEvent) -> set[Sku]:
    """The items that an event is about."""
    lines: Iterable[Mapping[str, Any]] = event.data.get("lines", (event.data,))
    return {sku for line in lines for sku in (line.get("sku"), line.get("kit")) if sku is not None}


def family_of(type: str) -> str:
    """The family of a type of events: `reservation.held` is one of `reservation.*`."""
    return f"{type.partition('.')[0]}.*"


def key_of(event: CloudEvent) -> str:
    """What an event is about: newer word of the same takes its place. What tells no state stands
    for itself."""
    family = family_of(event.type)
    return f"{family}/{event.channel}/{event.subject}" if family in _STATES else event.id


def types_from(types: Iterable[str]) -> frozenset[str]:
    """Types and families of events that exist. Raises `InvalidInput`."""
    known = {
        one
        for type in EventType
        if type not in ALWAYS_TOLD
        for one in (type.value, family_of(type))
    }
    chosen = frozenset(types)
    unknown = sorted(chosen - known)
    if unknown or not chosen:
        problem = f"must name some of {', '.join(sorted(known))}"
        raise InvalidInput(
            field="types", problem=problem if not unknown else f"{problem}, not {unknown[0]}"
        )
    return chosen


def next_try(
    tries: int, now: datetime, retry_after: str | None, dice: Callable[[], float]
) -> datetime | None:
    """When to try again after so many tries; None where that was the last one. A receiver that
    names a time is not asked before it. `dice` gives numbers from 0 to 1."""
    if tries >= MAX_TRIES:
        return None
    wait = _RETRIES[tries - 1] * (1 + _JITTER * dice())
    asked = _wait_from(retry_after, now)
    return now + max(wait, asked)


def pause_until(status: int | None, now: datetime, retry_after: str | None) -> datetime | None:
    """Until when a receiver wants nothing at all, if it said so."""
    if status not in _WANTS_A_PAUSE or retry_after is None:
        return None
    return now + _wait_from(retry_after, now)


def _wait_from(retry_after: str | None, now: datetime) -> timedelta:
    """How long a receiver wants to be left alone: a number of seconds, or an HTTP date."""
    wait = timedelta()
    if retry_after is not None:
        try:
            if retry_after.strip().isdigit():
                wait = timedelta(seconds=min(int(retry_after), _MANY_SECONDS))
            else:
                date = parsedate_to_datetime(retry_after)
                wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
        except (ValueError, OverflowError):
            # A receiver may write what it likes there.
            wait = timedelta()
    return min(max(wait, timedelta()), MAX_RETRY_AFTER)
