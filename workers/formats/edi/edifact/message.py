"""What a message is read with, whatever it is about."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from hub.domain.values import Quantity
from workers.formats.edi.faults import ELEMENT_DATE, BadElement, Fault, error, warning, withdrawn
from workers.formats.edi.moments import edifact_moment
from workers.formats.edi.options import Options
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import in_units, quantity_of
from workers.formats.reading import Change

ORDER: Final = "ON"
LINE_ITEM: Final = "LI"


class MessageContext(NamedTuple):
    """Where a message stands."""

    options: Options
    sender: str
    receiver: str
    sent_at: datetime | None
    """By the interchange."""


MessageReader = Callable[[Iterator[Segment], MessageContext], Iterator[Change | Fault]]
"""Reads the segments between UNH and UNT, one at a time."""


def unless_withdrawn(read: MessageReader) -> MessageReader:
    """Reads a message, unless its BGM says that it withdraws or asks for something."""

    def read_or_tell(body: Iterator[Segment], context: MessageContext) -> Iterator[Change | Fault]:
        first = next(body, None)
        if first is None:
            return
        fault = withdrawn(first, 3) if first.tag == "BGM" else None
        if fault is not None:
            yield fault
            return
        yield from read(chain((first,), body), context)

    return read_or_tell


class Message(NamedTuple):
    """A kind of message that is known."""

    counted: Sequence[str]
    """The segments that CNT+2 counts."""
    read: MessageReader


class ItemNumbers:
    """The numbers of the item of a line, from its LIN and PIA."""

    def __init__(self, options: Options) -> None:
        self._wanted = options.sku
        self._numbers: dict[str, str] = {}

    def take(self, segment: Segment) -> None:
        """Remember what a LIN or PIA says; what was said first counts."""
        elements = (3,) if segment.tag == "LIN" else range(2, len(segment.elements))
        for element in elements:
            kind, number = segment.get(element, 2), segment.get(element)
            if number and kind in self._wanted:
                self._numbers.setdefault(kind, number)

    def wanted(self) -> str | None:
        """The number that the source wants most."""
        return next((self._numbers[kind] for kind in self._wanted if kind in self._numbers), None)


def dated(segment: Segment, options: Options) -> tuple[str, datetime] | Fault | None:
    """The qualifier and the moment of a DTM that says something of interest."""
    qualifier, text = segment.get(1), segment.get(1, 2)
    kinds = (*options.as_of_dates, *options.eta_dates, *options.ship_dates)
    if qualifier not in kinds or not text:
        return None
    try:
        return qualifier, edifact_moment(text, segment.get(1, 3), options.time_zone)
    except ValueError as bad:
        return warning("BAD_DATE", str(bad), segment, 1, ELEMENT_DATE)


def quantity_in(segment: Segment, options: Options) -> Quantity:
    """The quantity of a QTY in units of the item; raises `BadElement`."""
    quantity = quantity_of(segment, 1, 2, comma=True)
    return in_units(quantity, segment.get(1, 3), segment, 1, options)


def not_negative(quantity: Quantity, segment: Segment) -> Quantity:
    """The quantity; raises `BadElement` below 0."""
    if quantity < 0:
        raise BadElement(error("BAD_ELEMENT", "must not be negative", segment, 1, "7"))
    return quantity


def place_of(segment: Segment) -> str:
    """The id of the place of a LOC or of the party of an NAD, else its name."""
    return segment.get(2) or segment.get(2, 4) or segment.get(4) or segment.get(3)
