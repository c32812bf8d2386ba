"""`GET /feeds/alerts`: what is the matter with stock, then each alert that opens or changes."""

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent
from hub.domain.principal import Principal
from hub.services.feeds.alerts import AlertsWanted, wanted_alerts
from hub.services.feeds.source import Entry
from hub.services.news import alert_told
from hub.services.presentation import alert_json
from hub.web.authentication import Authenticator
from hub.web.feeds.endpoint import feed_endpoint, named
from hub.web.feeds.forms import Told

ALERT_FEED: Final = "/feeds/alerts"


def alert_feed(services: Services, authenticate: Authenticator) -> Callable[[Request], Any]:
    """The endpoint; its events are named `alert`."""

    async def want(request: Request, principal: Principal, is_new: bool) -> AlertsWanted:
        conditions, skus = named(request, "condition"), named(request, "sku")
        chosen = (request.query_params.get(name) for name in _CHOSEN)
        return await wanted_alerts(
            services.feeds.parts, principal, conditions, skus, *chosen, is_new=is_new
        )

    return feed_endpoint(services, authenticate, _TOLD, want, ("condition", "sku", *_CHOSEN))


def _body(entry: Entry, locale: str | None) -> dict[str, Any]:
    return alert_json(entry.value.told, locale)


def _cloud(entry: Entry, locale: str | None) -> CloudEvent:
    event = alert_told(entry.value.told, entry.touch.time)
    return event._replace(data=_body(entry, locale))


_CHOSEN: Final = ("category", "channel", "location")
_TOLD: Final = Told("alert", _body, _cloud)
