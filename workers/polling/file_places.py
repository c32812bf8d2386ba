"""Places where senders put files: what one must be able to do."""

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

DONE: Final = "done"
REFUSED: Final = "refused"
REPLIES: Final = "replies"
MAX_LISTED: Final = 10_000
"""Names that are looked at in one folder."""
UNKNOWN_SIZE: Final = -1


class Listed(NamedTuple):
    """A file that lies there. Folders and links are not listed."""

    name: str
    size: int
    modified_at: float
    """Seconds since 1970, by the clock of the place."""


class FilePlace(Protocol):
    """A folder of files, here or on a server. Methods raise `FetchFailed` for what is wrong with
    one file only, and else whatever becomes one when the place is closed."""

    async def list(self) -> list[Listed]:
        """The files in it, at most `MAX_LISTED`."""

    async def read(self, name: str, write: Callable[[bytes], None]) -> None:
        """Hand over a file, block by block."""

    async def move(self, name: str, folder: str, new_name: str) -> None:
        """Move a file to a folder within, which is made where it is missing, in place of what has
        the new name there. One that is gone by now is no failure."""

    async def put(self, folder: str, name: str, content: bytes) -> None:
        """Put a file into a folder within, which is made where it is missing."""
