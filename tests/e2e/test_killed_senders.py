"""Processes that publish and push are killed at random: nothing is lost, nothing is older than it
was, and the other side is asked no faster than it allows."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.bootstrap import Services
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.channels.faults import serving
from tests.integration.channels.pushing import SECRETS, shopify_target
from tests.integration.channels.shopify_shop import ShopifyShop
from tests.integration.publication.topics import RedisTopic, assert_in_order, newest
from tests.integration.shop import SKUS, available, count, opened, put_shop
from tests.waiting import eventually

KILLS = 4
WITHIN_SECONDS = 60.0


@pytest.fixture
def topic(tmp_path: Path) -> Iterator[RedisTopic]:
    """A topic of a real Redis."""
    started = RedisTopic(tmp_path)
    started.start()
    yield started
    started.stop()


@pytest.mark.slow
async def test_senders_that_are_killed_again_and_again_lose_nothing(
    database_url: str, topic: RedisTopic, tmp_path: Path
) -> None:
    rng, there = random.Random(5), ShopifyShop()
    for sku in SKUS:
        there.put(sku, 3)
    senders: list[HubProcess] = []
    async with opened(database_url) as services, serving(there.server):
        await put_shop(services)
        target = shopify_target(there, ids="matched", reconcile_seconds=5)
        environment = clean_environment(
            DATABASE_URL=database_url,
            HUB_PUBLISH_URL=topic.url,
            HUB_CHANNEL_TARGETS=json.dumps({"shop": target}),
            **SECRETS,
        )
        try:
            for _ in range(KILLS + 1):
                senders += [
                    HubProcess("work", folder=tmp_path, environment=environment) for _ in range(2)
                ]
                await _change_until_sent(services, rng, there, topic)
                if len(senders) <= 2 * KILLS:
                    for one in senders:
                        one.kill()
            ours = {sku: await available(services, sku, "web", strong=True) for sku in SKUS}
            await eventually(there.units, lambda has: has == ours, WITHIN_SECONDS)
            await eventually(lambda: newest(topic), lambda has: has == ours, WITHIN_SECONDS)
        finally:
            for one in senders:
                one.kill()
    assert_in_order(await topic.read())
    assert there.throttled == 0


async def _change_until_sent(
    services: Services, rng: random.Random, there: ShopifyShop, topic: RedisTopic
) -> None:
    """Change stock at random until the processes of this round have both pushed and published some
    of it; they are killed in the midst of the rest."""
    writes = len(there.writes) + rng.randrange(1, 4)
    published = len(await topic.read()) + rng.randrange(1, 40)

    async def change() -> bool:
        await count(services, rng.choice(SKUS), rng.randrange(1_000))
        return len(there.writes) >= writes and len(await topic.read()) >= published

    await eventually(change, within_seconds=WITHIN_SECONDS)
