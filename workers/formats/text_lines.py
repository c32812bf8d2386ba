"""Lines of text in whatever encoding and with whatever line ends, none of them without bound."""

import codecs
from collections.abc import Iterator
from typing import Final, Protocol

from hub.domain.errors import InvalidInput

MAX_LINE_BYTES: Final = 1 << 20
"""Of one line of a file. A longer one says nothing of stock, and its end may never come."""
_BLOCK_BYTES: Final = 1 << 16

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_NARROW: Final = frozenset(
    {
        *("utf-8", "ascii", "mac-roman", "koi8-r", "koi8-u"),
        *(
            f"cp{page}"
            for page in (437, 850, 852, 858, 866, 874, 932, 949, 950, *range(1250, 1259))
        ),
        *(f"iso8859-{part}" for part in (*range(1, 11), 13, 14, 15, 16)),
        *("big5", "gbk", "gb18030", "euc_jp", "euc_kr", "shift_jis"),
    }
)
"""Encodings whose line ends are those of ASCII, by Python's names."""


def check_encoding(name: object) -> str:
    """Python's name of an encoding that text may be in; `InvalidInput` for any other."""
    try:
        known = codecs.lookup(name).name if isinstance(name, str) else ""
    except (LookupError, ValueError):
        known = ""
    if known not in _WIDE | _NARROW:
        raise InvalidInput(
            field="encoding", problem="must be an encoding of text, such as utf-8 or cp1252"
        )
    return known


class Readable(Protocol):
    """A file, as far as it is needed."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""


class TextLines:
    """Lines with their ends. A line is UTF-8 where it can be, else what `encoding` names; a mark
    at the beginning goes before both. `InvalidInput` for a line beyond the bound, and for UTF-16
    that is none."""

    def __init__(self, stream: Readable, encoding: str | None) -> None:
        chosen = None if encoding is None else check_encoding(encoding)
        self._lines = _lines(_blocks(stream, chosen if chosen in _WIDE else None))
        self._otherwise = None if chosen in _WIDE else chosen
        self.number = 0
        """Of the newest line, counted from 1."""
        self.undecodable = False
        """Whether the newest line is neither UTF-8 nor what was named."""
        self.open_end = False
        """Whether the newest line has no end: the file may have been cut off."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if len(line) > MAX_LINE_BYTES:
            raise InvalidInput(
                field=f"line {self.number}", problem=f"is longer than {MAX_LINE_BYTES} bytes"
            )
        self.open_end = not line.endswith((b"\n", b"\r"))
        self.undecodable = False
        try:
            return line.decode()
        except UnicodeDecodeError:
            return self._decoded_otherwise(line)

    def _decoded_otherwise(self, line: bytes) -> str:
        if self._otherwise is not None:
            try:
                return line.decode(self._otherwise)
            except UnicodeDecodeError:
                pass
        self.undecodable = True
        return line.decode(errors="replace")


def _blocks(stream: Readable, wide: str | None) -> Iterator[bytes]:
    """What is in a file without its mark, as UTF-8 or as it is."""
    first = b""
    while len(first) < 4 and (more := stream.read(_BLOCK_BYTES)):
        first += more
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            first, wide = first[len(mark) :], encoding
            break
    if wide is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        while block := stream.read(_BLOCK_BYTES):
            yield block
        return
    decoder = codecs.getincrementaldecoder(wide)()
    try:
        while first:
            yield decoder.decode(first).encode()
            first = stream.read(_BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise InvalidInput(
            field="encoding", problem=f"the file begins as {wide} and does not go on so"
        ) from None


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines that end in LF, CR or both; one beyond the bound comes in part, as the last one."""
    tail = b""
    for block in blocks:
        # Only bytes are split at line ends alone: text is split at what cells may hold, too.
        lines = (tail + block).splitlines(keepends=True)
        tail = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
        yield from lines
        if len(tail) > MAX_LINE_BYTES:
            break
    if tail:
        yield tail
