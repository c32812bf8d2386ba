"""The hub as its clients see it: a real database, the real application, a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from hub.bootstrap import Services, services_on
from hub.domain.policies import Channel, Policy
from hub.domain.principal import trusted
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem, LocationInfo
from hub.services.stock import Count
from hub.settings import Settings
from hub.web.app import web_app
from hub.web.graphql import GraphQLEndpoint
from hub.web.server import listen, server_for
from tests.integration.graphql.sockets import Socket
from tests.servers import TLS
from workers.formats.registry import OPTION_CHECKS
from workers.sources.trials import try_source

SEED = trusted("seed")
CHANNELS = [
    Channel("web", "Web shop", "en", "EUR", ("BER", "AMS")),
    Channel("store", "Store", "de", "EUR", ("BER",)),
]
MUGS = [
    CatalogueItem(
        f"MUG-{size}", f"Mug {size}", "mug", "kitchen", attributes={"size": size, "price": "9.50"}
    )
    for size in "SML"
]
MANY = [CatalogueItem(f"MANY-{n:02}", f"Thing {n:02}", "many", "things") for n in range(30)]
LOOSE = CatalogueItem("TEA", "Loose tea", None, "food", unit="kg", quantity_step=1)
GONE = CatalogueItem("OLD", "Old mug", None, "kitchen", discontinued=True)


class Served:
    """A running hub, and the questions that can be asked of it."""

    def __init__(
        self,
        services: Services,
        endpoint: GraphQLEndpoint,
        address: str,
        http: httpx.AsyncClient,
    ) -> None:
        self.services = services
        self.endpoint = endpoint
        self.connections = endpoint.connections
        self.address = address
        self.http = http

    @property
    def url(self) -> str:
        """The address of the endpoint for queries, mutations and streams over HTTP."""
        return f"http://{self.address}/graphql"

    @property
    def socket_url(self) -> str:
        """The address of the endpoint for WebSockets."""
        return f"ws://{self.address}/graphql"

    async def post(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """The whole answer to an operation."""
        response = await self.http.post(
            "/graphql", json={"query": document, "variables": variables}
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of an operation that has no errors."""
        answer = await self.post(document, variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def refused(self, document: str, **variables: Any) -> Any:
        """The only error of an operation."""
        (error,) = (await self.post(document, variables))["errors"]
        return error

    async def mutate(self, mutation: str, success: str, refusal: str = "", /, **given: Any) -> Any:
        """What became of a mutation with this input: `success` is selected of its success, and
        `refusal` of its errors, beyond code and message."""
        name = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ __typename"
            f" ... on HubError {{ code message }} {refusal}"
            f" ... on {name}Success {{ {success} }} }} }}"
        )
        return (await self.ask(document, input=given))[mutation]

    async def count(self, sku: str, on_hand: int, location: str = "BER") -> None:
        """Set the units on hand, in whole units."""
        await self.services.stock.set_stock(SEED, Count(sku, location, on_hand * UNIT))

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[Socket]:
        """A WebSocket that speaks graphql-transport-ws, before `connection_init`."""
        async with Socket.open(self.socket_url, **options) as socket:
            yield socket


@pytest.fixture
async def served(database_url: str) -> AsyncIterator[Served]:
    """The hub with a small catalogue and 5 of each item in Berlin, open to everybody."""
    async with serving(Settings(database_url=database_url, development=True)) as hub_served:
        yield hub_served


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """The hub on a free port of loopback."""
    assert settings.database_url is not None
    async with services_on(settings, settings.database_url, OPTION_CHECKS, try_source) as services:
        await _seed(services)
        listening = listen("127.0.0.1", 0)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        app = web_app(services)
        server: uvicorn.Server = server_for(app, graceful_shutdown_seconds=1)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await until(lambda: server.started)
            url = f"http://{address}"
            async with httpx.AsyncClient(base_url=url, timeout=10, verify=TLS) as http:
                yield Served(services, app.graphql, address, http)
        finally:
            server.should_exit = True
            await running


async def until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait for what happens after a client has gone, which nobody is told of."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


async def _seed(services: Services) -> None:
    catalogue = services.catalogue
    await catalogue.put_locations(
        SEED,
        [
            LocationInfo("BER", "Berlin", "DE", "Europe/Berlin"),
            LocationInfo("AMS", "Amsterdam", "NL", "Europe/Amsterdam"),
        ],
    )
    await catalogue.put_channels(
        SEED,
        CHANNELS,
        default="web",
    )
    await catalogue.put_policies(SEED, {("channel", "store"): Policy(safety_stock=2 * UNIT)})
    await catalogue.put_items(SEED, [*MUGS, *MANY, LOOSE, GONE])
    await asyncio.gather(
        *(
            services.stock.set_stock(SEED, Count(item.sku, "BER", 5 * UNIT))
            for item in (*MUGS, *MANY, LOOSE)
        )
    )
