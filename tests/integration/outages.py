"""A PostgreSQL that crashes and comes back at the same address."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from hub.store.embedded_postgres import EmbeddedPostgres


class MortalPostgres:
    """An embedded PostgreSQL behind a socket folder that stays the same over its deaths."""

    def __init__(self, server: EmbeddedPostgres, link: Path) -> None:
        self._server = server
        self._link = link
        self.url = f"postgresql://hub@/hub?host={quote(str(link))}"

    async def start(self) -> None:
        """Start it, after a crash too."""
        await self._server.start()
        (socket_folder,) = parse_qs(urlsplit(self._server.dsn()).query)["host"]
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(socket_folder)

    async def stop(self) -> None:
        """End it in order."""
        await self._server.stop()

    async def crash(self) -> None:
        """End it without a word, as a power cut would."""
        process_id = self._server.process_id
        assert process_id is not None
        os.kill(process_id, signal.SIGKILL)
        await self._server.stop()


@asynccontextmanager
async def mortal_postgres(folder: Path, *, durable: bool) -> AsyncIterator[MortalPostgres]:
    """A started one; only if it is durable, which costs seconds, it keeps all it acknowledges."""
    # The path of a socket has room for about a hundred characters.
    place = Path(tempfile.mkdtemp(prefix="hub-test-", dir="/tmp"))
    server = EmbeddedPostgres(folder, durable=durable)
    mortal = MortalPostgres(server, place / "s")
    try:
        await mortal.start()
        yield mortal
    finally:
        await server.stop()
        shutil.rmtree(place)
