"""A target that is pushed to meanwhile, in this process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import TypeAdapter

from hub.bootstrap import Services
from hub.domain.channel_targets import HttpTarget, ShopifyTarget
from hub.services.channel_sync import TargetReport
from tests.integration.channels.shopify_shop import LOCATION, TOKEN, ShopifyShop
from tests.integration.shop import CLERK
from tests.waiting import eventually
from workers.channels.sides import other_side_of
from workers.channels.sync import TargetSync

NAME = "there"
SECRETS = {"SHOP_TOKEN": TOKEN}
WITHIN_SECONDS = 20.0

_TARGET: TypeAdapter[ShopifyTarget | HttpTarget] = TypeAdapter(ShopifyTarget | HttpTarget)


def shopify_target(shop: ShopifyShop, **options: Any) -> dict[str, Any]:
    """The settings of a target that is such a shop."""
    return {
        "kind": "shopify",
        "channel": "web",
        "url": shop.server.url,
        "location": LOCATION,
        "token_env": "SHOP_TOKEN",
        "grace_seconds": 0.2,
        "timeout_seconds": 1.0,
        "reconcile_seconds": 0,
        **options,
    }


def target_of(given: Mapping[str, Any]) -> ShopifyTarget | HttpTarget:
    """The target of such settings."""
    return _TARGET.validate_python(given)


@asynccontextmanager
async def pushing(
    services: Services, given: Mapping[str, Any], retry_seconds: float = 0.02
) -> AsyncIterator[None]:
    """The job runs for a target with these settings."""
    target = target_of(given)
    services.channel_sync.targets = {NAME: target}
    job = TargetSync(services, NAME, target, other_side_of(NAME, target, SECRETS), retry_seconds)
    stop = asyncio.Event()
    running = asyncio.create_task(job.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def report_of(services: Services) -> TargetReport:
    """How the target stands."""
    (report,) = await services.channel_sync.reports(CLERK, [NAME])
    return report


async def settled(services: Services) -> TargetReport:
    """How it stands once there is nothing more to push."""
    return await eventually(
        lambda: report_of(services),
        lambda report: not report.status.pending,
        within_seconds=WITHIN_SECONDS,
    )


async def reconciled(services: Services) -> TargetReport:
    """How it stands after all that they have was gone through once more."""
    asked = await services.channel_sync.ask_for_pass(CLERK, NAME)
    return await eventually(
        lambda: report_of(services),
        lambda one: one.status.report and one.status.report["began"] >= asked.isoformat(),
        within_seconds=WITHIN_SECONDS,
    )
