"""`python -m benchmarks.reserve_peers`: a hub with other ways to `reserve` beside its own.

They stand behind the same server, view and engine, take the same mutation and answer it in the
same form; only the resolver differs. So what is compared is what the hub does between.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
import uvloop
from starlette.routing import Route
from strawberry.schema.config import StrawberryConfig

from benchmarks.reservations import POOL_SIZES
from benchmarks.row_locks import row_locks
from hub.bootstrap import Services, calm_garbage_collector, services_on
from hub.domain.reservations import HoldStage, Reservation, ReservationState
from hub.observability.logs import configure_logs
from hub.settings import Settings
from hub.web.app import web_app
from hub.web.authentication import Authenticator
from hub.web.connections import Connections
from hub.web.graphql import GraphQLEndpoint
from hub.web.server import listen, server_for
from resolvers.engine import HubSchema
from resolvers.limits import DocumentLimits
from resolvers.query import Query
from resolvers.refusals import returned_as_data
from schema.context import Info
from schema.reservation_inputs import ReserveInput
from schema.reservation_results import ReserveResult, ReserveSuccess
from schema.scalars import SCALARS

HUB_PATH: Final = "/graphql"
NOTHING_PATH: Final = "/nothing"
LOCATION: Final = "BER"

ReserveOne = Callable[[str], Awaitable[None]]
"""Holds one unit of an item, in whatever way."""

_NOW: Final = datetime.now(UTC)
_ANSWER: Final = Reservation(
    id="01890000-0000-7000-8000-000000000000",
    state=ReservationState.HELD,
    channel="web",
    holder=None,
    address=None,
    stage=HoldStage.CART,
    order=None,
    ordered_at=None,
    ttl_seconds=600,
    created_at=_NOW,
    expires_at=_NOW + timedelta(minutes=10),
    ended_reason=None,
    version=1,
    lines=(),
)
"""What every peer answers: none of them loses time with making up an answer of its own."""


def row_locks_path(pool_size: int) -> str:
    """Where `reserve` takes a row lock over a pool of that size."""
    return f"/row-locks/{pool_size}"


class PeerEndpoint(GraphQLEndpoint):
    """The hub's view, whose `reserve` is another."""

    def __init__(self, services: Services, reserve: ReserveOne) -> None:
        settings = services.settings
        connections = Connections(settings.connection_seconds)
        super().__init__(services, Authenticator(settings.access_tokens), connections)
        self.schema = HubSchema(
            DocumentLimits(characters=settings.max_document_characters),
            settings.development,
            query=Query,
            mutation=_mutation_of(reserve),
            config=StrawberryConfig(scalar_map=SCALARS),
            exception_handlers=returned_as_data(),
        )


def _mutation_of(reserve_one: ReserveOne) -> type[Any]:
    async def answer(
        info: Info, given: Annotated[ReserveInput, strawberry.argument(name="input")]
    ) -> ReserveSuccess:
        for line in given.lines:
            await reserve_one(line.sku)
        return ReserveSuccess(reservation=_ANSWER)

    @strawberry.type
    class Mutation:
        reserve = strawberry.mutation(resolver=answer, graphql_type=ReserveResult)

    return Mutation


async def _do_nothing(_sku: str) -> None:
    pass


async def _serve() -> None:
    settings = Settings()
    assert settings.database_url is not None
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(listen(settings.host, 0))
        services = await stack.enter_async_context(services_on(settings, settings.database_url))
        peers: dict[str, ReserveOne] = {NOTHING_PATH: _do_nothing}
        for size in POOL_SIZES:
            locks = await stack.enter_async_context(
                row_locks(settings.database_url, LOCATION, size)
            )
            peers[row_locks_path(size)] = locks.reserve
        app = web_app(services)
        app.routes[:0] = [
            Route(path, PeerEndpoint(services, reserve)) for path, reserve in peers.items()
        ]
        calm_garbage_collector()
        print(f"http://{settings.host}:{listening.getsockname()[1]}{HUB_PATH}", flush=True)
        server = server_for(app, settings.graceful_shutdown_seconds)
        await server.serve(sockets=[listening])


if __name__ == "__main__":
    configure_logs()
    uvloop.run(_serve())
