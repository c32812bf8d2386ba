"""The catalogue refuses what would make the numbers wrong."""

import asyncio
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, UnknownLocation
from hub.domain.policies import Channel, Rules
from hub.services import rules as rules_module
from hub.services.rules import RulesCache
from hub.store.catalogue import read_rules
from tests.integration.shop import CLERK


@pytest.mark.parametrize(
    ("pool", "refusal"),
    [((), InvalidInput), (("BER", "BER"), InvalidInput), (("BER", "MOON"), UnknownLocation)],
)
async def test_a_pool_names_known_locations_and_each_once(
    services: Services, pool: tuple[str, ...], refusal: type[HubError]
) -> None:
    before = services.catalogue.channels(CLERK)
    with pytest.raises(refusal):
        await services.catalogue.put_channels(CLERK, [Channel("new", "New", "en", "EUR", pool)])
    assert services.catalogue.channels(CLERK) == before


async def test_rules_read_early_do_not_replace_those_read_late(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = RulesCache(services.database)
    may_end = asyncio.Event()

    has_read = asyncio.Event()

    async def slowly(*arguments: Any) -> Rules:
        early = await read_rules(*arguments)
        has_read.set()
        await may_end.wait()
        return early

    monkeypatch.setattr(rules_module, "read_rules", slowly)
    first = asyncio.create_task(cache.refresh())
    await has_read.wait()
    monkeypatch.setattr(rules_module, "read_rules", read_rules)
    await services.catalogue.put_channels(CLERK, [Channel("new", "New", "en", "EUR", ("BER",))])
    await cache.refresh()
    may_end.set()
    await first
    assert "new" in cache.current.channels
