"""The web application: which address leads where."""

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.web.authentication import Authenticator
from hub.web.body import Disconnected, answer_disconnected
from hub.web.errors import answer_hub_error, answer_unexpected
from hub.web.feeds import availability_feed
from hub.web.graphql import graphql_app
from hub.web.intake import intake_endpoint
from hub.web.probes import livez, metrics, readyz
from hub.web.rest.app import rest_face
from hub.web.storefront import storefront_routes


def web_app(services: Services) -> Starlette:
    """The ASGI application over running services, whose life is their opener's affair."""
    authenticate = Authenticator(
        services.settings.access_tokens, services.settings.anonymous_access
    )
    graphql = graphql_app(services, authenticate)
    return Starlette(
        routes=[
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            Route("/feeds/availability", availability_feed(services, authenticate)),
            Route("/ingest/{source}", intake_endpoint(services, authenticate), methods=["POST"]),
            rest_face(services, authenticate),
            Route("/livez", livez),
            Route("/readyz", readyz(services)),
            Route("/metrics", metrics),
            *storefront_routes(services.settings.frontend_dir),
        ],
        exception_handlers={
            HubError: answer_hub_error,
            Disconnected: answer_disconnected,
            Exception: answer_unexpected,
        },
    )
