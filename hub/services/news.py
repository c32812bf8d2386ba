"""What there is to tell other systems of all that was touched."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from hub.domain.alerts import Alert
from hub.domain.availability import Availability
from hub.domain.cloud_event import CloudEvent, EventType
from hub.domain.notices import Notice
from hub.domain.reservations import Reservation
from hub.domain.values import UNIT, ReservationId, Sku
from hub.services.clock import DatabaseClock
from hub.services.presentation import (
    alert_json,
    availability_json,
    notice_json,
    reservation_json,
)
from hub.services.stock_cache import StockCache
from hub.store.alerts import read_alerts
from hub.store.database import Database
from hub.store.event_consumers import ToldDigest, read_told
from hub.store.notices import read_notices
from hub.store.reads import read_stored_reservations

SLICE_ITEMS: Final = 50
"""So many are computed before others of the process have their turn."""

_NOT_NEWS: Final = ("version", "asOf", "message")
"""What of an answer makes no event by itself. The message follows from the rest, and from the time
of day."""


class Touch(NamedTuple):
    """The last transaction that touched something, and its place among what that touched."""

    xid: int
    place: int
    time: datetime


class Tellable(NamedTuple):
    """Which answers are told."""

    unknown: bool
    """Those of items of which nothing was told before."""
    same: bool
    """Those that say what was told last."""


class Found(NamedTuple):
    """Events in the order in which their items were touched, and what is known as told then."""

    events: list[tuple[Touch, CloudEvent]]
    told: list[ToldDigest]
    untold: list[ToldDigest]
    """What is known as told though no event tells of it."""


class News:
    """Makes events. Each has the same id however often it is made of the same touch and says the
    same."""

    def __init__(self, database: Database, stock: StockCache, clock: DatabaseClock) -> None:
        self._database = database
        self._stock = stock
        self._clock = clock

    async def of_items(
        self, consumer: str, touched: Mapping[Sku, Touch], tellable: Tellable
    ) -> Found:
        """The present answers for these items in all channels, where they are news to a
        consumer."""
        answers = await self._answers(touched)
        before = await read_told(
            self._database, consumer, [(answer.channel, answer.sku) for answer in answers]
        )
        found = Found([], [], [])
        for number, answer in enumerate(answers):
            if number % SLICE_ITEMS == SLICE_ITEMS - 1:
                await asyncio.sleep(0)
            data = availability_json(answer, None)
            digest = _digest_of(data)
            known = before.get((answer.channel, answer.sku))
            if known == digest and not tellable.same:
                continue
            known_as = ToldDigest(answer.channel, answer.sku, digest)
            if known is None and not tellable.unknown:
                found.untold.append(known_as)
            else:
                found.told.append(known_as)
                touch = touched[answer.sku]
                event = availability_changed(answer, data, touch.xid, touch.time)
                found.events.append((touch, event))
        return found

    async def of_reservations(
        self, touched: Mapping[ReservationId, Touch]
    ) -> list[tuple[Touch, CloudEvent]]:
        """The reservations as they are stored now."""
        if not touched:
            return []
        found = await read_stored_reservations(self._database, touched)
        return [
            (touched[id], reservation_changed(reservation, touched[id].time))
            for id, reservation in found.items()
        ]

    async def of_alerts(self, touched: Mapping[int, Touch]) -> list[tuple[Touch, CloudEvent]]:
        """The alerts as they are now."""
        found = await read_alerts(self._database, touched) if touched else []
        return [(touched[one.id], alert_told(one, touched[one.id].time)) for one in found]

    async def of_notices(self, touched: Mapping[str, Touch]) -> list[tuple[Touch, CloudEvent]]:
        """The notices that it is time to give."""
        found = await read_notices(self._database, touched) if touched else []
        return [(touched[one.id], notice_given(one, touched[one.id].time)) for one in found]

    async def _answers(self, skus: Iterable[Sku]) -> list[Availability]:
        wanted = list(skus)
        if not wanted:
            return []
        found = await self._stock.read(wanted, keep=False)
        now = self._clock.now()
        answers: list[Availability] = []
        for number, sku in enumerate(sku for sku in wanted if sku in found):
            if number % SLICE_ITEMS == SLICE_ITEMS - 1:
                await asyncio.sleep(0)
            item = found[sku]
            answers += [
                item.availability(channel, UNIT, now) for channel in item.read.rules.channels
            ]
        return answers


def availability_changed(
    answer: Availability, data: dict[str, Any], xid: int, time: datetime
) -> CloudEvent:
    """The event that tells an answer, as `data` has it, which a transaction touched last."""
    digest = short_digest(answer.channel, answer.sku, _digest_of(data).hex())
    return CloudEvent(
        id=f"{xid}-{digest}",
        type=EventType.AVAILABILITY_CHANGED,
        subject=answer.sku,
        time=time,
        channel=answer.channel,
        data=data,
    )


def reservation_changed(reservation: Reservation, time: datetime) -> CloudEvent:
    """The event that tells a reservation as it was left at a time."""
    return CloudEvent(
        id=f"{reservation.id}-{reservation.version}",
        type=EventType(f"reservation.{reservation.state.lower()}"),
        subject=reservation.id,
        time=time,
        channel=reservation.channel,
        data=reservation_json(reservation),
    )


def alert_told(alert: Alert, time: datetime) -> CloudEvent:
    """The event that tells how an alert was left at a time. It is in each of its states once."""
    return CloudEvent(
        id=f"alert-{alert.id}-{alert.state.lower()}",
        type=EventType.STOCK_ALERT,
        subject=alert.sku or alert.location or alert.source or str(alert.id),
        time=time,
        channel=alert.channel,
        data=alert_json(alert, None),
    )


def notice_given(notice: Notice, time: datetime) -> CloudEvent:
    """The event that gives a notice."""
    return CloudEvent(
        id=f"notice-{notice.id}",
        type=EventType.STOCK_BACK,
        subject=notice.sku,
        time=time,
        channel=notice.channel,
        data=notice_json(notice),
    )


def short_digest(*parts: str) -> str:
    """What tells these apart from all others, in 24 characters that go into any header."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _digest_of(data: Mapping[str, Any]) -> bytes:
    news = {name: value for name, value in data.items() if name not in _NOT_NEWS}
    return hashlib.sha256(orjson.dumps(news)).digest()[:16]
