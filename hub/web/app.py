"""The web application: which address leads where."""

from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.web.authentication import Authenticator
from hub.web.body import Disconnected, answer_disconnected
from hub.web.errors import answer_hub_error, answer_unexpected
from hub.web.feeds import availability_feed
from hub.web.graphql import GraphQLEndpoint
from hub.web.intake import intake_endpoint
from hub.web.probes import livez, metrics, readyz
from hub.web.rest.app import rest_face
from hub.web.storefront import storefront_routes

GRAPHQL: Final = "/graphql"


class HubApp(Starlette):
    """Serves GraphQL over HTTP ahead of what Starlette does to find a route and to catch errors:
    an answer that is kept takes hardly longer than that. The endpoint answers its errors itself."""

    def __init__(self, graphql: GraphQLEndpoint, **options: Any) -> None:
        super().__init__(**options)
        self.graphql = graphql
        self._graphql = ServerErrorMiddleware(graphql, handler=answer_unexpected)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] == "http" and scope["path"] == GRAPHQL:
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def web_app(services: Services) -> HubApp:
    """The ASGI application over running services, whose life is their opener's affair."""
    authenticate = Authenticator(
        services.settings.access_tokens, services.settings.anonymous_access
    )
    graphql = GraphQLEndpoint(services, authenticate)
    return HubApp(
        graphql,
        routes=[
            # For what is nearly its address, and so redirected.
            Route(GRAPHQL, graphql),
            WebSocketRoute(GRAPHQL, graphql),
            Route("/feeds/availability", availability_feed(services, authenticate)),
            Route("/ingest/{source}", intake_endpoint(services, authenticate), methods=["POST"]),
            rest_face(services, authenticate),
            Route("/livez", livez),
            Route("/readyz", readyz(services)),
            Route("/metrics", metrics),
            *storefront_routes(services.settings.frontend_dir, services.settings.development),
        ],
        exception_handlers={
            HubError: answer_hub_error,
            Disconnected: answer_disconnected,
            Exception: answer_unexpected,
        },
    )
