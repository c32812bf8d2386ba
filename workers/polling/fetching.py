"""What a source is asked for, put down in files that its format can read."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, TypeVar, cast
from urllib.parse import unquote, urlsplit

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.fetching import Fetch, FetchKind, Taken
from hub.domain.polling import PollState
from hub.services.checked_network import public_or_within
from workers.formats.reading import Format
from workers.polling.answers import HttpState, fetch_answer
from workers.polling.file_places import MAX_LISTED, UNKNOWN_SIZE, FilePlace, Listed
from workers.polling.folder import watched_folder
from workers.polling.http import Server
from workers.polling.pages import in_pages
from workers.polling.secrets import Secrets
from workers.polling.unpacking import (
    FetchFailed,
    Sink,
    TookTooLong,
    unpack,
    unpacked_name,
)
from workers.sources.drafts import Arrival

T = TypeVar("T")

_KEY_CHARACTERS: Final = 32
_MAX_NAME: Final = 100
_MAX_FILE_NAME_BYTES: Final = 200
"""Of a file's name, to which a mark and an ending are added."""
_UNFINISHED: Final = (".part", ".filepart", ".tmp", ".crdownload")
"""What senders' programs call a file that they are still writing."""
_ON_SERVERS: Final = {
    FetchKind.SFTP: ("workers.polling.sftp", "sftp_place"),
    FetchKind.FTP: ("workers.polling.ftp", "ftp_place"),
}


class Fetched(NamedTuple):
    """Something that was fetched."""

    path: Path
    format: Format
    state: PollState
    """Once it is taken in."""
    arrival: Arrival | None = None
    """None for a file, which its content and its date name."""


class FetchedFile(NamedTuple):
    """A file that was fetched."""

    path: Path
    digest: str
    """Of it as it lay there."""


class Fetcher:
    """Asks sources."""

    def __init__(self, services: Services, secrets: Secrets) -> None:
        self._clock = services.clock
        self._watched = services.settings.watched_dir
        self._allowed = public_or_within(services.settings.fetch_private_networks)
        self._secrets = secrets

    async def answer(
        self, fetch: Fetch, format: Format, state: PollState, folder: Path
    ) -> Fetched | None:
        """What a server answers; None where it is what was taken last. Raises `FetchFailed`, and
        `InvalidInput` for a secret that is not there."""
        known = HttpState(state.etag, state.last_modified, state.cursor)
        path = folder / _name_of(fetch.place)
        try:
            async with (
                asyncio.timeout(fetch.timeout.total_seconds()),
                Server(fetch, self._secrets, self._allowed) as server,
            ):
                answer = await fetch_answer(fetch, server, known, path)
        except TimeoutError:
            raise FetchFailed(_too_long(fetch)) from None
        if answer is None:
            return None
        # Asked by another cursor, the same words say something else.
        digest = _named(state.cursor or "", answer.digest)
        if digest == state.digest and state.whole:
            return None
        key = state.key if digest == state.digest else _named(state.key, digest)
        following = state._replace(key=key, digest=digest, **answer.state._asdict())
        pages = in_pages(format, answer.pages) if len(answer.pages) > 1 else format
        return Fetched(path, pages, following, Arrival(key, self._clock.now()))

    @asynccontextmanager
    async def place(self, fetch: Fetch) -> AsyncIterator[FilePlace]:
        """The folder that a source puts files into. Raises `FetchFailed` and `InvalidInput`, and
        the first also where opening or closing it takes longer than `timeout`."""
        seconds = fetch.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds) as limit, self._opened(fetch) as place:
                limit.reschedule(None)
                try:
                    yield place
                finally:
                    limit.reschedule(asyncio.get_running_loop().time() + seconds)
        except TimeoutError:
            raise FetchFailed(_too_long(fetch)) from None

    def _opened(self, fetch: Fetch) -> AbstractAsyncContextManager[FilePlace]:
        if fetch.kind is FetchKind.FOLDER:
            if self._watched is None:
                problem = "needs HUB_WATCHED_DIR where the jobs run, the folder that it lies in"
                raise InvalidInput(field="fetch.folder", problem=problem)
            return watched_folder(self._watched, fetch.place)
        module, name = _ON_SERVERS[fetch.kind]
        try:
            opened = getattr(import_module(module), name)
        except ModuleNotFoundError as missing:
            problem = f"needs the package {missing.name}: install availability-hub[fetch]"
            raise InvalidInput(field="fetch.kind", problem=problem) from None
        return cast(
            AbstractAsyncContextManager[FilePlace], opened(fetch, self._secrets, self._allowed)
        )

    async def files(self, fetch: Fetch, place: FilePlace, state: PollState) -> list[Listed]:
        """Files that are whole and were not taken yet, the oldest first."""
        found = await within(fetch, place.list())
        wanted = [one for one in found if _is_wanted(one, fetch, state)]
        if len(found) == MAX_LISTED and (fetch.files.taken is Taken.REMEMBER or not wanted):
            # Which of them are new, or match, nobody could say.
            problem = f"has {MAX_LISTED} files or more: move old ones to another folder"
            raise FetchFailed(problem)
        if wanted and fetch.files.settle:
            await asyncio.sleep(fetch.files.settle.total_seconds())
            again = set(await within(fetch, place.list()))
            wanted = [one for one in wanted if one in again]
        return sorted(wanted, key=lambda one: (one.modified_at, one.name))

    async def file(
        self, fetch: Fetch, place: FilePlace, listed: Listed, folder: Path
    ) -> FetchedFile | None:
        """Fetch a file, and unpack it; None where it is still being written. Raises `FetchFailed`,
        and `Unreadable` for what is too large, or packed and broken."""
        came, path = folder / listed.name, folder / unpacked_name(listed.name)
        try:
            with came.open("wb") as file:
                sink = Sink(file, fetch.max_bytes)
                await within(fetch, place.read(listed.name, sink.write))
            if listed.size not in (UNKNOWN_SIZE, sink.written):
                came.unlink()
                return None
            if path != came:
                await asyncio.to_thread(unpack, came, listed.name, path, fetch.max_bytes)
                came.unlink()
            os.utime(path, (listed.modified_at, listed.modified_at))
        except BaseException:
            # Many that can not be taken must not fill the disk.
            came.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise
        return FetchedFile(path, sink.digest)


