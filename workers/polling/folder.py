"""A folder of this machine into which senders put files.

It lies within the operator's folder, and is opened once, name by name and never through a link; all
that is done in it is done by that opened folder, so that nothing leads out of it.
"""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePosixPath

from workers.polling.file_places import MAX_LISTED, FilePlace, Listed
from workers.polling.unpacking import BLOCK_BYTES, FetchFailed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MADE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCKS_AT_ONCE = 16


@asynccontextmanager
async def watched_folder(root: Path, name: str) -> AsyncIterator[FilePlace]:
    """A folder within the operator's. Raises `FetchFailed` where there is none."""
    try:
        opened = await asyncio.to_thread(_open, root, name)
    except OSError as error:
        raise FetchFailed(f"the folder {name} can not be opened: {error.strerror}") from None
    try:
        yield _Folder(opened)
    finally:
        os.close(opened)


def _open(root: Path, name: str) -> int:
    """The folder, opened name by name."""
    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in PurePosixPath(name).parts:
        outer = opened
        try:
            opened = os.open(part, _FOLDER, dir_fd=outer)
        finally:
            os.close(outer)
    return opened


def _listed(folder: int) -> list[Listed]:
    found: list[Listed] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(found) == MAX_LISTED:
                break
            if entry.is_file(follow_symlinks=False):
                told = entry.stat(follow_symlinks=False)
                found.append(Listed(entry.name, told.st_size, told.st_mtime))
    return found


class _Folder:
    """An opened folder. What is done in it is done in threads: it may be mounted from elsewhere,
    and then everything can take long."""

    def __init__(self, folder: int) -> None:
        self._folder = folder

    async def list(self) -> list[Listed]:
        return await asyncio.to_thread(_listed, self._folder)

    async def read(self, name: str, write: Callable[[bytes], None]) -> None:
        try:
            file = await asyncio.to_thread(os.open, name, _FILE, dir_fd=self._folder)
        except OSError as error:
            raise FetchFailed(f"{name} can not be read: {error.strerror}") from None
        with os.fdopen(file, "rb") as content:
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                raise FetchFailed(f"{name} is no plain file")
            while block := await asyncio.to_thread(content.read, BLOCK_BYTES * _BLOCKS_AT_ONCE):
                write(block)

    async def move(self, name: str, folder: str, new_name: str) -> None:
        await asyncio.to_thread(self._move, name, folder, new_name)

    def _move(self, name: str, folder: str, new_name: str) -> None:
        try:
            with self._within(folder) as target:
                os.rename(name, new_name, src_dir_fd=self._folder, dst_dir_fd=target)
        except FileNotFoundError:
            pass
        except OSError as error:
            problem = f"{name} can not be moved to {folder}: {error.strerror}"
            raise FetchFailed(problem) from None

    async def put(self, folder: str, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._put, folder, name, content)

    def _put(self, folder: str, name: str, content: bytes) -> None:
        try:
            with self._within(folder) as target:
                made = os.open(name, _MADE, 0o660, dir_fd=target)
                with os.fdopen(made, "wb") as file:
                    file.write(content)
        except OSError as error:
            problem = f"{name} can not be put into {folder}: {error.strerror}"
            raise FetchFailed(problem) from None

    @contextmanager
    def _within(self, folder: str) -> Iterator[int]:
        """A folder within, made where it is missing."""
        try:
            os.mkdir(folder, 0o770, dir_fd=self._folder)
        except FileExistsError:
            pass
        target = os.open(folder, _FOLDER, dir_fd=self._folder)
        try:
            yield target
        finally:
            os.close(target)
