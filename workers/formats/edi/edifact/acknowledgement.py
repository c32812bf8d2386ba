"""EDIFACT CONTRL: what a partner says of what was sent to him."""

from collections.abc import Iterator
from typing import Final

from workers.formats.edi.edifact.message import MessageContext
from workers.formats.edi.faults import Fault, error
from workers.formats.edi.segments import Segment
from workers.formats.reading import Change

_REJECTED: Final = "4"
_ACTIONS: Final = {"UCI": 4, "UCF": 4, "UCM": 3}
"""The element that says what became of the interchange, group or message."""


def read_acknowledgement(
    body: Iterator[Segment], context: MessageContext
) -> Iterator[Change | Fault]:
    """A finding for each interchange, group or message that was rejected."""
    for segment in body:
        place = _ACTIONS.get(segment.tag)
        if place is not None and segment.get(place) == _REJECTED:
            what = " ".join(filter(None, (segment.get(1), segment.get(2), segment.get(place + 1))))
            problem = f"{what} was rejected by the partner"
            yield error("REJECTED_BY_PARTNER", problem[:500], segment, place)