def passed(state: PollState, listed: Listed) -> PollState:
    """What is remembered once a file is done with, where it stays."""
    if state.mark == listed.modified_at:
        return state._replace(names=(*state.names, listed.name))
    return state._replace(mark=listed.modified_at, names=(listed.name,))


async def within(fetch: Fetch, work: Awaitable[T]) -> T:
    """What some work gives. Raises `TookTooLong`."""
    try:
        async with asyncio.timeout(fetch.timeout.total_seconds()):
            return await work
    except TimeoutError:
        raise TookTooLong(_too_long(fetch)) from None


def _is_wanted(listed: Listed, fetch: Fetch, state: PollState) -> bool:
    name, rule = listed.name, fetch.files
    # A server may say whatever it likes; what it says becomes the name of a file here.
    if not name.isprintable() or "/" in name or name.startswith("."):
        return False
    if len(name.encode()) > _MAX_FILE_NAME_BYTES:
        return False
    if not fnmatchcase(name, rule.pattern) or name.lower().endswith(_UNFINISHED):
        return False
    if rule.taken is Taken.MOVE or state.mark is None:
        return True
    newer = listed.modified_at > state.mark
    return newer or (listed.modified_at == state.mark and name not in state.names)


def _too_long(fetch: Fetch) -> str:
    return f"took longer than {fetch.timeout.total_seconds():g} seconds, which is `timeout`"


def _name_of(url: str) -> str:
    """What to call an answer: as the end of its address, without what no file could be called."""
    last = PurePosixPath(unquote(urlsplit(url).path)).name
    name = "".join(one for one in last if one.isalnum() or one in "._-").lstrip(".")
    return name[-_MAX_NAME:] or "answer"


def _named(before: str, digest: str) -> str:
    return hashlib.sha256(f"{before} {digest}".encode()).hexdigest()[:_KEY_CHARACTERS]
