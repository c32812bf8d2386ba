"""What is fetched, written down within its limits: also what is packed, which may be small and
become large."""

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

BLOCK_BYTES: Final = 1 << 16
MAX_RATIO: Final = 200
"""So many times as large as it was sent, what is unpacked may become; stock lists pack to a tenth
or a twentieth."""
_UNDOUBTED_BYTES: Final = 1 << 20
"""So much may come of anything, however little it was."""
_MAX_DIRECTORY_BYTES: Final = 1 << 20
"""Of the directory of an archive, which is read as a whole; it has one file."""
_ANY_ZLIB: Final = 47
"""zlib's own number for: gzip or zlib, whichever it is."""
PACKED: Final = (".gz", ".zip")
_BROKEN: Final = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What reading an archive raises that is none, or a broken one."""


class FetchFailed(Exception):
    """What was asked for did not come as it should; `retry_after` where the other side wants to be
    left alone for so long."""

    def __init__(self, problem: str, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class Unreadable(FetchFailed):
    """What came can not be taken, and will not be another time."""


class TookTooLong(FetchFailed):
    """It did not come in the time that it has."""


class Sink:
    """Where to write what is fetched: so many bytes and no more, of all parts together."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self.written = 0

    @property
    def digest(self) -> str:
        """SHA-256 of what was written."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Write a block. Raises `Unreadable` where it is one too many."""
        self.written += len(block)
        if self.written > self._max_bytes:
            raise Unreadable(f"sent more than {self._max_bytes} bytes, which is `max_bytes`")
        self._digest.update(block)
        self._file.write(block)


class Writing(Protocol):
    """Takes what comes, block by block."""

    def write(self, block: bytes) -> None:
        """Take a block."""

    def end(self) -> None:
        """There is no more. Raises `Unreadable` where there should be."""


class Plain:
    """Writes what comes as it comes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, block: bytes) -> None:
        self._sink.write(block)

    def end(self) -> None:
        pass


class Inflating:
    """Unpacks gzip or deflate as it comes, a little at a time."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._unpacker = zlib.decompressobj(_ANY_ZLIB)
        self._read = 0
        self._made = 0

    def write(self, block: bytes) -> None:
        self._read += len(block)
        while block:
            if self._unpacker.eof:
                # Packed files may be one behind the other.
                self._unpacker = zlib.decompressobj(_ANY_ZLIB)
            try:
                made = self._unpacker.decompress(block, BLOCK_BYTES)
            except zlib.error:
                raise Unreadable("sent what is packed by gzip or deflate and broken") from None
            self._made += len(made)
            _check_ratio(self._read, self._made)
            self._sink.write(made)
            block = self._unpacker.unconsumed_tail or self._unpacker.unused_data

    def end(self) -> None:
        if self._read and not self._unpacker.eof:
            raise Unreadable("sent what is packed and breaks off")


def unpacked_name(name: str) -> str:
    """What a packed file is called once it is unpacked."""
    return Path(name).stem if name.lower().endswith(PACKED) else name


def unpack(path: Path, name: str, into: Path, max_bytes: int) -> None:
    """Unpack a file by what its name ends with. Raises `Unreadable` for what is broken, or becomes
    too large, and for an archive of other than one file."""
    with into.open("wb") as file:
        sink = Sink(file, max_bytes)
        if name.lower().endswith(".zip"):
            for block in _unzipped(path):
                sink.write(block)
            return
        unpacking = Inflating(sink)
        with path.open("rb") as packed:
            while block := packed.read(BLOCK_BYTES):
                unpacking.write(block)
        unpacking.end()


class _Sparing(io.FileIO):
    """A file of which nobody reads much at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > _MAX_DIRECTORY_BYTES:
            raise Unreadable(f"is an archive with a directory of more than {_MAX_DIRECTORY_BYTES}")
        return super().read(size)


def _unzipped(path: Path) -> Iterator[bytes]:
    size, made = path.stat().st_size, 0
    try:
        with _Sparing(path) as file, ZipFile(file) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if len(files) != 1:
                raise Unreadable(f"is an archive of {len(files)} files, not of one")
            if files[0].compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                # The others may need gigabytes for a little.
                raise Unreadable("is an archive that is packed by another method than deflate")
            # Its name is not looked at, wherever it would lead.
            with archive.open(files[0]) as content:
                while block := content.read(BLOCK_BYTES):
                    made += len(block)
                    _check_ratio(size, made)
                    yield block
    except _BROKEN as error:
        raise Unreadable(f"is no archive that could be unpacked: {error}") from None


def _check_ratio(packed: int, made: int) -> None:
    if made > max(_UNDOUBTED_BYTES, packed * MAX_RATIO):
        raise Unreadable(f"becomes more than {MAX_RATIO} times as large unpacked as it is")
