"""`python -m benchmarks.stock_subscriptions`: live delivery as Strawberry's documentation has it.
Each subscriber has a queue, and what is put there is executed for him.

The types are as much of the hub's as the benchmarks ask for.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Final

import strawberry
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from strawberry import ID
from strawberry.asgi import GraphQL

from benchmarks.raw_server import HOST, PATH, STOP_SECONDS
from hub.bootstrap import calm_garbage_collector
from hub.web.server import listen, server_for


@strawberry.type
class Message:
    """What a shopper reads."""

    code: str
    text: str


@strawberry.type
class Availability:
    """The availability of an item."""

    sku: ID
    quantity: float
    status: str
    version: int
    as_of: datetime
    message: Message


@strawberry.type
class AvailabilityEvent:
    """What subscribers are told."""

    kind: str
    cursor: str
    availability: list[Availability]


_QUEUES: Final[set[asyncio.Queue[AvailabilityEvent]]] = set()


def _event(kind: str, version: int) -> AvailabilityEvent:
    message = Message(code="IN_STOCK", text="In stock")
    now = datetime.now(UTC)
    item = Availability(
        sku=ID("ITEM-0000002"), quantity=56, status="IN_STOCK", version=version, as_of=now,
        message=message,
    )  # fmt: skip
    return AvailabilityEvent(kind=kind, cursor="12345:12345:", availability=[item])


@strawberry.type
class Query:
    """A schema needs one."""

    nothing: int = 0


@strawberry.type
class Subscription:
    """What can be watched."""

    @strawberry.subscription
    async def availability(self, skus: list[ID]) -> AsyncGenerator[AvailabilityEvent, None]:
        """An item, whichever is named."""
        queue: asyncio.Queue[AvailabilityEvent] = asyncio.Queue()
        _QUEUES.add(queue)
        try:
            yield _event("SNAPSHOT", 0)
            while True:
                yield await queue.get()
        finally:
            _QUEUES.discard(queue)


async def _serve() -> None:
    versions = iter(range(1, 1_000_000))

    async def publish(_request: Request) -> Response:
        event = _event("CHANGE", next(versions))
        for queue in _QUEUES:
            queue.put_nowait(event)
        return Response()

    graphql: GraphQL[None, None] = GraphQL(
        strawberry.Schema(query=Query, subscription=Subscription)
    )
    app = Starlette(
        routes=[WebSocketRoute(PATH, graphql), Route("/publish", publish, methods=["POST"])]
    )
    with listen(HOST, 0) as listening:
        calm_garbage_collector()
        print(f"http://{HOST}:{listening.getsockname()[1]}{PATH}", flush=True)
        await server_for(app, STOP_SECONDS).serve(sockets=[listening])


if __name__ == "__main__":
    uvloop.run(_serve())
