"""`GET /feeds/reservations`: reservations that have not ended, then each that came into being or
changed."""

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent
from hub.domain.principal import Principal
from hub.services.feeds.reservations import ReservationsWanted, wanted_reservations
from hub.services.feeds.source import Entry
from hub.services.news import reservation_changed
from hub.services.presentation import reservation_json
from hub.web.authentication import Authenticator
from hub.web.feeds.availability import ITEM_PARAMETERS
from hub.web.feeds.endpoint import feed_endpoint, named
from hub.web.feeds.forms import Told

RESERVATION_FEED: Final = "/feeds/reservations"


def reservation_feed(services: Services, authenticate: Authenticator) -> Callable[[Request], Any]:
    """The endpoint; its events are named `reservation`."""

    async def want(request: Request, principal: Principal, is_new: bool) -> ReservationsWanted:
        asked, skus = request.query_params, named(request, "sku")
        channel, category = asked.get("channel"), asked.get("category")
        return await wanted_reservations(
            services.feeds.parts, principal, channel, skus, category, is_new=is_new
        )

    return feed_endpoint(services, authenticate, _TOLD, want, ITEM_PARAMETERS)


def _body(entry: Entry, locale: str | None) -> dict[str, Any]:
    return reservation_json(entry.value.told)


def _cloud(entry: Entry, locale: str | None) -> CloudEvent:
    return reservation_changed(entry.value.told, entry.touch.time)


_TOLD: Final = Told("reservation", _body, _cloud)
