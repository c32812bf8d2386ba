"""Files of an FTP server, over TLS unless that is switched off."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import aioftp

from hub.domain.fetching import Fetch
from hub.services.checked_network import Allowed, NotReachable, connected_socket
from workers.polling.file_places import MAX_LISTED, UNKNOWN_SIZE, FilePlace, Listed
from workers.polling.http import SILENCE_SECONDS, shown
from workers.polling.secrets import Secrets
from workers.polling.unpacking import BLOCK_BYTES, FetchFailed

_PORT: Final = 21
_TLS_PORT: Final = 990


class _Client(aioftp.Client):
    """Connects to the address that was checked, also for what is transferred: wherever else the
    server says that its data is."""

    allowed: Allowed
    address: str | None = None
    data: asyncio.StreamWriter | None = None
    """What was transferred last, there is one at a time. The library leaves it open where the
    server refuses the command that it was for."""

    async def _open_connection(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = await connected_socket(self.address or self.server_host, port, self.allowed)
        self.address = self.address or connection.getpeername()[0]
        secure = self.ssl
        if self._stream is not None:
            encrypted = self._stream.writer.transport.get_extra_info("ssl_object")
            secure = None if encrypted is None else encrypted.context
        try:
            reader, writer = await asyncio.open_connection(
                sock=connection,
                ssl=secure,
                server_hostname=self.server_host if secure else None,
            )
        except BaseException:
            connection.close()
            raise
        if self._stream is not None:
            self.end_data()
            self.data = writer
        return reader, writer

    def end_data(self) -> None:
        """Close what was transferred last."""
        if self.data is not None:
            self.data.close()


@asynccontextmanager
async def ftp_place(fetch: Fetch, secrets: Secrets, allowed: Allowed) -> AsyncIterator[FilePlace]:
    """The folder of an FTP server that an address names. Raises `FetchFailed` where it is not to be
    reached."""
    parts, login = urlsplit(fetch.place), fetch.login
    implicit = parts.scheme == "ftps"
    client = _Client(
        socket_timeout=SILENCE_SECONDS, ssl=ssl.create_default_context() if implicit else None
    )
    client.allowed = allowed
    password = None if login.password is None else secrets.value(login.password)
    try:
        await client.connect(str(parts.hostname), parts.port or (_TLS_PORT if implicit else _PORT))
        if login.tls and not implicit:
            await client.upgrade_to_tls()
        await client.login(login.username or "anonymous", password or "anonymous@")
        yield _Ftp(client, PurePosixPath(unquote(parts.path) or "."))
        await client.quit()
    except (aioftp.AIOFTPException, OSError, NotReachable, ValueError, EOFError) as error:
        raise FetchFailed(shown(str(error)) or type(error).__name__) from None
    finally:
        client.end_data()
        client.close()


class _Ftp:
    """A folder of an FTP server."""

    def __init__(self, client: aioftp.Client, folder: PurePosixPath) -> None:
        self._client = client
        self._folder = folder

    async def list(self) -> list[Listed]:
        found: list[Listed] = []
        async for path, told in self._client.list(self._folder):
            if told.get("type") != "file" or len(found) == MAX_LISTED:
                continue
            size = int(str(told.get("size", UNKNOWN_SIZE)))
            found.append(Listed(path.name, size, _time_of(str(told.get("modify", "")))))
        return found

    async def read(self, name: str, write: Callable[[bytes], None]) -> None:
        try:
            async with self._client.download_stream(self._folder / name) as stream:
                async for block in stream.iter_by_block(BLOCK_BYTES):
                    write(block)
        except aioftp.StatusCodeError as error:
            raise FetchFailed(f"{name} can not be read: {shown(' '.join(error.info))}") from None

    async def move(self, name: str, folder: str, new_name: str) -> None:
        old = self._folder / name
        try:
            new = await self._within(folder) / new_name
            try:
                await self._client.rename(old, new)
            except aioftp.StatusCodeError:
                # Not every server replaces a file. What has the new name is the same one, which
                # was put here once more.
                if not (await self._client.exists(old) and await self._client.exists(new)):
                    raise
                await self._client.remove_file(new)
                await self._client.rename(old, new)
        except aioftp.StatusCodeError as error:
            if await self._client.exists(old):
                problem = f"{name} can not be moved to {folder}: {shown(' '.join(error.info))}"
                raise FetchFailed(problem) from None

    async def put(self, folder: str, name: str, content: bytes) -> None:
        try:
            target = await self._within(folder) / name
            async with self._client.upload_stream(target) as stream:
                await stream.write(content)
        except aioftp.StatusCodeError as error:
            problem = f"{name} can not be put into {folder}: {shown(' '.join(error.info))}"
            raise FetchFailed(problem) from None

    async def _within(self, folder: str) -> PurePosixPath:
        """A folder within, made where it is missing."""
        path = self._folder / folder
        if not await self._client.exists(path):
            await self._client.make_directory(path)
        return path


def _time_of(text: str) -> float:
    """The time of a file, which FTP tells in UTC."""
    try:
        moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise FetchFailed(f"tells of a file's date as {shown(text)!r}") from None
    return moment.timestamp()
