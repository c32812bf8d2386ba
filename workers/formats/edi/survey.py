"""A look through a transaction set or message to its end, before any of it is believed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple, Protocol

from workers.formats.edi.faults import Fault
from workers.formats.edi.segments import Segment, SegmentSource
from workers.formats.reading import Reading

MAX_FLAWS: Final = 20
_MAX_COUNT_DIGITS: Final = 12


class TokenStream(Protocol):
    """Where segments come from."""

    source: SegmentSource

    def next(self) -> Segment | None:
        """The next segment, or None at the end of the file."""


class Survey(NamedTuple):
    """A transaction set as its end tells of it."""

    segments: int
    """Its first and its last included."""
    end: Segment | None
    """Its trailer; None where it was cut off."""
    total: Segment | None
    """What tells the number of its lines."""
    tags: Mapping[str, int]
    """How many there are of the segments that a total may count."""
    flaws: list[Segment]
    overlong: bool


def survey_of(
    tokens: TokenStream,
    trailer: str,
    envelope: Collection[str],
    total_tag: str,
    counted: Collection[str],
) -> Survey:
    """Go on from behind the first segment to the trailer, or to what stands where it should be."""
    count, tags, total, overlong = 1, dict[str, int](), None, False
    flaws: list[Segment] = []
    while True:
        before = tokens.source.mark()
        segment = tokens.next()
        if segment is None or segment.tag in envelope:
            tokens.source.return_to(before)
            return Survey(count, None, total, tags, flaws, overlong)
        count += 1
        if segment.flaw and len(flaws) < MAX_FLAWS:
            flaws.append(segment)
        overlong = overlong or segment.overlong
        if segment.tag == trailer:
            return Survey(count, segment, total, tags, flaws, overlong)
        if segment.tag == total_tag:
            total = segment
        if segment.tag in counted:
            tags[segment.tag] = tags.get(segment.tag, 0) + 1


def is_count(text: str, count: int) -> bool:
    """Whether an element says this count, with or without leading zeros."""
    digits = text.isascii() and text.isdigit() and len(text) <= _MAX_COUNT_DIGITS
    return digits and int(text) == count


def shown(readings: Iterator[Reading | Fault]) -> Iterator[Reading]:
    """Faults as the findings that people read."""
    for reading in readings:
        yield reading.finding() if isinstance(reading, Fault) else reading
