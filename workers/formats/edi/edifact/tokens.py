"""Segments of EDIFACT, by the service characters and the character set of each interchange."""

import re
from typing import BinaryIO, Final, NamedTuple

from workers.formats.edi.segments import (
    ENDINGS,
    MAX_PARTS,
    Flaw,
    RawSegment,
    Segment,
    SegmentSource,
)

_ADVICE_BYTES: Final = 9
_TAGS: Final = (
    rb"UN[BGHTEZS]|BGM|DTM|LIN|PIA|IMD|QTY|LOC|NAD|INV|CPS|RFF|PAC|PCI|GIN|MEA|CNT|STS|FTX|ALI|CTA"
    rb"|COM|CUX|TDT|TOD|UC[IFMSD]"
)
_CHARACTER_SETS: Final = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}


class NotEdifact(Exception):
    """What stands where an interchange should begin is none."""


class Characters(NamedTuple):
    """What parts the elements of an interchange."""

    component: str
    element: str
    release: str
    """Takes the meaning of what follows it; empty where there is none."""
    terminator: str


_USUAL: Final = Characters(":", "+", "?", "'")
_UNPRINTABLE: Final = Characters("\x1f", "\x1d", "", "\x1c")
"""Of UNOB by older versions."""


class Tokens:
    """The segments of all interchanges of a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self.source = SegmentSource(stream)
        self.characters: Characters | None = None
        self._advised = False
        self._codec = "ascii"
        self.unknown_set: str | None = None
        """The character set of the newest interchange, if it is not known here."""

    def next(self) -> Segment | None:
        """The next segment; raises `NotEdifact` for a beginning that cannot be read."""
        start = self.source.peek(_ADVICE_BYTES)
        if start[:3] == b"UNA":
            self._use(_advised(start))
            self._advised = True
            self.source.skip(_ADVICE_BYTES)
            start = self.source.peek(4)
            if start[:3] != b"UNB":
                raise NotEdifact(f"has {start!r} after UNA, where UNB should stand")
        if start[:3] == b"UNB":
            if not self._advised:
                self._use(_UNPRINTABLE if start[3:4] == b"\x1d" else _USUAL)
            self._advised = False
        elif self.characters is None:
            raise NotEdifact(f"begins with {start!r}, where UNA or UNB should stand")
        raw = self.source.next()
        if raw is None:
            return None
        segment = self._segment(raw)
        if segment.tag == "UNB":
            self._set_of(segment)
        return segment

    def _use(self, characters: Characters) -> None:
        self.characters = characters
        element = re.escape(characters.element.encode("latin-1"))
        opening = re.compile(b"(?:" + _TAGS + b")" + element)
        release = characters.release.encode("latin-1")
        self.source.end_with(characters.terminator.encode("latin-1"), release, opening)
        self._codec = "ascii"

    def _set_of(self, unb: Segment) -> None:
        name = unb.get(1).upper()
        codec = _CHARACTER_SETS.get(name)
        self._codec = codec or "utf-8"
        self.unknown_set = None if codec else name

    def _segment(self, raw: RawSegment) -> Segment:
        assert self.characters is not None
        flaw = ENDINGS.get(raw.ending)
        try:
            text = raw.content.decode(self._codec)
        except UnicodeDecodeError:
            text = raw.content.decode("latin-1")
            problem = f"is not in the character set {self._codec}; it was read as ISO 8859-1"
            flaw = flaw or Flaw("ENCODING", problem)
        release = self.characters.release
        elements = (
            _released(text, self.characters)
            if release and release in text
            else [
                part.split(self.characters.component, MAX_PARTS)
                for part in text.split(self.characters.element, MAX_PARTS)
            ]
        )
        return Segment(raw.number, elements[0][0].strip(), elements, flaw)


def _advised(advice: bytes) -> Characters:
    if len(advice) < _ADVICE_BYTES or not advice.isascii():
        raise NotEdifact("has a UNA of fewer than 6 characters")
    text = advice.decode()
    release = "" if text[6] == " " else text[6]
    characters = Characters(text[3], text[4], release, text[8])
    parting = [one for one in characters if one]
    if any(one.isalnum() or one == " " for one in parting) or len(set(parting)) < len(parting):
        raise NotEdifact(f"has a UNA that names {text[3:]!r}, which cannot part anything")
    return characters


def _released(text: str, characters: Characters) -> list[list[str]]:
    """Elements and components of a segment in which some characters are released."""
    elements: list[list[str]] = [[]]
    part: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter == characters.release:
            part.append(next(letters, ""))
        elif letter in (characters.component, characters.element) and len(elements) <= MAX_PARTS:
            elements[-1].append("".join(part))
            part = []
            if letter == characters.element:
                elements.append([])
        else:
            part.append(letter)
    elements[-1].append("".join(part))
    return elements
