"""Whatever happens to the backplane: pages of two processes are current again soon after, and who
writes does not notice.

One process writes. The other one looks into the change log only if it is told to: it is the
backplane that has to come back. How long it took is printed; `pytest -s` shows it.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import asyncio as redis
from structlog.testing import capture_logs

from hub.bootstrap import Services
from hub.domain.errors import HubError, Unavailable
from hub.live.change_tail import FLUSH_SECONDS
from tests.integration.live.pages import Page, open_pages
from tests.integration.outages import mortal_postgres
from tests.integration.serving import served
from tests.integration.shop import count, opened, put_shop, reserve
from tests.servers import RedisServer
from tests.tcp_proxy import TcpProxy, proxied
from tests.waiting import eventually

CURRENT_SECONDS = 5.0
"""So soon every page is current again."""
PAGES = 4
"""At each process."""
WRITES = 20


@pytest.fixture(autouse=True)
def by_hints_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the change log unless he is told to."""
    monkeypatch.setattr("hub.live.change_tail.POLL_SECONDS", 600.0)


class Outage(ABC):
    """What happens to a backplane, and how it ends."""

    def __init__(self, server: RedisServer, network: TcpProxy) -> None:
        self.server = server
        self.network = network

    @abstractmethod
    async def begin(self) -> None: ...

    async def end(self) -> None:
        """It may have been over at once."""
        return


class Killed(Outage):
    async def begin(self) -> None:
        self.server.kill()

    async def end(self) -> None:
        await asyncio.to_thread(self.server.start)


class Restarted(Killed):
    async def begin(self) -> None:
        self.server.stop()


class Frozen(Outage):
    async def begin(self) -> None:
        self.server.freeze()

    async def end(self) -> None:
        self.server.thaw()


class _Commanded(Outage):
    """Done by a command."""

    commands: tuple[str, ...]

    async def begin(self) -> None:
        async with redis.Redis.from_url(self.server.url) as client:
            for command in self.commands:
                await client.execute_command(command)  # type: ignore[no-untyped-call]


class Paused(_Commanded):
    commands = ("CLIENT PAUSE 4000 ALL",)

    async def end(self) -> None:
        async with redis.Redis.from_url(self.server.url) as client:
            await client.ping()


class Flushed(_Commanded):
    commands = ("FLUSHALL",)


class SubscribersCut(_Commanded):
    commands = ("CLIENT KILL TYPE pubsub",)


class AllCut(_Commanded):
    commands = ("CLIENT KILL TYPE pubsub", "CLIENT KILL TYPE normal")


class Unreachable(Outage):
    async def begin(self) -> None:
        await self.network.refuse()

    async def end(self) -> None:
        await self.network.start()


class CutByTheNetwork(Outage):
    async def begin(self) -> None:
        self.network.cut()


class Swallowed(Outage):
    async def begin(self) -> None:
        self.network.swallow()

    async def end(self) -> None:
        self.network.forward()


