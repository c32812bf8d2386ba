"""Readers who take nothing: they cost little, are gone soon, and nobody else notices."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Final

import pytest

from hub.bootstrap import Services
from hub.services.catalogue import CatalogueItem
from hub.web.app import web_app
from hub.web.server import HubServer, listen, server_for
from tests.integration.shop import CLERK, count
from tests.integration.watcher import watching
from tests.waiting import eventually

MAX_BYTES: Final = 150_000
PATIENCE_SECONDS: Final = 2.0
GONE_WITHIN_SECONDS: Final = 30.0
READERS: Final = 10
ITEMS: Final = 100
ROUNDS_OF_PINGS: Final = 5
PINGS: Final = (b"\x89\xfd" + bytes(4 + 125)) * 1000
# Of the numbers that the system tells about the memory of a socket: what it holds of what came,
# and of what is to be sent.
SO_MEMINFO, RECEIVED, QUEUED = 55, 0, 5

SKUS = [f"LONG-NAME-OF-AN-ITEM-THAT-FILLS-BUFFERS-{n:03}" for n in range(ITEMS)]
NAMED = ", ".join(f'"{sku}"' for sku in SKUS)
DOCUMENT = json.dumps(
    f"subscription {{ availability(skus: [{NAMED}]) {{ availability {{ sku }} }} }}"
)
BODY = f'{{"query":{DOCUMENT}}}'
BEGIN = '{"type":"connection_init"}'
SUBSCRIBE = f'{{"type":"subscribe","id":"1","payload":{BODY}}}'


def head(line: str, *fields: str) -> bytes:
    """The head of a request."""
    return "\r\n".join((line, "Host: hub", *fields, "", "")).encode()


def frame(text: str) -> bytes:
    """A message, as a client sends it."""
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text.encode()


def post(accept: str) -> bytes:
    """A request for the events over HTTP."""
    length = f"Content-Length: {len(BODY)}"
    fields = (f"Accept: {accept}", "Content-Type: application/json", length)
    return head("POST /graphql HTTP/1.1", *fields) + BODY.encode()


UPGRADE = head(
    "GET /graphql HTTP/1.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: graphql-transport-ws",
)
ASKING = {
    "socket": (UPGRADE, frame(BEGIN) + frame(SUBSCRIBE)),
    "events": (post("text/event-stream"),),
    "multipart": (post("multipart/mixed;subscriptionSpec=1.0"),),
    "feed": (head("GET /feeds/availability HTTP/1.1"),),
}


@pytest.mark.parametrize("asking", ASKING.values(), ids=list(ASKING))
async def test_a_reader_who_takes_nothing_costs_little_and_is_gone_soon(
    services: Services, asking: tuple[bytes, ...]
) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem(sku, "Item") for sku in SKUS])
    async with (
        served(services) as (server, port),
        watching(services, SKUS[0]) as reader,
        stalled(port, asking),
    ):
        await eventually(lambda: len(server.server_state.connections) == READERS)
        most = units = 0
        async with asyncio.timeout(GONE_WITHIN_SECONDS):
            while server.server_state.connections:
                units += 1
                for sku in SKUS:
                    await count(services, sku, units)
                    most = max(most, *held_for_each(server))
                await reader.sees(units, SKUS[0])
        assert 0 < most <= MAX_BYTES
    await eventually(lambda: len(server.server_state.tasks) == 0)


async def test_who_pings_and_reads_nothing_costs_no_more(services: Services) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem(sku, "Item") for sku in SKUS])
    async with served(services) as (server, port), stalled(port, ASKING["socket"]) as readers:
        most = 0
        for _ in range(ROUNDS_OF_PINGS):
            for reader in readers:
                with suppress(ConnectionError):  # it may be gone already
                    await asyncio.to_thread(reader.sendall, PINGS)
            most = max(most, *held_for_each(server))
        assert 0 < most <= MAX_BYTES


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[tuple[HubServer, int]]:
    """The server and its port."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    server = server_for(web_app(services), 1, patience_seconds=PATIENCE_SECONDS)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server, port
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def stalled(port: int, asking: tuple[bytes, ...]) -> AsyncIterator[list[socket.socket]]:
    """Clients who ask, and read nothing of what they are answered but that it begins."""
    with ExitStack() as stack:
        readers = [stack.enter_context(socket.socket()) for _ in range(READERS)]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", port))
            reader.sendall(asking[0])
        for reader in readers:
            for more in asking[1:]:
                # Only once it is a WebSocket.
                await asyncio.to_thread(reader.recv, 1)
                reader.sendall(more)
        yield readers


def held_for_each(server: HubServer) -> list[int]:
    """Bytes that wait for each client, in the process and in the system."""
    held = [0]
    for connection in server.server_state.connections:
        transport = connection.transport
        connected = transport.get_extra_info("socket")
        if not transport.is_closing() and connected.fileno() >= 0:
            told = connected.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
            memory = struct.unpack("9I", told)
            waiting = transport.get_write_buffer_size()
            held.append(memory[RECEIVED] + memory[QUEUED] + waiting)
    return held
