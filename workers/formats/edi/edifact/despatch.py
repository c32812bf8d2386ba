"""EDIFACT DESADV: what a supplier has despatched, and when it arrives."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from hub.domain.values import Quantity
from workers.formats.edi.edifact.message import (
    LINE_ITEM,
    ORDER,
    ItemNumbers,
    MessageContext,
    dated,
    not_negative,
    place_of,
    quantity_in,
)
from workers.formats.edi.faults import BadElement, Fault, error, warning
from workers.formats.edi.segments import Segment
from workers.formats.edi.supply import Shipment, arrival_of, document_of, supply_key
from workers.formats.reading import Change

_DESPATCHED: Final = "12"
_ORDERED: Final = "21"


def read_despatch(body: Iterator[Segment], context: MessageContext) -> Iterator[Change | Fault]:
    """The supply that a DESADV announces, each order line once."""
    reader = _Despatch(context)
    for segment in body:
        try:
            yield from reader.take(segment)
        except BadElement as bad:
            yield from reader.refuse(bad.fault)
    yield from reader.close_line()
    yield from reader.changes()


class _Despatch:
    def __init__(self, context: MessageContext) -> None:
        self._options = context.options
        self._location = context.options.location or context.receiver
        self._told_at = context.sent_at
        self._shipment = Shipment()
        self._order = ""
        self._dates: dict[str, datetime] = {}
        self._line: Segment | None = None
        self._numbers = ItemNumbers(context.options)
        self._line_order = self._line_number = ""
        self._line_dates: dict[str, datetime] = {}
        self._despatched: Quantity | None = None
        self._ordered: Quantity = 0

    def take(self, segment: Segment) -> Iterator[Fault]:
        """The next segment."""
        if segment.tag == "LIN":
            yield from self.close_line()
            self._open_line(segment)
        elif segment.tag == "CPS":
            yield from self.close_line()
        elif segment.tag == "DTM":
            yield from self._date(segment)
        elif segment.tag == "RFF":
            self._refer(segment)
        elif segment.tag == "PIA" and self._line is not None:
            self._numbers.take(segment)
        elif segment.tag == "QTY" and self._line is not None:
            self._quantity(segment)
        elif segment.tag == "NAD" and self._line is None:
            self._party(segment)

    def refuse(self, fault: Fault) -> Iterator[Fault]:
        """Leave out the line that is being read."""
        self._line = None
        yield fault

    def close_line(self) -> Iterator[Fault]:
        """Add up the line that ends here."""
        line, self._line = self._line, None
        if line is None:
            return
        if self._despatched is None:
            yield warning("NO_QUANTITY", "tells no quantity despatched (QTY+12)", line)
            return
        order = self._line_order or self._order
        key = supply_key(
            self._numbers.wanted(),
            self._location,
            document_of(order, self._line_number or line.get(1)) if order else "",
            line,
            self._options,
        )
        if isinstance(key, Fault):
            yield key
            return
        eta = arrival_of({**self._dates, **self._line_dates}, self._options)
        if eta is None:
            yield warning("NO_DATE", "is despatched, and no date of arrival is told", line)
        yield from self._shipment.add(key, self._despatched, self._ordered, eta, line)

    def changes(self) -> Iterator[Change]:
        """What is expected now."""
        return self._shipment.changes(self._told_at)

    def _open_line(self, segment: Segment) -> None:
        self._line, self._numbers = segment, ItemNumbers(self._options)
        self._numbers.take(segment)
        self._line_order = self._line_number = ""
        self._line_dates, self._despatched, self._ordered = {}, None, 0

    def _date(self, segment: Segment) -> Iterator[Fault]:
        told = dated(segment, self._options)
        if isinstance(told, Fault):
            yield told
        elif told is not None:
            qualifier, moment = told
            (self._dates if self._line is None else self._line_dates)[qualifier] = moment
            if self._line is None and qualifier in self._options.as_of_dates:
                self._told_at = moment

    def _party(self, segment: Segment) -> None:
        named = segment.get(1) in self._options.receiving_parties
        if named and self._options.location is None:
            self._location = place_of(segment) or self._location

    def _refer(self, segment: Segment) -> None:
        kind, number, line = segment.get(1), segment.get(1, 2), segment.get(1, 3)
        if kind == LINE_ITEM and self._line is not None:
            self._line_number = number
        elif kind == ORDER and self._line is None:
            self._order = number
        elif kind == ORDER:
            self._line_order, self._line_number = number, line or self._line_number

    def _quantity(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        if qualifier == _DESPATCHED:
            if self._despatched is not None and not self._options.add_repeated:
                problem = "says again how much of the line is despatched"
                raise BadElement(error("REPEATED_QUANTITY", problem, segment))
            despatched = not_negative(quantity_in(segment, self._options), segment)
            self._despatched = (self._despatched or 0) + despatched
        elif qualifier == _ORDERED:
            self._ordered = not_negative(quantity_in(segment, self._options), segment)
