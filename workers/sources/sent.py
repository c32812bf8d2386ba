"""Something whole that a source has sent, a file or a body, to be read as often as need be."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from hub.domain.decide_stock import CLOCK_TOLERANCE
from hub.domain.errors import InvalidInput
from workers.formats.reading import Envelope
from workers.sources.drafts import Arrival

_BLOCK_BYTES: Final = 1 << 20
KEY_CHARACTERS: Final = 32
"""Of a digest that names what was sent."""


class Sent(NamedTuple):
    """What a source has sent, and how it came."""

    name: str | None
    """Of the file."""
    size: int
    """In bytes."""
    arrival: Arrival
    begin: Callable[[], BinaryIO]
    """Opens it at its beginning."""
    headers: Mapping[str, str] = {}
    """Of the request; names in lower case."""

    @property
    def envelope(self) -> Envelope:
        """What came with the bytes."""
        return Envelope(self.arrival.received_at, self.name, self.headers)

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """All of it, from its beginning."""
        with self.begin() as content:
            yield content

    def read_of(self, content: BinaryIO) -> int:
        """How many bytes of it are read."""
        return self.size if content.closed else content.tell()


def sent_bytes(
    body: bytes, arrival: Arrival, headers: Mapping[str, str], name: str | None = None
) -> Sent:
    """What came as a body."""
    return Sent(name, len(body), arrival, lambda: BytesIO(body), headers)


@contextmanager
def sent_file(path: Path, now: datetime, arrival: Arrival | None = None) -> Iterator[Sent]:
    """A file, with the name that it came by; without one it is read through once, so that it has
    one by its content and its date. Raises `InvalidInput` where that is still to come."""
    if arrival is not None:
        with path.open("rb") as content:
            yield Sent(path.name, path.stat().st_size, arrival, beginning_of(content))
        return
    modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if modified_at > now + CLOCK_TOLERANCE:
        problem = f"is dated {modified_at.isoformat()}, which is still to come"
        raise InvalidInput(field="file", problem=problem)
    digest = hashlib.sha256(modified_at.isoformat().encode())
    with path.open("rb") as content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
        size = content.tell()
        key = digest.hexdigest()[:KEY_CHARACTERS]
        yield Sent(path.name, size, Arrival(key, now, modified_at), beginning_of(content))


def beginning_of(content: BinaryIO) -> Callable[[], BinaryIO]:
    """Opens a file at its beginning: this one, though another may have its name by now."""

    def begin() -> BinaryIO:
        content.seek(0)
        return os.fdopen(os.dup(content.fileno()), "rb")

    return begin
