"""What is wrong in a document: a finding for us, and where the standard has a word for it, one for
the sender."""

from typing import NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.edi.segments import Segment
from workers.formats.reading import Finding, Place, Severity

SEGMENT_UNKNOWN = "1"
SEGMENT_MISSING = "3"
ELEMENT_MISSING = "1"
ELEMENT_CHARACTERS = "6"
ELEMENT_CODE = "7"
ELEMENT_DATE = "8"
"""Codes of X12 for AK304 and AK403; EDIFACT has words for the same."""


class Fault(NamedTuple):
    """A fault of a segment or one of its elements."""

    severity: Severity
    code: str
    problem: str
    segment: Segment | None = None
    element: int | None = None
    told: str | None = None
    """The standard's code by which the sender is told, if it is his mistake."""

    def finding(self) -> Finding:
        """The fault as people read it."""
        if self.segment is None:
            return Finding(self.severity, self.code, self.problem)
        tag = self.segment.tag
        column = tag if self.element is None else f"{tag}{self.element:02}"
        return Finding(self.severity, self.code, self.problem, Place(self.segment.number, column))


def warning(
    code: str,
    problem: str,
    segment: Segment | None = None,
    element: int | None = None,
    told: str | None = None,
) -> Fault:
    """It was read all the same."""
    return Fault(Severity.WARNING, code, problem, segment, element, told)


def error(
    code: str,
    problem: str,
    segment: Segment | None = None,
    element: int | None = None,
    told: str | None = None,
) -> Fault:
    """It was left out."""
    return Fault(Severity.ERROR, code, problem, segment, element, told)


class BadElement(Exception):
    """An element that cannot be read; the line it belongs to is left out."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.problem)


def bad_element(refused: InvalidInput, segment: Segment, element: int) -> BadElement:
    """What the domain refuses of a value, at the element it stands in."""
    return BadElement(
        error(
            "BAD_ELEMENT",
            f"{refused.data['field']} {refused.data['problem']}",
            segment,
            element,
            ELEMENT_CHARACTERS if segment.get(element) else ELEMENT_MISSING,
        )
    )
