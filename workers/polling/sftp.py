"""Files of an SFTP server, whose key has to be one of those that are configured."""

import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import asyncssh

from hub.domain.errors import InvalidInput
from hub.domain.fetching import Fetch
from hub.services.checked_network import Allowed, NotReachable, connected_socket
from workers.polling.file_places import MAX_LISTED, FilePlace, Listed
from workers.polling.http import shown
from workers.polling.secrets import Secrets
from workers.polling.unpacking import BLOCK_BYTES, FetchFailed

_PORT: Final = 22
_LOGIN_SECONDS: Final = 20
_KEEPALIVE_SECONDS: Final = 20
"""After three that nobody answers, the server has gone."""
_OF_ONE_FILE: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure)
"""Errors that say nothing of other files."""


class _Pinned(asyncssh.SSHClient):
    """Takes a server for the right one by the fingerprint of its key only."""

    def __init__(self, fingerprints: tuple[str, ...]) -> None:
        self._fingerprints = fingerprints

    def validate_host_public_key(self, host: str, addr: str, port: int, key: Any) -> bool:
        return key.get_fingerprint() in self._fingerprints


@asynccontextmanager
async def sftp_place(fetch: Fetch, secrets: Secrets, allowed: Allowed) -> AsyncIterator[FilePlace]:
    """The folder of an SFTP server that an address names. Raises `FetchFailed` where it is not to
    be reached, and `InvalidInput` for a key that can not be read."""
    parts, login = urlsplit(fetch.place), fetch.login
    host, port = str(parts.hostname), parts.port or _PORT
    try:
        async with (
            asyncssh.connect(
                host,
                port,
                sock=await connected_socket(host, port, allowed),
                client_factory=lambda: _Pinned(login.host_keys),
                # None is known by another way than its fingerprint.
                known_hosts=b"",
                username=str(login.username),
                password=None if login.password is None else secrets.value(login.password),
                client_keys=_client_keys(login.private_key, secrets),
                config=None,
                agent_path=None,
                gss_auth=False,
                login_timeout=_LOGIN_SECONDS,
                keepalive_interval=_KEEPALIVE_SECONDS,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield _Sftp(client, PurePosixPath(unquote(parts.path) or "."))
    except asyncssh.HostKeyNotVerifiable:
        problem = "the server's key is none of fetch.host_keys: it may be another server"
        raise FetchFailed(problem) from None
    except (asyncssh.Error, OSError, NotReachable) as error:
        raise FetchFailed(shown(str(error)) or type(error).__name__) from None


def _client_keys(variable: str | None, secrets: Secrets) -> list[asyncssh.SSHKey] | None:
    if variable is None:
        return None
    try:
        return [asyncssh.import_private_key(secrets.value(variable))]
    except asyncssh.KeyImportError:
        problem = f"names {variable}, which holds no private key without a passphrase"
        raise InvalidInput(field="fetch.private_key", problem=problem) from None


class _Sftp:
    """A folder of an SFTP server."""

    def __init__(self, client: asyncssh.SFTPClient, folder: PurePosixPath) -> None:
        self._client = client
        self._folder = folder

    async def list(self) -> list[Listed]:
        found: list[Listed] = []
        async for entry in self._client.scandir(str(self._folder)):
            told = entry.attrs
            if told.permissions is None or not stat.S_ISREG(told.permissions):
                continue
            if len(found) == MAX_LISTED:
                break
            found.append(Listed(str(entry.filename), told.size or 0, float(told.mtime or 0)))
        return found

    async def read(self, name: str, write: Callable[[bytes], None]) -> None:
        try:
            async with self._client.open(str(self._folder / name), "rb") as content:
                while block := await content.read(BLOCK_BYTES):
                    assert isinstance(block, bytes)
                    write(block)
        except _OF_ONE_FILE as error:
            raise FetchFailed(f"{name} can not be read: {shown(error.reason)}") from None

    async def move(self, name: str, folder: str, new_name: str) -> None:
        old = str(self._folder / name)
        try:
            new = str(await self._within(folder) / new_name)
            try:
                await self._client.rename(old, new)
            except asyncssh.SFTPFailure:
                # Servers replace nothing by themselves. What has the new name is the same file,
                # which was put here once more.
                if not (await self._client.exists(old) and await self._client.exists(new)):
                    raise
                await self._client.remove(new)
                await self._client.rename(old, new)
        except asyncssh.SFTPNoSuchFile:
            pass
        except _OF_ONE_FILE as error:
            problem = f"{name} can not be moved to {folder}: {shown(error.reason)}"
            raise FetchFailed(problem) from None

    async def put(self, folder: str, name: str, content: bytes) -> None:
        try:
            target = await self._within(folder) / name
            async with self._client.open(str(target), "wb") as file:
                await file.write(content)
        except _OF_ONE_FILE as error:
            problem = f"{name} can not be put into {folder}: {shown(error.reason)}"
            raise FetchFailed(problem) from None

    async def _within(self, folder: str) -> PurePosixPath:
        """A folder within, made where it is missing."""
        path = self._folder / folder
        if not await self._client.isdir(str(path)):
            await self._client.mkdir(str(path))
        return path
