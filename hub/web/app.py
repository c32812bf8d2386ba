"""The web application: which address leads where."""

from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.web.asyncapi.document import asyncapi
from hub.web.authentication import Authenticator
from hub.web.body import Disconnected, answer_disconnected
from hub.web.connections import Connections
from hub.web.errors import answer_hub_error, answer_unexpected
from hub.web.feeds.alerts import ALERT_FEED, alert_feed
from hub.web.feeds.availability import AVAILABILITY_FEED, availability_feed
from hub.web.feeds.reservations import RESERVATION_FEED, reservation_feed
from hub.web.feeds.snapshot import AVAILABILITY_SNAPSHOT, availability_snapshot
from hub.web.graphql import GraphQLEndpoint
from hub.web.intake import intake_endpoint
from hub.web.lasting_streams import ending_streams
from hub.web.probes import livez, metrics, readyz
from hub.web.request_head import RequestHead
from hub.web.rest.app import rest_face
from hub.web.storefront import storefront_routes
from hub.web.uploads import upload_routes

GRAPHQL: Final = "/graphql"
FEEDS: Final = "/feeds/"


class HubApp(Starlette):
    """Serves GraphQL ahead of what Starlette does to find a route and to catch errors:
    an answer that is kept takes hardly longer than that. The endpoint answers its errors itself."""

    def __init__(
        self,
        graphql: GraphQLEndpoint,
        connections: Connections,
        authenticate: Authenticator,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.graphql = graphql
        self.connections = connections
        self._graphql = ServerErrorMiddleware(graphql, handler=answer_unexpected)

        def expiry_of(scope: Scope) -> datetime | None:
            return authenticate(RequestHead.of(scope).authorization).expires_at

        self._feeds = ending_streams(super().__call__, connections, expiry_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] != "lifespan" and scope["path"] == GRAPHQL:
            await self._graphql(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(FEEDS):
            await self._feeds(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def web_app(services: Services) -> HubApp:
    """The ASGI application over running services, whose life is their opener's affair."""
    authenticate = Authenticator(
        services.settings.access_tokens, services.settings.anonymous_access
    )
    connections = Connections(services.settings.connection_seconds)
    graphql = GraphQLEndpoint(services, authenticate, connections)
    return HubApp(
        graphql,
        connections,
        authenticate,
        routes=[
            # For what is nearly its address, and so redirected.
            Route(GRAPHQL, graphql),
            WebSocketRoute(GRAPHQL, graphql),
            Route(AVAILABILITY_FEED, availability_feed(services, authenticate)),
            Route(AVAILABILITY_SNAPSHOT, availability_snapshot(services, authenticate)),
            Route(RESERVATION_FEED, reservation_feed(services, authenticate)),
            Route(ALERT_FEED, alert_feed(services, authenticate)),
            Route("/ingest/{source}", intake_endpoint(services, authenticate), methods=["POST"]),
            *upload_routes(services, authenticate),
            rest_face(services, authenticate),
            Route("/asyncapi.json", asyncapi),
            Route("/livez", livez),
            Route("/readyz", readyz(services, connections)),
            Route("/metrics", metrics),
            *storefront_routes(services.settings.frontend_dir, services.settings.development),
        ],
        exception_handlers={
            HubError: answer_hub_error,
            Disconnected: answer_disconnected,
            Exception: answer_unexpected,
        },
    )
