"""Lines of text in whatever encoding and with whatever line ends, none of them without bound."""

import codecs
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from hub.domain.errors import InvalidInput

MAX_LINE_BYTES: Final = 1 << 20
"""Of one line of a file. A longer one says nothing of stock, and its end may never come."""
PLAIN_BYTES: Final = 1 << 17
"""Of a batch in which no cell can be longer than readers of CSV take."""
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


class Batch(NamedTuple):
    """Some lines with their ends, in their order."""

    first: int
    """The number of the first of them, counted from 1."""
    lines: list[str]
    is_plain: bool = False
    """Whether there is surely no quotation mark in them, and none of them is long."""
    undecodable: frozenset[int] = frozenset()
    """Numbers of lines that are neither UTF-8 nor what was named."""

    def behind(self, count: int) -> "Batch":
        """All but so many of the first."""
        return self._replace(first=self.first + count, lines=self.lines[count:])


class TextLines:
    """Lines by the batch, as they come from a file. A line is UTF-8 where it can be, else what
    `encoding` names; a mark at the beginning goes before both. `InvalidInput` for a line beyond
    the bound, and for UTF-16 that is none."""

    def __init__(self, stream: Readable, encoding: str | None) -> None:
        chosen = None if encoding is None else check_encoding(encoding)
        self._blocks = _blocks(stream, chosen if chosen in _WIDE else None)
        self._otherwise = None if chosen in _WIDE else chosen
        self.open_end = False
        """Whether the last line has no end: the file may have been cut off."""

    def __iter__(self) -> Iterator[Batch]:
        number, tail = 1, b""
        for block in self._blocks:
            chunk = tail + block
            # Only bytes are split at line ends alone: text is split at what cells may hold, too.
            lines = chunk.splitlines(keepends=True)
            tail = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
            if lines:
                is_plain = len(chunk) <= PLAIN_BYTES and b'"' not in chunk
                yield self._batch(number, lines, is_plain)
                number += len(lines)
            if len(tail) > MAX_LINE_BYTES:
                field = f"line {number}"
                raise InvalidInput(field=field, problem=f"is longer than {MAX_LINE_BYTES} bytes")
        if tail:
            self.open_end = not tail.endswith(b"\r")
            yield self._batch(number, [tail], is_plain=False)

    def _batch(self, number: int, lines: list[bytes], is_plain: bool) -> Batch:
        try:
            return Batch(number, [line.decode() for line in lines], is_plain)
        except UnicodeDecodeError:
            told = [self._decoded(line) for line in lines]
        bad = frozenset(number + place for place, text in enumerate(told) if text is None)
        return Batch(number, [text or "\ufffd\n" for text in told], is_plain and not bad, bad)

    def _decoded(self, line: bytes) -> str | None:
        for encoding in ("utf-8", self._otherwise):
            try:
                if encoding is not None:
                    return line.decode(encoding)
            except UnicodeDecodeError:
                continue
        return None


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
