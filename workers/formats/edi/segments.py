"""Cuts what was sent into segments, in memory that does not grow with its length.

Senders end a segment with the terminator they announce, with a line end in its place, or not at
all at the end of a file; some wrap their lines in the middle of a segment. All of it is read, and
how a segment ended is told with it.
"""

import io
import re
import shutil
import tempfile
from enum import Enum
from typing import BinaryIO, Final, NamedTuple

MAX_SEGMENT_BYTES: Final = 65_536
"""Far above what either standard allows; a longer one is a sign of a wrong terminator."""
MAX_PARTS: Final = 200
"""Elements of a segment and components of an element; what follows stays in the last of them."""
_BLOCK_BYTES: Final = 131_072
_LOOK_AHEAD_BYTES: Final = 8
_OVERLONG_SHOWN_BYTES: Final = 40
_SPOOL_BYTES: Final = 1 << 20
_BLANK: Final = re.compile(rb"[\s\x00\x1a]*")
_LINE_ENDS: Final = b"\r\n"


class Ending(Enum):
    """How a segment came to its end."""

    TERMINATOR = "TERMINATOR"
    LINE = "LINE"
    """A line end stands where the terminator should."""
    FILE = "FILE"
    """The file ends before a terminator."""
    OVERLONG = "OVERLONG"
    """It was cut off, and the rest of it passed over."""


class Flaw(NamedTuple):
    """What is wrong with how a segment is written."""

    code: str
    problem: str


OVERLONG: Final = Flaw(
    "SEGMENT_TOO_LONG",
    "is too long to be a segment; what follows up to a terminator is passed over",
)
ENDINGS: Final = {
    Ending.LINE: Flaw("TERMINATOR", "ends with a line end where the terminator should stand"),
    Ending.FILE: Flaw("TERMINATOR", "is the last of the file and has no terminator"),
    Ending.OVERLONG: OVERLONG,
}
"""What is wrong with an ending."""


class RawSegment(NamedTuple):
    """The bytes of a segment without its terminator."""

    number: int
    """Counted from 1 in the file."""
    content: bytes
    ending: Ending


class Segment(NamedTuple):
    """A segment by its elements, and each element by its components."""

    number: int
    """Counted from 1 in the file."""
    tag: str
    elements: list[list[str]]
    """The tag is element 0, so that `QTY02` is element 2."""
    flaw: Flaw | None = None

    def bare(self) -> "Segment":
        """Its place without its content, to be kept until a document ends."""
        return self._replace(elements=[])

    def get(self, element: int, component: int = 1) -> str:
        """A component without the blanks around it; empty where there is none."""
        if element >= len(self.elements) or component > len(self.elements[element]):
            return ""
        return self.elements[element][component - 1].strip()


class Mark(NamedTuple):
    """A place to return to."""

    offset: int
    number: int


