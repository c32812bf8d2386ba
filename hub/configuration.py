"""What the settings mean for the parts that bootstrap puts together."""

from datetime import timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Final

from hub.domain.reservations import HoldStage
from hub.domain.sourcing import STRATEGIES, Strategy
from hub.services.followed_items import Following
from hub.services.outbound_http import OutboundHttp
from hub.settings import Settings


def outbound_of(settings: Settings) -> OutboundHttp:
    """What speaks to other systems over HTTP."""
    return OutboundHttp(
        allow_private=settings.webhook_private_addresses,
        timeout_seconds=settings.webhook_timeout_seconds,
        max_connections=settings.webhook_requests,
    )


def following_of(settings: Settings) -> Following:
    """How alerts and notices follow from what becomes of items."""
    return Following(
        timedelta(seconds=settings.alert_calm_seconds),
        settings.notice_factor,
        timedelta(seconds=settings.notice_wave_seconds),
    )


def hold_seconds_of(settings: Settings) -> dict[HoldStage, int]:
    """How long holds last where no rule says otherwise."""
    return {
        HoldStage.CART: settings.hold_ttl_seconds,
        HoldStage.CHECKOUT: settings.checkout_hold_ttl_seconds,
        HoldStage.PAYMENT: settings.payment_hold_ttl_seconds,
    }


def sourcing_strategies() -> dict[str, Strategy]:
    """The hub's strategies, and those that installed packages bring by the entry point group
    `availability_hub.sourcing`."""
    found = entry_points(group="availability_hub.sourcing")
    return {**STRATEGIES, **{point.name: point.load() for point in found}}


strategies_once: Final = cache(sourcing_strategies)
"""What is installed does not change while a process runs."""


def backplane_url(settings: Settings, database_url: str) -> str:
    """Where hints travel. The embedded database serves one process, which needs no carrier."""
    if settings.backplane_url is not None:
        return settings.backplane_url
    if settings.redis_url is not None:
        return settings.redis_url
    return database_url if settings.database_url is not None else "memory://"


def backplane_setting(settings: Settings) -> str:
    """What names the address."""
    if settings.backplane_url is not None:
        return "HUB_BACKPLANE_URL"
    return "REDIS_URL" if settings.redis_url is not None else "DATABASE_URL"
