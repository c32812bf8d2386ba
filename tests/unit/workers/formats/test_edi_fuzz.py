"""Whatever is sent as EDI gives readings that the hub understands, or is refused; never a crash,
a hang, or memory in proportion to what was sent."""

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.commands import Origin
from hub.domain.errors import InvalidInput
from hub.domain.events import command_from, event_from
from tests.unit.workers.formats.golden_samples import GOLDEN, RECEIVED, readings_of
from workers.formats import edifact, x12
from workers.formats.reading import Change, Finding, Format, Reply

pytestmark = pytest.mark.slow

FORMATS: Final = [x12.FORMAT, edifact.FORMAT]
SAMPLES: Final = [
    (format, path.read_bytes())
    for format in FORMATS
    for path in sorted((GOLDEN / format.name).glob("*.edi"))
]
STARTS: Final = {"x12": b"ISA*00*", "edifact": b"UNA:+.? 'UNB+UNOC:3+"}
ENDLESS_BYTES: Final = 2 << 20
MEMORY_BYTES: Final = 1 << 20

noise = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b"~",
            b"*",
            b"'",
            b"+",
            b"?",
            b":",
            b"\n",
            b"\r\n",
            b"ISA*",
            b"ST*846*",
            b"SE*1*1~",
            b"9" * 40,
            b"UNB+UNOA:1'",
            b"UNH+1+INVRPT'",
            b"UNT+1+1'",
            b"LIN*1*VP*A~",
            b"-",
            b"0",
            b"\x00",
            b"\xff",
        ]
    ),
)
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), noise), min_size=1, max_size=6)


def mutated(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, added in changes:
        at = int(where * len(content))
        content = content[:at] + added + content[at + removed :]
    return content


def check(format: Format, content: bytes) -> None:
    """All readings are of the contract, and every change is an event that the hub understands."""
    try:
        readings = readings_of(format, content)
    except InvalidInput:
        return
    for reading in readings:
        assert isinstance(reading, Change | Finding | Reply)
        if isinstance(reading, Change):
            raw = {"specversion": "1.0", "id": "1", "type": reading.type, "data": reading.data}
            assert command_from(event_from(raw), Origin("fuzz"), lambda: "")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.binary(max_size=400), st.booleans())
def test_arbitrary_bytes(format: Format, content: bytes, begins_well: bool) -> None:
    check(format, (STARTS[format.name] if begins_well else b"") + content)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SAMPLES), edits)
def test_mutated_samples(
    sample: tuple[Format, bytes], changes: list[tuple[float, int, bytes]]
) -> None:
    format, content = sample
    check(format, mutated(content, changes))


def test_samples_cut_off_at_every_byte_change_nothing_that_was_not_told_to_the_end() -> None:
    for format, name in ((x12.FORMAT, "846_on_one_line"), (edifact.FORMAT, "invrpt_on_one_line")):
        content = (GOLDEN / format.name / f"{name}.edi").read_bytes()
        end = content.index(b"SE*" if format is x12.FORMAT else b"UNT+")
        for length in range(len(content)):
            try:
                readings = readings_of(format, content[:length])
            except InvalidInput:
                readings = []
            changes = [one for one in readings if isinstance(one, Change)]
            assert not changes or length > end, length


class Endless(io.RawIOBase):
    """A file that begins in one way and goes on in another, for megabytes."""

    def __init__(self, start: bytes, more: bytes) -> None:
        self._start = start
        self._more = more * (65_536 // len(more))
        self._at = 0
        self._size = len(start) + ENDLESS_BYTES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        size = min(size, self._size - self._at)
        if self._at < len(self._start):
            block = self._start[self._at : self._at + size]
        else:
            into = (self._at - len(self._start)) % len(self._more)
            block = self._more[into : into + size]
        self._at += len(block)
        return block


ISA: Final = (
    b"ISA*00*          *00*          *ZZ*NORDLAGER      *ZZ*FJORDSHOP      *260105*0930*^*00501"
    b"*000000101*0*P*>~GS*IB*NORDLAGER*FJORDSHOP*20260105*0930*7*X*005010~"
)
UNB: Final = b"UNB+UNOC:3+NORDLAGER+FJORDSHOP+260105:0930+R1++++1'"


@pytest.mark.parametrize(
    ("format", "start", "more"),
    [
        (x12.FORMAT, ISA + b"ST*846*1~LIN*1*VP*A~QTY*33*", b"9"),
        (x12.FORMAT, ISA + b"ST*846*1~LIN*1*VP*A~QTY*33*", b"*" * 64),
        (x12.FORMAT, ISA + b"ST*846*1~LIN*1*VP*A~", b"\n" * 64),
        (x12.FORMAT, ISA + b"ST*846*1~LIN*1*VP*A~QTY", b"*\n" + b"9" * 62),
        (x12.FORMAT, ISA + b"NTE*1~", b"NTE*" + b"9" * 300 + b"~"),
        (x12.FORMAT, ISA, b"ST*846*1" + b"*" * 30_000 + b"~SE*9*1~"),
        (x12.FORMAT, b"ISA*", b"0"),
        (edifact.FORMAT, UNB + b"UNH+1+INVRPT:D'LIN+1++A:SA'QTY+145:", b"9"),
        (edifact.FORMAT, UNB + b"UNH+1+INVRPT:D'LIN+1++A:SA'QTY+145:", b"?'" + b"9" * 62),
        (edifact.FORMAT, UNB + b"UNH+1+INVRPT:D'LIN+1++A:SA'QTY+145:", b"?" * 64),
        (edifact.FORMAT, UNB, b"UNH+1+INVRPT:D" + b"+" * 30_000 + b"'UNT+9+2'"),
        (edifact.FORMAT, UNB, b"FTX+" + b"9" * 300 + b"'"),
    ],
)
def test_what_has_no_end_takes_bounded_memory(format: Format, start: bytes, more: bytes) -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in readings(format, Endless(start, more)))
        peak = tracemalloc.get_traced_memory()[1]
    except InvalidInput:
        count, peak = 0, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count < 300
    assert peak < MEMORY_BYTES


def readings(format: Format, stream: Endless) -> Iterator[object]:
    return format.read(stream, {}, RECEIVED)  # type: ignore[arg-type]


FREE_TEXT: Final = b"9" * 1_200


@pytest.mark.parametrize(
    ("format", "start", "line", "end"),
    [
        (
            x12.FORMAT,
            ISA + b"ST*846*1~BIA*05*SI*R*20260105~",
            b"LIN**VP*NL-1~PID*F****" + FREE_TEXT + b"~QTY*33*7*EA~",
            "CTT*{lines}~SE*{segments}*1~GE*1*7~IEA*1*000000101~",
        ),
        (
            edifact.FORMAT,
            UNB + b"UNH+1+INVRPT:D'BGM+35+1+5'",
            b"LIN+1++NL-1:SA'IMD+F++" + FREE_TEXT + b"'QTY+145:7'",
            "CNT+2:{lines}'UNT+{segments}+1'UNZ+1+R1'",
        ),
    ],
)
def test_memory_does_not_grow_with_the_lines(
    format: Format, start: bytes, line: bytes, end: str
) -> None:
    # 1.3 MB of it; it is read in blocks of 128 KiB, of which two are held for a moment.
    lines = 1_000
    whole = start + line * lines + end.format(lines=lines, segments=3 * lines + 4).encode()
    stream = io.BytesIO(whole)
    tracemalloc.start()
    try:
        kinds = Counter(type(one).__name__ for one in format.read(stream, {}, RECEIVED))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kinds == {"Change": lines, "Reply": 1}
    assert peak < 700_000 < len(whole)
