"""X12 997: what a partner says of what was sent to him."""

from collections.abc import Iterator
from typing import Final

from workers.formats.edi.faults import Fault, error, warning
from workers.formats.edi.segments import Segment
from workers.formats.edi.x12.document import SetContext
from workers.formats.reading import Change

_TAKEN: Final = "A"
_TAKEN_WITH_ERRORS: Final = ("E", "P")
MAX_DETAILS: Final = 10


def read_acknowledgement(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
    """A finding for each set or group that was not accepted as it was."""
    group = sent = "?"
    details: list[str] = []
    for segment in body:
        if segment.tag == "AK1":
            group = f"group {segment.get(1)} {segment.get(2)}"
        elif segment.tag == "AK2":
            sent, details = f"{segment.get(1)} {segment.get(2)}", []
        elif segment.tag in ("AK3", "AK4") and len(details) < MAX_DETAILS:
            details.append(" ".join(filter(None, (part[0] for part in segment.elements))))
        elif segment.tag == "AK5":
            yield from _verdict(segment, f"{sent} of {group}", details)
        elif segment.tag == "AK9":
            yield from _verdict(segment, group, [])


def _verdict(segment: Segment, what: str, details: list[str]) -> Iterator[Fault]:
    verdict = segment.get(1)
    if verdict == _TAKEN:
        return
    why = f" ({'; '.join(details)})" if details else ""
    if verdict in _TAKEN_WITH_ERRORS:
        problem = f"{what} was accepted by the partner with errors{why}"
        yield warning("ACCEPTED_WITH_ERRORS", problem[:500], segment, 1)
    else:
        problem = f"{what} was rejected by the partner with {verdict}{why}"
        yield error("REJECTED_BY_PARTNER", problem[:500], segment, 1)