class SegmentSource:
    """Segments of a stream, one after the other, with the way back to a mark."""

    def __init__(self, stream: BinaryIO) -> None:
        self._copy = None if stream.seekable() else _copied(stream)
        self._stream = self._copy or stream
        self._base = self._stream.tell()
        self._buffer = b""
        self._at = 0
        self._number = 0
        self._release = b""
        self._newline = True
        self._end = re.compile(rb"[\r\n]")
        self._terminator = re.compile(rb"[\r\n]")
        self._opening = re.compile(rb"(?!)")

    def end_with(self, terminator: bytes, release: bytes, opening: re.Pattern[bytes]) -> None:
        """From here on a segment ends at `terminator`, unless `release` stands before it, or at a
        line end if what follows looks like the `opening` of a segment."""
        self._newline = terminator in (b"\r", b"\n")
        self._release = release
        self._opening = opening
        self._terminator = re.compile(rb"[\r\n]" if self._newline else re.escape(terminator))
        # A run of line ends is one hit: looking at each of them anew would take quadratic time.
        more = b"" if self._newline else rb"|[\r\n][\r\n \t]*"
        self._end = re.compile(self._terminator.pattern + more)

    def close(self) -> None:
        """Let go of the copy of what could not be read twice, if there is one."""
        if self._copy is not None:
            self._copy.close()

    def peek(self, length: int) -> bytes:
        """The next bytes that are not blank; fewer than `length` at the end of the file."""
        self._skip_blank()
        while len(self._buffer) - self._at < length and self._refill():
            pass
        return self._buffer[self._at : self._at + length]

    def skip(self, length: int) -> None:
        """Pass over bytes that were peeked at."""
        self._at += length

    def mark(self) -> Mark:
        """Where the next segment is read from."""
        return Mark(self._base + self._at, self._number)

    def return_to(self, mark: Mark) -> None:
        """Read again from a mark."""
        self._number = mark.number
        if self._base <= mark.offset <= self._base + len(self._buffer):
            self._at = mark.offset - self._base
            return
        self._stream.seek(mark.offset)
        self._base, self._buffer, self._at = mark.offset, b"", 0

    def next(self) -> RawSegment | None:
        """The next segment, or None at the end of the file."""
        self._skip_blank()
        if self._at >= len(self._buffer):
            return None
        self._number += 1
        searched = 0
        while True:
            hit = self._end.search(self._buffer, self._at + searched)
            near = len(self._buffer) if hit is None else hit.end() + _LOOK_AHEAD_BYTES
            if near >= len(self._buffer):
                searched = (len(self._buffer) if hit is None else hit.start()) - self._at
                if searched > MAX_SEGMENT_BYTES or near - self._at > 2 * MAX_SEGMENT_BYTES:
                    return self._overlong()
                if self._refill():
                    continue
            if hit is None:
                return self._cut(len(self._buffer), len(self._buffer), Ending.FILE)
            if hit.start() - self._at > MAX_SEGMENT_BYTES:
                return self._overlong()
            ending = self._ending_at(hit)
            if ending is not None:
                return self._cut(hit.start(), hit.end(), ending)
            searched = hit.end() - self._at

    def _ending_at(self, hit: re.Match[bytes]) -> Ending | None:
        if self._newline:
            return Ending.TERMINATOR
        if hit.group()[0] in _LINE_ENDS:
            if hit.end() == len(self._buffer):
                return Ending.FILE
            return Ending.LINE if self._opening.match(self._buffer, hit.end()) else None
        released = 0
        if self._release:
            place = hit.start() - 1
            while place >= self._at and self._buffer[place] == self._release[0]:
                released += 1
                place -= 1
        return None if released % 2 else Ending.TERMINATOR

    def _cut(self, end: int, following: int, ending: Ending) -> RawSegment:
        content = self._buffer[self._at : end]
        self._at = following
        if not self._newline:
            # A line that was wrapped within the segment.
            content = content.translate(None, _LINE_ENDS)
        return RawSegment(self._number, content, ending)

    def _overlong(self) -> RawSegment:
        shown = self._buffer[self._at : self._at + _OVERLONG_SHOWN_BYTES]
        # On from where it became too long: a released terminator near its begin would leave all
        # of it to be looked at again, and again.
        self._at = min(self._at + MAX_SEGMENT_BYTES, len(self._buffer))
        while True:
            hit = self._terminator.search(self._buffer, self._at)
            self._at = hit.end() if hit else len(self._buffer)
            if hit or not self._refill():
                return RawSegment(self._number, shown, Ending.OVERLONG)

    def _skip_blank(self) -> None:
        while True:
            blank = _BLANK.match(self._buffer, self._at)
            assert blank is not None
            self._at = blank.end()
            if self._at < len(self._buffer) or not self._refill():
                return

    def _refill(self) -> bool:
        """Forget what was read, and read on; False at the end of the file."""
        block = self._stream.read(_BLOCK_BYTES)
        if not block:
            return False
        self._base += self._at
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return True


def _copied(stream: BinaryIO) -> BinaryIO:
    """What cannot be read twice, in a file that can; in memory as long as it is small."""
    spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115 - closed by close
    shutil.copyfileobj(stream, spool, _BLOCK_BYTES)
    spool.seek(0, io.SEEK_SET)
    return spool  # type: ignore[return-value]
