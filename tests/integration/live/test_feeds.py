"""Feeds without HTTP: what they cost, and what becomes of readers that do not keep up."""

import asyncio
import gc
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.principal import Audience
from hub.services.catalogue import CatalogueItem
from hub.services.feeds.availability import AvailabilityWanted
from hub.services.feeds.form import FeedFollower, Lost
from hub.services.feeds.position import START, Position, position_of
from hub.services.feeds.reader import Reader
from hub.services.feeds.source import Entry
from hub.services.watch import EventKind
from tests.integration.live.test_restored_database import Copied, back_again
from tests.integration.outages import mortal_postgres
from tests.integration.shop import BUYER, CLERK, SKUS, count, opened, put_shop
from tests.waiting import eventually

SOME = AvailabilityWanted("web", ("A-1", "A-2"), None, Audience.EXACT)
ALL = AvailabilityWanted("web", None, None, Audience.EXACT)


class Units:
    """A form that tells of each item its sku and its units, and counts how often it is put."""

    def __init__(self) -> None:
        self.puts = 0
        self.is_broken = False

    def tell(self, kind: EventKind, entries: Sequence[Entry]) -> bytes:
        assert not self.is_broken
        self.puts += 1
        answers = [one.value.told for one in entries]
        return b"".join(f"{one.sku}={one.quantity // 1000} ".encode() for one in answers)

    def reset(self, why: Lost) -> bytes:
        return b"reset "

    def current(self, id: str) -> bytes:
        return b"current "

    def heartbeat(self, id: str) -> bytes:
        return b"alive "


class Taker(FeedFollower):
    """Takes what it is sent, unless it stands still."""

    def __init__(self) -> None:
        self.taken = b""
        self.ready = asyncio.Event()
        self.ready.set()
        self.was_let_go = False

    def send_now(self, told: bytes) -> bool:
        if not self.ready.is_set():
            return False
        self.taken += told
        return True

    async def send(self, told: bytes) -> None:
        await self.ready.wait()
        self.taken += told

    def hang_up(self) -> None:
        self.was_let_go = True

    async def hears(self, end: str) -> None:
        """Wait until this is what was told last."""
        await eventually(
            lambda: self.taken, lambda taken: taken.endswith(end.encode()), within_seconds=10
        )


def reading(
    services: Services,
    form: Units,
    taker: Taker,
    position: Position = START,
    of: AvailabilityWanted = ALL,
) -> Reader:
    reader = services.feeds.open(BUYER, of, form, position, taker)
    reader.begin()
    return reader


async def test_what_many_read_is_put_together_once(services: Services, database_url: str) -> None:
    async with opened(database_url, max_feeds_per_principal=100) as hub:
        form, takers = Units(), [Taker() for _ in range(100)]
        readers = [reading(hub, form, taker) for taker in takers]
        await eventually(lambda: all(taker.taken.count(b"=") == len(SKUS) for taker in takers))
        before = form.puts
        await count(hub, "A-1", 5)
        await eventually(lambda: all(taker.taken.endswith(b"A-1=5 ") for taker in takers))
        assert form.puts == before + 1
        for reader in readers:
            reader.close()
        assert not hub.feeds.is_read


async def test_a_reader_of_everything_costs_no_more_than_his_place(
    services: Services, database_url: str
) -> None:
    items = [CatalogueItem(f"M-{number:04}", "One of many") for number in range(2_000)]
    for start in (0, 1_000):
        await services.catalogue.put_items(CLERK, items[start : start + 1_000])
    async with opened(database_url, max_feeds_per_principal=1_000) as hub:
        form = Units()

        async def more(number: int) -> list[Taker]:
            takers = [Taker() for _ in range(number)]
            for taker in takers:
                reading(hub, form, taker)
            every = len(items) + len(SKUS)
            await eventually(
                lambda: all(taker.taken.count(b"=") == every for taker in takers),
                within_seconds=20,
            )
            for taker in takers:
                taker.taken = b""
            return takers

        tracemalloc.start()
        kept = await more(20)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        kept += await more(200)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # With what the test itself keeps of each. To know each item would take a megabyte.
        assert (after - before) / 200 < 6_000
        await count(hub, "A-1", 5)
        await eventually(lambda: all(taker.taken == b"A-1=5 " for taker in kept))


