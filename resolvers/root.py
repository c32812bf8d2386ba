"""The API as a whole: queries, mutations and subscriptions, their types and their limits."""

from functools import cache

from strawberry.schema.config import StrawberryConfig

from hub.bootstrap import Services
from hub.domain.principal import Principal
from resolvers.engine import HubSchema
from resolvers.known_documents import KnownDocuments
from resolvers.limits import DocumentLimits
from resolvers.loaders import ServiceLoaders
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.refusals import returned_as_data
from resolvers.subscription import Subscription
from schema.context import Context
from schema.scalars import SCALARS

_NO_LIMITS = DocumentLimits()


def build(
    limits: DocumentLimits = _NO_LIMITS,
    *,
    development: bool = False,
    known: KnownDocuments | None = None,
) -> HubSchema:
    """The API. `development` opens introspection and suggestions in messages; `known` are the
    documents that may be named rather than sent."""
    return _api().under(limits, development, known)


@cache
def _api() -> HubSchema:
    """Its types are made once in a process."""
    return HubSchema(
        _NO_LIMITS,
        development=False,
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
        exception_handlers=returned_as_data(),
    )


def context_for(services: Services, principal: Principal) -> Context:
    """What the resolvers of one operation of `principal` can ask."""
    return Context(services, principal, ServiceLoaders)


def sdl() -> str:
    """The API in GraphQL's schema language, as it is committed in `schema/schema.graphql`."""
    return build().as_str().rstrip() + "\n"
