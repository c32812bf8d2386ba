"""What all feeds have in common: who asks, from where on, and in which form."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from starlette.requests import Request

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.principal import Principal
from hub.services.feeds.feeds import Wanted
from hub.services.feeds.position import MAX_ID_LENGTH, position_of
from hub.services.wording import known_locale
from hub.web.authentication import Authenticator
from hub.web.feeds.forms import EventForm, Told, format_from
from hub.web.feeds.response import FeedResponse

_PARAMETERS: Final = ("locale", "format", "last_event_id")

Want = Callable[[Request, Principal, bool], Awaitable[Wanted]]
"""What a request wants to read; told whether it is of somebody who comes for the first time. Raises
what the request is refused by."""


def feed_endpoint(
    services: Services,
    authenticate: Authenticator,
    told: Told,
    want: Want,
    parameters: Iterable[str],
) -> Callable[[Request], Any]:
    """The endpoint of a feed with parameters of its own.

    Each thing it tells is an event with an `id`. A client that comes back with `Last-Event-ID` gets
    what has changed since, and with `earliest` whatever the log still tells; where that can no
    longer be told, an event `reset` says so and everything follows.
    """
    known, source = {*_PARAMETERS, *parameters}, services.settings.event_source

    async def feed(request: Request) -> FeedResponse:
        principal = caller_of(request, authenticate)
        check_parameters(request, known)
        asked = request.query_params
        locale = known_locale(asked.get("locale"))
        form = EventForm(told, source, format_from(asked.get("format")), locale)
        id = _last_event_id(request)
        wanted = await want(request, principal, id is None)
        return FeedResponse(
            lambda to: services.feeds.open(principal, wanted, form, position_of(id), to)
        )

    return feed


def caller_of(request: Request, authenticate: Authenticator) -> Principal:
    """Who asks. Raises `Unauthenticated`."""
    host = request.client.host if request.client else None
    return authenticate(request.headers.get("authorization"), host)


def check_parameters(request: Request, known: Iterable[str]) -> None:
    """Raise `InvalidInput` for a parameter that there is not: with `skus=A-1` unseen, a feed would
    tell of everything."""
    for name in request.query_params:
        if name not in known:
            raise InvalidInput(field=name, problem="is no parameter of this address")


def named(request: Request, name: str) -> list[str]:
    """All that a parameter names, each by itself or several separated by commas. Raises
    `InvalidInput` where it is given and names nothing: without it, a feed tells of everything."""
    values = request.query_params.getlist(name)
    names = [one for value in values for one in value.split(",") if one]
    if values and not names:
        raise InvalidInput(field=name, problem="names nothing")
    return names


def _last_event_id(request: Request) -> str | None:
    # As an EventSource sends it, or in the address.
    id = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    if id is not None and len(id) > MAX_ID_LENGTH:
        raise InvalidInput(field="Last-Event-ID", problem="is not an id of this feed")
    return id or None
