"""`GET /feeds/availability`: the state of items, all of a category or of the channel, then each
newer state."""

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent
from hub.domain.principal import Principal
from hub.services.feeds.availability import AvailabilityWanted, wanted_availability
from hub.services.feeds.feeds import Feeds
from hub.services.feeds.source import Entry
from hub.services.news import availability_changed
from hub.services.presentation import availability_json
from hub.web.authentication import Authenticator
from hub.web.feeds.endpoint import feed_endpoint, named
from hub.web.feeds.forms import Told

AVAILABILITY_FEED: Final = "/feeds/availability"
ITEM_PARAMETERS: Final = ("channel", "sku", "category")


def availability_feed(services: Services, authenticate: Authenticator) -> Callable[[Request], Any]:
    """The endpoint; its events are named `availability`."""

    async def want(request: Request, principal: Principal, is_new: bool) -> AvailabilityWanted:
        return await availability_asked_for(request, principal, services.feeds, is_new=is_new)

    return feed_endpoint(services, authenticate, _TOLD, want, ITEM_PARAMETERS)


async def availability_asked_for(
    request: Request, principal: Principal, feeds: Feeds, *, is_new: bool
) -> AvailabilityWanted:
    """The answers that the parameters of a request ask for. Raises what they are refused by."""
    asked = request.query_params
    skus, category = named(request, "sku"), asked.get("category")
    return await wanted_availability(
        feeds.parts, principal, asked.get("channel"), skus, category, is_new=is_new
    )


def _body(entry: Entry, locale: str | None) -> dict[str, Any]:
    return availability_json(entry.value.told, locale)


def _cloud(entry: Entry, locale: str | None) -> CloudEvent:
    answer, (_, xid, time) = entry.value.told, entry.touch
    return availability_changed(answer, availability_json(answer, locale), xid, time)


_TOLD: Final = Told("availability", _body, _cloud)
