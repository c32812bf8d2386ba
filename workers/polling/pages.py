"""An answer of several pages, read as one."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

from workers.formats.reading import Change, Envelope, Finding, Format, Place, Reading


class Page(NamedTuple):
    """Where a page is in the file that holds all of them."""

    begin: int
    end: int


def in_pages(format: Format, pages: Sequence[Page]) -> Format:
    """The same format for a file of pages, each a document of its own. Lines, or whatever the
    format counts, are counted on from page to page."""

    def read(
        content: BinaryIO, options: Mapping[str, Any], envelope: Envelope
    ) -> Iterator[Reading]:
        before = 0
        for page in pages:
            last = 0
            part = cast(BinaryIO, io.BufferedReader(_Part(content, page)))
            for reading in format.read(part, options, envelope):
                if isinstance(reading, Change | Finding):
                    line, column = reading.place
                    last = max(last, line or 0)
                    place = Place(None if line is None else before + line, column)
                    reading = reading._replace(place=place)
                yield reading
            before += last

    return format._replace(read=read)


class _Part(io.RawIOBase):
    """A part of a file."""

    def __init__(self, file: BinaryIO, page: Page) -> None:
        self._file = file
        self._page = page
        self._at = page.begin

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin, end = self._page
        start = {io.SEEK_SET: begin, io.SEEK_CUR: self._at, io.SEEK_END: end}[whence]
        self._at = max(begin, start + offset)
        return self._at - begin

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._at)
        content = self._file.read(max(0, min(len(buffer), self._page.end - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)