async def test_a_reader_who_stands_still_delays_nobody_and_is_told_the_last_state(
    services: Services,
) -> None:
    form, slow, fast = Units(), Taker(), Taker()
    readers = [reading(services, form, taker) for taker in (slow, fast)]
    await eventually(lambda: slow.taken and fast.taken)
    slow.ready.clear()
    slow.taken = b""
    for units in range(1, 21):
        await count(services, "A-1", units)
        await fast.hears(f"A-1={units} ")
    slow.ready.set()
    await eventually(lambda: slow.taken.endswith(b"A-1=20 "))
    await count(services, "A-2", 1)
    await eventually(lambda: slow.taken.endswith(b"A-1=20 A-2=1 "))
    assert not slow.was_let_go
    for reader in readers:
        reader.close()


async def test_a_database_that_was_away_is_read_on_and_one_that_was_put_back_is_told_anew(
    tmp_path: Path,
) -> None:
    async with mortal_postgres(tmp_path, durable=False) as server:
        copied = Copied(server, tmp_path)
        async with opened(server.url) as services:
            await put_shop(services)
            await count(services, "A-1", 1)
            await copied.copy()
            await back_again(services)
            up_to_date, still = Taker(), Taker()
            readers = [reading(services, Units(), taker, of=SOME) for taker in (up_to_date, still)]
            for taker in (up_to_date, still):
                await taker.hears("A-1=1 A-2=0 ")
            await count(services, "A-2", 5)
            for taker in (up_to_date, still):
                await taker.hears("A-2=0 A-2=5 ")
            still.ready.clear()
            await server.stop()
            await server.start()
            await back_again(services)
            await count(services, "A-2", 6)
            await up_to_date.hears("A-2=5 A-2=6 ")
            await copied.put_back()
            await up_to_date.hears("A-2=6 reset A-1=1 A-2=0 ")
            still.ready.set()
            await still.hears("reset A-1=1 A-2=0 ")
            await count(services, "A-1", 2)
            for taker in (up_to_date, still):
                await taker.hears("A-2=0 A-1=2 ")
            for reader in readers:
                reader.close()


async def test_who_comes_back_while_the_database_is_away_is_told_that_the_feed_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mortal_postgres(tmp_path, durable=False) as server, opened(server.url) as services:
        await put_shop(services)
        first, back = Taker(), Taker()
        reader = reading(services, Units(), first, of=SOME)
        await first.hears("A-1=0 A-2=0 ")
        position = reader.reading.position
        reader.close()
        await server.stop()
        monkeypatch.setattr("hub.services.feeds.feed.HEARTBEAT_SECONDS", 0.05)
        reader = reading(services, Units(), back, position, SOME)
        await back.hears("alive alive ")
        await server.start()
        await back_again(services)
        await count(services, "A-1", 1)
        await eventually(lambda: b"A-1=1 " in back.taken)
        reader.close()


async def test_a_defect_lets_readers_go_and_is_logged(services: Services) -> None:
    form, taker = Units(), Taker()
    reader = reading(services, form, taker)
    await taker.hears("B-2=0 ")
    form.is_broken = True
    with capture_logs() as told:
        await count(services, "A-1", 5)
        await eventually(lambda: taker.was_let_go)
    assert [one["event"] for one in told] == ["feed.failed"]
    reader.close()


async def test_two_who_come_back_to_the_same_place_are_read_for_once(services: Services) -> None:
    form, first = Units(), Taker()
    reader = reading(services, form, first)
    await eventually(lambda: first.taken)
    id = reader.reading.position.id
    reader.close()
    await count(services, "A-1", 5)
    before = form.puts
    takers = [Taker() for _ in range(10)]
    readers = [reading(services, form, taker, position_of(id)) for taker in takers]
    await eventually(lambda: all(taker.taken == b"A-1=5 " for taker in takers))
    assert form.puts == before + 1
    for one in readers:
        one.close()
