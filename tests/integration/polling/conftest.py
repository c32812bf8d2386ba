"""A hub that may fetch from this machine, and one poll of a source."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.polling import Polled
from hub.domain.principal import trusted
from hub.domain.sources import source_from
from tests.integration.shop import opened, put_shop
from tests.supplier import Supplier, supplying
from workers.ingest import Ingest
from workers.polling.polling import Polling

ADMIN = trusted("admin")
SECRETS = {"SOURCE_ACME_TOKEN": "let-me-in", "SOURCE_ACME_PASSWORD": "pa ss"}

Poll = Callable[..., Awaitable[Polled]]


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """A shop whose suppliers may be on this machine."""
    watched = tmp_path / "watched"
    watched.mkdir()
    async with opened(
        database_url, fetch_private_networks="127.0.0.0/8,::1/128", watched_dir=watched
    ) as one:
        await put_shop(one)
        yield one


@pytest.fixture
async def supplier() -> AsyncIterator[Supplier]:
    """A supplier's server."""
    async with supplying() as one:
        yield one


@pytest.fixture
def poll(shop: Services) -> Poll:
    """Puts a source if it has changed, asks it once, and works off what came."""
    return polling(shop)


def polling(services: Services, leaves_alone: bool = False) -> Poll:
    """The same on some services. It asks also whom it should leave alone, unless it is told not
    to."""
    known: dict[str, Any] = {}
    asker = Polling(services, SECRETS)

    async def ask(fetch: dict[str, Any], **sections: Any) -> Polled:
        plain = {"name": "acme", "format": "csv", "fetch": {"every": "15m"} | fetch} | sections
        if plain != known:
            known.clear()
            known.update(plain)
            await services.sources.put(ADMIN, source_from(plain))
        await services.source_polls.keep()
        stored = await services.sources.get(ADMIN, "acme")
        due = await services.source_polls.due("acme")
        assert due is not None
        polled = await asker.poll(stored, due, ask=not leaves_alone)
        assert polled is not None
        assert (await Ingest(services).drain()).dead_letters == 0
        return polled

    return ask
