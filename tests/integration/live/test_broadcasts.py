"""Those who are told by one stream: what one of them knows already is not kept from others."""

import asyncio
from collections.abc import Callable

import pytest

from hub.bootstrap import Services
from hub.domain.values import UNIT
from hub.live.streams import Follower
from hub.services.broadcast import Wanted
from hub.services.watch import AvailabilityEvent
from hub.store.change_log import Changes
from tests.integration.live.test_resume import all_is_told
from tests.integration.shop import BUYER, available, count
from tests.waiting import eventually


class Reader(Follower):
    """Takes what it is sent."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def send_now(self, told: bytes) -> bool:
        self.told.append(told.decode())
        return True

    async def send(self, told: bytes) -> None:
        self.send_now(told)

    def fail(self, reference: str) -> None:
        raise AssertionError(reference)


def put(event: AvailabilityEvent) -> bytes:
    """The kind of an event and the units."""
    units = [one.breakdown.available_to_order // UNIT for one in event.availability]
    return " ".join(map(str, [event.kind, *units])).encode()


def broken(_: AvailabilityEvent) -> bytes:
    raise RuntimeError("nobody foresaw this")


def wanted(after: str | None = None, put: Callable[[AvailabilityEvent], bytes] = put) -> Wanted:
    return Wanted(("A-1",), None, after, put)


async def is_kept(services: Services, units: int) -> None:
    """Wait until the process has an item as it is now, read by somebody who asked."""

    async def asked() -> bool:
        assert await available(services) == units
        return "A-1" in services.lookup._stock.items()

    await eventually(asked)


async def test_who_came_back_is_told_what_another_one_who_joined_knew_already(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await count(services, "A-1", 5)
    await all_is_told(services)
    back, new = Reader(), Reader()
    cursor = services.watch.place.cursor
    following = await services.broadcasts.follow(BUYER, wanted(after=cursor), back)
    tell, may_tell = services.watch.tell, asyncio.Event()

    async def tell_later(changes: Changes) -> None:
        await may_tell.wait()
        await tell(changes)

    monkeypatch.setattr(services.watch, "tell", tell_later)
    await count(services, "A-1", 4)
    await is_kept(services, 4)
    joined = services.broadcasts.follow_now(BUYER, wanted(), new)
    assert joined is not None
    may_tell.set()

    await eventually(lambda: back.told[1:] == ["CHANGE 4"])
    assert (back.told[0], new.told) == ("RECOVERED", ["SNAPSHOT 4"])
    joined.end()
    following.end()
    assert not services.watch.has_subscribers()


async def test_where_nothing_can_be_put_together_nothing_is_left_behind(services: Services) -> None:
    await count(services, "A-1", 5)
    await is_kept(services, 5)
    with pytest.raises(RuntimeError, match="foresaw"):
        services.broadcasts.follow_now(BUYER, wanted(put=broken), Reader())
    with pytest.raises(RuntimeError, match="foresaw"):
        await services.broadcasts.follow(BUYER, wanted(put=broken), Reader())
    assert not services.watch.has_subscribers()