@asynccontextmanager
async def two_served(
    database_url: str, backplane_url: str, far_backplane_url: str | None = None
) -> AsyncIterator[tuple[Services, list[Page], list[Page]]]:
    """A process of the hub, its pages and those of another one; all know how things are."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(opened(database_url, backplane_url))
        await put_shop(one)
        await count(one, "A-1", 1_000)
        far_url = far_backplane_url or backplane_url
        two = await stack.enter_async_context(opened(database_url, far_url))
        urls = [str((await stack.enter_async_context(served(hub))).base_url) for hub in (one, two)]
        pages = await stack.enter_async_context(open_pages(PAGES, *urls, skus=["A-1", "A-2"]))
        yield one, pages[:PAGES], pages[PAGES:]


async def all_see(pages: list[Page], units: float, since: float | None = None) -> None:
    """Wait until every page shows so many units."""
    since = time.monotonic() if since is None else since
    for page in pages:
        left = since + CURRENT_SECONDS - time.monotonic()
        await page.sees(units, within_seconds=left)


async def write(services: Services) -> None:
    """Some reservations; each is answered, or this fails."""
    for _ in range(WRITES):
        await reserve(services)


async def survive(outage: Outage, seconds: float, backplane_url: str, database_url: str) -> None:
    """Write before, during and after an outage, and look at the pages."""
    async with two_served(database_url, backplane_url) as (services, near, far):
        await write(services)
        await all_see([*near, *far], 980)
        # A hint that is still under way would tell of what comes now.
        await asyncio.sleep(4 * FLUSH_SECONDS)
        with capture_logs() as logs:
            await outage.begin()
            # All of them are answered before it ends, and who needs no other process sees them.
            began = time.monotonic()
            await write(services)
            wrote_seconds = time.monotonic() - began
            await all_see(near, 960)
            await asyncio.sleep(seconds)
            await outage.end()
            since = time.monotonic()
            await all_see(far, 960, since)
            current_seconds = time.monotonic() - since
            await write(services)
            await all_see([*near, *far], 940)
        print(
            f"\n{type(outage).__name__}, {seconds:.0f} s: current after {current_seconds:.2f} s; "
            f"{WRITES} reservations meanwhile in {wrote_seconds:.2f} s"
        )
        assert said_of_it(logs) <= 4, logs


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        *[(kind, 0.0) for kind in (Killed, Restarted, Frozen, Paused, Flushed, SubscribersCut)],
        *[(kind, 0.0) for kind in (AllCut, Unreachable, CutByTheNetwork, Swallowed)],
        *[(kind, 4.0) for kind in (Killed, Frozen, Unreachable, Swallowed)],
    ],
)
@pytest.mark.slow
async def test_pages_are_current_again_soon_after_redis_is(
    kind: type[Outage], seconds: float, database_url: str, own_redis: RedisServer
) -> None:
    async with proxied(own_redis.url) as network:
        await survive(kind(own_redis, network), seconds, network.url, database_url)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [(Unreachable, 0.0), (CutByTheNetwork, 0.0), (Swallowed, 0.0), (Swallowed, 4.0)],
)
@pytest.mark.slow
async def test_pages_are_current_again_soon_after_the_way_to_postgresql_is(
    kind: type[Outage], seconds: float, database_url: str, own_redis: RedisServer
) -> None:
    """That of the hints: the database itself is reached another way."""
    async with proxied(database_url) as network:
        await survive(kind(own_redis, network), seconds, network.url, database_url)


@pytest.mark.parametrize("over_redis", [False, True], ids=["postgres", "redis"])
@pytest.mark.slow
async def test_a_hint_that_could_not_be_sent_is_sent_once_it_can_be(
    over_redis: bool, database_url: str, redis_url: str
) -> None:
    """Those who are to hear it have lost nothing, so they have no reason to look."""
    url = redis_url if over_redis else database_url
    async with (
        proxied(url) as network,
        two_served(database_url, network.url, url) as (services, near, far),
    ):
        await write(services)
        await all_see([*near, *far], 980)
        await asyncio.sleep(4 * FLUSH_SECONDS)
        await network.refuse()
        await write(services)
        await all_see(near, 960)
        await network.start()
        await all_see(far, 960)


@pytest.mark.parametrize("over_redis", [False, True], ids=["postgres", "redis"])
@pytest.mark.slow
async def test_pages_are_current_again_soon_after_the_database_is(
    over_redis: bool, tmp_path: Path, redis_url: str
) -> None:
    async with mortal_postgres(tmp_path, durable=True) as server:
        backplane_url = redis_url if over_redis else server.url
        async with two_served(server.url, backplane_url) as (services, near, far):
            await write(services)
            await all_see([*near, *far], 980)
            for units, end in ((960, server.crash), (940, server.stop)):
                await end()
                with pytest.raises(HubError):
                    await reserve(services)
                await server.start()
                since = time.monotonic()
                await eventually(lambda: can_reserve(services))
                for _ in range(WRITES - 1):
                    await reserve(services)
                await all_see([*near, *far], units, since)
                print(f"\n{end.__name__}: current after {time.monotonic() - since:.2f} s")


async def can_reserve(services: Services) -> bool:
    """Whether it was done; who was refused has reserved nothing."""
    try:
        await reserve(services)
    except Unavailable:
        return False
    return True


def said_of_it(logs: list[MutableMapping[str, Any]]) -> int:
    """How often the log says that the backplane is away: at most once for each connection."""
    return sum(str(line["event"]).endswith(".lost") for line in logs)
