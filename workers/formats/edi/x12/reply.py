"""The 997 that answers an interchange: what was accepted, and what was wrong with the rest."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple
from zlib import crc32

from workers.formats.edi.faults import Fault
from workers.formats.edi.segments import Segment
from workers.formats.edi.x12.tokens import Separators
from workers.formats.reading import Reply

MEDIA_TYPE: Final = "application/edi-x12"
MAX_SETS: Final = 10_000
"""Sets of an interchange that the 997 names one by one; it counts the others."""
MAX_GROUPS: Final = 1_000
"""Groups of an interchange that are answered."""
MAX_FAULTS: Final = 20
"""Faults of a set that it names."""
MAX_PART: Final = 35
"""Characters of a value that is told back."""
_ACCEPTED: Final = "A"
_WITH_ERRORS: Final = "E"
_PARTLY: Final = "P"
_REJECTED: Final = "R"
_SEGMENTS_IN_ERROR: Final = "5"
_ELEMENTS_IN_ERROR: Final = "8"
_MAX_NOTES: Final = 5
"""AK502 to AK506, and AK905 to AK909."""
_CONTROL_DIGITS: Final = 9


class ToldFault(NamedTuple):
    """A fault as AK3 and AK4 tell it."""

    tag: str
    position: int
    """Of the segment in its set; ST is 1."""
    element: int | None
    code: str


class SetAnswer:
    """What is to be said of one transaction set. It keeps words, not the segments they are from."""

    def __init__(self, opening: Segment) -> None:
        self.kind = _plain(opening.get(1))
        self.number = _plain(opening.get(2))
        self.notes: list[str] = []
        """AK502: what is wrong with the set as a whole."""
        self.faults: list[ToldFault] = []
        self.flawed = False
        self.refused = False
        self._begins_at = opening.number

    def note(self, code: str) -> None:
        """Something is wrong with the set as a whole."""
        if code not in self.notes:
            self.notes.append(code)

    def tell(self, fault: Fault) -> None:
        """Keep what the sender should know of."""
        if fault.told is None or fault.segment is None:
            return
        self.flawed = True
        if len(self.faults) < MAX_FAULTS:
            position = fault.segment.number - self._begins_at + 1
            tag = _plain(fault.segment.tag)[:3]
            self.faults.append(ToldFault(tag, position, fault.element, fault.told))

    @property
    def verdict(self) -> str:
        """AK501."""
        if self.refused:
            return _REJECTED
        return _WITH_ERRORS if self.notes or self.flawed else _ACCEPTED


class GroupAnswer:
    """What is to be said of one functional group."""

    def __init__(self, opening: Segment) -> None:
        self.kind = _plain(opening.get(1))
        self.sender = _plain(opening.get(2))
        self.receiver = _plain(opening.get(3))
        self.number = _plain(opening.get(6))
        self.version = _plain(opening.get(8))
        self.told = ""
        """How many sets its trailer says it has."""
        self.received = 0
        self.accepted = 0
        self.flawed = False
        self.sets: list[SetAnswer] = []
        self.notes: list[str] = []
        """AK905."""

    def add(self, answer: SetAnswer, keep: bool) -> None:
        """Count a set, and keep what is to be said of it."""
        self.received += 1
        self.accepted += not answer.refused
        self.flawed = self.flawed or answer.verdict != _ACCEPTED
        if keep:
            self.sets.append(answer)

    @property
    def verdict(self) -> str:
        """AK901."""
        if self.received and not self.accepted:
            return _REJECTED
        if self.accepted < self.received:
            return _PARTLY
        return _WITH_ERRORS if self.flawed or self.notes else _ACCEPTED


class Addressed(NamedTuple):
    """To whom the answer goes, and in which characters."""

    isa: Segment
    separators: Separators


def acknowledgement_of(to: Addressed, groups: list[GroupAnswer], now: datetime) -> Reply | None:
    """A 997 for each group that is not itself of 997s; None where there is nothing to answer.

    The control number is that of the interchange that is answered, so that the answer to what was
    sent twice is the same twice.
    """
    answered = [group for group in groups if group.kind != "FA"]
    if not answered:
        return None
    control = _control_number(to.isa.get(13))
    moment = now.astimezone(UTC)
    segments = [_isa(to, control, moment)]
    first = answered[0]
    version = first.version or "004010"
    stamp = [f"{moment:%Y%m%d}", f"{moment:%H%M}", str(int(control)), "X", version]
    segments.append(["GS", "FA", first.receiver, first.sender, *stamp])
    for number, group in enumerate(answered, start=1):
        segments += _set(group, f"{number:04}")
    segments.append(["GE", str(len(answered)), str(int(control))])
    segments.append(["IEA", "1", control])
    return Reply(_written(segments, to.separators), MEDIA_TYPE)


def _set(group: GroupAnswer, control: str) -> list[list[str]]:
    segments = [["ST", "997", control], ["AK1", group.kind, group.number]]
    for answer in group.sets:
        segments.append(["AK2", answer.kind, answer.number])
        segments += _faults(answer)
        notes = answer.notes + ([_SEGMENTS_IN_ERROR] if answer.flawed else [])
        segments.append(["AK5", answer.verdict, *notes[:_MAX_NOTES]])
    told = group.told if group.told.isdigit() else str(group.received)
    counts = [told[:6], str(group.received), str(group.accepted)]
    segments.append(["AK9", group.verdict, *counts, *group.notes[:_MAX_NOTES]])
    return [*segments, ["SE", str(len(segments) + 1), control]]


def _faults(answer: SetAnswer) -> Iterator[list[str]]:
    last = 0
    for tag, position, element, told in answer.faults:
        if position != last:
            code = told if element is None else _ELEMENTS_IN_ERROR
            yield ["AK3", tag, str(position), "", code]
        last = position
        if element is not None:
            yield ["AK4", str(element), "", told]


def _isa(to: Addressed, control: str, moment: datetime) -> list[str]:
    isa, separators = to.isa, to.separators
    repetition = separators.repetition or (_plain(isa.get(11))[:1] or "U")
    return [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        f"{_plain(isa.get(7)):2.2}",
        f"{_plain(isa.get(8)):15.15}",
        f"{_plain(isa.get(5)):2.2}",
        f"{_plain(isa.get(6)):15.15}",
        f"{moment:%y%m%d}",
        f"{moment:%H%M}",
        repetition,
        f"{_plain(isa.get(12)):5.5}",
        control,
        "0",
        "T" if isa.get(15) == "T" else "P",
        _component_for(separators),
    ]


def _component_for(separators: Separators) -> str:
    taken = (separators.element, separators.terminator, separators.repetition)
    return separators.component or next(one for one in ">:<" + "|" if one not in taken)


def _control_number(told: str) -> str:
    if told.isascii() and told.isdigit() and len(told) <= _CONTROL_DIGITS and int(told):
        return told.zfill(_CONTROL_DIGITS)
    # Anything else is no control number: one that is the same whenever the same is sent.
    return f"{crc32(told.encode()) % 10**_CONTROL_DIGITS or 1:09}"


def _plain(text: str) -> str:
    """What can be told back: no separator can be in it but that of components and repetitions."""
    return "".join(one for one in text[:MAX_PART] if one.isascii() and one.isprintable())


def _written(segments: list[list[str]], separators: Separators) -> bytes:
    end = separators.terminator if separators.terminator in "\r\n" else separators.terminator + "\n"
    lines = []
    for segment in segments:
        elements = list(segment)
        while elements[-1] == "":
            elements.pop()
        lines.append(separators.element.join(elements) + end)
    return "".join(lines).encode("latin-1")
