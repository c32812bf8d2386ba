"""Segments are cut the same, however the bytes come."""

import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.formats.golden_samples import GOLDEN, RECEIVED, readings_of
from workers.formats import x12
from workers.formats.edi.moments import edifact_moment, x12_moment
from workers.formats.edi.segments import Ending, SegmentSource

OPENING = re.compile(rb"(?:LIN|QTY)\*")


def cut(content: bytes, terminator: bytes = b"~", release: bytes = b"") -> list[tuple[bytes, str]]:
    source = SegmentSource(io.BytesIO(content))
    source.end_with(terminator, release, OPENING)
    found = []
    while (raw := source.next()) is not None:
        found.append((raw.content, raw.ending.value))
    return found


def test_a_segment_ends_at_its_terminator_a_tag_on_a_new_line_or_the_end_of_the_file() -> None:
    assert cut(b"LIN*1~\r\nQTY*2\n\n LIN*3*wrap\nped~QTY*4") == [
        (b"LIN*1", "TERMINATOR"),
        (b"QTY*2", "LINE"),
        (b"LIN*3*wrapped", "TERMINATOR"),
        (b"QTY*4", "FILE"),
    ]


def test_a_released_terminator_ends_nothing() -> None:
    assert cut(b"A?'B'C??'D???'E'", b"'", b"?") == [
        (b"A?'B", "TERMINATOR"),
        (b"C??", "TERMINATOR"),
        (b"D???'E", "TERMINATOR"),
    ]


def test_a_segment_across_blocks_is_one_segment() -> None:
    long = b"LIN*" + b"x" * 60_000
    content = b"~".join([long] * 10) + b"~"
    assert cut(content) == [(long, "TERMINATOR")] * 10


def test_what_is_too_long_is_passed_over_up_to_the_next_terminator() -> None:
    content = b"LIN*1~QTY*" + b"9" * 300_000 + b"~LIN*2~"
    endings = [ending for _, ending in cut(content)]
    assert endings == ["TERMINATOR", "OVERLONG", "TERMINATOR"]
    assert cut(content)[2][0] == b"LIN*2"


@pytest.mark.slow
@given(st.lists(st.sampled_from([b"LIN*1", b"QTY*22", b"LIN*" + b"x" * 40_000]), max_size=12))
def test_a_mark_is_returned_to_wherever_it_was(segments: list[bytes]) -> None:
    source = SegmentSource(io.BytesIO(b"".join(one + b"~" for one in segments)))
    source.end_with(b"~", b"", OPENING)
    marks = []
    for _ in segments:
        marks.append(source.mark())
        source.next()
    for place in reversed(range(len(segments))):
        source.return_to(marks[place])
        raw = source.next()
        assert raw is not None
        assert (raw.number, raw.content, raw.ending) == (
            place + 1,
            segments[place],
            Ending.TERMINATOR,
        )


class Pipe(io.BytesIO):
    """What cannot be read twice, and gives a few bytes at a time."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError("a pipe cannot be sought")

    def read(self, size: int | None = -1) -> bytes:
        return super().read(7)


def test_a_pipe_is_read_like_a_file() -> None:
    content = (GOLDEN / "x12" / "two_interchanges.edi").read_bytes()
    assert list(x12.FORMAT.read(Pipe(content), {}, RECEIVED)) == readings_of(x12.FORMAT, content)


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("20260131", "102", "2026-01-31T00:00:00+01:00"),
        ("260131", "101", "2026-01-31T00:00:00+01:00"),
        ("310126", "2", "2026-01-31T00:00:00+01:00"),
        ("202607310930", "203", "2026-07-31T09:30:00+02:00"),
        ("20260731093015", "204", "2026-07-31T09:30:15+02:00"),
        ("202607310930-0500", "205", "2026-07-31T09:30:00-05:00"),
        ("202607310930UTC", "303", "2026-07-31T09:30:00+00:00"),
        ("20260731-20260802", "718", "2026-07-31T00:00:00+02:00"),
        ("202607", "610", "2026-07-01T00:00:00+02:00"),
    ],
)
def test_dates_of_edifact(value: str, form: str, expected: str) -> None:
    assert edifact_moment(value, form, ZoneInfo("Europe/Berlin")).isoformat() == expected


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("20260230", "102"),
        ("2026013", "102"),
        ("20260131", "999"),
        ("٢٠٢٦٠١٣١", "102"),
        ("", "203"),
        ("17000101", "102"),
        ("202601310930+9999", "205"),
        ("-20260131", "718"),
    ],
)
def test_dates_that_there_are_not(value: str, form: str) -> None:
    with pytest.raises(ValueError, match=r"20|17|date|not"):
        edifact_moment(value, form, UTC)


def test_dates_of_x12() -> None:
    assert x12_moment("260131", "", UTC) == datetime(2026, 1, 31, tzinfo=UTC)
    assert x12_moment("20260131", "09301599", UTC) == datetime(2026, 1, 31, 9, 30, 15, tzinfo=UTC)
    zoned = x12_moment("20260131", "0930", ZoneInfo("Europe/Berlin"), "UT")
    assert zoned == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    for date, time in (("2026", ""), ("20261301", ""), ("20260131", "25"), ("20260131", "2560")):
        with pytest.raises(ValueError, match=r"20|17|date|not"):
            x12_moment(date, time, UTC)
