"""A network between two programs that can fail as real ones do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK_BYTES = 65_536


class TcpProxy:
    """Passes bytes on to a server and back, until it is told not to."""

    def __init__(self, url: str) -> None:
        """In front of the server of a `redis://` or `postgresql://` address."""
        self._parts = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._connections: set[asyncio.Task[None]] = set()
        self._forwards = asyncio.Event()
        self._forwards.set()

    @property
    def url(self) -> str:
        """The address of the server by way of here."""
        user = f"{self._parts.username}@" if self._parts.username else ""
        return f"{self._parts.scheme}://{user}127.0.0.1:{self._port}{self._parts.path}"

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Cut every connection and take no other, until it is started again."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def cut(self) -> None:
        """End every connection there is."""
        for connection in self._connections:
            connection.cancel()

    def swallow(self) -> None:
        """Let connections stand and pass nothing on, as a router does that has forgotten them: for
        those that are here now, or come meanwhile, for ever."""
        self._forwards.clear()

    def forward(self) -> None:
        """Pass on what comes over new connections."""
        self._forwards = asyncio.Event()
        self._forwards.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        forwards = self._forwards
        try:
            await forwards.wait()
            server_reader, server_writer = await self._reach()
            with contextlib.closing(server_writer):
                await asyncio.gather(
                    _pass_on(reader, server_writer, forwards),
                    _pass_on(server_reader, writer, forwards),
                )
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._connections.discard(connection)

    async def _reach(self) -> Streams:
        folder = parse_qs(self._parts.query).get("host")
        if folder is not None:
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.5432")
        return await asyncio.open_connection(self._parts.hostname, self._parts.port or 5432)


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, forwards: asyncio.Event
) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        await forwards.wait()
        writer.write(chunk)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[TcpProxy]:
    """A network in front of a server."""
    proxy = TcpProxy(url)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.refuse()
