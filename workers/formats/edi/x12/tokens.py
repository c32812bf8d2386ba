"""Segments of X12, by the separators that each interchange announces in its ISA."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from workers.formats.edi.faults import Fault, warning
from workers.formats.edi.segments import (
    ENDINGS,
    MAX_PARTS,
    Flaw,
    RawSegment,
    Segment,
    SegmentSource,
)

_HEADER_BYTES: Final = 512
_ISA_ELEMENTS: Final = 16
_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
_REPETITION_SINCE: Final = "00402"
_TAGS: Final = (
    b"ISA|GS|ST|SE|GE|IEA|TA1|AK[1-9]|BIA|BAK|BSN|BRA|BCT|BEG|LIN|QTY|SDQ|PO1|ACK|HL|SN1|RCD|PRF"
    b"|N[1-4]|REF|DTM|PID|CTP|CTT|PO4|TD[1-5]|PER|CUR|MEA|LOC|LDT|SCH|UIT|MAN"
)


class NotX12(Exception):
    """What stands where an interchange should begin is none."""


class Separators(NamedTuple):
    """What parts the elements of an interchange."""

    element: str
    component: str | None
    repetition: str | None
    terminator: str


class Tokens:
    """The segments of all interchanges of a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self.source = SegmentSource(stream)
        self.separators: Separators | None = None
        self.header_flaws: list[str] = []

    def __iter__(self) -> Iterator[Segment]:
        while (segment := self.next()) is not None:
            yield segment

    def next(self) -> Segment | None:
        """The next segment; raises `NotX12` for an ISA that cannot be read."""
        start = self.source.peek(4)
        if start[:3] == b"ISA" and not start[3:].isalnum():
            self._open(self.source.peek(_HEADER_BYTES))
        elif self.separators is None:
            raise NotX12(f"begins with {start!r}, where ISA should stand")
        raw = self.source.next()
        return None if raw is None else self._segment(raw)

    def _open(self, head: bytes) -> None:
        separators, self.header_flaws = _separators_of(head)
        self.separators = separators
        element = re.escape(separators.element.encode("latin-1"))
        opening = re.compile(b"(?:" + _TAGS + b")" + element)
        self.source.end_with(separators.terminator.encode("latin-1"), b"", opening)

    def _segment(self, raw: RawSegment) -> Segment:
        assert self.separators is not None
        flaw = ENDINGS.get(raw.ending)
        try:
            text = raw.content.decode()
        except UnicodeDecodeError:
            text = raw.content.decode("latin-1")
            flaw = flaw or Flaw("ENCODING", "is not UTF-8; it was read as ISO 8859-1")
        fields = text.split(self.separators.element, MAX_PARTS)
        component = self.separators.component
        if component is None or component not in text or fields[0] == "ISA":
            elements = [[field] for field in fields]
        else:
            elements = [field.split(component, MAX_PARTS) for field in fields]
        return Segment(raw.number, fields[0].strip(), elements, flaw)


def isa_faults(isa: Segment, flaws: list[str]) -> Iterator[Fault]:
    """What is wrong with an ISA that could be read all the same."""
    for flaw in flaws:
        yield warning("SEPARATORS", flaw, isa, 16)
    for number, width in enumerate(_WIDTHS, start=1):
        actual = len(isa.elements[number][0])
        if actual != width:
            problem = f"has {actual} characters, where the standard has {width}"
            yield warning("ISA_WIDTH", problem, isa, number)


def _separators_of(head: bytes) -> tuple[Separators, list[str]]:
    element = head[3:4]
    if not element.strip() or not element.isascii() or not element.decode().isprintable():
        raise NotX12("has no character after ISA that parts elements")
    at, found = 3, [3]
    while len(found) < _ISA_ELEMENTS:
        at = head.find(element, at + 1)
        if at < 0:
            raise NotX12(f"has an ISA of fewer than {_ISA_ELEMENTS} elements")
        found.append(at)
    if not head[:at].isascii() or set(b"\r\n") & set(head[:at]):
        raise NotX12("has an ISA with line ends or characters that are not ASCII in it")
    component, terminator, flaws = _ends_of(head[at + 1 : at + 5], element)
    if terminator in head[:at]:
        raise NotX12(f"has an ISA with its terminator {terminator!r} in it")
    version, repetition = head[found[11] + 1 : found[12]], head[found[10] + 1 : found[11]]
    repeats = version.decode() >= _REPETITION_SINCE and len(repetition) == 1
    separators = Separators(
        element.decode(),
        component.decode("latin-1") if component else None,
        repetition.decode() if repeats and not repetition.isalnum() else None,
        terminator.decode("latin-1"),
    )
    taken = (separators.element, separators.component, separators.terminator)
    if separators.repetition is not None and separators.repetition in taken:
        flaws.append("ISA11 names a character as repetition separator that has another use")
        separators = separators._replace(repetition=None)
    return separators, flaws


def _ends_of(rest: bytes, element: bytes) -> tuple[bytes | None, bytes, list[str]]:
    """Component separator and terminator from what follows ISA15."""
    component, terminator = rest[:1], rest[1:2]
    if component in (b"\r", b"\n") or (rest[1:3] == b"GS" and not component.isalnum()):
        return None, component, ["ISA16 should name the component separator and is empty"]
    if not terminator or terminator.isalnum() or terminator in (element, b" ", b"\t"):
        raise NotX12(f"has {terminator!r} after ISA16, where a terminator should stand")
    parts = component.isascii() and not component.isalnum() and not component.isspace()
    if not parts or component in (element, terminator):
        flaw = f"ISA16 names {component.decode('latin-1')!r}, which cannot part components"
        return None, terminator, [flaw]
    return component, terminator, []
