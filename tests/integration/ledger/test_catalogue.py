"""The catalogue refuses what would make the numbers wrong."""

import asyncio
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, UnknownLocation
from hub.domain.policies import Channel, Policy, Rules
from hub.domain.status import AvailabilityStatus
from hub.domain.values import UNIT
from hub.services import rules as rules_module
from hub.services.catalogue import CatalogueItem
from hub.services.rules import RulesCache
from hub.store.catalogue import read_rules
from hub.store.ledger_connection import LedgerConnection
from tests.integration.shop import BUYER, CLERK, available, count, execute


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


async def test_rules_follow_a_database_that_was_restored_from_a_backup(
    services: Services, database_url: str
) -> None:
    """Its revision is an older one, and counts on from there."""
    await services.catalogue.put_policies(CLERK, {("channel", "web"): Policy(safety_stock=UNIT)})
    await count(services, "A-1", 5)
    assert await available(services) == 4

    await execute(
        database_url,
        "delete from policy",
        "update rules_revision set revision = revision - 1",
    )

    await count(services, "A-1", 6)
    assert await available(services) == 6


async def test_item_facts_from_before_a_change_are_not_taken_for_those_after_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_read, go_on = asyncio.Event(), asyncio.Event()
    items = LedgerConnection.items

    async def held_up(self: LedgerConnection, skus: Any) -> Any:
        found = await items(self, skus)
        is_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(LedgerConnection, "items", held_up)
    counting = asyncio.create_task(count(services, "A-1", 5))
    await is_read.wait()
    gone = CatalogueItem("A-1", "Item A-1", discontinued=True)
    try:
        await services.catalogue.put_items(CLERK, [gone])
    finally:
        go_on.set()
    await counting

    told = await services.lookup.availability(BUYER, ["A-1"], strong=True)
    assert told["A-1"].status is AvailabilityStatus.DISCONTINUED
