"""The CONTRL that answers an interchange whose sender asks for it."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from workers.formats.edi.edifact.tokens import Characters
from workers.formats.edi.segments import Segment
from workers.formats.reading import Reply

MEDIA_TYPE: Final = "application/edifact"
MAX_REFUSED: Final = 1_000
"""Refused messages that a CONTRL names."""
MAX_PART_LENGTH: Final = 35
"""Of what is told back."""
_KIND_PARTS: Final = 7
ACKNOWLEDGED: Final = "7"
REJECTED: Final = "4"
VALUE_NOT_SUPPORTED: Final = "12"
MISSING: Final = "13"
REFERENCE_DIFFERS: Final = "28"
COUNT_DIFFERS: Final = "29"
UNSPECIFIED: Final = "18"


class RefusedMessage(NamedTuple):
    """A message that changed nothing, and why, by the codes of element 0085."""

    reference: str
    kind: list[str]
    reason: str


def refused_message(unh: Segment, reason: str) -> RefusedMessage:
    """What a CONTRL says of a message that was refused."""
    kind = [part[:MAX_PART_LENGTH] for part in unh.elements[2][:_KIND_PARTS]]
    return RefusedMessage(unh.get(1)[:MAX_PART_LENGTH], kind, reason)


def control_of(
    unb: Segment, characters: Characters, refused: list[RefusedMessage], now: datetime
) -> Reply:
    """The interchange is acknowledged, and with it every message that is not named as rejected.

    Its reference is that of the interchange it answers, so that the answer to what was sent twice
    is the same twice.
    """
    moment = now.astimezone(UTC)
    sender, receiver = unb.elements[2:3], unb.elements[3:4]
    reference = [[unb.get(5)]]
    body = [
        [["UNH"], ["1"], ["CONTRL", "D", "3", "UN"]],
        [["UCI"], *reference, *sender, *receiver, [ACKNOWLEDGED]],
        *([["UCM"], [one.reference], one.kind, [REJECTED], [one.reason]] for one in refused),
    ]
    segments = [
        [
            ["UNB"],
            [unb.get(1) or "UNOC", unb.get(1, 2) or "3"],
            *receiver,
            *sender,
            [f"{moment:%y%m%d}", f"{moment:%H%M}"],
            *reference,
        ],
        *body,
        [["UNT"], [str(len(body) + 1)], ["1"]],
        [["UNZ"], ["1"], *reference],
    ]
    text = "".join(_written(segment, characters) for segment in segments)
    service = _advice(characters)
    return Reply((service + text).encode("ascii", "replace").replace(b"\x00", b""), MEDIA_TYPE)


def _advice(characters: Characters) -> str:
    mark = "," if "." in characters else "."
    release = characters.release or " "
    parts = (characters.component, characters.element, mark, release, " ", characters.terminator)
    return "UNA" + "".join(parts) + "\n"


def _written(segment: list[list[str]], characters: Characters) -> str:
    elements = [
        characters.component.join(_plain(part, characters) for part in element)
        for element in segment
    ]
    return characters.element.join(elements) + characters.terminator + "\n"


def _plain(text: str, characters: Characters) -> str:
    """A value that is told back: printable, with its separators released or left out."""
    kept = "".join(one for one in text[:MAX_PART_LENGTH] if one.isprintable() and one.isascii())
    parting = {one for one in characters if one}
    if not characters.release:
        return "".join(one for one in kept if one not in parting)
    return "".join(characters.release + one if one in parting else one for one in kept)
