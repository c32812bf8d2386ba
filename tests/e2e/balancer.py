"""A load balancer: new connections go to the first process that says that it is ready."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx

PROBE_SECONDS = 0.5
CHUNK_BYTES = 65_536


class Balancer:
    """It probes each process as balancers do, and passes bytes on."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._ready = urls[0]
        self.refused = 0
        """How often a process was said to be ready and took no connection."""
        self.address = ""

    async def probe(self) -> None:
        """Go on finding out who is ready."""
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while True:
                for url in self._urls:
                    with suppress(httpx.TransportError):
                        if (await client.get(f"{url}/readyz")).status_code == 200:
                            self._ready = url
                            break
                await asyncio.sleep(PROBE_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        host, port = self._ready.removeprefix("http://").split(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            self.refused += 1
            writer.transport.abort()
            return
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        writer.transport.abort()
    finally:
        writer.close()


@asynccontextmanager
async def balancing(*urls: str) -> AsyncIterator[Balancer]:
    """A balancer before some processes."""
    balancer = Balancer(list(urls))
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    balancer.address = f"{host}:{port}"
    probing = asyncio.create_task(balancer.probe())
    try:
        yield balancer
    finally:
        probing.cancel()
        server.close()
