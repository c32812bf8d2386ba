"""What is wrong in a document: a finding for us, and where the standard has a word for it, one for
the sender."""

from typing import Final, NamedTuple

from hub.domain.errors import InvalidInput
from workers.formats.edi.segments import Segment
from workers.formats.reading import Finding, Place, Severity

MAX_PROBLEM_LENGTH: Final = 500
MAX_TAG_LENGTH: Final = 8
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
        problem = self.problem[:MAX_PROBLEM_LENGTH]
        if self.segment is None:
            return Finding(self.severity, self.code, problem)
        tag = self.segment.tag[:MAX_TAG_LENGTH]
        column = tag if self.element is None else f"{tag}{self.element:02}"
        return Finding(self.severity, self.code, problem, Place(self.segment.number, column))


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


_WITHDRAWN: Final = {"1": "a cancellation", "3": "a deletion", "13": "a request"}
"""Purposes of a document (X12 353, EDIFACT 1225) that do not tell how things are."""


def withdrawn(segment: Segment, element: int) -> Fault | None:
    """Why a document is not to be read, if by its beginning it takes back or asks for something."""
    what = _WITHDRAWN.get(segment.get(element).lstrip("0"))
    if what is None:
        return None
    problem = f"is {what}: it changes nothing here; what it withdraws is to be corrected by hand"
    return error("WITHDRAWN", problem, segment, element)


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
            ELEMENT_CHARACTERS,
        )
    )
