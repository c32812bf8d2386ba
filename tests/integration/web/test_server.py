"""The listening socket, a connection that rests, and the end of a server."""

import asyncio

import httpx
import pytest

from hub.bootstrap import Services
from hub.web.app import web_app
from hub.web.server import REST_SECONDS, AddressRefused, PortInUse, listen, server_for
from tests.integration.serving import feed, served
from tests.waiting import eventually

WATCH = b'{"query":"subscription { availability(skus: [\\"A-1\\"]) { availability { sku } } }"}'
STREAMS = [
    b"GET /feeds/availability?sku=A-1 HTTP/1.1\r\nHost: hub\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(WATCH), WATCH),
]


def test_a_port_that_another_hub_is_about_to_serve_is_taken() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {port} on 127.0.0.1"):
            listen("127.0.0.1", port)


def test_an_address_of_somebody_else_is_refused_in_a_sentence() -> None:
    with pytest.raises(AddressRefused, match=r"192\.0\.2\.1 \(.+\)"):
        listen("192.0.2.1", 0)


async def test_a_connection_rests_longer_than_balancers_let_theirs(services: Services) -> None:
    async with served(services) as client:
        address = client.base_url
        reader, writer = await asyncio.open_connection(address.host, address.port)
        for pause_seconds in (6, 0):
            writer.write(b"GET /livez HTTP/1.1\r\nHost: hub\r\n\r\n")
            assert (await reader.read(1_000)).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(pause_seconds)
        writer.close()
    assert REST_SECONDS > 60


async def test_a_feed_ends_when_the_server_is_told_to(services: Services) -> None:
    async with served(services) as client, feed(client, "sku=A-1") as partner:
        await partner.next()
        assert services.feeds.is_read
        waiting = asyncio.create_task(partner.next())
    with pytest.raises((StopAsyncIteration, httpx.TransportError, httpx.StreamError)):
        await waiting
    await eventually(lambda: not services.feeds.is_read)


@pytest.mark.parametrize("stream", STREAMS, ids=["feed", "events"])
async def test_a_stream_ends_with_its_client_though_a_request_waits_behind_it(
    services: Services, stream: bytes
) -> None:
    async with served(services) as client:
        address = client.base_url
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(stream + b"GET /livez HTTP/1.1\r\nHost: hub\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"A-1"), 5)
        assert services.feeds.is_read or services.watch.has_subscribers()
        writer.transport.abort()
        await eventually(
            lambda: not services.feeds.is_read and not services.watch.has_subscribers()
        )


async def test_a_request_under_way_is_still_answered_at_the_end(services: Services) -> None:
    listening = listen("127.0.0.1", 0)
    server = server_for(web_app(services), graceful_shutdown_seconds=5)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        await client.get("/livez")
        await services.database.fetch("select 1")
        slow = {"query": '{ availability(skus: ["A-1"]) { quantity } }'}
        asking = asyncio.create_task(client.post("/graphql", json=slow))
        await asyncio.sleep(0.01)
        server.should_exit = True
        answer = await asking
    await asyncio.wait_for(running, 5)
    assert answer.json()["data"] == {"availability": [{"quantity": 0}]}
